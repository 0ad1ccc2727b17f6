"""Signed links: what was signed is what opens, for as long as it is meant to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from bot.pages.links import (
    PICTURE_VALID,
    PROGRESS_VALID,
    SURVEY_VALID,
    UPLOAD_VALID,
    LinkError,
    LinkExpired,
    Links,
    PictureLink,
    ProgressLink,
    SurveyLink,
    UploadLink,
)

LINKS = Links("a key for tests", "https://chat.example/")
PROGRESS = ProgressLink(case_id=7, resident_id=3)
SURVEY = SurveyLink(case_id=7, resident_id=3, round=2)
UPLOAD = UploadLink(case_id=7, resident_id=3)
PICTURE = PictureLink(outgoing_id=7, conversation_id=3)
KINDS = {
    "progress": (LINKS.progress(PROGRESS), LINKS.read_progress, PROGRESS_VALID),
    "survey": (LINKS.survey(SURVEY), LINKS.read_survey, SURVEY_VALID),
    "upload": (LINKS.upload(UPLOAD), LINKS.read_upload, UPLOAD_VALID),
    "picture": (LINKS.picture(PICTURE), LINKS.read_picture, PICTURE_VALID),
}
"""Of the same ids where that can be: address, what reads it, how long."""


def token(address: str) -> str:
    return address.rpartition("/")[2]


def test_an_address_is_short_and_opens_what_was_signed() -> None:
    address = LINKS.progress(PROGRESS)
    assert address.startswith("https://chat.example/c/") and len(address) < 110
    assert LINKS.read_progress(token(address)) == PROGRESS
    address = LINKS.survey(SURVEY)
    assert address.startswith("https://chat.example/s/")
    assert LINKS.read_survey(token(address)) == SURVEY
    address = LINKS.picture(PICTURE)
    assert address.startswith("https://chat.example/p/") and len(address) < 110
    assert LINKS.read_picture(token(address)) == PICTURE


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_of_one_kind_opens_nothing_of_the_others(kind: str) -> None:
    address, _, _ = KINDS[kind]
    for other in KINDS.keys() - {kind}:
        with pytest.raises(LinkError):
            KINDS[other][1](token(address))


def test_another_installations_link_opens_nothing() -> None:
    with pytest.raises(LinkError):
        Links("another key", "https://chat.example").read_progress(token(LINKS.progress(PROGRESS)))


SIGNED = token(LINKS.progress(PROGRESS))
"""Once: what is drawn depends on it, and it holds the second in which it was signed."""


@given(st.data())
def test_a_changed_link_opens_nothing(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SIGNED) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda c: c != SIGNED[place]))
    changed = SIGNED[:place] + other + SIGNED[place + 1 :]
    try:
        assert LINKS.read_progress(changed) == PROGRESS, "spare bits of the last character"
        assert place == len(SIGNED) - 1
    except LinkError:
        pass


@given(st.text(max_size=60))
def test_any_text_is_a_link_error(text: str) -> None:
    for _, read, _ in KINDS.values():
        with pytest.raises(LinkError):
            read(text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_expires(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    made = {"progress": PROGRESS, "survey": SURVEY, "upload": UPLOAD, "picture": PICTURE}[kind]
    _, read, valid = KINDS[kind]
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000)
    old = token(getattr(LINKS, kind)(made))
    seconds = int(valid.total_seconds())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000 + seconds)
    assert read(old) == made
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_001 + seconds)
    with pytest.raises(LinkExpired):
        read(old)
