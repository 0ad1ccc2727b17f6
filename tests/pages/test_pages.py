"""The pages behind the links: a case's own resident sees where it stands and says how it went."""

from __future__ import annotations

import asyncio
import re

import httpx
import psycopg
import pytest
import pytest_asyncio
from itsdangerous import TimestampSigner

from backend.cases.views import CaseView
from backend.domain.lifecycle import Action, Status
from bot.pages.links import Links, ProgressLink, SurveyLink
from dialogs.texts import text
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener, serving

RESULT = "已修好屋顶 <b>不再漏水</b>"


@pytest.fixture
def links(listener: Listener) -> Links:
    return links_of(listener)


def links_of(listener: Listener) -> Links:
    key = listener.settings.secret_key
    assert key is not None
    return Links(key.get_secret_value(), listener.url)


@pytest_asyncio.fixture
async def case(listener: Listener) -> CaseView:
    """A case that has just been resolved."""
    number = await listener.phone().gets_a_number("楼上王某漏水漏到我家，物业一直不管")
    await listener.act(number, Action.ACCEPT)
    await listener.act(number, Action.ASSIGN, unit="zhujian")
    await listener.act(number, Action.COMMENT, text="内部：难缠")
    await listener.act(number, Action.NOTE, text="师傅明天上门 <script>")
    await listener.act(number, Action.RESOLVE, text=RESULT)
    return (await listener.cases())[0]


async def get(address: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=20) as http:
        return await http.get(address)


async def tap(address: str, **fields: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=20, follow_redirects=True) as http:
        return await http.post(address, data=fields)


def survey_link(links: Links, case: CaseView, round_: int = 1) -> str:
    return links.survey(SurveyLink(case.id, case.reporter_id, round_))


async def test_the_progress_page_tells_every_step_and_nothing_else(links: Links, case: CaseView) -> None:
    page = await get(links.progress(ProgressLink(case.id, case.reporter_id)))
    assert page.status_code == 200
    assert re.search("<dd>(物业|邻里)</dd>", page.text)
    for shown in (case.number, "住建局", "已办结", "已受理", "已交办", "师傅明天上门"):
        assert shown in page.text
    assert "&lt;script&gt;" in page.text and "<script" not in page.text and "<b>不" not in page.text
    assert "内部：难缠" not in page.text and "王某" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_the_progress_page_of_a_new_case_and_of_a_second_round(
    listener: Listener, links: Links
) -> None:
    number = await listener.phone().gets_a_number()
    [case] = await listener.cases()
    address = links.progress(ProgressLink(case.id, case.reporter_id))
    page = (await get(address)).text
    assert "已登记" in page and "住建局" not in page and "第1轮" not in page
    assert text("page.progress.due_accept") in page and text("page.progress.due") not in page
    await listener.act(number, Action.ACCEPT)
    page = (await get(address)).text
    assert text("page.progress.due_assign") in page and text("page.progress.due") not in page
    await listener.act(number, Action.ASSIGN, unit="zhujian")
    assert text("page.progress.due") in (await get(address)).text
    await listener.act(number, Action.RESOLVE, text="好了")
    await tap(survey_link(links, case), rating="1")
    page = (await get(address)).text
    assert "第2轮" in page and "重新办理" in page


async def test_a_link_shows_only_its_own_residents_case(links: Links, case: CaseView) -> None:
    for address in (
        links.progress(ProgressLink(case.id, case.reporter_id + 1)),
        links.progress(ProgressLink(case.id + 1, case.reporter_id)),
        links.survey(SurveyLink(case.id, case.reporter_id + 1, 1)),
    ):
        page = await get(address)
        assert page.status_code == 404 and case.number not in page.text
        assert text("page.gone.wrong_title") in page.text
    stranger = links.survey(SurveyLink(case.id, case.reporter_id + 1, 1))
    assert (await tap(stranger, rating="5")).status_code == 404


async def test_a_wrong_and_an_old_link_get_a_kind_page(
    links: Links, case: CaseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = links.progress(ProgressLink(case.id, case.reporter_id))
    wrong = await get(address[:-3])
    assert wrong.status_code == 404 and text("page.gone.wrong_title") in wrong.text
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000)
    old = [links.progress(ProgressLink(case.id, case.reporter_id)), survey_link(links, case)]
    monkeypatch.undo()
    for address in old:
        gone = await get(address)
        assert gone.status_code == 410 and text("page.gone.expired_title") in gone.text
    assert (await tap(old[1], rating="5")).status_code == 410


async def test_a_survey_asks_and_looking_at_it_records_nothing(
    listener: Listener, links: Links, case: CaseView
) -> None:
    for _ in range(3):
        page = await get(survey_link(links, case))
    assert re.findall(r'name="rating" value="(\d)"', page.text) == ["5", "4", "3", "2", "1"]
    assert "&lt;b&gt;不再漏水" in page.text
    assert (await listener.cases())[0].rating is None


@pytest.mark.parametrize("rating", ["3", "5"])
async def test_a_good_rating_closes_the_case(
    listener: Listener, links: Links, case: CaseView, rating: str
) -> None:
    page = await tap(survey_link(links, case), rating=rating)
    assert page.status_code == 200 and text("page.survey.thanks_title") in page.text
    [after] = await listener.cases()
    assert (after.status, after.rating) == (Status.CLOSED, int(rating))
    assert text("page.survey.thanks_title") in (await get(survey_link(links, case))).text


async def test_a_bad_rating_reopens_and_asks_why(listener: Listener, links: Links, case: CaseView) -> None:
    address = survey_link(links, case)
    page = await tap(address, rating="2")
    assert "第2轮" in page.text and text("survey.ask_reason") in page.text
    [after] = await listener.cases()
    assert (after.status, after.round) == (Status.ASSIGNED, 2)
    assert text("page.survey.reason_empty") in (await tap(address, reason="  ")).text
    told = await tap(address, reason="说好修没修\0")
    assert text("page.survey.reason_title") in told.text
    progress = await get(links.progress(ProgressLink(case.id, case.reporter_id)))
    assert "说好修没修" in progress.text


@pytest.mark.parametrize("rating", ["5", "2"])
async def test_two_taps_at_once_are_one(
    listener: Listener, links: Links, case: CaseView, rating: str
) -> None:
    address = survey_link(links, case)
    pages = await asyncio.gather(*(tap(address, rating=rating) for _ in range(4)))
    title = "page.survey.thanks_title" if rating == "5" else "page.survey.reopened_title"
    assert all(text(title) in page.text for page in pages)
    [after] = await listener.cases()
    assert after.round == (1 if rating == "5" else 2)


async def test_a_survey_that_the_case_has_overtaken(listener: Listener, links: Links, case: CaseView) -> None:
    await listener.act(case.number, Action.REOPEN, reason="又漏了")
    address = survey_link(links, case)
    for page in (await get(address), await tap(address, rating="5"), await tap(address, reason="说两句")):
        assert text("page.survey.moved_on_title") in page.text
    [after] = await listener.cases()
    assert (after.status, after.rating) == (Status.ASSIGNED, None)


@pytest.mark.parametrize("rating", ["0", "6", "x", "", "5 ", "٣"])
async def test_a_rating_that_is_none_changes_nothing(
    listener: Listener, links: Links, case: CaseView, rating: str
) -> None:
    assert (await tap(survey_link(links, case), rating=rating)).status_code == 200
    [after] = await listener.cases()
    assert (after.status, after.rating) == (Status.RESOLVED, None)


async def test_without_the_database_the_pages_say_so(settings: MakeSettings, database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    admin = psycopg.conninfo.make_conninfo(database_url, dbname="postgres")
    async with serving(settings, worker=False) as listener:
        await listener.phone().gets_a_number()
        [case] = await listener.cases()
        links = links_of(listener)
        survey, progress = (
            survey_link(links, case),
            links.progress(ProgressLink(case.id, case.reporter_id)),
        )
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" allow_connections false')
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            pages = [await get(progress), await get(survey), await tap(survey, rating="5")]
            connection.execute(f'alter database "{name}" allow_connections true')
        assert [page.status_code for page in pages] == [503] * 3
        assert all(text("page.error.try_later") in page.text for page in pages)
        assert (await get(progress)).status_code == 200


async def test_an_answer_of_any_size_is_no_error_of_ours(links: Links, case: CaseView) -> None:
    assert (await tap(survey_link(links, case), reason="长" * 100_000)).status_code == 413
