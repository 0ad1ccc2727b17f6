"""Copies of pictures to look at: upright, within a size, with nothing in them but pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

FORM = "image/jpeg"
LONG_EDGE = 1600
THUMBNAIL = 320
"""Pixels of the longer edge: legible on a screen; a row of them in a list."""
QUALITY = 82
MOST_PIXELS = 40_000_000
MOST_PIXELS_JPEG = 120_000_000
"""Pixels that are unpacked at most: four bytes each; a JPEG is unpacked at a fraction of its size."""

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "HEIF")
"""No other reader of the library sees a stranger's bytes."""


class Broken(Exception):
    """The file is not what it says, or too much of it."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A picture to look at and a small one; `width` and `height` are those of the original, upright."""

    view: bytes
    thumbnail: bytes
    width: int
    height: int


def opened(content: bytes) -> Image.Image:
    """The picture, its head read and its size judged, its pixels not yet; raises Broken."""
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Exception as error:  # a reader of broken bytes raises whatever comes
        raise Broken from error
    width, height = picture.size
    if width * height > (MOST_PIXELS_JPEG if picture.format == "JPEG" else MOST_PIXELS):
        raise Broken("pixels")
    return picture


def copies(content: bytes) -> Copies:
    """The copies of a picture; raises Broken."""
    with opened(content) as picture:
        try:
            size = picture.size
            picture.draft("RGB", (LONG_EDGE, LONG_EDGE))
            upright = ImageOps.exif_transpose(picture)
            turned = (upright.width > upright.height) != (size[0] > size[1])
            width, height = size[::-1] if turned else size
            return copied(upright, width, height)
        except Exception as error:
            raise Broken from error


def copied(picture: Image.Image, width: int, height: int) -> Copies:
    """The copies of an unpacked picture."""
    plain = _plain(picture)
    plain.thumbnail((LONG_EDGE, LONG_EDGE), Image.Resampling.LANCZOS)
    view = _saved(plain)
    plain.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return Copies(view, _saved(plain), width, height)


def _plain(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return picture.convert("RGB")


def _saved(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    # The library would write what it read beside the picture, such as comments.
    picture.info.clear()
    picture.save(content, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return content.getvalue()
