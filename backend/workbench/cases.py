"""The list of cases (工作台) and one case with everything about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.attachments import service as attachments
from backend.cases import desk, queries
from backend.cases.masking import masked_case, masked_event, masked_party
from backend.cases.queries import Filters
from backend.cases.views import EventView, Given
from backend.db.work import Work
from backend.domain.errors import CaseError, NotFound, StaleVersion
from backend.domain.lifecycle import STAFF_FIELDS, Action, Status
from backend.organisation import reveals
from backend.organisation.sessions import Session
from backend.organisation.units import list_units
from backend.parts import Parts, StaffParts
from backend.workbench import conversation, wording
from backend.workbench.doorway import CHECKED, Visitor
from backend.workbench.rendering import page, render

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
PRIMARY = (Action.ACCEPT, Action.START, Action.RESOLVE, Action.ASSIGN, Action.NOTE)
"""The everyday steps stand first, and the first one that is allowed stands open."""

Number = Annotated[str, Path(max_length=40, pattern=r"^[\w-]+$")]
Words = Annotated[str, Form(max_length=2000)]
Code = Annotated[str, Form(max_length=40, pattern=r"^[a-z0-9_-]*$")]


@router.get("/")
async def case_list(
    request: Request,
    parts: Parts,
    session: Visitor,
    status: Annotated[str, Query(max_length=20)] = "",
    category: Annotated[str, Query(max_length=40, pattern=r"^[a-z0-9_-]*$")] = "",
    unit: Annotated[str, Query(max_length=40, pattern=r"^[a-z0-9_-]*$")] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    overdue: bool = False,
    review: bool = False,
    foreign: bool = False,
    number: Annotated[int, Query(alias="page", ge=1, le=20_000)] = 1,
    done: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """Cases by what is due first, narrowed by the filters in the address."""
    statuses = (Status(status),) if status in set(Status) else ()
    filters = Filters(statuses, category, unit, q, overdue, review, foreign)
    actor = desk.actor_of(session.member)
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        found = await queries.list_cases(work, actor, filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        found = replace(found, cases=tuple(map(masked_case, found.cases)))
        by_status = await queries.counts(work, actor)
        chosen = {"status": status, "category": category, "unit": unit, "q": q}
        ticked = {"overdue": overdue, "review": review, "foreign": foreign}
        flags = {name: "1" if on else "" for name, on in ticked.items()}
        return await page(
            parts,
            work,
            session,
            "cases.html",
            found=found,
            by_status=by_status,
            rules=rules,
            categories={c.code: c.name for c in rules.categories},
            units=await list_units(work),
            chosen=chosen | flags,
            address=urlencode({k: v for k, v in (chosen | flags).items() if v}),
            number=number,
            pages=max(1, -(-found.total // PER_PAGE)),
            done=done,
        )


@router.get("/cases/{number}")
async def case(parts: Parts, session: Visitor, number: Number, done: str = "") -> HTMLResponse:
    """One case."""
    async with parts.database.work() as work:
        return await _case_page(parts, work, session, number, done=done)


@router.get("/cases/{number}/news")
async def news(
    parts: Parts, session: Visitor, number: Number, version: Annotated[int, Query(ge=0)]
) -> Response:
    """A note and a wake-up for a page that shows an older version; nothing while it is the newest."""
    async with parts.database.work() as work:
        found = await queries.find(work, number.upper(), desk.actor_of(session.member))
    if found.version == version:
        return Response(status_code=204)
    return HTMLResponse(render("_news.html", number=found.number), headers={"HX-Trigger": "case-changed"})


@router.post("/cases/{number}/actions/{action}", dependencies=CHECKED)
async def act(
    parts: Parts,
    session: Visitor,
    number: Number,
    action: Action,
    version: Annotated[int, Form(ge=0)],
    reason: Words = "",
    text: Words = "",
    unit: Code = "",
    category: Code = "",
) -> Response:
    """Take one step; a refusal shows the case as it is now and keeps what was typed."""
    typed = {"reason": reason, "text": text, "unit": unit, "category": category}
    given = Given(_kept(reason), unit, _kept(text), category)
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        try:
            await desk.act(work, rules, number.upper(), action, session.member, given, version)
        except NotFound:
            raise
        except CaseError as error:
            changes: list[EventView] = []
            if isinstance(error, StaleVersion):
                changes = await desk.changes_since(work, number.upper(), session.member, version)
            return await _case_page(
                parts,
                work,
                session,
                number,
                status=parts.status_of(error),
                problem=wording.error_words(error),
                changes=changes,
                typed=typed | {"action": action.value},
            )
        await work.commit()
    return RedirectResponse(f"/cases/{number.upper()}?done={action.value}", 303)


@router.post("/cases/{number}/parties/{party_id}/phone", dependencies=CHECKED)
async def reveal(parts: Parts, session: Visitor, number: Number, party_id: int) -> HTMLResponse:
    """Show one phone number in full, and note who looked."""
    async with parts.database.work() as work:
        found = await queries.find(work, number.upper(), desk.actor_of(session.member))
        for party in await queries.parties(work, found.id):
            if party.id == party_id:
                await reveals.log_reveal(work, session.member.id, found.id, party.id)
                await work.commit()
                return HTMLResponse(render("_phone.html", phone=party.phone))
    raise NotFound


@router.post("/cases/{number}/numbers", dependencies=CHECKED)
async def show_numbers(parts: Parts, session: Visitor, number: Number) -> Response:
    """Show the phone numbers in all that a case says for a while, and note who looked."""
    member = session.member
    async with parts.database.work() as work:
        found = await queries.find(work, number.upper(), desk.actor_of(member))
        read = found.conversation_id if member.of_centre else None
        await reveals.log_case(work, member.id, found.id, read)
        await work.commit()
    return RedirectResponse(f"/cases/{found.number}", 303)


def _kept(words: str) -> str:
    return words.replace("\0", "").strip()


async def _case_page(
    parts: StaffParts,
    work: Work,
    session: Session,
    number: str,
    *,
    status: int = 200,
    done: str = "",
    problem: str = "",
    changes: list[EventView] | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    rules = await parts.rules.current(work)
    member = session.member
    found = await queries.find(work, number.upper(), desk.actor_of(member))
    allowed = desk.allowed_actions(found, member)
    typed = typed or {}
    if typed and Action(typed["action"]) not in allowed:
        problem += (
            f"（您输入的内容：{typed['reason'] or typed['text']}）"
            if typed["reason"] or typed["text"]
            else ""
        )
    units = await list_units(work)
    parties = await queries.parties(work, found.id)
    history = await queries.history(work, found.id, internal=True)
    said = (found, parties, history, changes or [])
    masked = (
        masked_case(found),
        [*map(masked_party, parties)],
        [*map(masked_event, history)],
        [*map(masked_event, changes or [])],
    )
    shown = await reveals.shows_case(work, member.id, found.id)
    case, parties, history, changes = said if shown else masked
    numbers = member.of_centre and await reveals.shows_numbers(work, member.id, found.conversation_id)
    context: dict[str, Any] = {
        "case": case,
        "shown": shown,
        "hides": masked != said,
        "category": rules.category(found.category),
        "actions": [a for a in PRIMARY if a in allowed] + [a for a in allowed if a not in PRIMARY],
        "fields": STAFF_FIELDS,
        "units": [unit for unit in units if not unit.is_centre],
        "unit_names": {unit.code: unit.name for unit in units},
        "rules": rules,
        "parties": parties,
        "history": history,
        "files": await attachments.of_case(work, found.id),
        "is_inline": conversation.is_inline,
        "numbers": numbers,
        "lines": await conversation.lines(
            work,
            found.conversation_id,
            numbers=numbers,
            in_chinese=parts.in_chinese,
            offered=parts.offered,
        )
        if member.of_centre
        else [],
        "looks": await reveals.of_case(work, found.id, found.conversation_id),
    }
    return await page(
        parts,
        work,
        session,
        "case.html",
        status=status,
        done=done,
        problem=problem,
        changes=changes,
        typed=typed,
        **context,
    )
