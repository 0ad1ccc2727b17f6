"""PNG files chunk by chunk (ISO/IEC 15948, W3C PNG third edition)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN_WITH = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split()
)
"""The chunks that are the picture or say how it is meant; words, times and EXIF are others."""


def exif(content: bytes) -> bytes:
    """What the camera wrote; empty when there is none. No pixel is unpacked, no compressed word read."""
    return next((chunk[8:-4] for name, chunk in _chunks(content) if name == b"eXIf"), b"")


def cleaned(content: bytes, exif: bytes) -> bytes:
    """The same picture with this EXIF alone, without words, without what was hung on behind its end."""
    kept = [_SIGNATURE]
    for name, chunk in _chunks(content):
        if name in _SHOWN_WITH:
            kept.append(chunk)
        if name == b"IHDR" and exif:
            kept.append(_chunk(b"eXIf", exif))
    return b"".join(kept)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and chunks up to the end of the picture; the last may be cut off."""
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        name = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        yield name, content[at:end]
        if name == b"IEND":
            break
        at = end


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
