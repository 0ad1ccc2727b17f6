"""WeChat's message encryption as its documentation describes it, written apart from the library under test.

AES-256-CBC with the key's first 16 bytes as IV over: 16 random bytes, 4 bytes length (network order), the
XML, the AppID, PKCS#7 padding to 32 bytes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(xml: str | bytes, aes_key: str, app_id: str) -> str:
    key = base64.b64decode(aes_key + "=")
    content = xml.encode() if isinstance(xml, str) else xml
    clear = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + app_id.encode()
    fill = 32 - len(clear) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(clear + bytes([fill]) * fill) + encryptor.finalize()).decode()


def decrypt(ciphertext: str, aes_key: str, app_id: str) -> str:
    key = base64.b64decode(aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    clear = decryptor.update(base64.b64decode(ciphertext)) + decryptor.finalize()
    clear = clear[16 : -clear[-1]]
    length = struct.unpack(">I", clear[:4])[0]
    assert clear[4 + length :].decode() == app_id, "encrypted for another account"
    return clear[4 : 4 + length].decode()
