"""One turn of a conversation in two exchanges with the database: begun, and answered with the commit.

Statements travel together (libpq's pipeline) but run one after the other, each on rows as they are by then:
what is read after the lock is what the lock protects (decision 0006).
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
from backend.conversations.views import Opened, OutgoingView, Sender
from backend.db.work import Work

_WHO = "r.channel = %(channel)s and r.channel_user_id = %(user_id)s"
_CONVERSATION = f"conversations c join residents r on r.id = c.resident_id where {_WHO}"
_LOCK = f"select c.id from {_CONVERSATION} for no key update of c"  # noqa: S608
_RESIDENT = """
insert into residents (channel, channel_user_id, created_at) values (%(channel)s, %(user_id)s, %(now)s)
on conflict do nothing
"""
_CONVERSATION_OF = f"""
insert into conversations (resident_id, created_at) select r.id, %(now)s from residents r where {_WHO}
on conflict do nothing
"""  # noqa: S608
_OUTGOING = (
    "id",
    "conversation_id",
    "kind",
    "parts",
    "literal",
    "choices",
    "purpose",
    "case_id",
    "round",
    "attachment_id",
    "language",
    "state",
    "way",
    "reason",
    "rendered",
    "staff_id",
    "created_at",
    "sent_at",
    "attempts",
)
_ROW = f"""
c.id, r.id, r.channel, c.state, c.mode, c.last_message_at, r.privacy_version, r.language,
exists (
    select from outgoing_messages w
    where w.conversation_id = c.id and w.state = 'held' and w.reason = 'next_contact'
),
{", ".join(f"o.{name}" for name in _OUTGOING)}
from conversations c join residents r on r.id = c.resident_id
left join outgoing_messages o on o.id = c.prompt_id
where {_WHO}
"""  # noqa: S608
_PEEK = f"select null, null, {_ROW}"
_READ = f"select null, {{rider}}, {_ROW}"
_RECEIVE = f"""
with kept as (
    insert into incoming_messages (conversation_id, message_id, kind, text, payload, at)
    select c.id, %(message_id)s, %(kind)s, %(text)s, %(payload)s, %(now)s from {_CONVERSATION}
    on conflict do nothing returning id
)
select (select id from kept), {{rider}}, {_ROW}
"""  # noqa: S608
_ANSWER = """
with said as (
    insert into outgoing_messages (conversation_id, reply_to, kind, parts, choices, purpose, case_id, round,
        language, state, way, due_at, rendered, created_at, sent_at)
    values (%(conversation_id)s, %(reply_to)s, 'reply', %(parts)s, %(choices)s, %(purpose)s, %(case_id)s,
        %(round)s, %(language)s, %(outgoing)s, %(way)s, %(due_at)s, %(rendered)s, %(now)s, %(sent_at)s)
    returning id
)
update conversations set state = %(state)s, last_message_at = %(now)s,
    prompt_id = case when %(purpose)s <> '' then (select id from said) else prompt_id end
where id = %(conversation_id)s returning (select id from said)
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A conversation that this unit of work has locked."""

    conversation: Opened
    incoming_id: int | None
    """None: nothing was to be received, or it was received before."""
    waits: bool
    """Whether something could not be pushed and waits for this contact."""
    also: bool = False
    """What the rider found."""


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
    return _opened(row) if row else None


async def begin(work: Work, sender: Sender, incoming: Incoming | None = None, rider: str = "false") -> Begun:
    """Lock the conversation of a resident, made if need be; keep what they sent; read where they stand.

    `rider`: what another part wants to know of the resident `r` in the same exchange, as a condition in SQL.
    """
    begun = await _begin(work, sender, incoming, rider)
    if begun is None:
        begun = await _begin(work, sender, incoming, rider, first=(_RESIDENT, _CONVERSATION_OF))
    if begun is None:
        raise LookupError("a conversation that was just made is gone")
    return begun


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
    found = work.last(_ANSWER, _row(work, view, state, reply_to))
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
        "outgoing": view.state,
        "way": view.way,
        "due_at": work.now + PASSIVE_FOR if view.state == "passive" else None,
        "rendered": view.rendered,
        "now": work.now,
        "sent_at": view.sent_at,
        "state": Jsonb(dict(state)),
    }


async def _begin(
    work: Work, sender: Sender, incoming: Incoming | None, rider: str, *, first: Sequence[str] = ()
) -> Begun | None:
    about: dict[str, Any] = {"channel": sender.channel, "user_id": sender.user_id, "now": work.now}
    driver = await work.driver()
    async with driver.pipeline():
        for statement in (*first, _LOCK):
            await driver.execute(statement, about)
        if incoming is None:
            read = await driver.execute(_READ.format(rider=rider), about)
        else:
            read = await driver.execute(_RECEIVE.format(rider=rider), about | _kept(incoming))
    row = await read.fetchone()
    return Begun(_opened(row), row[0], waits=row[10], also=row[1]) if row else None


def _kept(incoming: Incoming) -> dict[str, Any]:
    return {
        "message_id": incoming.message_id,
        "kind": incoming.kind,
        "text": incoming.text,
        "payload": Jsonb(dict(incoming.payload)),
    }


def _opened(row: Sequence[Any]) -> Opened:
    prompt = dict(zip(_OUTGOING, row[11:], strict=True))
    if prompt["id"] is not None:
        prompt["parts"] = tuple((key, params) for key, params in prompt["parts"])
        prompt["choices"] = tuple(prompt["choices"])
    return Opened(
        conversation_id=row[2],
        resident_id=row[3],
        channel=row[4],
        state=row[5],
        mode=row[6],
        last_message_at=row[7],
        privacy_version=row[8],
        language=row[9],
        prompt=OutgoingView(**prompt) if prompt["id"] is not None else None,
    )
