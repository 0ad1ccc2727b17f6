"""Staff read in plain words how a message went out, and why not another way."""

from __future__ import annotations

import pytest

from backend.conversations import entry
from backend.conversations.views import Sender
from backend.domain.lifecycle import Action
from backend.workbench import wording
from backend.workbench.conversation import Line, lines
from bot.wechat import errors
from tests.wechat.account import Account
from tests.wechat.case import act, registered
from tests.wechat.phone import Phone
from tests.wechat.test_notices import BY_TEMPLATE, configured, out_of_window


async def last_line(account: Account, phone: Phone) -> Line:
    async with account.parts.database.work() as work:
        conversation = await entry.lock(work, Sender("wechat", phone.openid))
        return (await lines(work, conversation.conversation_id, numbers=False))[-1]


async def test_in_the_window(account: Account) -> None:
    phone = account.phone()
    number = await registered(account, phone)
    assert (await last_line(account, phone)).way == "随回复送达"
    await act(account, number, Action.ACCEPT)
    line = await last_line(account, phone)
    assert (line.way, line.why, line.trouble) == ("客服消息", "", "")


async def test_out_of_it(account: Account) -> None:
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    line = await last_line(account, phone)
    assert line.way == ""
    assert line.trouble == "居民下次发消息时才能看到；急事请打电话"
    assert line.why == "客服消息：超过可以主动联系的时间"


async def test_by_template(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    line = await last_line(account, phone)
    assert (line.way, line.why) == ("模板消息", "客服消息：超过可以主动联系的时间")


@pytest.mark.parametrize("code", sorted(errors._NAMES))
def test_every_errcode_has_words(code: int) -> None:
    why = wording.passed_over([f"template:{errors.reason(code)}"])
    assert why.startswith("模板消息：")
    assert "_" not in why
    assert "_" not in wording.reason(f"wechat_{errors.reason(code)}")


def test_what_is_true_of_all_messages_or_of_half_a_message_has_words() -> None:
    for code in errors.TOKEN_REFUSED:
        assert wording.reason(f"wechat_{errors.reason(code)}") == "公众号凭证失效"
    assert "_" not in wording.reason("wechat_rest_not_sent")


def test_a_field_that_did_not_fit() -> None:
    ways = ["custom:45047_too_many", "template:field_thing3"]
    assert wording.passed_over(ways) == "客服消息：主动消息太多；模板消息：内容放不进字段 thing3"
