"""The page itself: its headers, its files, its sentences."""

from __future__ import annotations

import re

import pytest

from bot.webchat.devices import network
from bot.webchat.page import STATIC
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener, serving


async def test_nothing_inline_and_nothing_from_elsewhere(listener: Listener) -> None:
    page = await listener.phone().http.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    assert not re.search(r"(src|href)=\"(?!/)", page.text)


async def test_who_only_asks_whether_it_is_there_becomes_no_resident(listener: Listener) -> None:
    answer = await listener.phone().http.head("/")
    assert answer.status_code == 200 and answer.content == b""
    assert "set-cookie" not in answer.headers and answer.headers["cache-control"] == "no-store"
    assert "set-cookie" in (await listener.phone().http.get("/")).headers


async def test_every_file_that_the_page_names_is_there(listener: Listener) -> None:
    http = listener.phone().http
    page = await http.get("/")
    addresses = set(re.findall(r"(?:src|href)=\"(/assets/[^\"]+)", page.text))
    for script in STATIC.glob("*.js"):
        addresses |= {
            f"/assets/chat/{name}" for name in re.findall(r'from "\./([\w.]+)"', script.read_text())
        }
    assert len(addresses) > 8
    for address in addresses:
        answer = await http.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-cache"
        if len(answer.content) > 2048:
            assert answer.headers.get("content-encoding") == "gzip", address


async def test_the_centres_name_is_escaped(settings: MakeSettings) -> None:
    async with serving(settings, centre_name="<b>区</b>&") as listener:
        page = (await listener.phone().http.get("/")).text
    assert "<b>区" not in page and "&lt;b&gt;区" in page


def test_every_sentence_of_the_scripts_is_sent_with_the_page() -> None:
    from bot.webchat.page import SCRIPT_TEXTS

    said = {key for file in STATIC.glob("*.js") for key in re.findall(r'"(page\.[\w.]+)"', file.read_text())}
    assert said == set(SCRIPT_TEXTS)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("a-socket", "a-socket"),
    ],
)
def test_one_line_is_one_address(host: str, counted: str) -> None:
    assert network(host) == counted
