"""Take out of a file what its camera wrote beside the picture: place, device, time, owner (decision 0020)."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pi_heif
from PIL import ExifTags, Image, ImageOps

from backend.attachments import jpeg, png, webp
from backend.attachments.pictures import Broken, opened

pi_heif.register_heif_opener()

QUALITY = 90
"""Of the JPEG that a HEIC picture becomes: most browsers do not show HEIC."""

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


def clean(content: bytes, mime: str) -> Clean:
    """The file without what its camera wrote; pixels and sound stay bit for bit, save that HEIC becomes JPEG.

    A picture that cannot be read stays as it came.
    """
    if mime.startswith("video/") or mime == "audio/mp4":
        # As many spaces: nothing in the file moves.
        return Clean(_ISO_6709.sub(lambda found: b" " * len(found[0]), content), mime)
    if mime == "image/heic":
        return _converted(content)
    if mime not in _CLEANERS:
        return Clean(content, mime)
    turned, taken_at = _read(content)
    return Clean(_CLEANERS[mime](content, _only(turned)), mime, taken_at)


_CLEANERS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "image/jpeg": jpeg.cleaned,
    "image/png": png.cleaned,
    "image/webp": webp.cleaned,
}


def _converted(content: bytes) -> Clean:
    try:
        with opened(content) as picture:
            taken_at = _position(picture.getexif())
            profile = picture.info.get("icc_profile")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.info.clear()
            kept = io.BytesIO()
            upright.save(kept, "JPEG", quality=QUALITY, icc_profile=profile)
    except Exception:
        return Clean(content, "image/heic")
    return Clean(kept.getvalue(), "image/jpeg", taken_at)


def _read(content: bytes) -> tuple[int, Position | None]:
    try:
        with opened(content) as picture:
            exif = picture.getexif()
            turned = exif.get(ExifTags.Base.Orientation, 1)
            return (turned if turned in range(1, 9) else 1), _position(exif)
    except Broken:
        return 1, None


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
