"""A message that is changed afterwards: nothing of it is lost or happens twice; albums; how somebody came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from backend.attachments import service as attachments
from backend.cases.tables import CaseTextRow
from backend.conversations import timeline
from backend.conversations.views import IncomingView
from backend.organisation.tables import RegionRow
from backend.workbench import conversation
from dialogs.messages import Contact
from handlers.incoming import handle
from handlers.messages import IncomingAttachment, IncomingMessage
from tests.fixtures.stage import Stage
from tests.handlers.test_main_job import open_case

STORY = "楼上漏水漏到我家 天花板都湿了"


async def incoming(stage: Stage) -> list[IncomingView]:
    async with stage.parts.database.work() as work:
        return list((await timeline.read(work, 1)).incoming)


async def told(stage: Stage, message: IncomingMessage) -> str:
    stage.now += timedelta(seconds=3)
    return await stage.send(replace(message, at=stage.now))


def change(stage: Stage, original: IncomingMessage, text: str, number: int = 1) -> IncomingMessage:
    return stage.message(
        text, kind="edit", message_id=f"{original.message_id}e{number}", edits=original.message_id
    )


async def texts_of_cases(stage: Stage) -> list[str]:
    async with stage.parts.database.work() as work:
        return list(await work.session.scalars(select(CaseTextRow.text).order_by(CaseTextRow.id)))


async def test_a_change_before_the_submission_is_what_the_case_says(stage: Stage) -> None:
    first = stage.message(STORY)
    await stage.send(first)
    assert "按您改的" in await told(stage, change(stage, first, "楼上漏水漏到我家 地板都泡坏了"))
    number = await open_case(stage, story="1")
    assert (await stage.case(number)).summary == "楼上漏水漏到我家 地板都泡坏了"
    async with stage.parts.database.work() as work:
        shown = await conversation.lines(work, 1, numbers=True)
    assert "[改为] 楼上漏水漏到我家 地板都泡坏了" in [line.text for line in shown]


async def test_a_change_after_the_submission_is_told_to_those_who_work_on_it(stage: Stage) -> None:
    first = stage.message(STORY)
    await stage.send(first)
    number = await open_case(stage, story="1")
    changed = change(stage, first, "楼上漏水漏到我家 三次了")
    assert number in await told(stage, changed)
    assert [text for text in await texts_of_cases(stage) if "三次了" in text and STORY in text]
    assert number in await told(stage, change(stage, first, "楼上漏水漏到我家 四次了", 2))
    assert [text for text in await texts_of_cases(stage) if "三次了" in text and "四次了" in text]


async def test_a_change_of_a_supplement_goes_to_the_same_case(stage: Stage) -> None:
    number = await open_case(stage)
    await stage.jobs(days=3)
    await stage.say("补充")
    more = stage.message("物业来看过一次")
    assert number in await told(stage, more)
    await stage.say("完成")
    assert number in await told(stage, change(stage, more, "物业来看过两次"))


async def test_a_change_of_words_that_went_nowhere_is_answered_honestly(stage: Stage) -> None:
    first = stage.message("你好")
    await stage.send(first)
    assert "再发一遍" in await told(stage, change(stage, first, "您好"))


async def test_the_same_change_twice_and_no_change_at_all(stage: Stage) -> None:
    first = stage.message(STORY)
    await stage.send(first)
    changed = replace(change(stage, first, "楼上漏水 三次了"), at=stage.now + timedelta(seconds=9))
    await stage.send(changed)
    assert (await handle(stage.parts, changed)).duplicate
    same = replace(change(stage, first, "楼上漏水 三次了", 2), at=stage.now + timedelta(seconds=10))
    assert (await handle(stage.parts, same)).duplicate, "another field of it changed"
    older = replace(change(stage, first, "楼上漏水 两次了", 3), at=stage.now + timedelta(seconds=8))
    assert (await handle(stage.parts, older)).duplicate, "it came late"
    assert [view.text for view in await incoming(stage)] == [STORY, "楼上漏水 三次了"]


async def test_a_change_that_overtakes_its_message_is_the_message(stage: Stage) -> None:
    first = stage.message(STORY)
    assert "这件事我帮您登记" in await told(stage, change(stage, first, "楼上漏水 三次了"))
    assert (await handle(stage.parts, first)).duplicate
    (only,) = await incoming(stage)
    assert (only.kind, only.text, only.message_id) == ("text", "楼上漏水 三次了", first.message_id)


async def test_a_changed_caption_keeps_the_picture_and_a_new_picture_is_kept(stage: Stage) -> None:
    picture = IncomingAttachment("image", remote_id="p1")
    first = stage.message(STORY, kind="image", attachments=(picture,))
    await stage.send(first)
    caption = replace(change(stage, first, "楼上漏水 三次了"), attachments=(picture,))
    await told(stage, caption)
    other = replace(
        change(stage, first, "楼上漏水 三次了", 2), attachments=(IncomingAttachment("image", remote_id="p2"),)
    )
    await told(stage, other)
    number = await open_case(stage, story="1")
    async with stage.parts.database.work() as work:
        kept = await attachments.of_case(work, (await stage.case(number)).id)
    assert [file.remote_id for file in kept] == ["p1", "p2"]


async def test_a_change_said_to_an_officer_is_seen_by_the_officer(stage: Stage) -> None:
    await stage.say("人工")
    first = stage.message("我家在北门边上")
    await stage.send(first)
    assert await told(stage, change(stage, first, "我家在南门边上")) == ""
    assert [view.kind for view in await incoming(stage)][-1] == "edit"


async def test_nine_pictures_sent_as_one_are_answered_once(stage: Stage) -> None:
    replies = [
        await stage.say(
            "", kind="image", album="a1", attachments=(IncomingAttachment("image", remote_id=f"p{n}"),)
        )
        for n in range(9)
    ]
    assert "收到照片" in replies[0]
    assert replies[1:] == [""] * 8
    assert "收到照片" in await stage.say(
        "", kind="image", album="a2", attachments=(IncomingAttachment("image", remote_id="q"),)
    )
    await stage.say(STORY)
    number = await open_case(stage, story="1")
    async with stage.parts.database.work() as work:
        assert len(await attachments.of_case(work, (await stage.case(number)).id)) == 10


async def test_words_and_refusals_within_an_album_are_answered(stage: Stage) -> None:
    await stage.say("", kind="image", album="a", attachments=(IncomingAttachment("image", remote_id="p1"),))
    huge = IncomingAttachment("image", remote_id="p2", size=30 * 1024 * 1024)
    assert "10MB" in await stage.say("", kind="image", album="a", attachments=(huge,))
    third = (IncomingAttachment("image", remote_id="p3"),)
    assert "登记" in await stage.say(STORY, kind="image", album="a", attachments=third)


async def test_an_album_for_a_case_under_way_is_one_sentence(stage: Stage) -> None:
    number = await open_case(stage)
    await stage.say("补充")
    replies = [
        await stage.say(
            "", kind="image", album="a1", attachments=(IncomingAttachment("image", remote_id=f"p{n}"),)
        )
        for n in range(3)
    ]
    assert number in replies[0] and replies[1:] == ["", ""]
    async with stage.parts.database.work() as work:
        assert len(await attachments.of_case(work, (await stage.case(number)).id)) == 3


async def test_the_name_that_a_file_came_with_is_kept(stage: Stage) -> None:
    file = IncomingAttachment("file", remote_id="d1", name="劳动合同.pdf", size=9)
    stage.channel.files["d1"] = (b"%PDF-1.7 \n", "file_1.pdf")
    await stage.say("", kind="file", attachments=(file,))
    await stage.jobs()
    async with stage.parts.database.work() as work:
        found = await attachments.find(work, 1)
    assert found is not None and (found.state, found.name) == ("stored", "劳动合同.pdf")


async def test_the_code_of_a_community_is_its_place(stage: Stage) -> None:
    async with stage.parts.database.work() as work:
        street = await work.session.scalar(select(RegionRow).where(RegionRow.code == "fengqiao-chengguan"))
        assert street is not None
        work.session.add(RegionRow(code="fengqiao-chengguan-zy", name="朝阳社区", parent_id=street.id))
        await work.commit()
    assert "您好" in await stage.say("", kind="open", scene="fengqiao-chengguan-zy")
    await stage.say("物业费突然涨到2块8 谁同意的")
    assert "城关街道朝阳社区" in await stage.say("1")


async def test_a_code_that_nobody_knows_is_a_greeting(stage: Stage) -> None:
    assert "您好" in await stage.say("", kind="open", scene="nowhere")
    await stage.say("物业费突然涨到2块8 谁同意的")
    assert "几号楼" in await stage.say("1")
    assert "您好" in await stage.say("", kind="open", scene="fengqiao", user="second")


async def test_a_shared_contact_is_the_phone_and_is_read_by_staff(stage: Stage) -> None:
    await stage.say(STORY)
    for said in ("1", "跳过", "跳过", "跳过"):
        reply = await stage.say(said)
    assert "电话" in reply
    contact = Contact("8613812345678", "王芳", own=True)
    await stage.say("王芳 8613812345678", kind="contact", contact=contact)
    number = await open_case(stage, story="")
    assert number
    assert [view.text for view in await incoming(stage) if view.kind == "contact"] == ["王芳 8613812345678"]
