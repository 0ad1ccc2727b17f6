"""The rows of a new case, written in one exchange with the database: residents wait for their number."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from backend.cases.search import document
from backend.cases.views import CaseView, NewCase
from backend.db.work import Work
from backend.domain.case_number import format_number
from backend.domain.deadlines import SHANGHAI
from backend.domain.due import due_at
from backend.domain.lifecycle import Role, Status
from backend.domain.rules import Rules

_NUMBER = """
select nextval('case_number_seq'), (select id from cases where incoming_id = %(incoming_id)s::bigint)
"""
_TOLD = (
    "reporter_id",
    "conversation_id",
    "category",
    "summary",
    "place",
    "location",
    "since",
    "details",
    "crises",
    "needs_review",
)
_CASE = (*_TOLD, "number", "status", "round", "version", "due_at", "created_at", "updated_at")
_ROW = (*_CASE, "incoming_id", "rules_version")
_WRITE = f"""
with opened as (
    insert into cases ({", ".join(_ROW)}, search)
    values ({", ".join(f"%({name})s" for name in _ROW)}, to_tsvector('simple', %(document)s)) returning id
), parties as (
    insert into case_parties (case_id, role, name, phone)
    select opened.id, party.role, party.name, party.phone
    from opened, jsonb_to_recordset(%(parties)s) as party (role text, name text, phone text)
), registered as (
    insert into case_events (case_id, version, round, action, to_status, role, resident_id, data, at)
    select opened.id, %(version)s, %(round)s, 'register', %(status)s, %(role)s, %(reporter_id)s, %(facts)s,
        %(created_at)s
    from opened
), looked_at_anew as (
    -- Whoever has looked at the conversation has seen a resident without cases (turns.glance).
    update conversations set prompt_id = prompt_id where id = %(conversation_id)s::bigint
)
select id from opened
"""  # noqa: S608


async def next_number(work: Work, incoming_id: int | None) -> tuple[str, int | None]:
    """A number for a new case, and the id of the case that this message has opened already."""
    found = await work.run(_NUMBER, {"incoming_id": incoming_id})
    sequence, known = found or (0, None)
    return format_number(work.now.astimezone(SHANGHAI).year, sequence), known


async def register(work: Work, rules: Rules, new: NewCase, number: str) -> CaseView:
    """Write a case, its parties and the first event of its history."""
    case = {name: getattr(new, name) for name in _TOLD} | {
        "number": number,
        "status": Status.RECEIVED,
        "round": 1,
        "version": 1,
        "due_at": due_at(None, Status.RECEIVED, new.category, work.now, None, rules),
        "created_at": work.now,
        "updated_at": work.now,
    }
    row = await work.run(_WRITE, case | _kept(rules, new, number))
    if row is None:
        raise LookupError("a case that was just opened is gone")
    nothing_yet: dict[str, Any] = {"unit_id": None, "unit_code": "", "unit_name": "", "urged_at": None}
    return CaseView(id=row[0], rating=None, **nothing_yet, **case)


def _kept(rules: Rules, new: NewCase, number: str) -> dict[str, Any]:
    said = (number, new.summary, new.place, new.reporter_name, new.other_party)
    parties = (("reporter", new.reporter_name, new.reporter_phone), ("other", new.other_party, ""))
    facts: dict[str, Any] = {"category": new.category, "needs_review": new.needs_review}
    if new.guess is not None:
        facts["guess"] = asdict(new.guess)
    return {
        "incoming_id": new.incoming_id,
        "rules_version": rules.version,
        "status": Status.RECEIVED.value,
        "role": Role.RESIDENT.value,
        "location": Jsonb(dict(new.location)) if new.location else None,
        "details": Jsonb(dict(new.details)),
        "crises": Jsonb(list(new.crises)),
        "document": document(*said, phones=(new.reporter_phone,)),
        "parties": Jsonb([{"role": r, "name": n, "phone": p} for r, n, p in parties if n or p]),
        "facts": Jsonb(facts),
    }
