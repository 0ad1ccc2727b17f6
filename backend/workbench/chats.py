"""Chats with residents who asked for a person (人工对话): the queue and one chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.attachments.cleaning import cleaned
from backend.attachments.content_types import PICTURES, sniff
from backend.attachments.heic import Crashed
from backend.attachments.names import kept_name
from backend.attachments.service import add_stored
from backend.cases import desk, queries
from backend.cases.views import CaseView
from backend.conversations import handover
from backend.db.work import Work
from backend.domain.errors import NotAllowed
from backend.domain.lifecycle import Action
from backend.organisation import reveals
from backend.organisation.accounts import set_on_duty
from backend.organisation.sessions import Session
from backend.parts import Parts, StaffParts
from backend.workbench import chat_desk, conversation, wording
from backend.workbench.doorway import CHECKED, CentreVisitor
from backend.workbench.rendering import page, render

router = APIRouter(include_in_schema=False)

CASES_SINCE = timedelta(days=365)
MOST_FILES = 50
LARGEST_PICTURE = 10 * 1024 * 1024
_ROOM_FOR_FIELDS = 64 * 1024


@router.get("/chats")
async def chats(parts: Parts, session: CentreVisitor) -> HTMLResponse:
    """Who waits, and who talks with whom."""
    async with parts.database.work() as work:
        found = await handover.chats(work)
        return await page(parts, work, session, "chats.html", chats=found)


@router.get("/chats/{conversation_id}")
async def chat(parts: Parts, session: CentreVisitor, conversation_id: int) -> HTMLResponse:
    """One chat, live."""
    async with parts.database.work() as work:
        return await _chat_page(parts, work, session, conversation_id)


@router.get("/chats/{conversation_id}/messages")
async def messages(parts: Parts, session: CentreVisitor, conversation_id: int) -> HTMLResponse:
    """The messages alone, for a page that is open."""
    async with parts.database.work() as work:
        return await _messages(parts, work, session, conversation_id)


@router.post("/chats/{conversation_id}/take", dependencies=CHECKED)
async def take(parts: Parts, session: CentreVisitor, conversation_id: int) -> Response:
    """Take a waiting chat."""
    async with parts.database.work() as work:
        if not await chat_desk.take(work, conversation_id, session.member):
            problem = "这位居民已由同事接待，或者不再等待。"
            return await _chat_page(parts, work, session, conversation_id, problem, 409)
        await work.commit()
    return RedirectResponse(f"/chats/{conversation_id}", 303)


@router.post("/chats/{conversation_id}/take-over", dependencies=CHECKED)
async def take_over(
    parts: Parts, session: CentreVisitor, conversation_id: int, officer: Annotated[int, Form()]
) -> Response:
    """Take a chat from a colleague who is away."""
    async with parts.database.work() as work:
        if not await chat_desk.take_over(work, conversation_id, session.member, officer):
            return await _chat_page(parts, work, session, conversation_id, "这个对话刚刚有了变化。", 409)
        await work.commit()
    return RedirectResponse(f"/chats/{conversation_id}", 303)


@router.post("/chats/{conversation_id}/back", dependencies=CHECKED)
async def hand_back(parts: Parts, session: CentreVisitor, conversation_id: int) -> Response:
    """Give the chat back to the bot."""
    async with parts.database.work() as work:
        if not await chat_desk.hand_back(work, conversation_id, session.member):
            return await _chat_page(parts, work, session, conversation_id, "这个对话已不在您手上。", 409)
        await work.commit()
    return RedirectResponse("/chats", 303)


@router.post(
    "/chats/{conversation_id}/messages",
    dependencies=CHECKED,
    max_body_size=LARGEST_PICTURE + _ROOM_FOR_FIELDS,
)
async def say(
    request: Request,
    parts: Parts,
    session: CentreVisitor,
    conversation_id: int,
    text: Annotated[str, Form(max_length=2000)] = "",
    picture: UploadFile | None = None,
) -> Response:
    """Write to the resident: words, a picture, or both; an open page stays and looks at the chat again."""
    words = text.replace("\0", "").strip()
    content = await picture.read() if picture is not None and picture.size else b""
    size = len(content)
    mime = await asyncio.to_thread(sniff, content) if content else None
    problem, kept = "", None
    try:
        kept = await cleaned(content, mime or "") if content else None
    except Crashed:
        problem = "这张图片打不开，请换一张。"
    if kept is not None and (kept.mime not in PICTURES or size > LARGEST_PICTURE):
        problem = "只能发送图片（JPG、PNG、GIF、WebP），不超过10MB。"
    elif not words and not content:
        problem = "请先输入内容或选择图片。"
    sha256 = await parts.files.put(kept.content) if kept is not None and not problem else ""
    async with parts.database.work() as work:
        if problem:
            return await _chat_page(parts, work, session, conversation_id, problem, 422, words)
        attachment_id = None
        if kept is not None and picture is not None:
            await chat_desk.room(work, conversation_id)
            attachment_id = await add_stored(
                work,
                conversation_id,
                kind="image",
                mime=kept.mime,
                size=len(kept.content),
                sha256=sha256,
                name=kept_name(picture.filename or "", kept.mime),
            )
        if not await chat_desk.say(work, conversation_id, session.member, words, attachment_id):
            problem = "这个对话不在您手上，消息没有发出。"
            return await _chat_page(parts, work, session, conversation_id, problem, 409, words)
        await work.commit()
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=204)
    return RedirectResponse(f"/chats/{conversation_id}", 303)


@router.post("/chats/{conversation_id}/numbers", dependencies=CHECKED)
async def show_numbers(parts: Parts, session: CentreVisitor, conversation_id: int) -> Response:
    """Show the phone numbers in a conversation for a while, and note who looked."""
    async with parts.database.work() as work:
        room = await chat_desk.room(work, conversation_id)
        await reveals.log_conversation(work, session.member.id, room.conversation_id)
        await work.commit()
    return RedirectResponse(f"/chats/{conversation_id}", 303)


@router.post("/chats/{conversation_id}/files", dependencies=CHECKED)
async def give_files(
    parts: Parts,
    session: CentreVisitor,
    conversation_id: int,
    number: Annotated[str, Form(max_length=40, pattern=r"^[\w-]+$")],
    file: Annotated[list[Annotated[int, Form(ge=1, lt=2**63)]], Form(max_length=MOST_FILES)],
    on_case: Annotated[bool, Form()] = False,
) -> Response:
    """Put files of the conversation into one of the resident's cases; back to where they were."""
    member = session.member
    async with parts.database.work() as work:
        rules = await parts.rules.current(work)
        try:
            await desk.give_files(work, rules, number, member, conversation_id, file, wording.GIVEN_FILES)
        except NotAllowed as error:
            problem = wording.error_words(error)
            return await _chat_page(parts, work, session, conversation_id, problem, 422)
        await work.commit()
    return RedirectResponse(f"/cases/{number}" if on_case else f"/chats/{conversation_id}", 303)


@router.post("/duty", dependencies=CHECKED)
async def duty(parts: Parts, session: CentreVisitor, on: Annotated[bool, Form()]) -> Response:
    """Take chats from now on, or take none."""
    async with parts.database.work() as work:
        await set_on_duty(work, session.member.id, on)
        await work.commit()
    return RedirectResponse("/chats", 303)


async def _messages(parts: StaffParts, work: Work, session: Session, conversation_id: int) -> HTMLResponse:
    room = await chat_desk.room(work, conversation_id)
    numbers = await reveals.shows_numbers(work, session.member.id, conversation_id)
    return HTMLResponse(
        render(
            "_chat.html",
            room=room,
            lines=await _lines(parts, work, conversation_id, numbers=numbers),
            numbers=numbers,
            me=session.member,
            csrf=session.csrf,
            is_inline=conversation.is_inline,
            **await _cases(work, session, room),
        )
    )


async def _lines(
    parts: StaffParts, work: Work, conversation_id: int, *, numbers: bool
) -> list[conversation.Line]:
    return await conversation.lines(
        work, conversation_id, numbers=numbers, in_chinese=parts.in_chinese, offered=parts.offered
    )


async def _cases(work: Work, session: Session, room: chat_desk.Room) -> dict[str, Sequence[CaseView]]:
    """The resident's cases, and those of them that files can be put into."""
    cases = await queries.of_resident(work, room.resident_id, work.now - CASES_SINCE)
    may = [case for case in cases if Action.SUPPLEMENT in desk.allowed_actions(case, session.member)]
    return {"cases": cases, "takes_files": may}


async def _chat_page(
    parts: StaffParts,
    work: Work,
    session: Session,
    conversation_id: int,
    problem: str = "",
    status: int = 200,
    typed: str = "",
) -> HTMLResponse:
    room = await chat_desk.room(work, conversation_id)
    rules = await parts.rules.current(work)
    numbers = await reveals.shows_numbers(work, session.member.id, conversation_id)
    return await page(
        parts,
        work,
        session,
        "chat.html",
        status=status,
        room=room,
        categories={c.code: c.name for c in rules.categories},
        lines=await _lines(parts, work, conversation_id, numbers=numbers),
        numbers=numbers,
        is_inline=conversation.is_inline,
        pictures_as=parts.pictures_as(room.channel),
        problem=problem,
        typed=typed,
        **await _cases(work, session, room),
    )
