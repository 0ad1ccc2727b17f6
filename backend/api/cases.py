"""`/api/cases`: list, read and act."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from backend.api.errors import body_of, status_of
from backend.api.models import ActionIn, CaseDetailOut, CasesOut, case_out, detail_out, event_out
from backend.api.security import Caller
from backend.cases import desk, queries
from backend.cases.queries import Filters
from backend.cases.views import CaseView
from backend.db.work import Work
from backend.domain.errors import StaleVersion
from backend.domain.lifecycle import Action, Status
from backend.domain.rules import Rules
from backend.organisation.accounts import Member
from backend.parts import Parts

router = APIRouter(prefix="/api", tags=["cases"])

Number = Annotated[str, Path(max_length=40, description="FQ2026-000123")]
Code = Annotated[str, Query(pattern=r"^[a-z0-9_-]{0,40}$")]

_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No valid token"},
    403: {"description": "Somebody else may do this, you may not"},
    404: {"description": "No such case, or not yours to see"},
    409: {"description": "The case changed since `version`; `changes` says how"},
    422: {"description": "Not allowed now, or malformed"},
}


@router.get("/cases", summary="List and search cases (事项列表)")
async def cases(
    parts: Parts,
    caller: Caller,
    status: Annotated[tuple[Status, ...], Query()] = (),
    category: Code = "",
    unit: Code = "",
    overdue: bool = False,
    needs_review: bool = False,
    needs_translation: bool = False,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> CasesOut:
    """Cases that you may see: danger first, then what is due.

    `q` is looked for in the number, the story, the place and the names; a whole phone number finds its case.
    """
    filters = Filters(status, category, unit, q, overdue, needs_review, needs_translation)
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        page = await queries.list_cases(work, desk.actor_of(caller), filters, limit=limit, offset=offset)
        items = [case_out(case, rules, work.now) for case in page.cases]
    return CasesOut(items=items, total=page.total, limit=limit, offset=offset)


@router.get("/cases/{number}", summary="Read one case (事项详情)", responses={404: _ERRORS[404]})
async def case(parts: Parts, caller: Caller, number: Number) -> CaseDetailOut:
    """One case with its history, its parties, and what you may do to it now."""
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        return await _detail(work, rules, caller, await _find(work, caller, number))


@router.post(
    "/cases/{number}/actions/{action}",
    summary="Take one step with a case (办理)",
    response_model=CaseDetailOut,
    responses=_ERRORS,
)
async def act(
    parts: Parts, caller: Caller, number: Number, action: Action, body: ActionIn
) -> CaseDetailOut | JSONResponse:
    """One step of the life cycle; a case's `allowed_actions` says which are open to you now.

    `version` is the one you read: when the case has changed since, the answer is 409 and nothing happens.
    `accept` with a `unit` also assigns (受理并交办), in one transaction.
    """
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        try:
            after = await desk.act(work, rules, _storable(number), action, caller, body.given(), body.version)
        except StaleVersion as error:
            changes = await desk.changes_since(work, _storable(number), caller, body.version)
            told = [event_out(event).model_dump(mode="json") for event in changes]
            return JSONResponse(body_of(error) | {"changes": told}, status_of(error))
        await work.commit()
        return await _detail(work, rules, caller, after)


async def _find(work: Work, caller: Member, number: str) -> CaseView:
    return await queries.find(work, _storable(number), desk.actor_of(caller))


async def _detail(work: Work, rules: Rules, caller: Member, found: CaseView) -> CaseDetailOut:
    return detail_out(
        found,
        rules,
        work.now,
        allowed=desk.allowed_actions(found, caller),
        parties=await queries.parties(work, found.id),
        history=await queries.history(work, found.id, internal=True),
    )


def _storable(number: str) -> str:
    return number.replace("\0", "").upper()
