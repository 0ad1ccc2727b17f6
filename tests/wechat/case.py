"""A case of a resident of the official account, from the first message to what staff do with it."""

from __future__ import annotations

import re

from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, Given
from backend.domain.lifecycle import Action, Role
from tests.wechat.account import Account
from tests.wechat.phone import Phone

OFFICER = Actor(Role.OFFICER)


async def registered(account: Account, phone: Phone) -> str:
    """The number of a case that this resident has just registered."""
    reply = await phone.say("物业费突然涨到2块8 谁同意的") or ""
    for answer in ("1", "恒大名都8号楼", "跳过", "跳过", "跳过"):
        if "1 提交" in reply:
            break
        account.clock.advance(seconds=5)
        reply = await phone.say(answer) or ""
    account.clock.advance(seconds=5)
    found = re.search(r"FQ\d{4}-\d{6}", await phone.say("1") or "")
    assert found
    return found[0]


async def act(account: Account, number: str, action: Action, **given: str) -> CaseView:
    """Staff act, and the worker does what follows."""
    parts = account.parts
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        case = await queries.find(work, number, Actor(Role.ADMIN))
        case = await service.act(work, rules, case.id, action, OFFICER, Given(**given))
        await work.commit()
    await account.jobs()
    return case


async def handled(account: Account, number: str) -> None:
    """Accepted, assigned, resolved."""
    await act(account, number, Action.ACCEPT)
    await act(account, number, Action.ASSIGN, unit="zhujian")
    await act(account, number, Action.RESOLVE, text="已把物业费调回原来的标准")


async def found(account: Account, number: str) -> CaseView:
    async with account.parts.database.work() as work:
        return await queries.find(work, number, Actor(Role.ADMIN))
