"""Attachments, shown to staff alone."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from backend.attachments import service as attachments
from backend.cases import desk, queries
from backend.db.work import Work
from backend.domain.errors import NotFound
from backend.organisation.accounts import Member
from backend.parts import Parts
from backend.workbench.conversation import SHOWN_INLINE
from backend.workbench.doorway import Visitor
from backend.workbench.headers import FILE_POLICY

router = APIRouter(include_in_schema=False)

_PLAYED = ("audio/", "video/")


@router.get("/attachments/{attachment_id}")
async def attachment(parts: Parts, session: Visitor, attachment_id: int) -> Response:
    """The bytes as what they are; only pictures and recordings open in the browser, the rest is saved."""
    async with parts.database.work() as work:
        found = await _visible(work, session.member, attachment_id)
    if found.mime is None or found.sha256 is None:
        raise NotFound
    try:
        content = await parts.files.get(found.sha256)
    except FileNotFoundError:
        raise NotFound from None
    shown = found.mime in SHOWN_INLINE or found.mime.startswith(_PLAYED)
    name = quote(found.name or f"{found.id}")
    return Response(
        content,
        media_type=found.mime,
        headers={
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
            "Content-Security-Policy": FILE_POLICY,
            "Cache-Control": "private, max-age=3600",
        },
    )


async def _visible(work: Work, member: Member, attachment_id: int) -> attachments.Attachment:
    found = await attachments.find(work, attachment_id) if attachment_id < 2**63 else None
    if found is None or (found.case_id is None and not member.of_centre):
        raise NotFound
    if found.case_id is not None:
        await queries.find_by_id(work, found.case_id, desk.actor_of(member))
    return found
