"""A resident gave files through a signed link: they become a supplement of their case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.attachments import service as attachments
from backend.attachments.service import Today
from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, Given
from backend.db.work import Work
from backend.domain.errors import CaseError
from backend.domain.lifecycle import Action, Role, allowed
from dialogs.messages import Say
from dialogs.texts import text
from handlers.messages import IncomingAttachment
from handlers.parts import Parts
from handlers.reception import Received, over, receive_attachments


@dataclass(frozen=True, slots=True)
class Uploadable:
    """What a link for files leads to; not `open`: the case takes nothing more."""

    number: str
    open: bool
    language: str
    """The resident's."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of files: how many are with the case now, and why others are not."""

    kept: int
    refusals: tuple[Say, ...] = ()


async def uploadable(parts: Parts, case_id: int, resident_id: int) -> Uploadable | None:
    """The resident's own case; None when it is not theirs. Raises DatabaseUnavailable."""
    async with parts.database.work() as work:
        case = await _find(work, case_id, resident_id)
    return Uploadable(case.number, _takes(case), case.language) if case is not None else None


async def upload(
    parts: Parts, case_id: int, resident_id: int, files: Sequence[IncomingAttachment], words: str
) -> Uploaded | None:
    """Give files and words to a resident's own case, in one transaction; a file it has already is not new.

    None when the case is not theirs or takes nothing more. Raises DatabaseUnavailable.
    """
    found = await uploadable(parts, case_id, resident_id)
    if found is None or not found.open:
        return None
    received = await receive_attachments(parts, files)
    actor = Actor(Role.RESIDENT, resident_id=resident_id)
    async with parts.database.work() as work:
        try:
            case = await service.lock(work, case_id, actor)
            added, done = await _add(parts, work, case, received)
            if added or words:
                rules = await parts.rules.current(work)
                given = Given(text=words or text("complaint.only_files"), attachments=tuple(added))
                await service.act(work, rules, case_id, Action.SUPPLEMENT, actor, given)
        except CaseError:
            return None
        await work.commit()
    return done


async def _add(
    parts: Parts, work: Work, case: CaseView, files: Sequence[Received]
) -> tuple[list[int], Uploaded]:
    """The ids of what is new, and what became of all of it; the case is locked."""
    present = {file.sha256 for file in await attachments.of_case(work, case.id)}
    before = await attachments.today(work, case.conversation_id)
    added: list[int] = []
    refusals: list[Say] = []
    kept = 0
    for file in files:
        known = file.sha256 in present
        says = file.refusal or (None if known else over(parts.limits, before, file.size))
        if says is not None:
            refusals += [says] if says not in refusals else []
            continue
        kept += 1
        if known:
            continue
        present.add(file.sha256)
        before = Today(before.files + 1, before.size + file.size)
        added.append(
            await attachments.add_stored(
                work,
                case.conversation_id,
                kind=file.kind,
                mime=file.mime,
                size=file.size,
                sha256=file.sha256,
                name=file.name,
            )
        )
    return added, Uploaded(kept, tuple(refusals))


async def _find(work: Work, case_id: int, resident_id: int) -> CaseView | None:
    try:
        return await queries.find_by_id(work, case_id, Actor(Role.RESIDENT, resident_id=resident_id))
    except CaseError:
        return None


def _takes(case: CaseView) -> bool:
    return Action.SUPPLEMENT in allowed(case.status, Role.RESIDENT)
