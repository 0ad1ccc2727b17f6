"""PNG files chunk by chunk (ISO/IEC 15948, W3C PNG third edition)."""

from __future__ import annotations

import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN_WITH = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split()
)
"""The chunks that are the picture or say how it is meant; words, times and EXIF are others."""


def cleaned(content: bytes, exif: bytes) -> bytes:
    """The same picture with this EXIF alone, without words, without what was hung on behind its end."""
    kept = [_SIGNATURE]
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        name = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if name in _SHOWN_WITH:
            kept.append(content[at:end])
        if name == b"IHDR" and exif:
            kept.append(_chunk(b"eXIf", exif))
        if name == b"IEND":
            break
        at = end
    return b"".join(kept)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
