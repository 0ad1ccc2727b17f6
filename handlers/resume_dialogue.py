"""An officer handed the chat back: the bot asks again what it had asked, where it was."""

from __future__ import annotations

from backend.conversations import entry
from dialogs import router
from handlers import saying
from handlers.hearing import around
from handlers.parts import Parts


async def resume_dialogue(parts: Parts, conversation_id: int) -> None:
    """Put the open question of a form before the resident again; silent when there is none."""
    async with parts.database.work() as work:
        conversation = await entry.lock_by_id(work, conversation_id)
        if conversation.mode != "bot":
            return
        rules = await parts.rules.current(work)
        context = around(parts, rules, conversation, work.now)
        says = router.resume(conversation.state, context)
        await saying.push(work, conversation_id, says, kind="notice", language=conversation.language)
        await work.commit()
