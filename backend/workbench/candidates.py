"""What the model could learn from corrected categories (改进识别), for administrators."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from backend.candidates import downloads
from backend.candidates.candidates import Collection, collection
from backend.candidates.files import FORMS
from backend.candidates.files import Form as FileForm
from backend.candidates.judged import judged
from backend.domain.deadlines import SHANGHAI
from backend.parts import Parts, StaffParts
from backend.workbench.doorway import CHECKED, AdminVisitor
from backend.workbench.rendering import page

router = APIRouter(include_in_schema=False)

SHOWN = 50
"""Candidates that the page shows; the file holds all."""


@router.get("/candidates")
async def candidates(
    parts: Parts, session: AdminVisitor, new: Annotated[bool, Query()] = False
) -> HTMLResponse:
    """How many there are, the first of them, who took some away before; `new` = since the last download."""
    found, _ = await _collected(parts, new=new)
    async with parts.database.work() as work:
        return await page(
            parts,
            work,
            session,
            "candidates.html",
            found=found,
            shown=SHOWN,
            new=new,
            taken=await downloads.downloads(work),
        )


@router.post("/candidates/download", dependencies=CHECKED)
async def download(
    parts: Parts,
    session: AdminVisitor,
    form: Annotated[FileForm, Form()],
    new: Annotated[bool, Form()] = False,
) -> Response:
    """The file; that it was taken is on record before it leaves."""
    found, now = await _collected(parts, new=new)
    write, media_type = FORMS[form]
    content = write(found.candidates)
    async with parts.database.work() as work:
        await downloads.log_download(work, session.member.id, form, len(found.candidates), found.left_out)
        await work.commit()
    name = f"candidates-{now.astimezone(SHANGHAI):%Y-%m-%d}.{form}"
    return Response(
        content.encode(),
        media_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _collected(parts: StaffParts, *, new: bool) -> tuple[Collection, datetime]:
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        after = await downloads.last_download(work) if new else None
        found = await judged(work, after)
        now = work.now
    # Masking a thousand stories takes some seconds: not on the event loop, not inside a transaction.
    return await asyncio.to_thread(collection, found, rules), now
