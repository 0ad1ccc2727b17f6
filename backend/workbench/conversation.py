"""A conversation as staff read it: both directions in one row, with pictures and how far delivery is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.attachments import service as attachments
from backend.attachments.content_types import PICTURES
from backend.attachments.service import Attachment
from backend.conversations import deliveries, timeline
from backend.conversations.views import IncomingView, OutgoingView
from backend.db.work import Work
from backend.domain.private_numbers import masked
from backend.domain.scripts import LANGUAGE as STAFFS_LANGUAGE
from backend.domain.scripts import is_foreign
from backend.parts import InChinese, Offered
from backend.workbench import wording

LONGEST = 100
"""Messages of each direction that a page shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message."""

    id: int
    by: str
    """resident, bot or staff."""
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    place: Mapping[str, Any] | None = None
    trouble: str = ""
    """What keeps it from the resident, empty once it reached them."""
    failed: bool = False
    """A person must see to it, or know of it."""
    way: str = ""
    """How it went out, where that is worth a word."""
    why: str = ""
    """Why it did not go another way before."""
    by_machine: bool = False
    """Written down from a recording by a machine."""
    masked: bool = False
    """Phone or card numbers in it were made unreadable."""
    foreign: bool = False
    """The resident wrote it in other letters than Chinese."""
    language: str = ""
    """What it says in Chinese here is, or will be, said to the resident in this language."""
    sent: str = ""
    """The words in which the resident got it, where `language` says that they are others."""
    choices: tuple[str, ...] = ()
    """What stood beside a question to be chosen, with the number of each."""


async def lines(
    work: Work,
    conversation_id: int,
    *,
    numbers: bool,
    in_chinese: InChinese | None = None,
    offered: Offered | None = None,
) -> list[Line]:
    """The newest messages, oldest first; `numbers` leaves the private numbers in them readable.

    `in_chinese` gives what the bot said in another language, `offered` the choices beside it.
    """
    read = await timeline.read(work, conversation_id, limit=LONGEST)
    wanted = {*_ids_in(read.incoming), *(o.attachment_id for o in read.outgoing if o.attachment_id)}
    found = await attachments.find_all(work, list(wanted))
    known = {i: file for i, file in found.items() if file.conversation_id == conversation_id}
    heard = [_heard(view, known) for view in read.incoming if view.kind not in {"open", "subscribe"}]
    over = await deliveries.passed_over(work, [view.id for view in read.outgoing])
    said = [
        _understood(_said(view, known, over.get(view.id, ()), offered), view, in_chinese)
        for view in read.outgoing
        if view.state != "dropped"
    ]
    both = sorted([*heard, *said], key=lambda line: line.id)
    return both if numbers else [_masked(line) for line in both]


def for_staff(view: OutgoingView, in_chinese: InChinese | None) -> str:
    """What the bot says in another language, in the staff's; empty for anything that stays as it is."""
    if in_chinese is None or view.literal is not None or view.language == STAFFS_LANGUAGE:
        return ""
    chinese = in_chinese(view)
    return "" if chinese == view.rendered else chinese


def is_inline(attachment: Attachment) -> bool:
    """Whether a browser shows it as a picture."""
    return attachment.state == "stored" and attachment.mime in PICTURES and attachment.copies != "broken"


def _masked(line: Line) -> Line:
    choices, place = tuple(map(masked, line.choices)), line.place
    if place and place.get("label"):
        place = {**place, "label": masked(place["label"])}
    hidden = replace(line, text=masked(line.text), sent=masked(line.sent), choices=choices, place=place)
    return line if hidden == line else replace(hidden, masked=True)


def _ids_in(views: tuple[IncomingView, ...]) -> list[int]:
    return [int(found) for view in views for found in view.payload.get("attachments", ())]


def _heard(view: IncomingView, known: Mapping[int, Attachment]) -> Line:
    ids = view.payload.get("attachments", ())
    text = view.text
    if not text and not ids:
        text = f"[{wording.word(wording.KINDS, view.kind)}]" if view.kind in wording.KINDS else ""
    if not text and view.payload.get("choice"):
        label = view.payload.get("label") or wording.word(wording.CLICKS, view.payload["choice"])
        text = f"[选择] {label}"
    if view.kind == "edit":
        text = f"[改为] {text}"
    return Line(
        id=view.id,
        by="resident",
        text=text,
        at=view.at,
        attachments=tuple(known[i] for i in ids if i in known),
        place=view.payload.get("location"),
        foreign=is_foreign(view.text),
        by_machine=bool(view.payload.get("by_machine")),
    )


def _said(
    view: OutgoingView, known: Mapping[int, Attachment], over: Sequence[str], offered: Offered | None
) -> Line:
    picture = known.get(view.attachment_id or 0)
    words = view.literal if view.literal is not None else view.rendered
    if picture and view.rendered and view.language == STAFFS_LANGUAGE:
        # Where the channel shows no picture, the resident was told that there is one.
        words = view.rendered
    if words is None:
        words = f"[{wording.word(wording.OUTGOING_KINDS, view.kind)}]"
    return Line(
        id=view.id,
        by="staff" if view.staff_id else "bot",
        text=words,
        at=view.created_at,
        attachments=(picture,) if picture else (),
        choices=tuple(offered(view)) if offered is not None else (),
        trouble="" if view.state == "sent" else wording.trouble(view.state, view.reason or ""),
        way=wording.WAYS.get(view.way or "", "") if view.state == "sent" else "",
        why=wording.passed_over(over),
        failed=view.state in {"dead", "unknown"} or (view.state == "held" and view.kind == "chat"),
    )


def _understood(line: Line, view: OutgoingView, in_chinese: InChinese | None) -> Line:
    chinese = for_staff(view, in_chinese)
    return replace(line, text=chinese, language=view.language, sent=view.rendered or "") if chinese else line
