"""Safe mode: messages encrypted with the account's current or previous EncodingAESKey."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from datetime import datetime

from wechatpy.crypto import WeChatCrypto


class KeyUnusable(ValueError):
    """An EncodingAESKey is not the 43 letters and digits that WeChat's console shows."""


class Undecryptable(Exception):
    """No key opens this ciphertext, or it was written for another account."""


class SafeKey:
    """One EncodingAESKey: what it decrypted must be answered with it."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        """Raises KeyUnusable."""
        if not is_aes_key(aes_key):
            raise KeyUnusable("an EncodingAESKey has 43 letters and digits")
        self._crypto = WeChatCrypto(token, aes_key, app_id)

    def decrypt(self, ciphertext: str, signature: str, timestamp: str, nonce: str) -> str:
        """The XML inside; raises Undecryptable."""
        try:
            xml = self._crypto.decrypt_message({"Encrypt": ciphertext}, signature, timestamp, nonce)
        except Exception as error:
            # wechatpy lets through whatever base64, AES, struct and UTF-8 raise on hostile input.
            raise Undecryptable(type(error).__name__) from None
        return str(xml)

    def encrypt(self, xml: str, now: datetime) -> str:
        """The signed envelope of a reply."""
        timestamp = str(int(now.timestamp()))
        return str(self._crypto.encrypt_message(xml, secrets.token_hex(8), timestamp))


def decrypt_with_any(
    keys: Sequence[SafeKey], ciphertext: str, signature: str, timestamp: str, nonce: str
) -> tuple[str, SafeKey]:
    """The XML and the key that opened it, tried in order; raises Undecryptable."""
    for key in keys:
        try:
            return key.decrypt(ciphertext, signature, timestamp, nonce), key
        except Undecryptable:
            continue
    raise Undecryptable("no key")


def is_aes_key(text: str) -> bool:
    """Whether it is an EncodingAESKey as WeChat's console shows it: 43 letters and digits."""
    try:
        return len(text) == 43 and len(base64.b64decode(text + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
