"""The web chat and the signed pages in the language of the browser, and then of the resident."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from bot.browser_language import device_language, page_language
from bot.pages.links import Links, ProgressLink, SurveyLink
from tests.webchat.listener import Listener

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}


async def test_the_browsers_language_until_the_resident_says_otherwise(listener: Listener) -> None:
    phone = listener.phone()
    phone.http.headers.update(ENGLISH)
    page = (await phone.http.get("/")).text
    assert '<html lang="en">' in page and "Write here" in page and "请在这里说" not in page
    refused = await phone.post(text=" ")
    assert refused.json()["message"] == "There is nothing in it yet."
    opened = (await phone.post(kind="open")).json()["messages"][0]["text"]
    assert opened.startswith("Hello, I help people at the mediation centre.")
    assert '<html lang="en">' in (await phone.http.get("/")).text
    assert "好的，接下来用中文。" in await phone.say("中文")
    assert phone.answers[-1]["language"] == "zh-CN"
    page = (await phone.http.get("/")).text
    assert '<html lang="zh-CN">' in page and "请在这里说" in page


async def test_the_signed_pages_speak_the_residents_language(listener: Listener) -> None:
    phone = listener.phone()
    phone.http.headers["Accept-Language"] = "zh-CN"
    await phone.say("English")
    number = await phone.gets_a_number("The lift has been broken for a month")
    case = (await listener.cases())[0]
    assert (case.number, case.language) == (number, "en")
    key = listener.settings.secret_key
    assert key is not None
    links = Links(key.get_secret_value(), listener.url)
    progress = (await phone.http.get(links.progress(ProgressLink(case.id, case.reporter_id)))).text
    assert '<html lang="en">' in progress and "<dd>Registered</dd>" in progress
    assert "<dd>something else</dd>" in progress
    survey = (await phone.http.get(links.survey(SurveyLink(case.id, case.reporter_id, 1)))).text
    assert "No answer is needed" in survey
    # Nothing is known of whoever opens a link that opens nothing, but what their browser says.
    gone = await phone.http.get("/c/nonsense", headers=ENGLISH)
    assert gone.status_code == 404 and "This link cannot be opened" in gone.text
    missing = await phone.http.get("/nowhere", headers=ENGLISH | {"Accept": "text/html"})
    assert "There is no such page" in missing.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-US,en;q=0.5", "en"),
        ("fr, mn;q=0.8, en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en;q=0, mn;q=0.1", "mn"),
        ("en;q=much", ""),
        ("fr", ""),
        ("*", ""),
        ("", ""),
        (",;q=,,", ""),
    ],
)
def test_what_a_browser_prefers(header: str, language: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert device_language(request) == language
    assert page_language(request) == (language or "zh_CN")
