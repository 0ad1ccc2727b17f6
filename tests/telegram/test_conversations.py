"""Whole conversations to a case number, with buttons and with typed digits."""

from __future__ import annotations

import re

from tests.telegram.installed import Installed, count

NUMBER = re.compile(r"FQ\d{4}-\d{6}")


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
    await phone.say("楼上漏水漏到我家 天花板都湿了")
    for said in ("1", "金桂苑3号楼", "跳过", "跳过", "13812345678 王芳"):
        reply = await phone.say(said)
    assert "请核对" in reply
    assert NUMBER.search(await phone.say("1"))
    assert await count(bot, "cases") == 1
