"""A community's QR code: who scans it need not say where they live."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.fixtures.settings import MakeSettings
from tests.wechat.account import Account, count, opened_account, slow
from tests.wechat.case import found
from tests.wechat.clock import SimulatedClock
from tests.wechat.emulator import Emulator
from tests.wechat.phone import Phone

REGION = "fengqiao-chengguan"
PLACE = "城关街道"
STORY = "楼上天天半夜吵闹，找他也不改"


async def complained(account: Account, phone: Phone) -> list[str]:
    """Everything that was said until the case was registered."""
    said = [await phone.say(STORY) or ""]
    for _ in range(8):
        if "1 提交" in said[-1]:
            break
        account.clock.advance(seconds=5)
        said.append(await phone.say("1" if "对吗" in said[-1] or "哪方面" in said[-1] else "跳过") or "")
    account.clock.advance(seconds=5)
    said.append(await phone.say("1") or "")
    return said


@pytest.mark.parametrize("arrival", ["follow", "scan"])
async def test_the_place_is_known(account: Account, arrival: str) -> None:
    phone = account.phone()
    assert await (phone.follow(REGION) if arrival == "follow" else phone.scan(REGION))
    said = await complained(account, phone)
    assert any(PLACE in words for words in said)
    number = said[-1][said[-1].index("FQ") :][:13]
    assert (await found(account, number)).place == PLACE


@pytest.mark.parametrize("scene", ["", "another-district", "x" * 200])
async def test_a_code_that_names_no_region_here(account: Account, scene: str) -> None:
    phone = account.phone()
    assert await phone.follow(scene)
    said = await complained(account, phone)
    assert not any(PLACE in words for words in said)
    assert "FQ" in said[-1]


async def test_a_scan_whose_answer_is_late(
    wechat_settings: MakeSettings, emulator: Emulator, clock: SimulatedClock
) -> None:
    gate = asyncio.Event()
    async with opened_account(
        wechat_settings(), emulator, clock, answer_within=timedelta(seconds=0.1), around=slow(gate)
    ) as account:
        phone = account.phone()
        assert await phone.scan(REGION) is None
        for task in list(account.callback._unfinished):
            task.cancel()
        gate.set()
        await account.jobs(seconds=11)
        assert await count(account, "incoming_messages where kind = 'open'") == 1
        assert await count(account, f"conversations where state::text like '%{PLACE}%'") == 1
