"""Attachments, shown to staff alone: as they came, to look at and to play, small."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from backend.attachments import service as attachments
from backend.attachments.service import Attachment
from backend.attachments.serving import Form, served
from backend.cases import desk, queries
from backend.db.work import Work
from backend.domain.errors import NotFound
from backend.organisation.accounts import Member
from backend.organisation.sessions import Session
from backend.parts import Parts, StaffParts
from backend.workbench.conversation import is_inline
from backend.workbench.doorway import Visitor
from backend.workbench.rendering import page

router = APIRouter(include_in_schema=False)

AttachmentId = Annotated[int, Path()]


@router.get("/attachments/{attachment_id}")
async def attachment(parts: Parts, session: Visitor, attachment_id: AttachmentId) -> Response:
    """The file as it is kept; only pictures and recordings open in the browser, the rest is saved."""
    return await _served(parts, session, attachment_id, "file")


@router.get("/attachments/{attachment_id}/view")
async def view(parts: Parts, session: Visitor, attachment_id: AttachmentId) -> Response:
    """What is looked at or played."""
    return await _served(parts, session, attachment_id, "view")


@router.get("/attachments/{attachment_id}/thumbnail")
async def thumbnail(parts: Parts, session: Visitor, attachment_id: AttachmentId) -> Response:
    """A small picture of it."""
    return await _served(parts, session, attachment_id, "thumbnail")


@router.get("/attachments/{attachment_id}/look")
async def look(parts: Parts, session: Visitor, attachment_id: AttachmentId) -> HTMLResponse:
    """One picture, with the way to the others of its case or conversation."""
    async with parts.database.work() as work:
        found = await _visible(work, session.member, attachment_id)
        if not is_inline(found):
            raise NotFound
        beside = await _beside(work, found)
        place = beside.index(found.id)
        case = None
        if found.case_id is not None:
            case = await queries.find_by_id(work, found.case_id, desk.actor_of(session.member))
        return await page(
            parts,
            work,
            session,
            "look.html",
            file=found,
            before=beside[place - 1] if place else None,
            after=beside[place + 1] if place + 1 < len(beside) else None,
            place=place + 1,
            total=len(beside),
            number=case.number if case else "",
        )


async def _served(parts: StaffParts, session: Session, attachment_id: int, form: Form) -> Response:
    async with parts.database.work() as work:
        found = await _visible(work, session.member, attachment_id)
    answer = served(parts.files, found, form)
    if answer is not None and parts.file_links is not None:
        return parts.file_links.to(found.id, form)
    if answer is None:
        raise NotFound
    return answer


async def _visible(work: Work, member: Member, attachment_id: int) -> Attachment:
    found = await attachments.find(work, attachment_id) if attachment_id < 2**63 else None
    if found is None or (found.case_id is None and not member.of_centre):
        raise NotFound
    if found.case_id is not None:
        await queries.find_by_id(work, found.case_id, desk.actor_of(member))
    return found


async def _beside(work: Work, found: Attachment) -> list[int]:
    if found.case_id is not None:
        others = await attachments.of_case(work, found.case_id)
    else:
        others = await attachments.loose_in(work, found.conversation_id)
    return [file.id for file in others if is_inline(file)]
