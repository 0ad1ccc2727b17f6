"""What a resident sent in a chat joins their case by one click: the unit sees it, the history says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from backend.attachments import service as attachments
from backend.cases import queries
from backend.cases.views import SYSTEM, Actor, CaseView
from backend.db.work import Work
from backend.domain.lifecycle import Action, Role
from backend.workbench.wording import GIVEN_FILES
from tests.fixtures import media
from tests.fixtures.staff import Browser, Office, Resident
from tests.workbench.test_case_page import assigned
from tests.workbench.test_files import keep

Browse = Callable[..., Browser]


async def sends(office: Office, app: FastAPI, resident: Resident, count: int = 1) -> list[int]:
    """Photos in one message."""
    files = [await keep(office, app, resident, media.photo(), "image/jpeg", f"{n}.jpg") for n in range(count)]
    await office.hears(resident, "", "image", attachments=files)
    return files


async def of_case(office: Office, case: CaseView) -> list[int]:
    async with office.database.work() as work:
        return [file.id for file in await attachments.of_case(work, case.id)]


async def last_step(work: Work, case: CaseView) -> tuple[object, ...]:
    step = (await queries.history(work, case.id, internal=True))[-1]
    return step.action, step.staff_id, step.data.get("attachments"), [note.text for note in step.notes]


async def test_one_click_puts_a_photo_into_the_only_case(
    office: Office, browse: Browse, staff_app: FastAPI
) -> None:
    officer = await office.person(Role.OFFICER)
    browser, unit = browse(officer), browse(await office.person(Role.UNIT, "sifa"))
    resident = await office.resident()
    case = await assigned(office, resident)
    files = await sends(office, staff_app, resident, 2)
    for file in files:
        assert (await unit.get(f"/attachments/{file}")).status_code == 404
    talk = f"/chats/{resident.conversation_id}"
    page = (await browser.get(f"{talk}/messages")).text
    assert page.count(f"归入案件 {case.number}</button>") == 1, "one for both of one message"
    for file in files:
        assert f'name="file" value="{file}"' in page
    done = await browser.post(f"{talk}/files", number=case.number, file=files)
    assert (done.status_code, done.headers["Location"]) == (303, talk)
    assert await of_case(office, case) == files
    for file in files:
        assert (await unit.get(f"/attachments/{file}")).status_code == 200
    page = (await browser.get(talk)).text
    assert f'已归入 <a href="/cases/{case.number}">' in page and "归入案件" not in page
    async with office.database.work() as work:
        assert await last_step(work, case) == (Action.SUPPLEMENT, officer.member.id, files, [GIVEN_FILES])
    assert "附件（2）" in (await unit.get(f"/cases/{case.number}")).text
    version = (await office.now(case)).version
    assert (await browser.post(f"{talk}/files", number=case.number, file=files)).status_code == 303
    assert (await office.now(case)).version == version, "a second click is none"


async def test_of_several_cases_one_is_chosen_and_none_loses_its_own(
    office: Office, browse: Browse, staff_app: FastAPI
) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    first, second = await office.case(resident), await office.case(resident)
    (photo,) = await sends(office, staff_app, resident)
    talk = f"/chats/{resident.conversation_id}"
    page = (await browser.get(talk)).text
    for case in (first, second):
        assert f'<option value="{case.number}">' in page
    await browser.post(f"{talk}/files", number=second.number, file=photo)
    await browser.post(f"{talk}/files", number=first.number, file=photo)
    assert (await of_case(office, first), await of_case(office, second)) == ([], [photo])


async def test_from_the_page_of_the_case(office: Office, browse: Browse, staff_app: FastAPI) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    case = await office.case(resident)
    (photo,) = await sends(office, staff_app, resident)
    path = f"/cases/{case.number}"
    assert f"归入案件 {case.number}</button>" in (await browser.get(path)).text
    done = await browser.post(
        f"/chats/{resident.conversation_id}/files", number=case.number, file=photo, on_case="1"
    )
    assert done.headers["Location"] == path
    assert await of_case(office, case) == [photo]


async def test_what_is_over_takes_no_files(office: Office, browse: Browse, staff_app: FastAPI) -> None:
    browser, resident = browse(await office.person(Role.OFFICER)), await office.resident()
    case = await office.case(resident)
    await office.act(case, Action.WITHDRAW, Actor(Role.OFFICER), reason="居民不办了")
    (photo,) = await sends(office, staff_app, resident)
    talk = f"/chats/{resident.conversation_id}"
    for path in (talk, f"/cases/{case.number}"):
        assert "归入案件" not in (await browser.get(path)).text
    late = await browser.post(f"{talk}/files", number=case.number, file=photo)
    assert late.status_code == 422 and "不能补充" in late.text
    assert await of_case(office, case) == []


@pytest.mark.parametrize("whose", ["case", "file"])
async def test_nothing_of_another_resident(
    office: Office, browse: Browse, staff_app: FastAPI, whose: str
) -> None:
    browser = browse(await office.person(Role.OFFICER))
    resident, other = await office.resident(), await office.resident()
    case = await office.case(other if whose == "case" else resident)
    (photo,) = await sends(office, staff_app, other if whose == "file" else resident)
    answer = await browser.post(f"/chats/{resident.conversation_id}/files", number=case.number, file=photo)
    assert answer.status_code == (404 if whose == "case" else 303)
    assert await of_case(office, case) == []
    async with office.database.work() as work:
        assert (await queries.find_by_id(work, case.id, SYSTEM)).version == case.version


async def test_units_do_not_read_conversations(office: Office, browse: Browse, staff_app: FastAPI) -> None:
    unit, resident = browse(await office.person(Role.UNIT, "sifa")), await office.resident()
    case = await assigned(office, resident)
    (photo,) = await sends(office, staff_app, resident)
    answer = await unit.post(f"/chats/{resident.conversation_id}/files", number=case.number, file=photo)
    assert answer.status_code == 403
    assert await of_case(office, case) == []
