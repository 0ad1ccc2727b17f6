"""The worker makes copies: once, again after a kill, and it says so when a file is broken."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from backend.attachments import pictures
from backend.attachments import service as attachments
from backend.attachments.limits import DAY, Limits
from backend.attachments.service import Attachment, StoredCopies
from handlers import reception
from handlers.copy_attachment import copy_attachment
from handlers.messages import IncomingAttachment
from tests.fixtures import media
from tests.fixtures.stage import Stage
from tests.handlers.test_attachments import find, picture


async def send(stage: Stage, content: bytes, kind: str = "image", name: str = "x", text: str = "") -> str:
    attachment = IncomingAttachment(kind, content=content, name=name)  # type: ignore[arg-type]
    return await stage.say(text, kind=kind, attachments=(attachment,))


async def newest(stage: Stage) -> Attachment:
    async with stage.parts.database.work() as work:
        found = [await attachments.find(work, i) for i in range(1, 30)]
    return [file for file in found if file][-1]


async def test_a_photo_has_its_copies_and_no_trace_of_its_place_anywhere(stage: Stage) -> None:
    await send(stage, media.photo(), name="../../DCIM/IMG_1.jpg")
    assert (await newest(stage)).copies == "due"
    await stage.jobs()
    photo = await newest(stage)
    assert (photo.name, photo.copies, photo.width, photo.height) == ("IMG_1.jpg", "made", 48, 64)
    for sha256 in (photo.sha256, photo.view_sha256, photo.thumbnail_sha256):
        content = await stage.parts.files.get(sha256 or "")
        assert Image.open(io.BytesIO(content)).format == "JPEG"
    kept = [path.read_bytes() for path in stage.parts.files.path("").rglob("*") if path.is_file()]
    assert len(kept) == 2, "so small a photo is its own thumbnail"
    assert not any(secret in content for content in kept for secret in media.SECRETS)


async def test_a_recording_can_be_played(stage: Stage) -> None:
    assert "听不了语音" in await send(stage, media.voice(), "voice")
    await stage.jobs()
    voice = await newest(stage)
    assert (voice.kind, voice.mime, voice.view_mime, voice.copies) == (
        "voice",
        "audio/amr",
        "audio/mpeg",
        "made",
    )
    assert 950 <= (voice.milliseconds or 0) <= 1100


async def test_a_video_is_played_as_it_came(stage: Stage) -> None:
    await send(stage, media.video(), "video")
    await stage.jobs()
    video = await newest(stage)
    assert (video.view_sha256, video.width, video.copies) == (None, 64, "made")
    assert video.thumbnail_sha256


async def test_sound_in_the_container_of_films_is_a_recording(stage: Stage) -> None:
    await send(stage, media.recording("webm", "libopus", 48000), "video")
    assert (await newest(stage)).kind == "voice"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(media.photo()[:700], "image"), (b"#!AMR\n" + b"\xff" * 90, "voice"), (media.video()[:600], "video")],
)
async def test_a_broken_file_is_kept_and_marked(stage: Stage, content: bytes, kind: str) -> None:
    await send(stage, content, kind)
    await stage.jobs()
    broken = await newest(stage)
    assert (broken.state, broken.copies, broken.view_sha256) == ("stored", "broken", None)


async def test_heic_is_kept_as_jpeg_and_a_broken_one_marked_at_once(stage: Stage) -> None:
    heic = (media.PAYLOADS / "photo.heic").read_bytes()
    await send(stage, heic, name="IMG_2.HEIC")
    await stage.jobs()
    photo = await newest(stage)
    assert (photo.mime, photo.copies, photo.name) == ("image/jpeg", "made", "IMG_2.HEIC.jpg")
    await send(stage, heic[:60])
    assert ((await newest(stage)).mime, (await newest(stage)).copies) == ("image/heic", "broken")


async def test_copies_are_made_once_however_often_the_job_runs(stage: Stage) -> None:
    await send(stage, picture(64))
    photo = await newest(stage)
    await asyncio.gather(*(copy_attachment(stage.parts, photo.id) for _ in range(3)))
    made = await newest(stage)
    assert made.copies == "made"
    await copy_attachment(stage.parts, photo.id)
    assert await newest(stage) == made
    async with stage.parts.database.work() as work:
        assert not await attachments.copied(work, photo.id, StoredCopies())


class _Killed(BaseException):
    """The process is gone in the middle."""


async def test_a_file_that_kills_the_worker_is_given_up_the_third_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: bytes) -> None:
        raise _Killed

    await send(stage, picture(64))
    photo = await newest(stage)
    with monkeypatch.context() as patched:
        patched.setattr(pictures, "copies", killed)
        for _ in range(2):
            with pytest.raises(_Killed):
                await copy_attachment(stage.parts, photo.id)
            assert (await newest(stage)).copies == "due"
        await copy_attachment(stage.parts, photo.id)
    given_up = await newest(stage)
    assert (given_up.state, given_up.copies, given_up.failure) == ("stored", "broken", None)


async def test_a_worker_killed_once_makes_the_copies_when_it_is_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: bytes) -> None:
        raise _Killed

    await send(stage, picture(64))
    photo = await newest(stage)
    with monkeypatch.context() as patched:
        patched.setattr(pictures, "copies", killed)
        with pytest.raises(_Killed):
            await copy_attachment(stage.parts, photo.id)
    await copy_attachment(stage.parts, photo.id)
    assert ((await newest(stage)).copies, (await newest(stage)).failure) == ("made", None)


async def test_a_full_disk_is_not_the_files_fault(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: bytes) -> str:
        raise OSError

    await send(stage, picture(64))
    photo = await newest(stage)
    with monkeypatch.context() as patched:
        patched.setattr(type(stage.parts.files), "put", lambda _, content: full(content))
        for _ in range(4):
            with pytest.raises(OSError):
                await copy_attachment(stage.parts, photo.id)
    await copy_attachment(stage.parts, photo.id)
    assert (await newest(stage)).copies == "made"


async def test_a_file_that_is_gone_from_the_disk_is_marked(stage: Stage) -> None:
    await send(stage, picture())
    photo = await newest(stage)
    stage.parts.files.path(photo.sha256 or "").unlink()
    await stage.jobs()
    assert (await find(stage, photo.id)).copies == "broken"
    await copy_attachment(stage.parts, 10**9)


# --- limits --------------------------------------------------------------------------------------


def limit(stage: Stage, **limits: int) -> None:
    object.__setattr__(stage.parts, "limits", Limits(**limits))


async def test_when_a_days_files_are_used_up_words_still_count(stage: Stage) -> None:
    limit(stage, day_files=2)
    await send(stage, picture(8))
    await send(stage, picture(9))
    reply = await send(stage, picture(10), text="楼上漏水漏到我家 天花板都湿了")
    assert "先收到这里" in reply and "邻里" in reply
    assert "先收到这里" in await send(stage, picture(11))
    stage.now += DAY
    assert "先收到这里" not in await send(stage, picture(12))


async def test_a_days_bytes_are_limited_too(stage: Stage) -> None:
    limit(stage, day_bytes=len(picture(8)) + len(picture(9)))
    await send(stage, picture(8))
    assert "先收到这里" in await send(stage, picture(200))
    assert "先收到这里" not in await send(stage, picture(9))


async def test_what_a_download_turns_out_to_be_is_limited(stage: Stage) -> None:
    limit(stage, day_bytes=len(picture(8)) + 1, day_files=2)
    stage.channel.files |= {"a": (picture(8), "a.jpg"), "b": (picture(9), "b.jpg")}
    for remote_id in "ab":
        files = (IncomingAttachment("image", remote_id=remote_id),)
        await stage.say("", kind="image", attachments=files)
    await stage.jobs()
    assert ((await newest(stage)).state, (await newest(stage)).failure) == ("failed", "enough_today")
    assert "先收到这里" in stage.pushed()[-1]


async def test_a_video_may_be_larger_than_a_photo(stage: Stage) -> None:
    limit(stage, file=1000, video=len(media.video()))
    await send(stage, media.video(), "video")
    assert (await newest(stage)).kind == "video"
    assert "MB" in await send(stage, picture(400))
    assert "MB" in await send(stage, media.video() + b"\0", "video")
    assert "MB" in await send(stage, picture(400), "file")
    assert "MB" in await send(stage, media.video() + b"\0", "file")


async def test_words_beside_a_refused_file_are_not_lost(stage: Stage) -> None:
    reply = await send(stage, b"MZ\x90\x00" + bytes(90), "file", "virus.exe", "楼上漏水漏到我家 天花板都湿了")
    assert "打不开" in reply and "邻里" in reply
    assert "打不开" in await send(stage, b"", "image")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_words_beside_a_photo_cut_off_are_not_lost(stage: Stage, form: str) -> None:
    content = media.plain_photo((64, 64), form)
    reply = await send(stage, content[: len(content) * 3 // 4], text="楼上漏水漏到我家 天花板都湿了")
    assert "邻里" in reply
    await stage.jobs()
    assert (await newest(stage)).state == "stored"


async def test_a_photo_cut_off_at_its_channel_is_kept_and_marked(stage: Stage) -> None:
    stage.channel.files["a"] = (media.plain_photo((64, 64), "PNG")[:80], "a.png")
    await stage.say("", kind="image", attachments=(IncomingAttachment("image", remote_id="a"),))
    await stage.jobs()
    broken = await newest(stage)
    assert (broken.state, broken.copies) == ("stored", "broken")


async def test_a_file_that_a_reader_breaks_on_is_refused_and_the_words_count(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: bytes) -> str:
        raise OSError

    monkeypatch.setattr(reception, "sniff", breaks)
    reply = await send(stage, picture(), text="楼上漏水漏到我家 天花板都湿了")
    assert "打不开" in reply and "邻里" in reply


async def test_refusals_alike_are_said_once(stage: Stage) -> None:
    files = tuple(IncomingAttachment("file", content=b"MZ" + bytes(90)) for _ in range(3))
    reply = await stage.say("", kind="file", attachments=files)
    assert reply.count("打不开") == 1
