"""Take out of a file what its camera wrote beside the picture: place, device, time, owner (decision 0020)."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import ExifTags, Image

from backend.attachments import heic, jpeg, png, webp

MOST_EXIF = 1 << 16
"""Bytes that are looked into: a JPEG has no room for more (ITU-T T.81), and no camera writes more."""

_hands = ThreadPoolExecutor(max_workers=2, thread_name_prefix="cleaning")
"""So many at once, however many residents send: a HEIC picture is unpacked to some hundred megabytes."""

_ISO_6709 = re.compile(rb"[+-]\d{2,3}\.\d+[+-]\d{2,3}\.\d+(?:[+-]\d+(?:\.\d+)?)?/")
"""How cameras write the place into a video (QuickTime user data, key …location.ISO6709)."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a picture was taken, in degrees (WGS-84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as it is kept; `taken_at` is the place it told, kept nowhere unless the resident agrees."""

    content: bytes
    mime: str
    taken_at: Position | None = None


async def cleaned(content: bytes, mime: str) -> Clean:
    """What `clean` makes of it, in a thread; the others wait for their turn. Raises Crashed."""
    return await asyncio.get_running_loop().run_in_executor(_hands, clean, content, mime)


def clean(content: bytes, mime: str) -> Clean:
    """The file without what its camera wrote; pixels and sound stay bit for bit, save that HEIC becomes JPEG.

    A picture that cannot be read stays as it came. Raises Crashed for one that kills its readers.
    """
    try:
        return _clean(content, mime)
    except heic.Crashed:
        raise
    except Exception:  # a reader of broken bytes raises whatever comes
        return Clean(content, mime)


def _clean(content: bytes, mime: str) -> Clean:
    if mime.startswith("video/") or mime == "audio/mp4":
        # As many spaces: nothing in the file moves.
        return Clean(_ISO_6709.sub(lambda found: b" " * len(found[0]), content), mime)
    if mime == "image/heic":
        return _converted(content)
    if mime not in _FORMATS:
        return Clean(content, mime)
    exif, without = _FORMATS[mime]
    turned, taken_at = _read(exif(content))
    return Clean(without(content, _only(turned)), mime, taken_at)


_FORMATS: Mapping[str, tuple[Callable[[bytes], bytes], Callable[[bytes, bytes], bytes]]] = {
    "image/jpeg": (jpeg.exif, jpeg.cleaned),
    "image/png": (png.exif, png.cleaned),
    "image/webp": (webp.exif, webp.cleaned),
}
"""How EXIF is found without a picture being unpacked, and how all but the picture is left out."""


def _converted(content: bytes) -> Clean:
    kept, exif = heic.converted(content)
    return Clean(kept, "image/jpeg", _read(exif)[1])


def _read(found: bytes) -> tuple[int, Position | None]:
    """How the camera was held and where; what cannot be read does not keep the rest from being cleaned."""
    exif = Image.Exif()
    try:
        exif.load(found[:MOST_EXIF])
        turned = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1, None
    return (turned if turned in range(1, 9) else 1), _position(exif)


def _only(orientation: int) -> bytes:
    """What has to stay: how the camera was held, without which the picture lies on its side."""
    if orientation == 1:
        return b""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _position(exif: Image.Exif) -> Position | None:
    try:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W")
    except Exception:
        return None
    known = math.isfinite(latitude + longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return Position(latitude, longitude) if known and (latitude or longitude) else None


def _degrees(value: tuple[float, float, float], side: str, negative: str) -> float:
    degrees, minutes, seconds = map(float, value)
    found = round(degrees + minutes / 60 + seconds / 3600, 6)
    return -found if side.strip("\0 ").upper() == negative else found
