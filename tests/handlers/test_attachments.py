"""Photos and files: checked by content, kept once, with their case; what is too big is answered in words."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import pytest
from PIL import Image

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from handlers import reception, timeline
from handlers.fetch_attachment import FetchAgain, fetch_attachment
from handlers.messages import IncomingAttachment
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import open_case

LARGEST = 10 * 1024 * 1024


def picture(size: int = 32) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (size, size), "red").save(content, "JPEG")
    return content.getvalue()


async def of_case(stage: Stage, number: str) -> list[Attachment]:
    case = await stage.case(number)
    async with stage.parts.database.work() as work:
        return await attachments.of_case(work, case.id)


async def find(stage: Stage, attachment_id: int) -> Attachment:
    async with stage.parts.database.work() as work:
        found = await attachments.find(work, attachment_id)
    assert found is not None
    return found


async def test_a_photo_in_the_middle_of_the_form_is_part_of_the_case(stage: Stage) -> None:
    await stage.say("楼上漏水漏到我家 天花板都湿了")
    assert "照片" in await stage.photo(picture())
    number = await open_case(stage, story="1")
    (photo,) = await of_case(stage, number)
    assert (photo.mime, photo.state) == ("image/jpeg", "stored")
    assert photo.sha256 is not None
    assert await stage.parts.files.get(photo.sha256) == picture()


async def test_a_photo_for_a_case_under_way_is_a_supplement(stage: Stage) -> None:
    number = await open_case(stage)
    reply = await stage.photo(picture())
    assert number in reply
    assert number in await stage.say("1")
    assert len(await of_case(stage, number)) == 1


async def test_what_is_too_big_or_no_picture_is_answered_in_words(stage: Stage) -> None:
    assert "10MB" in await stage.photo(picture() + b"\0" * LARGEST)
    assert "打不开" in await stage.photo(b"#!/bin/sh\nrm -rf /\n")
    assert "打不开" in await stage.photo(b"<html><script>alert(1)</script></html>")


async def test_the_same_bytes_are_kept_once(stage: Stage) -> None:
    await stage.photo(picture())
    await stage.photo(picture())
    root = stage.parts.files._root
    assert sum(path.is_file() for path in root.rglob("*")) == 1


async def remote(stage: Stage, remote_id: str) -> int:
    attachment = IncomingAttachment("image", remote_id=remote_id)
    await stage.say("", kind="image", attachments=(attachment,))
    async with stage.parts.database.work() as work:
        for attachment_id in range(1, 1000):
            found = await attachments.find(work, attachment_id)
            if found is not None and found.remote_id == remote_id:
                return attachment_id
    raise AssertionError(remote_id)


async def test_a_file_at_its_channel_is_downloaded_at_once(stage: Stage) -> None:
    stage.channel.files["media-1"] = (picture(), "photo.jpg")
    attachment_id = await remote(stage, "media-1")
    assert (await find(stage, attachment_id)).state == "pending"
    await stage.jobs()
    found = await find(stage, attachment_id)
    assert (found.state, found.mime, found.name) == ("stored", "image/jpeg", "photo.jpg")


@pytest.mark.parametrize(
    ("content", "failure"),
    [(b"not a picture", "unreadable"), (picture() + b"\0" * LARGEST, "too_big"), (None, "gone")],
)
async def test_a_download_that_cannot_be_kept_is_marked(
    stage: Stage, content: bytes | None, failure: str
) -> None:
    if content is not None:
        stage.channel.files["media-2"] = (content, "x")
    attachment_id = await remote(stage, "media-2")
    await stage.jobs()
    assert (await find(stage, attachment_id)).state == "failed"
    async with stage.parts.database.work() as work:
        row = await work.session.get(attachments.AttachmentRow, attachment_id)
    assert row is not None
    assert row.failure == failure
    assert {"gone": "没有收到", "too_big": "10MB", "unreadable": "打不开"}[failure] in stage.pushed()[-1]


async def test_a_download_is_tried_for_days_and_then_asked_for_again(stage: Stage) -> None:
    async def broken(_remote_id: str) -> tuple[bytes, str]:
        raise ConnectionError

    attachment_id = await remote(stage, "media-3")
    stage.channel.fetch = broken  # type: ignore[method-assign]
    for _ in range(3):
        with pytest.raises(FetchAgain):
            await fetch_attachment(stage.parts, attachment_id)
        stage.now += timedelta(days=1)
    stage.now += timedelta(minutes=1)
    await fetch_attachment(stage.parts, attachment_id)
    assert (await find(stage, attachment_id)).state == "failed"
    await fetch_attachment(stage.parts, attachment_id)
    await stage.jobs()
    assert sum("再发一次" in words for words in stage.pushed()) == 1


async def test_a_channel_that_is_switched_off_has_lost_nothing(stage: Stage) -> None:
    stage.channel.files["media-5"] = (picture(), "photo.jpg")
    attachment_id = await remote(stage, "media-5")
    off = dataclasses.replace(stage.parts, channels={})
    with pytest.raises(FetchAgain):
        await fetch_attachment(off, attachment_id)
    await fetch_attachment(stage.parts, attachment_id)
    assert (await find(stage, attachment_id)).state == "stored"


async def test_a_download_that_kills_the_worker_is_given_up_the_third_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone in the middle."""

    def killed(_: bytes) -> str:
        raise Killed

    stage.channel.files["media-4"] = (picture(), "photo.jpg")
    attachment_id = await remote(stage, "media-4")
    with monkeypatch.context() as patched:
        patched.setattr(reception, "sniff", killed)
        for _ in range(2):
            with pytest.raises(Killed):
                await fetch_attachment(stage.parts, attachment_id)
            assert (await find(stage, attachment_id)).state == "pending"
        await stage.jobs()
    found = await find(stage, attachment_id)
    assert (found.state, found.failure) == ("failed", "unreadable")
    assert "打不开" in stage.pushed()[-1]


async def test_a_worker_killed_once_fetches_when_it_is_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process is gone in the middle."""

    def killed(_: bytes) -> str:
        raise Killed

    stage.channel.files["media-5"] = (picture(), "photo.jpg")
    attachment_id = await remote(stage, "media-5")
    with monkeypatch.context() as patched:
        patched.setattr(reception, "sniff", killed)
        with pytest.raises(Killed):
            await fetch_attachment(stage.parts, attachment_id)
    await stage.jobs()
    found = await find(stage, attachment_id)
    assert (found.state, found.failure, found.copies) == ("stored", None, "made")


async def test_only_their_own_resident_sees_them(stage: Stage) -> None:
    await stage.photo(picture())
    message = stage.message(user="resident")
    own = await timeline.history(stage.parts, message.sender)
    assert own is not None
    (attachment_id,) = own.items[0].attachment_ids
    seen = await timeline.attachment(stage.parts, message.sender, attachment_id)
    assert seen is not None and seen.mime == "image/jpeg"
    await stage.say("你好", user="somebody else")
    other = stage.message(user="somebody else").sender
    assert await timeline.attachment(stage.parts, other, attachment_id) is None
