"""An officer handed the chat back: the bot asks again what it had asked, where it was."""

from __future__ import annotations

from backend.conversations import entry
from dialogs import router
from dialogs.messages import Context
from handlers import saying
from handlers.parts import Parts
from handlers.rendering import prompt_of


async def resume_dialogue(parts: Parts, conversation_id: int) -> None:
    """Put the open question of a form before the resident again; silent when there is none."""
    async with parts.database.work() as work:
        conversation = await entry.lock_by_id(work, conversation_id)
        if conversation.mode != "bot":
            return
        rules = await parts.rules.current(work)
        context = Context(
            now=work.now,
            categories=rules.categories,
            prompt=prompt_of(conversation.prompt) if conversation.prompt else None,
            last_message_at=conversation.last_message_at,
            privacy_version=conversation.privacy_version,
        )
        says = router.resume(conversation.state, context)
        await saying.push(work, conversation_id, says, kind="notice", language=conversation.language)
        await work.commit()
