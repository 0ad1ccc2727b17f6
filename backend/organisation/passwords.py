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


class WeakPassword(Exception):
    """The password is too short, too long, or the user name itself."""


def check_strength(password: str, username: str) -> None:
    """Raise WeakPassword unless it may be set."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH or password.lower() == username.lower():
        raise WeakPassword


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
