"""The place in a photo, through database and jobs: asked for, never kept without a yes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from handlers.messages import IncomingAttachment
from tests.fixtures import media
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import NUMBER

ASKED = "照片里带着拍摄地点"
STORY = "物业费突然涨到2块8 谁同意的"


async def everything(stage: Stage) -> str:
    """All that the database holds of a conversation."""
    tables = (
        "conversations",
        "incoming_messages",
        "outgoing_messages",
        "attachments",
        "cases",
        "case_events",
    )
    async with stage.parts.database.work() as work:
        rows = [await work.session.execute(text(f"select t::text from {table} t")) for table in tables]
        return "\n".join(row for found in rows for row in found.scalars())


async def submitted(stage: Stage, answer: str) -> Any:
    """The case that comes of it when the question is answered so."""
    assert ASKED in await stage.say("1")
    reply = await stage.say(answer)
    for _ in range(6):
        if found := NUMBER.search(reply):
            return await stage.case(found[0])
        reply = await stage.say("1" if "提交" in reply else "跳过")
    raise AssertionError(reply)


async def test_a_photo_with_the_message(stage: Stage) -> None:
    await stage.say(STORY)
    assert ASKED not in await stage.photo(media.photo())
    case = await submitted(stage, "记下来")
    assert (case.location["latitude"], case.location["longitude"]) == media.PLACE
    assert case.place == "照片的拍摄地点"


@pytest.mark.parametrize("answer", ["不用记", "跳过"])
async def test_no_leaves_nothing_behind(stage: Stage, answer: str) -> None:
    await stage.say(STORY)
    await stage.photo(media.photo())
    case = await submitted(stage, answer)
    assert case.location is None
    await stage.jobs()
    assert "30.26" not in await everything(stage)


async def test_a_photo_that_lies_at_its_channel(stage: Stage) -> None:
    stage.channel.files["media"] = (media.photo(), "photo.jpg")
    await stage.say(STORY)
    await stage.say("", kind="image", attachments=(IncomingAttachment("image", remote_id="media"),))
    await stage.jobs()
    case = await submitted(stage, "记下来")
    assert (case.location["latitude"], case.location["longitude"]) == media.PLACE


async def test_a_photo_for_a_place_that_is_known(stage: Stage) -> None:
    await stage.say(STORY)
    await stage.say("1")
    await stage.say("恒大名都8号楼")
    stage.channel.files["media"] = (media.photo(), "photo.jpg")
    await stage.say("", kind="image", attachments=(IncomingAttachment("image", remote_id="media"),))
    await stage.photo(media.photo(turned=3))
    await stage.jobs()
    assert "30.26" not in await everything(stage)
