"""Who told something and went silent is reminded, and can answer as that channel lets them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs.texts import text
from handlers.unsubmitted import remind
from tests.channels.installation import CAN, Installation
from tests.channels.talk import Talk

STORY = "物业费突然涨到2块8 谁同意的"
KEPT = text("unsubmitted.kept")


async def reminded(installation: Installation, channel: str) -> Talk:
    """A resident who told a story, and has just been reminded of it."""
    said = Talk(installation, await installation.phone(channel))
    assert "【物业】" in await said.say(STORY)
    installation.clock.advance(minutes=30)
    await remind(installation.parts, installation.clock() - timedelta(hours=1))
    shown = await said.wait()
    assert shown.count(KEPT) == 1 and shown.count("【物业】") == 1
    return said


@pytest.mark.parametrize("channel", CAN)
async def test_the_choice_in_it_is_an_answer(installation: Installation, channel: str) -> None:
    said = await reminded(installation, channel)
    assert "几号楼" in await said.tap("对")
    installation.clock.advance(minutes=30)
    await remind(installation.parts, installation.clock() - timedelta(hours=1))
    assert await said.wait() == "", "once"


@pytest.mark.parametrize("channel", CAN)
async def test_so_is_the_choice_above_it(installation: Installation, channel: str) -> None:
    said = await reminded(installation, channel)
    above = said.phone.screen[-2]
    # Where there is nothing to tap, its number is the reminder's.
    act = said.phone.tapped(above.choices[0], above) if above.choices else said.phone.written("1")
    assert "几号楼" in await said.send(act)
