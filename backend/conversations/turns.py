"""One turn of a conversation in two exchanges with the database: begun, and answered with the commit.

What an exchange does is a function of the database (migration 0009): lock, keep, read; write what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from backend.conversations import entry
from backend.conversations.entry import Incoming
from backend.conversations.outbox import PASSIVE_FOR, enqueue, topic
from backend.conversations.rows import opened
from backend.conversations.views import Opened, OutgoingView, Sender
from backend.db.work import Work

_PEEK = """
select c.id, r.id, r.channel, c.state, c.mode, c.last_message_at, r.privacy_version, r.language, to_jsonb(o)
from conversations c join residents r on r.id = c.resident_id
left join outgoing_messages o on o.id = c.prompt_id
where r.channel = %(channel)s and r.channel_user_id = %(user_id)s
"""
_BEGIN = """
select * from begin_turn(
    %(channel)s, %(user_id)s, %(now)s, %(message_id)s, %(kind)s, %(text)s, %(payload)s)
"""
_END = """
select end_turn(
    %(conversation_id)s, %(dialogue)s, %(now)s, %(reply_to)s,
    %(parts)s, %(choices)s, %(purpose)s, %(case_id)s, %(round)s, %(language)s,
    %(state)s, %(way)s, %(due_at)s, %(rendered)s, %(sent_at)s)
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A conversation that this unit of work has locked."""

    conversation: Opened
    incoming_id: int | None
    """None: nothing was to be received, or it was received before."""
    waits: bool
    """Whether something could not be pushed and waits for this contact."""
    has_cases: bool
    """Whether the resident ever reported anything: most who write have not yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a turn says: see `outbox.post`."""

    parts: Sequence[tuple[str, Mapping[str, str]]]
    choices: Sequence[Mapping[str, Any]]
    purpose: str
    case_id: int | None
    round: int | None
    language: str
    rendered: str


class Given:
    """An answer on its way with the commit; afterwards what was written, for the response that carries it."""

    def __init__(self, view: OutgoingView, found: Callable[[], int]) -> None:
        """Made by `answer`."""
        self._view = view
        self._found = found

    def view(self) -> OutgoingView:
        """The row, once it is committed."""
        return replace(self._view, id=self._found())


async def peek(work: Work, sender: Sender) -> Opened | None:
    """The conversation as it stands, in one exchange without a lock; None before the first message."""
    row = await work.look(_PEEK, {"channel": sender.channel, "user_id": sender.user_id})
    return opened(row) if row else None


async def begin(work: Work, sender: Sender, incoming: Incoming | None = None) -> Begun:
    """Lock the conversation of a resident, made if need be; keep what they sent; read where they stand.

    Nothing may have been done in this unit of work before.
    """
    about = {"channel": sender.channel, "user_id": sender.user_id, "now": work.now}
    row = await work.first(_BEGIN, about | (_kept(incoming) if incoming else _NOTHING))
    if row is None:
        raise LookupError("a conversation that was just made is gone")
    incoming_id, has_cases, waits, *conversation = row
    return Begun(opened(conversation), incoming_id, waits=waits, has_cases=has_cases)


async def answer(
    work: Work,
    conversation_id: int,
    state: Mapping[str, Any],
    said: Answer | None,
    *,
    reply_to: int,
    passive: bool,
    carried_at: datetime | None,
) -> Given | None:
    """Keep the dialogue's state and what it says; its question is what a bare digit now applies to.

    `carried_at`: when it was known that a response waits to carry the reply. Without one, a `passive` reply
    waits to be claimed. Returns what the response is to carry.
    """
    if said is None:
        await entry.save_state(work, conversation_id, state, heard=True)
        return None
    outgoing = "sent" if carried_at else "passive" if passive else "queued"
    view = OutgoingView(
        id=0,
        conversation_id=conversation_id,
        kind="reply",
        parts=tuple(said.parts),
        literal=None,
        choices=tuple(said.choices),
        purpose=said.purpose,
        case_id=said.case_id,
        round=said.round,
        attachment_id=None,
        language=said.language,
        state=outgoing,
        way="passive" if carried_at else None,
        reason=None,
        rendered=said.rendered,
        staff_id=None,
        created_at=work.now,
        sent_at=carried_at,
        attempts=0,
    )
    work.wake(topic(conversation_id))
    found = work.last(_END, _row(work, view, state, reply_to))
    if outgoing == "queued":
        await work.run_last()
        await enqueue(work, conversation_id, found(), live=True)
    return Given(view, found) if carried_at else None


def _row(work: Work, view: OutgoingView, state: Mapping[str, Any], reply_to: int) -> Mapping[str, Any]:
    return {
        "conversation_id": view.conversation_id,
        "reply_to": reply_to,
        "parts": Jsonb([[key, dict(params)] for key, params in view.parts]),
        "choices": Jsonb([dict(choice) for choice in view.choices]),
        "purpose": view.purpose,
        "case_id": view.case_id,
        "round": view.round,
        "language": view.language,
        "state": view.state,
        "way": view.way,
        "due_at": work.now + PASSIVE_FOR if view.state == "passive" else None,
        "rendered": view.rendered,
        "now": work.now,
        "sent_at": view.sent_at,
        "dialogue": Jsonb(dict(state)),
    }


def _kept(incoming: Incoming) -> dict[str, Any]:
    return {
        "message_id": incoming.message_id,
        "kind": incoming.kind,
        "text": incoming.text,
        "payload": Jsonb(dict(incoming.payload)),
    }


_NOTHING = {"message_id": None, "kind": None, "text": None, "payload": None}
