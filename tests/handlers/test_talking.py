"""A message that only talks is decided on a glance: what changes meanwhile is seen all the same."""

from __future__ import annotations

from backend.conversations import turns
from backend.conversations.views import Sender
from dialogs.messages import Say
from handlers import saying
from handlers.hearing import kept
from handlers.messages import Undeliverable
from tests.backend.test_talk import SAID
from tests.fixtures.stage import Stage

WHO = Sender("stage", "resident")


async def test_what_could_not_be_pushed_meanwhile_is_told_with_this_reply(stage: Stage) -> None:
    await stage.say("您好")
    async with stage.parts.database.work() as work:
        seen = await turns.glance(work, WHO)
        assert seen is not None
        await saying.push(work, seen.conversation.conversation_id, (Say("form.no_hurry"),), kind="notice")
        await work.commit()
    stage.channel.outcomes.append(Undeliverable("window", at_next_contact=True))
    await stage.jobs()
    async with stage.parts.database.work() as work:
        talked = await turns.talk(
            work, WHO, seen, kept(stage.message("楼上漏水")), {}, SAID, privacy="", carried_at=None
        )
        await work.commit()
    assert talked is None
