"""跳过 as a choice, on channels that say by its id which choice was tapped."""

from __future__ import annotations

import pytest

from tests.channels.installation import Installation
from tests.channels.phone import Choice
from tests.channels.talk import Talk


@pytest.mark.parametrize("channel", ["web", "webhook"])
async def test_skip_as_a_choice_leaves_its_own_question_alone(
    installation: Installation, channel: str
) -> None:
    said = Talk(installation, await installation.phone(channel))
    await said.say("楼上天天半夜拖椅子，邻居吵得没法睡")
    assert "哪里发生" in await said.tap("对")
    place, skip = said.phone.screen[-1], Choice("", "跳过", "skip")
    assert "从什么时候" in await said.send(said.phone.tapped(skip, place))
    assert "过期" in await said.send(said.phone.tapped(skip, place))
    assert "调解过吗" in await said.say("上个月")
    assert "留个电话" in await said.send(said.phone.tapped(skip, said.phone.screen[-1]))
