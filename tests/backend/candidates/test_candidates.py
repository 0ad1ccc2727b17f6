"""From corrected cases to candidates: which cases, which label, and nothing personal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text as sql

from backend.candidates import judged as judged_module
from backend.candidates.candidates import LABELS, Candidate, Collection, collection
from backend.candidates.judged import Found, Judged, judged
from backend.cases.views import Actor, Guess
from backend.domain.lifecycle import Action, Role
from backend.domain.rules import Category, Rules
from nlu.understanding import CATEGORIES
from tests.fixtures.staff import Office

OFFICER = Actor(Role.OFFICER)
STORY = "楼上漏水把我家天花板泡了 我叫王建国 电话13812345678 恒大名都8号楼2单元301"
GUESS = Guess("property", 0.612, "rasa")


async def collected(office: Office, after: datetime | None = None) -> Collection:
    async with office.database.work() as work:
        found = await judged(work, after)
    return collection(found, await office.rules())


def test_the_labels_are_the_models() -> None:
    assert LABELS == CATEGORIES


async def test_a_corrected_case_is_a_candidate_without_personal_data(office: Office) -> None:
    case = await office.case(
        summary=STORY, category="property", guess=GUESS, reporter_name="王建国", reporter_phone="13812345678"
    )
    await office.act(case, Action.RECLASSIFY, OFFICER, category="neighbour")
    (candidate,) = (await collected(office)).candidates
    assert candidate == Candidate(
        text="楼上漏水把我家天花板泡了 我叫某某 电话某号码 某小区某号楼某单元某室",
        label="邻里",
        verdict="corrected",
        on=candidate.on,
        guess="物业",
        confidence=0.612,
        source="rasa",
    )


async def test_a_doubted_case_that_was_accepted_as_it_is_is_told_apart(office: Office) -> None:
    case = await office.case(summary="老板拖欠我们三个月工资不给", category="labour", needs_review=True)
    assert (await collected(office)).candidates == ()
    await office.act(case, Action.ACCEPT, OFFICER)
    found = await collected(office)
    assert [(c.label, c.verdict, c.guess, c.confidence) for c in found.candidates] == [
        ("劳资", "confirmed", "", None)
    ]
    assert (found.count("confirmed"), found.count("corrected")) == (1, 0)


async def test_what_nobody_judged_is_no_candidate(office: Office) -> None:
    sure = await office.case(summary="老板拖欠我们三个月工资不给", category="labour")
    await office.act(sure, Action.ACCEPT, OFFICER)
    refused = await office.case(summary="物业乱收停车费没人管", needs_review=True)
    await office.act(refused, Action.REFUSE, OFFICER, reason="不归这里管")
    assert (await collected(office)).candidates == ()


async def test_the_last_word_counts(office: Office) -> None:
    there_and_back = await office.case(summary="楼下烧烤店油烟熏得睡不着", category="other")
    await office.act(there_and_back, Action.RECLASSIFY, OFFICER, category="neighbour")
    await office.act(there_and_back, Action.RECLASSIFY, OFFICER, category="other")
    twice = await office.case(summary="兄弟不养老人怎么办才好", category="other")
    await office.act(twice, Action.RECLASSIFY, OFFICER, category="labour")
    await office.act(twice, Action.RECLASSIFY, OFFICER, category="family")
    found = await collected(office)
    assert [(c.label, c.verdict) for c in found.candidates] == [("家事", "corrected"), ("其他", "confirmed")]


async def test_events_of_earlier_versions_still_tell_of_corrections(office: Office) -> None:
    case = await office.case(summary="兄弟不养老人怎么办才好", category="other")
    await office.act(case, Action.RECLASSIFY, OFFICER, category="family")
    async with office.database.work() as work:
        await work.session.execute(
            sql("update case_events set data = data - 'was' - 'guess' - 'needs_review'")
        )
        await work.session.execute(sql("update case_events set data = '{}' where action = 'register'"))
        await work.commit()
    (candidate,) = (await collected(office)).candidates
    assert (candidate.label, candidate.verdict, candidate.guess) == ("家事", "corrected", "")


async def test_only_what_was_judged_after_a_moment(office: Office) -> None:
    case = await office.case(summary="兄弟不养老人怎么办才好", category="other")
    await office.act(case, Action.RECLASSIFY, OFFICER, category="family")
    async with office.database.work() as work:
        (one,) = (await judged(work)).cases
    assert (await collected(office, one.at)).candidates == ()
    assert len((await collected(office, one.at - timedelta(microseconds=1))).candidates) == 1


async def test_no_more_than_a_person_can_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged_module, "MOST", 2)
    for story in ("兄弟不养老人怎么办才好", "儿子不给我养老钱花", "媳妇不让我看孙子一眼"):
        case = await office.case(summary=story, category="other")
        await office.act(case, Action.RECLASSIFY, OFFICER, category="family")
    found = await collected(office)
    assert [c.text for c in found.candidates] == ["媳妇不让我看孙子一眼", "儿子不给我养老钱花"]
    assert found.more


# --- without a database ------------------------------------------------------------------------------

RULES = Rules(
    1,
    (
        Category("property", "物业", "zhujian", 7),
        Category("land", "土地权属", "jiedao", 7),
        Category("other", "其他", "jiedao", 7),
    ),
)
AT = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


def a_case(story: str = "村里修路占了我家地没给补偿", **facts: object) -> Judged:
    given: dict[str, object] = {
        "category": "land",
        "verdict": "corrected",
        "at": AT,
        "guess": {},
        "number": "FQ2026-000123",
        "place": "",
        "parties": (),
    }
    return Judged(story=story, **(given | facts))  # type: ignore[arg-type]


def of(*cases: Judged, regions: tuple[str, ...] = ()) -> Collection:
    return collection(Found(cases, False, regions), RULES)


def test_a_centres_own_category_is_other_to_the_model_and_the_day_is_shanghais() -> None:
    (candidate,) = of(a_case()).candidates
    assert (candidate.label, candidate.on) == ("其他", date(2026, 11, 23))


def test_a_category_that_the_rules_no_longer_have_is_other() -> None:
    guess = {"category": "gone", "confidence": 0.4, "source": "keywords"}
    (candidate,) = of(a_case(category="gone", guess=guess)).candidates
    assert (candidate.label, candidate.guess, candidate.confidence) == ("其他", "其他", 0.4)


def test_what_the_case_itself_knows_does_not_stay() -> None:
    case = a_case(
        "翡翠澜山的物业停水 晓月家也没水 分机8021 枫桥这边都一样 上次的FQ2026-000123没结果",
        place="翡翠澜山8栋",
        parties=(("老月", ""), ("楼上", ""), ("", "8021")),
    )
    case_with_name = a_case("何晓月家停水三天没人管", parties=(("何晓月", ""),))
    found = of(case, case_with_name, regions=("枫桥",))
    text = found.candidates[0].text
    assert [w for w in ("翡翠", "8021", "枫桥", "000123") if w in text] == []
    assert "物业停水" in text
    assert found.candidates[1].text == "某某家停水三天没人管"


def test_what_stays_doubtful_is_left_out_and_counted_and_repetitions_are_one() -> None:
    found = of(a_case(), a_case(), a_case("差评"), a_case("老板姓麴的不发我们工资"))
    assert (len(found.candidates), found.left_out) == (1, 2)
