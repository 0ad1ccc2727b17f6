"""A resident whose phone speaks English, from the first word to the survey."""

from __future__ import annotations

import re

from sqlalchemy import select

from backend.conversations.tables import OutgoingRow, ResidentRow
from backend.domain.lifecycle import Action
from tests.telegram.installed import Installed
from tests.telegram.test_conversations import act, case_of

NUMBER = re.compile(r"FQ\d{4}-\d{6}")


async def language_of(bot: Installed) -> str:
    async with bot.parts.database.work() as work:
        return (await work.session.execute(select(ResidentRow.language))).scalar_one()


async def test_from_the_first_word_to_the_survey(bot: Installed) -> None:
    phone = bot.phone()
    phone.language = "en-GB"
    reply = await phone.say("/start")
    assert "Hello, I help people at the mediation centre." in reply
    assert 'Not English? Reply "中文".' in reply
    assert await language_of(bot) == "en"
    assert "Please choose what this is about:" in await phone.say("The lift in our building has been broken")
    assert phone.last.buttons[0]["text"] == "1 property management"
    await phone.tap("property management")
    (row, skip) = phone.last.markup["keyboard"]
    assert (row[0]["text"], skip[0]["text"]) == ("Send my position", "Skip")
    for said in ("Hengda Mingdu, building 8", "skip", "skip"):
        reply = await phone.say(said)
    assert "What happened: The lift in our building has been broken" in reply
    number = NUMBER.search(await phone.tap("Submit"))
    assert number is not None
    case = await case_of(bot, number[0])
    assert (case.category, case.place, case.needs_review) == ("property", "Hengda Mingdu, building 8", True)
    await act(bot, number[0], Action.ACCEPT)
    assert phone.texts[-1].startswith(f"Your case about property management ({number[0]}) is accepted.")
    await act(bot, number[0], Action.ASSIGN, unit="zhujian")
    assert re.search(r"You get an answer by \d+ [A-Z][a-z]+\.", phone.texts[-1])
    await act(bot, number[0], Action.RESOLVE, text="已修好")
    assert phone.texts[-1].endswith("has been dealt with: 已修好\n(The staff wrote this in Chinese.)")
    await bot.jobs(days=1)
    assert [b["text"] for b in phone.last.buttons][:2] == ["5 Very satisfied", "4 Satisfied"]
    assert "(round 2)" in await phone.tap("Not satisfied")
    await phone.say("It broke again the next day")
    assert "好的，接下来用中文。" in await phone.say("中文")
    assert await language_of(bot) == "zh_CN"
    assert f"{number[0]}（物业）已交给" in await phone.say("/progress")


async def test_the_language_command(bot: Installed) -> None:
    phone = bot.phone()
    await phone.say("/start")
    await phone.say("/language")
    assert [button["text"] for button in phone.last.buttons] == ["1 中文", "2 English", "3 Монгол"]
    assert "Good, we go on in English." in await phone.tap("English")
    async with bot.parts.database.work() as work:
        last = await work.session.scalar(
            select(OutgoingRow.language).order_by(OutgoingRow.id.desc()).limit(1)
        )
    assert last == "en"
