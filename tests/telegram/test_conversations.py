"""Whole conversations to a case number, with buttons and with typed digits; what else a phone can send."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, Given
from backend.conversations import turns
from backend.conversations.views import Sender
from backend.domain.lifecycle import Action, Role
from backend.organisation.tables import RegionRow
from backend.workbench import conversation
from tests.telegram.installed import Installed, count
from tests.telegram.phone import Phone

NUMBER = re.compile(r"FQ\d{4}-\d{6}")
STORY = "楼上漏水漏到我家 天花板都湿了"


def picture(size: int = 64) -> bytes:
    """A photo that no other one equals."""
    content = io.BytesIO()
    Image.effect_noise((size, size), 60).convert("RGB").save(content, "JPEG")
    return content.getvalue()


async def submit(phone: Phone, story: str = STORY) -> str:
    """The shortest way to a number, by buttons where there are any."""
    reply = await phone.say(story)
    for _ in range(12):
        buttons = [button["text"] for button in phone.last.buttons]
        if found := NUMBER.search(reply):
            return found[0]
        reply = await (phone.tap(buttons[0]) if buttons else phone.say("跳过"))
    raise AssertionError(reply)


async def case_of(bot: Installed, number: str) -> CaseView:
    async with bot.parts.database.work() as work:
        return await queries.find(work, number, Actor(Role.ADMIN))


async def files_of(bot: Installed, number: str) -> list[Attachment]:
    case = await case_of(bot, number)
    async with bot.parts.database.work() as work:
        return await attachments.of_case(work, case.id)


async def act(bot: Installed, number: str, action: Action, **given: str) -> None:
    async with bot.parts.database.work() as work:
        rules = await bot.parts.rules.current(work)
        case = await queries.find(work, number, Actor(Role.ADMIN))
        await service.act(work, rules, case.id, action, Actor(Role.OFFICER), Given(**given))
        await work.commit()
    await bot.jobs()


async def test_a_case_by_buttons(bot: Installed) -> None:
    phone = bot.phone()
    reply = await phone.say("物业费突然涨到2块8 谁同意的")
    assert "【物业】" in reply
    assert [button["text"] for button in phone.last.buttons] == ["1 对", "2 不对"]
    assert "1 对" not in phone.last.text, "choices are buttons, not lines"
    assert "几号楼" in await phone.tap("对")
    await phone.say("恒大名都8号楼")
    await phone.say("跳过")
    assert "请核对" in await phone.say("跳过")
    assert [button["text"] for button in phone.last.buttons] == ["1 提交", "2 修改", "3 取消"]
    assert NUMBER.search(await phone.tap("提交"))
    assert await count(bot, "cases") == 1


async def test_a_case_by_digits(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say(STORY)
    for said in ("1", "金桂苑3号楼", "跳过", "跳过", "13812345678 王芳"):
        reply = await phone.say(said)
    assert "请核对" in reply
    assert NUMBER.search(await phone.say("1"))
    assert await count(bot, "cases") == 1


async def test_to_the_second_round(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone)
    await act(bot, number, Action.ACCEPT)
    await act(bot, number, Action.ASSIGN, unit="zhujian")
    await act(bot, number, Action.RESOLVE, text="已修好")
    assert "已办结：已修好" in phone.texts[-1]
    await bot.jobs(days=1)
    assert phone.last.buttons[0]["text"] == "5 非常满意"
    survey = phone.last
    assert "第2轮" in await phone.tap("不满意", survey)
    assert len(survey.buttons) == 5, "a rating can be changed as long as the page of it can"
    assert [b["text"] for b in survey.buttons if "✓" in b["text"]] == ["✓ 2 不满意"]
    assert "谢谢您" in await phone.say("说好修 没修")
    assert (await case_of(bot, number)).round == 2


async def test_every_tap_is_thanked_for_and_shown(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    asked = phone.last
    update = phone.tapped("对")
    await phone.do(update)
    assert bot.emulator.thanked == [update["callback_query"]["id"]]
    assert [button["text"] for button in asked.buttons] == ["✓ 1 对"]
    # The button that only shows the answer does nothing, and is thanked for too.
    assert await phone.do(phone.callback(asked, "-")) == ""
    assert len(bot.emulator.thanked) == 2


async def test_an_old_button_applies_only_to_its_question(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    asked, update = phone.last, phone.tapped("不对")
    await phone.tap("对")
    assert "过期" in await phone.do(update)
    assert len([b for b in asked.buttons if "✓" in b["text"]]) == 1
    for said in ("恒大名都", "跳过", "跳过"):
        await phone.say(said)
    assert "类别：物业" in phone.last.text


async def asked_for_mediation(phone: Phone) -> list[list[str]]:
    """Up to the question that has choices and may be left; its buttons, row by row."""
    await phone.say("楼上天天半夜拖椅子，邻居吵得没法睡")
    await phone.tap("对")
    await phone.say("金桂苑3号楼")
    assert "调解过吗" in await phone.say("两个月了")
    return [[button["text"] for button in row] for row in phone.last.markup["inline_keyboard"]]


async def test_a_question_with_choices_is_left_by_a_button_below_them(bot: Installed) -> None:
    phone = bot.phone()
    assert await asked_for_mediation(phone) == [["1 调解过", "2 没有"], ["跳过"]]
    asked = phone.last
    assert "方便留个电话吗" in await phone.tap("跳过")
    assert [button["text"] for button in asked.buttons] == ["✓ 跳过"]
    assert "请核对" in await phone.say("13812345678")
    assert "调解" not in phone.last.text
    async with bot.parts.database.work() as work:
        opened = await turns.peek(work, Sender("telegram", str(phone.user_id)))
        assert opened is not None
        lines = await conversation.lines(work, opened.conversation_id, numbers=True)
    assert "[选择] 跳过" in [line.text for line in lines if line.by == "resident"]


async def test_an_old_button_leaves_no_later_question(bot: Installed) -> None:
    phone = bot.phone()
    await asked_for_mediation(phone)
    update = phone.tapped("跳过")
    assert "方便留个电话吗" in await phone.tap("没有")
    assert "过期" in await phone.do(update)
    assert "以前调解：没有" in await phone.say("13812345678")
    assert "电话：13812345678" in phone.last.text


async def test_a_question_that_must_be_answered_has_no_such_button(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say("楼上天天半夜拖椅子，邻居吵得没法睡")
    assert [button["text"] for button in phone.last.buttons] == ["1 对", "2 不对"]


async def test_buttons_of_another_resident_and_of_nobody(bot: Installed) -> None:
    phone, stranger = bot.phone(), bot.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    await stranger.say("老板欠我工资8000不给")
    forged = stranger.callback(stranger.last, phone.last.buttons[1]["callback_data"])
    await stranger.do(forged)
    assert "几号楼" in await phone.tap("对")
    for data in ("", "x", "1", ":", "99999999999999999999:yes", "1:" + "x" * 70, "-1:yes", "１:yes"):
        await stranger.do(stranger.callback(stranger.last, data))
    assert len(bot.emulator.thanked) == 10


async def test_the_phone_question_offers_the_own_number(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say(STORY)
    await phone.tap("对")
    (row, skip) = phone.last.markup["keyboard"]
    assert (row[0]["text"], row[0]["request_location"]) == ("发送我的位置", True)
    assert skip[0]["text"] == "跳过"
    place = {"latitude": 30.0, "longitude": 120.5}
    venue = {"location": place, "title": "金桂苑", "address": "枫桥路1号"}
    await phone.do(phone.message(location=place, venue=venue))
    assert phone.last.markup["keyboard"] == [[{"text": "跳过"}]]
    await phone.say("跳过")
    await phone.tap("没有")
    assert phone.last.markup["keyboard"][0][0]["request_contact"] is True
    contact = {"phone_number": "8613812345678", "first_name": "芳", "last_name": "王"}
    reply = await phone.do(phone.message(contact=contact | {"user_id": phone.user_id}))
    for line in ("地点：金桂苑 枫桥路1号", "姓名：王芳", "电话：13812345678"):
        assert line in reply
    assert NUMBER.search(await phone.tap("提交"))
    assert phone.last.markup == {"remove_keyboard": True}


async def test_photos_documents_voice_and_what_cannot_be_kept(bot: Installed) -> None:
    phone, photo = bot.phone(), picture()
    assert "收到照片" in await phone.do(phone.photo(photo))
    pdf = b"%PDF-1.7\n" + b"x" * 200
    assert "收到文件" in await phone.do(phone.document(pdf, "劳动合同.pdf", "application/pdf"))
    assert "收到照片" in await phone.do(phone.document(picture(), "现场.jpg", "image/jpeg"))
    voice = {"file_id": bot.emulator.give_file(b"OggS" + b"\0" * 100), "file_unique_id": "v", "duration": 3}
    assert "听不了语音" in await phone.do(phone.message(voice=voice | {"file_size": 104}))
    film = b"\0\0\0\x18ftypmp42" + b"\0" * 12 + b"\0\0\0\x20hdlr" + b"\0" * 8 + b"vide" + b"\0" * 100
    video = {"file_id": bot.emulator.give_file(film), "file_unique_id": "w"}
    size = {"width": 640, "height": 360, "duration": 3, "file_size": len(film)}
    assert "收到文件" in await phone.do(phone.message(video=video | size))
    huge = {"file_id": "huge", "file_unique_id": "h", "file_name": "x.zip", "file_size": 50_000_000}
    assert "20MB" in await phone.do(phone.message(document=huge))
    program = await phone.do(phone.document(b"#!/bin/sh\n" * 20, "run.sh", "text/plain"))
    assert "打不开" in program
    number = await submit(phone)
    kept = {file.name: (file.state, file.mime) for file in await files_of(bot, number)}
    assert kept["劳动合同.pdf"] == ("stored", "application/pdf")
    assert kept["现场.jpg"] == ("stored", "image/jpeg")
    assert kept["run.sh"] == ("failed", None)
    assert ("stored", "video/mp4") in kept.values() and ("stored", "audio/ogg") in kept.values()


async def test_the_largest_size_of_a_photo_is_kept(bot: Installed) -> None:
    phone, photo = bot.phone(), picture(size=200)
    await phone.do(phone.photo(photo, caption=STORY))
    number = await submit(phone, "1")
    (kept,) = await files_of(bot, number)
    assert kept.sha256 is not None
    assert Image.open(io.BytesIO(await bot.parts.files.get(kept.sha256))).size == (200, 200)
    assert "天花板" in (await case_of(bot, number)).summary


async def test_an_album_is_one_answer_and_all_its_pictures(bot: Installed) -> None:
    phone = bot.phone()
    first = phone.photo(picture(), media_group_id="77", caption=STORY)
    rest = [phone.photo(picture(), media_group_id="77") for _ in range(4)]
    for update in (first, *rest):
        assert await bot.deliver(update) == 200
    await bot.jobs()
    assert len(phone.shown) == 1 and "对吗" in phone.texts[0]
    assert len(await files_of(bot, await submit(phone, "1"))) == 5


async def test_an_album_out_of_order(bot: Installed) -> None:
    phone = bot.phone()
    with_words = phone.photo(picture(), media_group_id="77", caption=STORY)
    other = phone.photo(picture(), media_group_id="77")
    for update in (other, with_words):
        assert await bot.deliver(update) == 200
    await bot.jobs()
    assert "对吗" in phone.texts[-1]
    assert len(await files_of(bot, await submit(phone, "1"))) == 2


async def test_a_message_that_is_edited(bot: Installed) -> None:
    phone = bot.phone()
    story = phone.message(text="楼上漏水漏到我家客厅 没人管")
    await phone.do(story)
    changed = phone.edited(story, text="楼上漏水漏到我家卧室 没人管")
    assert "按您改的" in await phone.do(changed)
    assert await phone.do(changed) == "", "the same update again"
    assert await phone.do(phone.edited(story, text="楼上漏水漏到我家卧室 没人管")) == "", (
        "a link preview came"
    )
    number = await submit(phone, "1")
    assert "卧室" in (await case_of(bot, number)).summary
    assert number in await phone.do(phone.edited(story, text="楼上漏水漏到我家书房 没人管", later=60))


async def test_an_edit_that_overtakes_its_message(bot: Installed) -> None:
    phone = bot.phone()
    story = phone.message(text="楼上漏水漏到我家客厅 没人管")
    await phone.do(phone.edited(story, text="楼上漏水漏到我家卧室 没人管"))
    assert await phone.do(story) == ""
    assert "卧室" in (await case_of(bot, await submit(phone, "1"))).summary


async def test_messages_out_of_order_are_all_there(bot: Installed) -> None:
    phone = bot.phone()
    first, second = phone.message(text="楼上漏水漏到我家客厅"), phone.message(text="已经三个月没人管了")
    for update in (second, first, second, first):
        assert await bot.deliver(update) == 200
    await bot.jobs(seconds=5)
    summary = (await case_of(bot, await submit(phone, "物业也来看过不修"))).summary
    assert all(words in summary for words in ("漏到我家客厅", "三个月没人管", "物业也来看过"))
    assert summary.count("三个月") == 1


async def test_a_position_that_moves_is_no_new_message(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say(STORY)
    await phone.tap("对")
    live = phone.message(location={"latitude": 30.0, "longitude": 120.5, "live_period": 900})
    assert "几号楼" in await phone.do(live)
    moved = phone.edited(live, location={"latitude": 30.1, "longitude": 120.5, "live_period": 900})
    assert await phone.do(moved) == ""


async def test_start_with_the_code_of_a_community(bot: Installed) -> None:
    async with bot.parts.database.work() as work:
        work.session.add(RegionRow(code="chaoyang-2", name="朝阳社区", parent_id=2))
        await work.commit()
    phone = bot.phone()
    reply = await phone.say("/start chaoyang-2")
    assert "您好" in reply and "遇到了什么事" in reply
    number = await submit(phone)
    assert (await case_of(bot, number)).place == "城关街道朝阳社区"
    for payload in ("/start", "/start nowhere", "/start bad payload!", "/start " + "x" * 65):
        assert "您好" in await bot.phone().say(payload)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/help", "上一步"),
        ("/menu", "您想办什么"),
        ("/cancel", "不登记了"),
        ("/human", "工作人员"),
        ("/progress", "还没有提交"),
        ("/progress@fengqiao_bot", "还没有提交"),
        ("/PROGRESS", "还没有提交"),
        ("/unheard_of now", "上一步"),
        ("/楼下也漏", "从什么时候"),
    ],
)
async def test_commands_are_the_dialogues_own_words(bot: Installed, command: str, words: str) -> None:
    phone = bot.phone()
    await phone.say("物业费突然涨到2块8 谁同意的")
    await phone.tap("对")
    assert words in await phone.say(command)


async def test_stickers_polls_and_notes_of_telegram(bot: Installed) -> None:
    phone = bot.phone()
    sticker = {
        "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 512, "height": 512,
        "is_animated": False, "is_video": False, "emoji": "😀",
    }  # fmt: skip
    assert "我在听" in await phone.do(phone.message(sticker=sticker))
    assert "您慢慢来" in await phone.do(phone.message(dice={"emoji": "🎲", "value": 3}))
    assert (
        await phone.do(phone.message(message_auto_delete_timer_changed={"message_auto_delete_time": 9})) == ""
    )
    assert await phone.do(phone.message(a_field_of_tomorrow={"x": 1})) == ""


async def test_groups_are_told_once_and_left(bot: Installed) -> None:
    phone = bot.phone()
    group = {"id": -1001234, "type": "supergroup", "title": "业主群"}
    bot.emulator.chat(-1001234, kind="supergroup")
    joined = phone.membership("left", "member")
    joined["my_chat_member"]["chat"] = group
    assert await bot.deliver(joined) == 200
    said = phone.message(text="物业费突然涨到2块8 谁同意的")
    said["message"]["chat"] = group
    assert await bot.deliver(said) == 200
    await bot.jobs()
    assert [shown.text for shown in bot.emulator.chats[-1001234].shown] == [
        "为了保护您的隐私，我不在群里办事。请点我的头像，单独跟我说。"
    ]
    assert bot.emulator.left == [-1001234]
    assert await count(bot, "incoming_messages") == 0


async def test_markup_in_a_residents_words_is_shown_as_it_is(bot: Installed) -> None:
    phone = bot.phone()
    number = await submit(phone, "楼上<b>漏水</b> *天天* _漏_ [看](http://example.test) 天花板都湿了")
    assert "<b>漏水</b> *天天* _漏_ [看](http://example.test)" in (await case_of(bot, number)).summary
    assert all(shown.silent == {"is_disabled": True} for shown in phone.shown), "no link previews"
