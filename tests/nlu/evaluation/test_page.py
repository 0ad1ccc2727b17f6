"""The page: everything that is promised is on it, nothing in it runs, and only its owner reads it."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.async_api import Browser

from nlu.evaluation import page
from nlu.understanding import CATEGORIES
from tests.fixtures.browser import window_of
from tests.nlu.evaluation.given import taken

SUBJECT = page.Subject("real", "0123456789abcdef", datetime(2026, 11, 21, 16, 30, tzinfo=UTC))
HOSTILE = "<script>document.title = 'taken over'</script> 楼上漏水 & 没人管"
ANSWERS = [
    *(taken("物业", "物业", share / 100, source="letters") for share in range(31, 100, 3)),
    *(taken("邻里", "物业", share / 100, source="chat", text=HOSTILE) for share in range(40, 80)),
    taken("劳资", "劳资", 0.9, source="chat"),
    *(
        taken(truth, told, 0.39, source="a-source-with-a-rather-long-name-of-2026")
        for truth in CATEGORIES
        for told in CATEGORIES
    ),
]


def test_the_worst_mistakes_are_the_surest_and_thirty_at_most() -> None:
    found = page.worst(ANSWERS)
    assert len(found) == 30
    assert [answer.share for answer in found] == sorted((a.share for a in found), reverse=True)
    assert not any(answer.is_right for answer in found)


def test_the_page_escapes_what_residents_wrote_and_fetches_nothing() -> None:
    content = page.page(ANSWERS, SUBJECT)
    assert "<script" not in content
    assert "&lt;script&gt;" in content
    assert "http://" not in content and "https://" not in content
    assert "measured on 2026-11-22 00:30" in content


def test_the_pictures_are_well_formed() -> None:
    content = page.page(ANSWERS, SUBJECT)
    pictures = content.split("<svg")[1:]
    assert len(pictures) == 4
    for picture in pictures:
        drawn = ElementTree.fromstring("<svg" + picture.partition("</svg>")[0] + "</svg>")
        assert drawn.attrib["aria-label"]


def test_a_perfect_run_and_a_cross_validation_have_pages_too() -> None:
    content = page.page([taken("其他", "其他", 0.99)], page.Subject("one", "m", SUBJECT.at, (0.9, 0.8)))
    assert "None." in content
    assert "Mean of 2 folds" in content and "0.850" in content


def test_a_page_is_its_owners_and_replaces_the_last(tmp_path: Path) -> None:
    directory = tmp_path / "reports"
    page.write("old", directory, "nlu-x")
    path = page.write("new", directory, "nlu-x")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert (directory / ".gitignore").read_text() == "*\n"
    assert {file.name for file in directory.iterdir()} == {".gitignore", "nlu-x.html"}


@pytest.mark.parametrize("width", [1280, 360])
async def test_the_page_fits_the_window_and_runs_nothing(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    path = page.write(page.page(ANSWERS, SUBJECT), tmp_path, "page")
    async with window_of(browser, viewport={"width": width, "height": 800}) as context:
        window = await context.new_page()
        asked: list[str] = []
        window.on("request", lambda request: asked.append(request.url))
        await window.goto(path.as_uri())
        assert await window.evaluate("document.documentElement.scrollWidth") <= width
        boxes = "[...document.querySelectorAll('.scroll')]"
        inside = f"{boxes}.every(box => box.scrollWidth <= box.clientWidth)"
        assert await window.evaluate(inside) or width < 500
        assert await window.title() == "real · 0.255"
        assert await window.locator("ol.worst li").count() == 30
        assert asked == [path.as_uri()]
