"""Enter a conversation: find it, lock it, and let every message happen once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, cast, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from backend.conversations.outbox import outgoing_view
from backend.conversations.tables import ConversationRow, IncomingRow, OutgoingRow, ResidentRow
from backend.conversations.views import Opened, Sender
from backend.db.work import Work


async def lock(work: Work, sender: Sender) -> Opened:
    """The conversation of this resident, made if need be, locked until the work ends."""
    query = (
        select(ConversationRow.id)
        .join(ResidentRow, ResidentRow.id == ConversationRow.resident_id)
        .where(ResidentRow.channel == sender.channel, ResidentRow.channel_user_id == sender.user_id)
        .with_for_update(of=ConversationRow, key_share=True)
    )
    conversation_id = await work.session.scalar(query)
    if conversation_id is None:
        await create(work, sender)
        conversation_id = (await work.session.execute(query)).scalar_one()
    return await _read(work, conversation_id)


async def lock_by_id(work: Work, conversation_id: int) -> Opened:
    """The conversation with this id, locked; raises NoResultFound when there is none."""
    await work.session.execute(
        select(ConversationRow.id)
        .where(ConversationRow.id == conversation_id)
        .with_for_update(key_share=True)
    )
    return await _read(work, conversation_id)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to be kept."""

    message_id: str
    kind: str
    text: str
    payload: Mapping[str, Any]


async def receive(work: Work, conversation_id: int, incoming: Incoming) -> int | None:
    """Keep an incoming message; its id here, or None when this message id was received before.

    The conversation must be locked, so that a repetition waits for the first to be committed.
    """
    found: int | None = await work.session.scalar(
        insert(IncomingRow)
        .values(
            conversation_id=conversation_id,
            message_id=incoming.message_id,
            kind=incoming.kind,
            text=incoming.text,
            payload=dict(incoming.payload),
            at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(IncomingRow.id)
    )
    return found


async def received(work: Work, conversation_id: int, message_id: str) -> int | None:
    """The id of an incoming message that was kept before."""
    found: int | None = await work.session.scalar(
        select(IncomingRow.id).where(
            IncomingRow.conversation_id == conversation_id, IncomingRow.message_id == message_id
        )
    )
    return found


async def note_attachments(work: Work, incoming_id: int, attachment_ids: Sequence[int]) -> None:
    """Remember which attachments came with an incoming message."""
    noted = cast({"attachments": list(attachment_ids)}, JSONB)
    await work.session.execute(
        update(IncomingRow)
        .where(IncomingRow.id == incoming_id)
        .values(payload=IncomingRow.payload.concat(noted))
    )


async def note_label(work: Work, incoming_id: int, label: str) -> None:
    """Remember what the choice that an incoming message took was called."""
    await work.session.execute(
        update(IncomingRow)
        .where(IncomingRow.id == incoming_id)
        .values(payload=IncomingRow.payload.concat(cast({"label": label}, JSONB)))
    )


async def changed(work: Work, conversation_id: int) -> None:
    """Something beside its row is another from now on: whoever looked at it before looks again.

    What a look finds is more than the row: the question, what waits, whether there are cases (turns.glance).
    """
    same = "update conversations set prompt_id = prompt_id where id = %(id)s"
    await work.run(same, {"id": conversation_id})


async def save_state(work: Work, conversation_id: int, state: Mapping[str, Any], *, heard: bool) -> None:
    """Keep the dialogue's state; `heard` says that the resident has just written."""
    values: dict[str, Any] = {"state": dict(state)}
    if heard:
        values["last_message_at"] = work.now
    await work.session.execute(
        update(ConversationRow).where(ConversationRow.id == conversation_id).values(values)
    )


async def privacy_shown(work: Work, resident_id: int, version: str) -> None:
    """Remember that the resident was shown this version of the privacy notice (PIPL §17)."""
    work.last(
        "update residents set privacy_version = %(version)s, privacy_at = %(now)s where id = %(id)s",
        {"version": version, "now": work.now, "id": resident_id},
    )


async def address_of(work: Work, conversation_id: int) -> Sender:
    """Where the resident of a conversation can be written to."""
    row = (
        await work.session.execute(
            select(ResidentRow.channel, ResidentRow.channel_user_id)
            .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
            .where(ConversationRow.id == conversation_id)
        )
    ).one()
    return Sender(row.channel, row.channel_user_id)


async def _read(work: Work, conversation_id: int) -> Opened:
    # A statement of its own: one that waited for the lock would join the rows as they were before.
    return _opened((await work.session.execute(_joined().where(ConversationRow.id == conversation_id))).one())


def _joined() -> Select[ResidentRow, ConversationRow, OutgoingRow]:
    return (
        select(ResidentRow, ConversationRow, OutgoingRow)
        .join(ConversationRow, ConversationRow.resident_id == ResidentRow.id)
        .outerjoin(OutgoingRow, OutgoingRow.id == ConversationRow.prompt_id)
        .execution_options(populate_existing=True)
    )


async def create(work: Work, sender: Sender) -> None:
    """Make the conversation of a resident who is new here, unless somebody else just has."""
    await work.session.execute(
        insert(ResidentRow)
        .values(channel=sender.channel, channel_user_id=sender.user_id, created_at=work.now)
        .on_conflict_do_nothing()
    )
    resident = (
        select(ResidentRow.id)
        .where(ResidentRow.channel == sender.channel, ResidentRow.channel_user_id == sender.user_id)
        .scalar_subquery()
    )
    await work.session.execute(
        insert(ConversationRow).values(resident_id=resident, created_at=work.now).on_conflict_do_nothing()
    )


def _opened(row: Row[ResidentRow, ConversationRow, OutgoingRow]) -> Opened:
    resident, conversation = row[0], row[1]
    prompt: OutgoingRow | None = row[2]
    return Opened(
        conversation_id=conversation.id,
        resident_id=resident.id,
        channel=resident.channel,
        state=conversation.state,
        mode=conversation.mode,
        last_message_at=conversation.last_message_at,
        privacy_version=resident.privacy_version,
        language=resident.language,
        prompt=outgoing_view(prompt) if prompt is not None else None,
    )
