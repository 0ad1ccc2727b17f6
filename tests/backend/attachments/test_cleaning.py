"""A photo is kept without what its camera wrote: every pixel is there, nothing else is."""

from __future__ import annotations

import asyncio
import io
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from backend.attachments import cleaning, jpeg, png, webp
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


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def beginning_with(*chunks: bytes) -> bytes:
    """A PNG with these chunks before its pixels."""
    plain = media.plain_photo(form="PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


WORD_BOMB = beginning_with(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 << 20))))
BAD_PIXELS = media.plain_photo(form="PNG").replace(b"IDAT", b"IDAT\xff\xff\xff", 1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIC"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_wherever_a_picture_is_cut_off_it_is_kept(form: str, share: float) -> None:
    whole = HEIC if form == "HEIC" else media.plain_photo((64, 64), form)
    cut = whole[: max(12, int(len(whole) * share))]
    kept = clean(cut, f"image/{form.lower()}")
    assert kept.content and kept.taken_at is None
    cut_photo = media.photo("PNG")[:-2000]
    assert not any(secret in clean(cut_photo, "image/png").content for secret in media.SECRETS)


@pytest.mark.parametrize("content", [WORD_BOMB, BAD_PIXELS])
def test_what_a_reader_of_pictures_breaks_on_is_kept(content: bytes) -> None:
    kept = clean(content, "image/png").content
    assert kept.startswith(media.plain_photo(form="PNG")[:33])
    assert len(kept) <= len(BAD_PIXELS)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_place_is_read_without_the_picture_being_opened(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = media.photo(form)

    def opened(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Image, "open", opened)
    assert clean(content, f"image/{form.lower()}").taken_at == Position(*media.PLACE)


@pytest.mark.parametrize("said", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"x" * 200_000])
def test_what_a_camera_wrote_may_be_nonsense(said: bytes) -> None:
    content = beginning_with(chunk(b"eXIf", said))
    assert clean(content, "image/png").content == media.plain_photo(form="PNG")


def test_bytes_that_fill_a_photo_up_do_not_keep_it_busy() -> None:
    filled = b"\xff\xd8" + b"\xff" * (4 << 20) + b"\0"
    assert clean(filled, "image/jpeg").content == b"\xff\xd8"
    photo = media.plain_photo()
    assert clean(photo[:-2] + b"\xff" * 100 + photo[-2:], "image/jpeg").content == photo


def test_whatever_is_raised_the_file_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_room(_: bytes, __: bytes) -> bytes:
        raise MemoryError

    monkeypatch.setitem(cleaning._FORMATS, "image/png", (png.exif, out_of_room))  # type: ignore[arg-type]
    content = media.photo("PNG")
    assert clean(content, "image/png").content == content


async def test_two_are_cleaned_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, under_way, most = threading.Lock(), 0, 0

    def slowly(content: bytes, _: bytes) -> bytes:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return content

    monkeypatch.setitem(cleaning._FORMATS, "image/png", (png.exif, slowly))  # type: ignore[arg-type]
    await asyncio.gather(*(cleaning.cleaned(media.photo("PNG"), "image/png") for _ in range(8)))
    assert most == 2


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
