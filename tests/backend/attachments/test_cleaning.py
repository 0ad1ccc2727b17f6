"""A photo is kept without what its camera wrote: every pixel is there, nothing else is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from backend.attachments import jpeg, png, webp
from backend.attachments.cleaning import Position, clean
from tests.fixtures import media

HEIC = (Path(__file__).parents[2] / "payloads" / "files" / "photo.heic").read_bytes()
FORMS = [
    (media.photo(), "image/jpeg"),
    (media.photo(progressive=True), "image/jpeg"),
    (media.photo("PNG"), "image/png"),
    (media.photo("WEBP"), "image/webp"),
]


def seen(content: bytes) -> bytes:
    """What a person sees: the pixels, upright."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(content))).tobytes()


@pytest.mark.parametrize(("content", "mime"), FORMS)
def test_the_same_picture_without_a_trace(content: bytes, mime: str) -> None:
    assert any(secret in content for secret in media.SECRETS)
    kept = clean(content, mime)
    assert kept.mime == mime
    assert seen(kept.content) == seen(content)
    assert not any(secret in kept.content for secret in media.SECRETS)
    assert dict(Image.open(io.BytesIO(kept.content)).getexif()) == {274: 6}
    assert kept.taken_at == Position(*media.PLACE)
    assert clean(kept.content, mime).content == kept.content


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_is_not_turned_has_nothing_beside_it(form: str) -> None:
    kept = clean(media.photo(form, 1, placed=False), f"image/{form.lower()}")
    assert not Image.open(io.BytesIO(kept.content)).getexif()
    assert b"Exif" not in kept.content
    assert kept.taken_at is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_that_says_nothing_stays_as_it_is(form: str) -> None:
    content = media.plain_photo(form=form)
    assert clean(content, f"image/{form.lower()}").content == content


def test_colours_and_transparency_stay() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG", "WEBP"):
        content = io.BytesIO()
        Image.new("RGB", (8, 8), "blue").save(content, form, icc_profile=profile)
        kept = clean(content.getvalue(), f"image/{form.lower()}")
        assert Image.open(io.BytesIO(kept.content)).info["icc_profile"] == profile
    content = io.BytesIO()
    Image.new("RGBA", (8, 8), (1, 2, 3, 4)).save(content, "PNG")
    assert Image.open(io.BytesIO(clean(content.getvalue(), "image/png").content)).getpixel((0, 0)) == (
        1,
        2,
        3,
        4,
    )


def test_heic_becomes_a_picture_that_browsers_show() -> None:
    kept = clean(HEIC, "image/heic")
    assert kept.mime == "image/jpeg"
    assert kept.taken_at == Position(*media.PLACE)
    picture = Image.open(io.BytesIO(kept.content))
    assert picture.size == (48, 64)
    assert not picture.getexif()


def test_what_cannot_be_read_stays_as_it_came() -> None:
    broken = HEIC[:40]
    assert clean(broken, "image/heic").content == broken
    assert clean(b"%PDF-1.7", "application/pdf").content == b"%PDF-1.7"


def test_a_picture_cut_off_on_the_way_loses_its_trace_too() -> None:
    kept = clean(media.photo(progressive=True)[:2000], "image/jpeg")
    assert b"Huawei" not in kept.content
    assert len(kept.content) > 1000


def test_a_file_of_a_million_segments_is_given_up() -> None:
    made = b"\xff\xd8" + b"\xff\xe1\0\2" * (2 * jpeg.MOST_SEGMENTS)
    assert jpeg.cleaned(made + b"\xff\xda\0\2picture\xff\xd9", b"") == b"\xff\xd8"


@pytest.mark.parametrize("place", [b"+30.2600+120.1500/", b"-33.8688+151.2093+58.000/", b"+08.26-120.15+1/"])
def test_a_video_forgets_where_it_was_taken(place: bytes) -> None:
    content = media.video() + b"\0\0\0\x22udta\0\0\0\x1a\xa9xyz\0\x12\x15\xc7" + place
    kept = clean(content, "video/mp4").content
    assert place not in kept and len(kept) == len(content)
    assert kept.startswith(media.video())


GPS = {1: "N", 2: (30.0, 15.0, 36.0), 3: "E", 4: (120.0, 9.0, 0.0)}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, Position(30.26, 120.15)),
        ({1: "S", 3: "W"}, Position(-30.26, -120.15)),
        ({2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, None),
        ({2: (91.0, 0.0, 0.0)}, None),
        ({2: (30.0, 15.0)}, None),
        ({4: None}, None),
    ],
)
def test_where_a_photo_was_taken(changed: dict[int, object], found: Position | None) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({tag: value for tag, value in (GPS | changed).items() if value is not None})
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG", exif=exif)
    assert clean(content.getvalue(), "image/jpeg").taken_at == found


@given(st.binary(max_size=300), st.sampled_from([jpeg.cleaned, png.cleaned, webp.cleaned]), st.booleans())
def test_whatever_comes_it_ends(content: bytes, cleaned: object, marked: bool) -> None:
    heads = {jpeg.cleaned: b"\xff\xd8", png.cleaned: b"\x89PNG\r\n\x1a\n", webp.cleaned: b"RIFF\0\0\0\0WEBP"}
    result = cleaned(heads[cleaned] + content, b"II*\0" if marked else b"")  # type: ignore[operator, index]
    assert isinstance(result, bytes)
