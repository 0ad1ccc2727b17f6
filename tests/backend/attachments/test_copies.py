"""Copies of pictures to look at, recordings made playable, videos with a picture for lists."""

from __future__ import annotations

import io
import struct
import zlib

import av
import pytest
from PIL import Image

from backend.attachments import pictures, recordings
from backend.attachments.content_types import sniff
from backend.attachments.pictures import LONG_EDGE, THUMBNAIL, Broken, copies
from tests.fixtures import media


def saved(image: Image.Image, form: str) -> bytes:
    content = io.BytesIO()
    image.save(content, form)
    return content.getvalue()


def test_a_large_photo_becomes_one_for_a_screen_and_one_for_a_list() -> None:
    made = copies(media.plain_photo((3200, 2400)))
    view, thumbnail = Image.open(io.BytesIO(made.view)), Image.open(io.BytesIO(made.thumbnail))
    assert (made.width, made.height) == (3200, 2400)
    assert view.size == (LONG_EDGE, LONG_EDGE * 3 // 4)
    assert max(thumbnail.size) == THUMBNAIL
    assert {view.format, thumbnail.format} == {"JPEG"}


def test_a_photo_lies_as_it_was_held() -> None:
    made = copies(media.photo(turned=6))
    assert (made.width, made.height) == (48, 64)
    assert Image.open(io.BytesIO(made.view)).size == (48, 64)
    assert not Image.open(io.BytesIO(made.view)).getexif()
    assert not any(secret in made.view + made.thumbnail for secret in media.SECRETS)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_sort_of_picture(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (20, 10))
    content = saved(image, "JPEG" if form == "TIFF" else "PNG")
    assert Image.open(io.BytesIO(copies(content).view)).size == (20, 10)


def test_what_is_transparent_lies_on_white() -> None:
    view = copies(saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")).view
    assert Image.open(io.BytesIO(view)).getpixel((0, 0)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that says it is as large as that."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        bomb(10_000, 5_000),
        bomb(60_000, 60_000),
        bomb(100, 100),
        media.photo()[:800],
        media.plain_photo()[:30],
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"",
    ],
)
def test_a_broken_picture_is_told_not_crashed_on(content: bytes) -> None:
    with pytest.raises(Broken):
        copies(content)


def test_only_readers_of_photos_see_a_strangers_bytes() -> None:
    content = saved(Image.new("RGB", (8, 8)), "TIFF")
    with pytest.raises(Broken):
        pictures.opened(content)


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [
        ("amr", "libopencore_amrnb", 8000),
        ("ogg", "libopus", 48000),
        ("webm", "libopus", 48000),
        ("mp4", "aac", 48000),
        ("mp3", "libmp3lame", 44100),
        ("wav", "pcm_s16le", 16000),
        ("adts", "aac", 44100),
    ],
)
def test_every_recording_can_be_played(form: str, codec: str, rate: int) -> None:
    content = media.recording(form, codec, rate)
    made = recordings.playable(content, sniff(content) or "")
    assert sniff(made.content) == recordings.PLAYABLE
    assert 950 <= made.milliseconds <= 1100
    with av.open(io.BytesIO(made.content), "r") as played:
        assert sum(frame.samples for frame in played.decode(audio=0)) >= recordings.SAMPLES * 0.95


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"#!AMR\n" + b"\xff" * 90, "audio/amr"),
        (b"#!AMR\n", "audio/amr"),
        (b"OggS" + bytes(200), "audio/ogg"),
        (b"\x1aE\xdf\xa3webm" + bytes(100), "audio/webm"),
        (media.video(), "audio/mp4"),
    ],
)
def test_a_recording_that_cannot_be_played_is_told(content: bytes, mime: str) -> None:
    with pytest.raises(Broken):
        recordings.playable(content, mime)


def test_a_recording_that_lasts_for_ever_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr(recordings, "LONGEST", timedelta(seconds=0.4))
    made = recordings.playable(media.voice(), "audio/amr")
    with av.open(io.BytesIO(made.content), "r") as played:
        assert sum(frame.samples for frame in played.decode(audio=0)) < recordings.SAMPLES * 0.6


def wave(rate: int, samples: int) -> bytes:
    """A WAV of silence, eight bits a sample."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    head = b"RIFF" + (36 + samples).to_bytes(4, "little") + b"WAVE"
    return head + form + b"data" + samples.to_bytes(4, "little") + b"\x80" * samples


@pytest.mark.parametrize("rate", [0, 1, 3999, 192_001, 1 << 30])
def test_a_rate_that_no_microphone_has_is_told(rate: int) -> None:
    with pytest.raises(Broken):
        recordings.playable(wave(rate, 8000), "audio/x-wav")
    assert recordings.playable(wave(4000, 8000), "audio/x-wav").milliseconds == 2000


def test_a_small_file_is_not_played_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr(recordings, "LONGEST_SILENCE", timedelta(seconds=1))
    monkeypatch.setattr(recordings, "LEAST_BYTES_A_SECOND", 8000)
    made = recordings.playable(wave(4000, 16_000), "audio/x-wav")
    assert 2000 <= made.milliseconds <= 3100


def smaller_outside(codec: str) -> bytes:
    """A video whose container says 16 × 12 of pictures that are 64 × 48."""
    said = b"\xb0\x81\x40\xba\x81\x30"
    content = media.video("webm", codec)
    assert said in content
    return content.replace(said, b"\xb0\x81\x10\xba\x81\x0c", 1)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_pictures_larger_than_their_container_says_are_told(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = smaller_outside(codec)
    made, _ = recordings.still(content, "video/webm")
    assert made.width == 64
    monkeypatch.setattr(recordings, "MOST_PIXELS", 63 * 48)
    with pytest.raises(Broken):
        recordings.still(content, "video/webm")


@pytest.mark.parametrize(("form", "codec"), [("mp4", "libx264"), ("webm", "libvpx"), ("mov", "libx264")])
def test_a_video_has_a_picture_and_a_length(form: str, codec: str) -> None:
    content = media.video(form, codec)
    made, milliseconds = recordings.still(content, sniff(content) or "")
    assert (made.width, made.height) == (64, 48)
    assert 1800 <= milliseconds <= 2200


@pytest.mark.parametrize("content", [media.video()[:200], media.recording("mp4", "aac", 48000), b""])
def test_a_video_without_a_picture_is_told(content: bytes) -> None:
    with pytest.raises(Broken):
        recordings.still(content, "video/mp4")
