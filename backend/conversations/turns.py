"""One turn of a conversation in two exchanges with the database.

What only talks is decided on a glance, and kept if that still stands (`glance`, `talk`). What does more holds
the conversation meanwhile (`begin`, `answer`). Each is a function of the database (migrations 0009, 0015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from backend.conversations import entry
from backend.conversations.entry import Incoming
from backend.conversations.outbox import PASSIVE_FOR, enqueue, topic
from backend.conversations.rows import opened
from backend.conversations.tables import LANGUAGE
from backend.conversations.views import Opened, OutgoingView, Sender
from backend.db.work import Work

_GLANCE = """
select c.xmin::text, exists (select from cases where reporter_id = r.id), exists (
        select from outgoing_messages w
        where w.conversation_id = c.id and w.state = 'held' and w.reason = 'next_contact'
    ),
    c.id, r.id, r.channel, c.state, c.mode, c.last_message_at, r.privacy_version, r.language, to_jsonb(o)
from conversations c join residents r on r.id = c.resident_id
left join outgoing_messages o on o.id = c.prompt_id
where r.channel = %(channel)s and r.channel_user_id = %(user_id)s
"""
_TALK = """
select * from talk_on(
    %(conversation_id)s, %(stands_at)s, %(channel)s, %(user_id)s, %(now)s,
    %(message_id)s, %(kind)s, %(text)s, %(payload)s, %(privacy)s,
    %(dialogue)s, %(parts)s, %(choices)s, %(purpose)s, %(case_id)s, %(round)s,
    %(language)s, %(state)s, %(way)s, %(due_at)s, %(rendered)s, %(sent_at)s)
"""
_GIVE_BACK = """
update outgoing_messages set state = 'passive', way = null, sent_at = null, due_at = %(due_at)s
where id = %(id)s and state = 'sent' and way = 'passive' and sent_at = %(sent_at)s
returning id
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
class Seen:
    """Where a conversation stands."""

    conversation: Opened
    waits: bool
    """Whether something could not be pushed and waits for this contact."""
    has_cases: bool
    """Whether the resident ever reported anything: most who write have not yet."""


@dataclass(frozen=True, slots=True)
class Begun(Seen):
    """A conversation that this unit of work has locked."""

    incoming_id: int | None
    """None: nothing was to be received, or it was received before."""


@dataclass(frozen=True, slots=True)
class Glance(Seen):
    """A conversation that was looked at, and may be another by now."""

    stands_at: str
    """What is another after any change."""


@dataclass(frozen=True, slots=True)
class Talked:
    """A message that is committed with its answer."""

    conversation_id: int
    incoming_id: int
    duplicate: bool
    """Whether the message was received before: then nothing was done."""
    view: OutgoingView | None = None
    """What the response is to carry, as in `answer`."""
    stands: Glance | None = None
    """What a glance would find now, where the response carries the answer."""


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


async def glance(work: Work, sender: Sender) -> Glance | None:
    """The conversation as it stands, in one exchange without a lock; None before the first message."""
    row = await work.alone(_GLANCE, {"channel": sender.channel, "user_id": sender.user_id})
    if row is None:
        return None
    stands_at, has_cases, waits, *conversation = row
    return Glance(opened(conversation), waits=waits, has_cases=has_cases, stands_at=stands_at)


def before(sender: Sender, seen: Glance | None) -> Opened:
    """The conversation that a message goes on with, or that of somebody who has not written before."""
    return seen.conversation if seen else Opened(0, 0, sender.channel, {}, "bot", None, "", LANGUAGE, None)


async def peek(work: Work, sender: Sender) -> Opened | None:
    """A glance at the conversation alone."""
    seen = await glance(work, sender)
    return seen.conversation if seen else None


async def talk(
    work: Work,
    sender: Sender,
    seen: Glance | None,
    incoming: Incoming,
    state: Mapping[str, Any],
    said: Answer,
    *,
    privacy: str,
    carried_at: datetime | None,
) -> Talked | None:
    """Keep a message and what was decided on a glance, committed in one exchange.

    None, and nothing kept: what was `seen` stands no more. `privacy`: the version of the notice that the
    answer shows, or nothing. The channel is a passive one; see `answer` for `carried_at`. Nothing may have
    been done in this unit of work before.
    """
    view = _view(work, 0, said, passive=True, carried_at=carried_at)
    row = await work.alone(
        _TALK,
        _row(work, view, state)
        | _kept(incoming)
        | {
            "conversation_id": seen.conversation.conversation_id if seen else None,
            "stands_at": seen.stands_at if seen else None,
            "channel": sender.channel,
            "user_id": sender.user_id,
            "privacy": privacy,
        },
    )
    if row is None:
        return None
    conversation_id, incoming_id, outgoing_id, resident_id, stands_at = row
    if outgoing_id is None:
        return Talked(conversation_id, incoming_id, duplicate=True)
    work.wake(topic(conversation_id))
    if carried_at is None:
        return Talked(conversation_id, incoming_id, duplicate=False)
    given = replace(view, id=outgoing_id, conversation_id=conversation_id)
    stood = before(sender, seen)
    stands = replace(
        stood,
        conversation_id=conversation_id,
        resident_id=resident_id,
        # As it is read again: a tuple comes back as a list.
        state=orjson.loads(orjson.dumps(state)),
        last_message_at=work.now,
        privacy_version=privacy or stood.privacy_version,
        prompt=given if given.purpose else stood.prompt,
    )
    # What waits or has cases is no talk.
    kept = Glance(stands, waits=False, has_cases=False, stands_at=stands_at)
    return Talked(conversation_id, incoming_id, duplicate=False, view=given, stands=kept)


async def still_carried(
    work: Work, view: OutgoingView | None, awaited: Callable[[], bool] | None
) -> OutgoingView | None:
    """What the response carries, once it is committed; None when that has given up meanwhile.

    It may have promised nothing, and nobody would carry its reply: that may be claimed again, or is pushed in
    time. A repetition that has claimed it already keeps it. Nothing else may be open in this unit of work.
    """
    if view is None or awaited is None or awaited():
        return view
    due_at = view.created_at + PASSIVE_FOR
    await work.alone(_GIVE_BACK, {"id": view.id, "sent_at": view.sent_at, "due_at": due_at})
    work.wake(topic(view.conversation_id))
    await work.commit()
    return None


async def begin(work: Work, sender: Sender, incoming: Incoming | None = None) -> Begun:
    """Lock the conversation of a resident, made if need be; keep what they sent; read where they stand.

    Nothing may have been done in this unit of work before.
    """
    about = {"channel": sender.channel, "user_id": sender.user_id, "now": work.now}
    row = await work.first(_BEGIN, about | (_kept(incoming) if incoming else _NOTHING))
    if row is None:
        raise LookupError("a conversation that was just made is gone")
    incoming_id, has_cases, waits, *conversation = row
    return Begun(opened(conversation), waits=waits, has_cases=has_cases, incoming_id=incoming_id)


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
    view = _view(work, conversation_id, said, passive=passive, carried_at=carried_at)
    work.wake(topic(conversation_id))
    found = work.last(_END, _row(work, view, state) | {"reply_to": reply_to})
    if view.state == "queued":
        await work.run_last()
        await enqueue(work, conversation_id, found(), live=True)
    return Given(view, found) if carried_at else None


def _view(
    work: Work, conversation_id: int, said: Answer, *, passive: bool, carried_at: datetime | None
) -> OutgoingView:
    return OutgoingView(
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
        state="sent" if carried_at else "passive" if passive else "queued",
        way="passive" if carried_at else None,
        reason=None,
        rendered=said.rendered,
        staff_id=None,
        created_at=work.now,
        sent_at=carried_at,
        attempts=0,
    )


def _row(work: Work, view: OutgoingView, state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversation_id": view.conversation_id,
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
