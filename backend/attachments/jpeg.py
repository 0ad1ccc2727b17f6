"""JPEG files segment by segment (ITU-T T.81, annex B)."""

from __future__ import annotations

import re

_START, _END, _TEM, _APP0, _APP1, _APP15, _COMMENT = 0xD8, 0xD9, 0x01, 0xE0, 0xE1, 0xEF, 0xFE
_SCAN = 0xDA
MOST_SEGMENTS = 10_000
"""Cameras write some ten, the finest scans some hundreds; millions are made to keep a reader busy."""
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
"""Within a scan FF00 is a byte of the picture, and FFD0 to FFD7 are its own marks.

Any number of FF may stand before: as a part of the pattern, millions would keep it busy for days.
"""
_EXIF = b"Exif\0\0"
_SHOWN_WITH = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""The application segments that say how the colours are meant."""


def exif(content: bytes) -> bytes:
    """What the camera wrote, without its mark; empty when there is none before the picture begins."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(content, at)
        if found is None or found[1][0] in (_SCAN, _END):
            break
        at = found.end()
        if found[1][0] in (_START, _TEM):
            continue
        end = at + int.from_bytes(content[at : at + 2], "big")
        if end < at + 2 or end > len(content):
            break
        if found[1][0] == _APP1 and content.startswith(_EXIF, at + 2):
            return content[at + 2 + len(_EXIF) : end]
        at = end
    return b""


def cleaned(content: bytes, exif: bytes) -> bytes:
    """The same picture with this EXIF alone, without comments, without what was hung on behind its end."""
    kept = [b"\xff\xd8"]
    scanning, after_start = False, 1
    at = 2
    for _ in range(MOST_SEGMENTS):
        found = _MARKER.search(content, at)
        if found is None:
            break
        code = found[1][0]
        if scanning:
            kept.append(content[at : found.start()].rstrip(b"\xff"))
        if code == _END:
            kept.append(b"\xff\xd9")
            return b"".join(_with(kept, exif, after_start))
        at = found.end()
        if code in (_START, _TEM):
            continue
        end = at + int.from_bytes(content[at : at + 2], "big")
        if end < at + 2 or end > len(content):
            break
        if _belongs(code, content[at + 2 : end]):
            kept.append(b"\xff" + found[1] + content[at:end])
            if code == _APP0:
                after_start = len(kept)
        scanning, at = scanning or code == _SCAN, end
    if scanning:
        kept.append(content[at:])
    return b"".join(_with(kept, exif, after_start))


def _belongs(code: int, payload: bytes) -> bool:
    if _APP0 <= code <= _APP15:
        return code in _SHOWN_WITH and payload.startswith(_SHOWN_WITH[code])
    return code != _COMMENT


def _with(kept: list[bytes], exif: bytes, place: int) -> list[bytes]:
    if not exif:
        return kept
    payload = _EXIF + exif
    segment = bytes((0xFF, _APP1)) + (len(payload) + 2).to_bytes(2, "big") + payload
    return [*kept[:place], segment, *kept[place:]]
