"""WebP files chunk by chunk (WebP container specification, RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator

_HEAD = 12
_EXTENDED = b"VP8X"
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_SHOWN_WITH = frozenset((b"VP8 ", b"VP8L", _EXTENDED, b"ICCP", b"ANIM", b"ANMF", b"ALPH"))


def exif(content: bytes) -> bytes:
    """What the camera wrote; empty when there is none. No pixel is unpacked."""
    for name, chunk in _chunks(content):
        if name == b"EXIF":
            return chunk[8 : 8 + int.from_bytes(chunk[4:8], "little")]
    return b""


def cleaned(content: bytes, exif: bytes) -> bytes:
    """The same picture with this EXIF alone, without what was hung on behind its end."""
    kept: list[bytes] = []
    for name, chunk in _chunks(content):
        if name == _EXTENDED and len(chunk) > 8:
            flags = chunk[8] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
            kept.append(chunk[:8] + bytes((flags,)) + chunk[9:])
        elif name in _SHOWN_WITH:
            kept.append(chunk)
    if exif and any(chunk.startswith(_EXTENDED) for chunk in kept):
        kept.append(b"EXIF" + len(exif).to_bytes(4, "little") + exif + b"\0" * (len(exif) % 2))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and chunks, each with its padding; the last may be cut off."""
    size = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    at = _HEAD
    while at + 8 <= size:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        yield content[at : at + 4], content[at:end]
        at = end
