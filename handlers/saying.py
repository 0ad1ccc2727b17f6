"""Put what a dialogue says into the conversation: all sentences of a turn become one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.conversations import outbox, turns
from backend.db.work import Work
from dialogs import texts
from dialogs.messages import Say
from handlers.messages import Capabilities
from handlers.rendering import stored_choice


async def reply(
    work: Work,
    conversation_id: int,
    says: Sequence[Say],
    *,
    incoming_id: int,
    language: str,
    capabilities: Capabilities,
) -> None:
    """Answer an incoming message; its question, if it has one, is what a bare digit now applies to."""
    if not says:
        return
    answer = said(says, language, capabilities)
    outgoing_id = await outbox.post(
        work,
        conversation_id,
        kind="reply",
        parts=answer.parts,
        choices=answer.choices,
        purpose=answer.purpose,
        case_id=answer.case_id,
        round_=answer.round,
        reply_to=incoming_id,
        passive=capabilities.reply == "passive",
        language=language,
        rendered=answer.rendered,
    )
    if answer.purpose and outgoing_id is not None:
        await outbox.set_prompt(work, conversation_id, outgoing_id)


async def answer(
    work: Work,
    conversation_id: int,
    state: Mapping[str, Any],
    says: Sequence[Say],
    *,
    incoming_id: int,
    language: str,
    capabilities: Capabilities,
    carried_at: datetime | None = None,
) -> turns.Given | None:
    """End a turn: keep the dialogue's state and `reply`; see `turns.answer` for `carried_at`."""
    passive = capabilities.reply == "passive"
    return await turns.answer(
        work,
        conversation_id,
        state,
        said(says, language, capabilities) if says else None,
        reply_to=incoming_id,
        passive=passive,
        carried_at=carried_at if passive else None,
    )


async def push(
    work: Work,
    conversation_id: int,
    says: Sequence[Say],
    *,
    kind: str,
    language: str | None = None,
    case_id: int | None = None,
    round_: int | None = None,
    dedup_key: str | None = None,
    hold_until: datetime | None = None,
) -> None:
    """Write to a resident first; a question in it becomes the prompt when it is handed over.

    Without a `language` it is said in the resident's.
    """
    if not says:
        return
    question = _question(says)
    await outbox.post(
        work,
        conversation_id,
        kind=kind,
        parts=[(say.key, say.params) for say in says],
        choices=[stored_choice(choice) for choice in question.choices] if question else [],
        purpose=question.purpose if question else "",
        case_id=question.case_id if question and question.case_id else case_id,
        round_=question.round if question and question.round else round_,
        dedup_key=dedup_key,
        hold_until=hold_until,
        language=language,
    )


def said(says: Sequence[Say], language: str, capabilities: Capabilities) -> turns.Answer:
    """All sentences of a turn as one message; its question is the last one that asks."""
    question = _question(says)
    parts = [(say.key, say.params) for say in says]
    choices = question.choices if question else ()
    return turns.Answer(
        parts=parts,
        choices=[stored_choice(choice) for choice in choices],
        purpose=question.purpose if question else "",
        case_id=question.case_id if question else None,
        round=question.round if question else None,
        language=language,
        rendered=texts.render(parts, choices, not capabilities.buttons, capabilities.max_bytes, language),
    )


def _question(says: Sequence[Say]) -> Say | None:
    return next((say for say in reversed(says) if say.purpose), None)


async def release_due(work: Work) -> int:
    """Queue replies that no response claimed and pushes whose time has come; how many."""
    return await outbox.release_due(work)
