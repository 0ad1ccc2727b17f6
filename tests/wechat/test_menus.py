"""Choices that can be tapped: where the account may, for the question that they were shown with."""

from __future__ import annotations

import pytest

from backend.domain.lifecycle import Action, Status
from bot.wechat.menus import Menu, menu_of, tapped
from dialogs.messages import Choice
from handlers.messages import Rendered
from tests.wechat.account import Account, count
from tests.wechat.case import act, found, handled, registered
from tests.wechat.emulator_messages import Sent
from tests.wechat.phone import Phone

BAD, GOOD = "2 不满意", "5 非常满意"


def question(labels: list[str], head: str = "您满意吗？") -> Rendered:
    numbers = tuple(str(n) for n in range(1, len(labels) + 1))
    lines = "\n".join(f"{n} {label}" for n, label in zip(numbers, labels, strict=True))
    choices = tuple(Choice(n, literal=label) for n, label in zip(numbers, labels, strict=True))
    return Rendered(41, f"{head}\n{lines}", choices=choices, labels=tuple(labels), numbers=numbers)


def test_a_question_as_a_menu() -> None:
    assert menu_of(question(["满意", "不满意"])) == Menu(
        "您满意吗？", (("4101", "1 满意"), ("4102", "2 不满意"))
    )


@pytest.mark.parametrize(
    "message",
    [
        Rendered(1, "已受理"),
        question(["选项"] * 11),
        question(["满"] * 2, head="字" * 342),
        question(["字" * 43]),
        question(["两\n行"]),
        question(["满意"], head=""),
        Rendered(1, "您满意吗？…", labels=("满意",), numbers=("1",)),
    ],
)
def test_what_cannot_be_a_menu(message: Rendered) -> None:
    assert menu_of(message) is None


@pytest.mark.parametrize(
    "foreign", ["", "0", "41", "100", "4100", "4111", "041", "-4101", "x", "9" * 19, "４１０１"]
)
def test_ids_of_others(foreign: str) -> None:
    assert tapped(foreign) is None


@pytest.mark.parametrize(("number", "place"), [(1, 1), (41, 10), (10**12, 3)])
def test_an_id_says_which_question_and_which_choice(number: int, place: int) -> None:
    assert tapped(str(number * 100 + place)) == (number, place)


def menus(account: Account, phone: Phone) -> list[Sent]:
    return [sent for sent in account.emulator.sent if sent.openid == phone.openid and sent.items]


async def surveyed(account: Account) -> tuple[Phone, str]:
    [resident] = await several_surveyed(account, 1)
    return resident


async def several_surveyed(account: Account, residents: int) -> list[tuple[Phone, str]]:
    """Residents with their cases, each asked how satisfied they are."""
    asked = []
    for _ in range(residents):
        phone = account.phone()
        number = await registered(account, phone)
        await handled(account, number)
        await phone.say("谢谢")
        asked.append((phone, number))
    await account.jobs(hours=24)
    return asked


async def test_a_survey_is_tapped(account: Account) -> None:
    phone, number = await surveyed(account)
    [survey] = menus(account, phone)
    assert next(words for _, words in survey.items) == GOOD
    assert GOOD not in survey.content
    assert "第2轮" in (await phone.tap(BAD) or "")
    case = await found(account, number)
    assert (case.status, case.round) == (Status.ASSIGNED, 2)
    assert await count(account, "outgoing_messages where way = 'menu' and kind = 'survey'") == 1


async def test_the_number_can_be_typed_as_well(account: Account) -> None:
    phone, number = await surveyed(account)
    await phone.say("5")
    assert (await found(account, number)).status is Status.CLOSED


async def test_a_tap_counts_for_its_own_question(account: Account) -> None:
    phone, number = await surveyed(account)
    await phone.tap(BAD)
    await act(account, number, Action.RESOLVE, text="已退还多收的物业费")
    await account.jobs(hours=24)
    first, second = menus(account, phone)
    assert not {n for n, _ in first.items} & {n for n, _ in second.items}, "ids are never used twice"
    stale = f"<Content>{GOOD}</Content><bizmsgmenuid>{first.items[0][0]}</bizmsgmenuid>"
    await phone.deliver(phone.message("text", stale))
    assert (await found(account, number)).status is Status.RESOLVED, "the first round was rated already"
    await phone.tap(GOOD)
    assert (await found(account, number)).status is Status.CLOSED


async def test_a_tap_of_somebody_elses_question_shows_nothing(account: Account) -> None:
    phone, number = await surveyed(account)
    [survey] = menus(account, phone)
    stranger = account.phone()
    fields = f"<Content>{GOOD}</Content><bizmsgmenuid>{survey.items[0][0]}</bizmsgmenuid>"
    assert number not in (await stranger.deliver(stranger.message("text", fields)) or "")
    assert (await found(account, number)).status is Status.RESOLVED


async def test_an_account_that_may_not_is_remembered(account: Account) -> None:
    account.emulator.messages.verified = False
    for phone, number in await several_surveyed(account, 2):
        assert menus(account, phone) == []
        assert GOOD in account.emulator.texts(phone.openid)[-1]
        await phone.say("5")
        assert (await found(account, number)).status is Status.CLOSED
    tried = [body for body in account.emulator.raw_bodies if b"msgmenu" in body]
    assert len(tried) == 1, "tried once a day"
    told = "delivery_attempts where passed_over = '[\"menu:40200_no_menu_rights\"]' and way = 'custom'"
    assert await count(account, told) == 2
    account.emulator.messages.verified = True
    account.clock.advance(days=1)
    phone, _ = await surveyed(account)
    assert menus(account, phone)
