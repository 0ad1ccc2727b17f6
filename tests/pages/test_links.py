"""Signed links: what was signed is what opens, for as long as it is meant to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from bot.pages.links import (
    PROGRESS_VALID,
    SURVEY_VALID,
    LinkError,
    LinkExpired,
    Links,
    ProgressLink,
    SurveyLink,
)

LINKS = Links("a key for tests", "https://chat.example/")
PROGRESS = ProgressLink(case_id=7, resident_id=3)
SURVEY = SurveyLink(case_id=7, resident_id=3, round=2)


def token(address: str) -> str:
    return address.rpartition("/")[2]


def test_an_address_is_short_and_opens_what_was_signed() -> None:
    address = LINKS.progress(PROGRESS)
    assert address.startswith("https://chat.example/c/") and len(address) < 110
    assert LINKS.read_progress(token(address)) == PROGRESS
    address = LINKS.survey(SURVEY)
    assert address.startswith("https://chat.example/s/")
    assert LINKS.read_survey(token(address)) == SURVEY


def test_a_link_of_one_kind_opens_nothing_of_the_other() -> None:
    with pytest.raises(LinkError):
        LINKS.read_survey(token(LINKS.progress(PROGRESS)))
    with pytest.raises(LinkError):
        LINKS.read_progress(token(LINKS.survey(SURVEY)))


def test_another_installations_link_opens_nothing() -> None:
    with pytest.raises(LinkError):
        Links("another key", "https://chat.example").read_progress(token(LINKS.progress(PROGRESS)))


@given(st.data())
def test_a_changed_link_opens_nothing(data: st.DataObject) -> None:
    signed = token(LINKS.progress(PROGRESS))
    place = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda c: c != signed[place]))
    changed = signed[:place] + other + signed[place + 1 :]
    try:
        assert LINKS.read_progress(changed) == PROGRESS, "spare bits of the last character"
        assert place == len(signed) - 1
    except LinkError:
        pass


@given(st.text(max_size=60))
def test_any_text_is_a_link_error(text: str) -> None:
    for read in (LINKS.read_progress, LINKS.read_survey):
        with pytest.raises(LinkError):
            read(text)


@pytest.mark.parametrize("valid", [PROGRESS_VALID, SURVEY_VALID])
def test_a_link_expires(monkeypatch: pytest.MonkeyPatch, valid: object) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000)
    old = token(LINKS.progress(PROGRESS) if valid is PROGRESS_VALID else LINKS.survey(SURVEY))
    read = LINKS.read_progress if valid is PROGRESS_VALID else LINKS.read_survey
    days = valid.total_seconds()  # type: ignore[attr-defined]
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000 + int(days))
    assert read(old)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_001 + int(days))
    with pytest.raises(LinkExpired):
        read(old)
