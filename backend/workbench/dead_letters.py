"""What did not reach a resident (未送达), and what of theirs could not be worked on (来信未处理)."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.cases import desk, queries
from backend.conversations import dead_letters as letters
from backend.conversations import handover, next_contact, outbox, stuck
from backend.conversations.alerts import STAFF, STUCK, finish_alert, open_calls, raise_alert
from backend.db.work import Work
from backend.domain.errors import NotFound
from backend.parts import Parts
from backend.workbench import chat_desk
from backend.workbench.conversation import for_staff
from backend.workbench.doorway import CHECKED, CentreVisitor
from backend.workbench.rendering import page

router = APIRouter(include_in_schema=False)

Decision = Literal["resend", "phone", "drop"]
Remedy = Literal["answer", "again", "seen"]


@router.get("/dead-letters")
async def dead_letters(parts: Parts, session: CentreVisitor) -> HTMLResponse:
    """What could not be delivered, or whose outcome is unknown, or what could not be worked on."""
    async with parts.database.work() as work:
        found = await letters.open_letters(work)
        actor = desk.actor_of(session.member)
        ids = {letter.case_id for letter in found if letter.case_id is not None}
        cases = {case_id: await queries.find_by_id(work, case_id, actor) for case_id in ids}
        left = await stuck.open_messages(work)
        chinese = {letter.id: for_staff(letter, parts.in_chinese) for letter in found}
        return await page(
            parts,
            work,
            session,
            "dead_letters.html",
            letters=found,
            chinese=chinese,
            cases=cases,
            stuck=left,
            for_next_contact=await next_contact.count(work),
        )


@router.post("/dead-letters/{outgoing_id}/{decision}", dependencies=CHECKED)
async def decide(parts: Parts, session: CentreVisitor, outgoing_id: int, decision: Decision) -> Response:
    """Do what a person decided; a letter that a colleague decided about is left as it is."""
    async with parts.database.work() as work:
        await _decide(work, min(outgoing_id, 2**63 - 1), decision, session.member.id)
        work.wake(STAFF)
        await work.commit()
    return RedirectResponse("/dead-letters", 303)


@router.post("/stuck-messages/{stashed_id}/{remedy}", dependencies=CHECKED)
async def remedy(parts: Parts, session: CentreVisitor, stashed_id: int, remedy: Remedy) -> Response:
    """Talk to the resident, try once more to work on it, or keep it as seen to.

    What a colleague decided about is left as it is.
    """
    stashed_id = min(stashed_id, 2**63 - 1)
    next_page = "/dead-letters"
    async with parts.database.work() as work:
        if remedy == "again":
            await stuck.try_again(work, stashed_id, session.member.id)
        else:
            about = await stuck.keep_as_read(work, stashed_id, session.member.id)
            if remedy == "answer" and about is not None:
                await handover.request(work, about, STUCK)
                await chat_desk.take(work, about, session.member)
                next_page = f"/chats/{about}"
        await work.commit()
    return RedirectResponse(next_page, 303)


async def _decide(work: Work, outgoing_id: int, decision: Decision, staff_id: int) -> None:
    letter = await outbox.lock_outgoing(work, outgoing_id)
    if letter is None:
        raise NotFound(outgoing_id=outgoing_id)
    calls = await open_calls(work, outgoing_id)
    if decision == "phone":
        # Its failure may have asked for a call already.
        if await letters.drop(work, outgoing_id, "phone_task") and not calls:
            await raise_alert(
                work,
                "phone",
                letter.conversation_id,
                codes=[letter.kind],
                case_id=letter.case_id,
                outgoing_id=outgoing_id,
            )
    elif await (
        letters.resend(work, outgoing_id)
        if decision == "resend"
        else letters.drop(work, outgoing_id, "dropped_by_staff")
    ):
        for call in calls:
            await finish_alert(work, call.id, staff_id)
