"""Passwords of staff: argon2id, slow on purpose and off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
"""Characters; NIST SP 800-63B §3.1.1 asks for 8, and for nothing about their kind."""
MAX_LENGTH = 200

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else when it is read aloud: l, o, 0, 1."""

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(2, thread_name_prefix="passwords")
"""Each hash takes 64 MiB and a core: a storm of logins must not take the machine."""


_COMMON = frozenset(
    """
    1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 qwertyuiop qwer123456 qwerty1234 qwert12345 asdf123456 asdfghjkl1
    zxcvbnm123 abc1234567 abcd123456 abcd1234567 a123456789 aa12345678 aa123456789 qq123456789
    123456789a 123456789q 1234567890a password01 password11 password12 password123 password1234
    passw0rd123 p@ssw0rd123 p@ssword123 administrator admin12345 admin123456 admin88888 adminadmin
    letmein123 welcome123 iloveyou123 changeme123 1111122222 1122334455 woaini1314 woaini520520
    woaini1314520 5201314520 1314520520 52013141314 147258369a 1472583690 147852369a 3141592653
    zhzx123456 fengqiao123 fengqiao123456
    """.split()  # noqa: SIM905
)
"""Those of ten characters and more that lists of stolen passwords begin with; rows and repetitions aside."""
_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
FEWEST_CHARACTERS = 4
"""Different ones: 1111111111 and 1212121212 are typed by whoever guesses."""


class WeakPassword(Exception):
    """The password is too short, too long, one of the commonest, or the user name itself."""


def check_strength(password: str, username: str) -> None:
    """Raise WeakPassword unless it may be set."""
    typed = password.lower()
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH or typed == username.lower() or _is_common(typed):
        raise WeakPassword


def _is_common(typed: str) -> bool:
    """Whether it is among the first that anybody tries: listed, a row of keys, or few characters repeated."""
    rows = any(typed in row or typed in row[::-1] for row in _ROWS)
    repeated = typed in (typed + typed)[1:-1]
    return typed in _COMMON or rows or repeated or len(set(typed)) < FEWEST_CHARACTERS


def one_time_password() -> str:
    """Four groups of four, about 80 bits, easy to read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


async def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, _bytes(password))


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; an unknown user (None) takes as long as a wrong password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _nobody(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _bytes(password: str) -> bytes:
    return password[: MAX_LENGTH + 1].encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
