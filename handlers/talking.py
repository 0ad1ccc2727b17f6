"""A message that leads to words alone is decided on a glance and kept in one exchange, if that still stands.

Most messages are of this kind: the answer to a question, which is followed by the next. What does more, or
comes too late here, holds the conversation from the first statement to the commit (`handlers/incoming.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.conversations import turns
from backend.conversations.turns import Glance, Talked
from backend.db.work import Work
from backend.domain.rules import Rules
from dialogs import router
from dialogs.messages import PrivacyShown, Turn, Understanding
from handlers import hearing, saying
from handlers.messages import IncomingMessage
from handlers.parts import Parts


async def talk(
    parts: Parts, work: Work, message: IncomingMessage, awaited: Callable[[], bool] | None
) -> tuple[Understanding, Talked | None]:
    """Answer a message and commit; nothing is done, and the second is None, when that takes more than words.

    The first is what the message means to the conversation as it stands.
    """
    rules = await parts.rules.current(work)
    remembered = parts.recent.take(message.sender)
    seen = remembered or await turns.glance(work, message.sender)
    # Nothing stays open while the model is asked.
    await work.commit()
    understanding = await hearing.understand(parts, rules, message, seen, work.now)
    talked = await _talk(parts, work, rules, message, seen, understanding, awaited)
    if talked is None and remembered is not None:
        seen = await turns.glance(work, message.sender)
        if seen is None or seen.stands_at != remembered.stands_at:
            # To another question the same words may mean something else.
            understanding = await hearing.understand(parts, rules, message, seen, work.now)
            talked = await _talk(parts, work, rules, message, seen, understanding, awaited)
    return understanding, talked


async def _talk(
    parts: Parts,
    work: Work,
    rules: Rules,
    message: IncomingMessage,
    seen: Glance | None,
    understanding: Understanding,
    awaited: Callable[[], bool] | None,
) -> Talked | None:
    capabilities = parts.channels[message.sender.channel].capabilities
    if capabilities.reply != "passive" or understanding.crises or not _stands_alone(message, seen):
        return None
    conversation = turns.before(message.sender, seen)
    context = hearing.around(parts, rules, conversation, work.now)
    turn = router.turn(conversation.state, hearing.heard(message, work.now), understanding, context)
    says = (*turn.says, *turn.after)
    if not says or not all(isinstance(effect, PrivacyShown) for effect in turn.effects):
        return None
    talked = await turns.talk(
        work,
        message.sender,
        seen,
        hearing.kept(message),
        turn.state,
        saying.said(says, conversation.language, capabilities),
        privacy=_shown(turn),
        carried_at=parts.database.clock() if awaited is not None and awaited() else None,
    )
    if talked is not None and not talked.duplicate:
        parts.flood.allows(message.sender)
    await work.commit()
    if talked is None or talked.view is None:
        return talked
    if await turns.still_carried(work, talked.view, awaited) is None:
        return replace(talked, view=None)
    if talked.stands is not None:
        parts.recent.keep(message.sender, talked.stands)
    return talked


def _stands_alone(message: IncomingMessage, seen: Glance | None) -> bool:
    """Whether nothing else in the database has a part in it."""
    if message.attachments or message.scene or message.prompt_id is not None or message.kind == "edit":
        return False
    return seen is None or (seen.conversation.mode == "bot" and not seen.waits and not seen.has_cases)


def _shown(turn: Turn) -> str:
    return next((effect.version for effect in turn.effects if isinstance(effect, PrivacyShown)), "")
