"""Notices: out of the window a message goes in a fixed form, and if that fails, another way."""

from __future__ import annotations

import httpx
import pytest
from psycopg import AsyncConnection

from backend.db.database import DatabaseUnavailable
from backend.domain.lifecycle import Action
from backend.organisation import channel_documents
from bot.wechat.notice_forms import DOCUMENT, NoticeError, read
from handlers.deliver import deliver
from tests.wechat.account import Account, count
from tests.wechat.case import act, registered
from tests.wechat.emulator_messages import Sent
from tests.wechat.phone import Phone

TEMPLATE, NOTICE = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5W"
SEND_TEMPLATE, SEND_NOTICE = "cgi-bin/message/template/send", "cgi-bin/message/subscribe/bizsend"
FIELDS = {"thing1": "{matter}", "character_string2": "{number}", "phrase3": "已受理", "time4": "{at}"}
BY_TEMPLATE = {
    "says": ["notice.accept"],
    "by": "template",
    "template_id": TEMPLATE,
    "opens": "progress",
    "fields": FIELDS,
}
BY_CONSENT = BY_TEMPLATE | {"by": "notice", "template_id": NOTICE}


async def configured(account: Account, *forms: dict[str, object]) -> None:
    document = {"notices": list(forms)}
    read(document)
    async with account.parts.database.work() as work:
        await channel_documents.add(work, DOCUMENT, document)
        await work.commit()
    for template in (TEMPLATE, NOTICE):
        account.emulator.messages.templates[template] = tuple(FIELDS)


async def out_of_window(account: Account) -> tuple[Phone, str]:
    """A resident with a case who has not written for two days."""
    phone = account.phone()
    number = await registered(account, phone)
    account.clock.advance(hours=49)
    return phone, number


def pushed(account: Account, phone: Phone) -> list[Sent]:
    return [sent for sent in account.emulator.sent if sent.openid == phone.openid]


async def attempts(account: Account) -> list[tuple[str | None, str | None, list[str]]]:
    """Way, outcome and what was passed over, of each attempt."""
    async with await AsyncConnection.connect(account.parts.database.conninfo) as connection:
        rows = await connection.execute("select way, outcome, passed_over from delivery_attempts order by id")
        return [(row[0], row[1], row[2]) for row in await rows.fetchall()]


async def tried_again(account: Account) -> None:
    """The queue rests for some real seconds before it tries again; this does not."""
    async with await AsyncConnection.connect(account.parts.database.conninfo) as connection:
        rows = await connection.execute("select id from outgoing_messages where state = 'queued'")
        for (outgoing_id,) in await rows.fetchall():
            await deliver(account.parts, outgoing_id)


async def test_out_of_the_window_a_template_with_a_link(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    [template] = pushed(account, phone)
    assert template.data == {
        "thing1": "您反映的物业问题",
        "character_string2": number,
        "phrase3": "已受理",
        "time4": "2026-03-04 18:00",
    }
    assert template.url.startswith("https://chat.example.cn/c/")
    assert await attempts(account) == [("template", "sent", ["custom:window_closed"])]
    await phone.report(template.msgid)
    assert await attempts(account) == [("template", "arrived", ["custom:window_closed"])]


async def test_within_the_window_nothing_but_words(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone = account.phone()
    await act(account, await registered(account, phone), Action.ACCEPT)
    assert [sent.kind for sent in pushed(account, phone)] == ["text"]
    assert await attempts(account) == [("custom", "sent", [])]


async def test_without_forms_it_waits_for_the_next_contact(account: Account) -> None:
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    assert pushed(account, phone) == []
    assert await attempts(account) == [(None, "wechat_window_closed", ["custom:window_closed"])]
    assert "已受理" in (await phone.say("在吗") or "")


@pytest.mark.parametrize("status", ["failed:user block", "failed: system failed"])
async def test_a_template_that_did_not_arrive_goes_the_next_way(account: Account, status: str) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    [template] = pushed(account, phone)
    for _ in range(3):
        await phone.report(template.msgid, status)
        await account.jobs()
    assert pushed(account, phone) == [template], "the same way is not taken again"
    assert await count(account, "outgoing_messages where state = 'held' and reason = 'next_contact'") == 1
    lost = status.removeprefix("failed").strip(": ").replace(" ", "_")
    assert [(way, outcome) for way, outcome, _ in await attempts(account)] == [
        ("template", f"lost_{lost}"),
        (None, "wechat_window_closed"),
    ]
    assert "已受理" in (await phone.say("在吗") or "")


async def test_after_a_block_no_template_is_tried_before_the_next_contact(account: Account) -> None:
    await configured(
        account,
        BY_TEMPLATE
        | {"says": ["notice.accept", "notice.reclassify"], "fields": {"character_string2": "{number}"}},
    )
    account.emulator.messages.templates[TEMPLATE] = ("character_string2",)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    await phone.report(pushed(account, phone)[0].msgid, "failed:user block")
    await act(account, number, Action.RECLASSIFY, category="neighbour")
    assert len(pushed(account, phone)) == 1
    await phone.say("在吗")
    account.clock.advance(hours=49)
    await act(account, number, Action.RECLASSIFY, category="property")
    assert pushed(account, phone)[-1].kind == "template"


async def test_a_report_that_is_faster_than_the_answer(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    # WeChat reports, and only then does the answer to the call come.
    real = account.emulator.messages.template_send
    msgids = []

    def reported_first(message: dict[str, object]) -> dict[str, object]:
        answer = real(message)
        msgids.append(str(answer["msgid"]))
        return answer

    account.emulator.messages.template_send = reported_first  # type: ignore[method-assign, assignment]
    channel = account.parts.channels["wechat"]
    send = channel.send

    async def slow(*message: object) -> object:
        outcome = await send(*message)  # type: ignore[arg-type]
        await phone.report(msgids[0], "failed: system failed")
        return outcome

    channel.send = slow  # type: ignore[method-assign, assignment]
    await act(account, number, Action.ACCEPT)
    assert await count(account, "outgoing_messages where state = 'held' and reason = 'next_contact'") == 1
    assert len(pushed(account, phone)) == 1


async def test_reports_of_other_programs_and_other_residents(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    [template] = pushed(account, phone)
    await account.phone().report(template.msgid, "failed:user block")
    await phone.report("12345", "failed:user block")
    await account.jobs()
    assert await count(account, "outgoing_messages where state = 'sent' and way = 'template'") == 1


async def test_one_notice_for_each_consent(account: Account) -> None:
    await configured(
        account,
        BY_CONSENT
        | {"says": ["notice.accept", "notice.reclassify"], "fields": {"character_string2": "{number}"}},
    )
    account.emulator.messages.templates[NOTICE] = ("character_string2",)
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    assert await attempts(account) == [
        (None, "wechat_window_closed", ["custom:window_closed", "notice:no_consent"])
    ]
    await phone.consent(NOTICE)
    for category in ("neighbour", "property"):
        await act(account, number, Action.RECLASSIFY, category=category)
    assert [sent.kind for sent in pushed(account, phone)] == ["notice"]
    assert account.emulator.calls.count(SEND_NOTICE) == 1, "what is used up is not tried"


async def test_consents_are_counted_once_and_ended_by_a_refusal(account: Account) -> None:
    await configured(account, BY_CONSENT)
    phone, number = await out_of_window(account)
    accepted = phone.event("subscribe_msg_popup_event").replace(
        "</xml>",
        f"<SubscribeMsgPopupEvent><List><TemplateId>{NOTICE}</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent></xml>",
    )
    for _ in range(3):
        assert (await phone.deliver_once(accepted)).content == b"success"
    assert await count(account, 'notice_consents where "left" = 1') == 1
    account.clock.advance(seconds=5)
    await phone.consent(NOTICE, "reject")
    await act(account, number, Action.ACCEPT)
    assert pushed(account, phone) == []


async def test_a_consent_that_wechat_does_not_know(account: Account) -> None:
    await configured(account, BY_CONSENT, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    await phone.consent(NOTICE)
    account.emulator.messages.consents.clear()
    await act(account, number, Action.ACCEPT)
    assert [sent.kind for sent in pushed(account, phone)] == ["template"]
    over = ["custom:window_closed", "notice:43101_refused_by_user"]
    assert await attempts(account) == [("template", "sent", over)]
    assert await count(account, 'notice_consents where "left" = 0') == 1


async def test_a_consent_is_not_used_up_by_a_call_that_failed(account: Account) -> None:
    await configured(account, BY_CONSENT)
    phone, number = await out_of_window(account)
    await phone.consent(NOTICE)
    account.emulator.fail(SEND_NOTICE, -1)
    await act(account, number, Action.ACCEPT)
    assert pushed(account, phone) == []
    await tried_again(account)
    assert [sent.kind for sent in pushed(account, phone)] == ["notice"]


@pytest.mark.parametrize("code", [40037, 47003, 48001, 45009])
async def test_a_form_that_cannot_be_used_gives_way_to_the_next(account: Account, code: int) -> None:
    await configured(account, BY_TEMPLATE, BY_CONSENT)
    phone, number = await out_of_window(account)
    await phone.consent(NOTICE)
    account.emulator.fail(SEND_TEMPLATE, code)
    await act(account, number, Action.ACCEPT)
    assert [sent.kind for sent in pushed(account, phone)] == ["notice"]
    assert await count(account, "alerts where kind = 'channel'") == 1


async def test_a_lost_answer_does_not_send_a_template_twice(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone, number = await out_of_window(account)
    client = account.parts.channels["wechat"]._client  # type: ignore[attr-defined]
    request, lost = client._http.request, []

    async def losing(method: str, path: str, **arguments: object) -> httpx.Response:
        response: httpx.Response = await request(method, path, **arguments)
        if path == SEND_TEMPLATE and not lost:
            lost.append(path)
            raise httpx.ReadTimeout("lost")
        return response

    client._http.request = losing
    await act(account, number, Action.ACCEPT)
    await tried_again(account)
    assert account.emulator.calls.count(SEND_TEMPLATE) == 2
    assert len(pushed(account, phone)) == 1
    assert await count(account, "outgoing_messages where state = 'sent' and way = 'template'") == 1


async def test_what_does_not_fit_is_not_sent(account: Account) -> None:
    await configured(account, BY_TEMPLATE | {"fields": {"number5": "{number}"}}, BY_TEMPLATE)
    _, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    over = ["custom:window_closed", "template:field_number5"]
    assert await attempts(account) == [("template", "sent", over)]
    assert account.emulator.calls.count(SEND_TEMPLATE) == 1


async def test_who_unfollowed_is_called_by_phone_now(account: Account) -> None:
    await configured(account, BY_TEMPLATE)
    phone = account.phone()
    number = await registered(account, phone)
    account.clock.advance(hours=1)
    await phone.unfollow()
    await act(account, number, Action.ACCEPT)
    assert SEND_TEMPLATE not in account.emulator.calls
    assert await count(account, "alerts where kind = 'phone'") == 1
    over = ["custom:not_following", "template:not_following"]
    assert await attempts(account) == [(None, "wechat_not_following", over)]
    account.clock.advance(minutes=1)
    await phone.follow()
    await act(account, number, Action.ASSIGN, unit="zhujian")
    assert len(pushed(account, phone)) == 1


async def test_what_waited_for_the_next_contact_does_not_wait_for_who_left(account: Account) -> None:
    phone, number = await out_of_window(account)
    await act(account, number, Action.ACCEPT)
    assert await count(account, "alerts where kind = 'phone'") == 0
    await phone.unfollow()
    await account.jobs()
    assert await count(account, "alerts where kind = 'phone'") == 1


async def test_a_consent_reaches_even_who_left(account: Account) -> None:
    await configured(account, BY_CONSENT)
    phone, number = await out_of_window(account)
    await phone.consent(NOTICE)
    await phone.unfollow()
    await act(account, number, Action.ACCEPT)
    assert [sent.kind for sent in pushed(account, phone)] == ["notice"]


async def test_an_event_that_cannot_be_kept_is_delivered_again(account: Account) -> None:
    phone = account.phone()
    await phone.say("您好")
    xml = phone.event("unsubscribe")
    database = account.parts.database
    work, database.work = database.work, _away  # type: ignore[method-assign, assignment]
    assert (await phone.deliver_once(xml)).status_code == 503
    database.work = work  # type: ignore[method-assign]
    assert (await phone.deliver_once(xml)).content == b"success"
    assert await count(account, "push_standings where left_at is not null") == 1


def _away() -> object:
    raise DatabaseUnavailable


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"says": ["notice.nothing"]}, "there is no message notice.nothing"),
        ({"says": []}, "says"),
        ({"by": "letter"}, "by"),
        ({"template_id": "short"}, "template_id"),
        ({"opens": "door"}, "opens"),
        ({"fields": {}}, "fields"),
        ({"fields": {"thing": "{matter"}}, "a brace is not closed"),
        ({"fields": {"colour1": "x"}}, "no such kind"),
        ({"fields": {"thing1": "{unit}"}}, "not every message of these has {unit}"),
        ({"fields": {"phrase1": "办理中的事项"}}, "do not fit"),
        ({"fields": {"number1": "已受理"}}, "do not fit"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_document_that_cannot_work(change: dict[str, object], trouble: str) -> None:
    with pytest.raises(NoticeError) as error:
        read({"notices": [BY_TEMPLATE | change]})
    assert trouble in str(error.value)
