"""What came to nothing: a kind page for a person, JSON for a program."""

from __future__ import annotations

import httpx
import pytest

from bot.app import create_app
from dialogs.texts import text
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "status", "which"),
    [
        ("GET", "/nowhere", 404, "missing"),
        ("GET", "/c/", 404, "missing"),
        ("GET", "/assets/chat/none.js", 404, "missing"),
        ("GET", "/chat/messages", 405, "refused"),
        ("DELETE", "/", 405, "refused"),
        ("GET", "/chat/attachments/1", 401, "refused"),
        ("GET", "/chat/attachments/99999999999999999999", 422, "refused"),
    ],
)
async def test_a_person_reads_a_page_and_a_program_json(
    listener: Listener, method: str, path: str, status: int, which: str
) -> None:
    async with listener.phone().http as http:
        page = await http.request(method, path, headers=BROWSER)
        data = await http.request(method, path, headers=PROGRAM)
        bare = await http.request(method, path)
    assert (page.status_code, data.status_code) == (status, status)
    assert page.headers["content-type"].startswith("text/html")
    assert text(f"page.trouble.{which}_title") in page.text and 'href="/"' in page.text
    assert "detail" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "detail" in data.json() and "detail" in bare.json()
    assert page.headers.get("allow") == data.headers.get("allow")


async def test_a_fault_of_ours_shows_nothing_of_itself(settings: MakeSettings) -> None:
    app = create_app(settings())

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the inside of it")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://residents") as http:
        page = await http.get("/broken", headers=BROWSER)
        data = await http.get("/broken", headers=PROGRAM)
    assert (page.status_code, data.status_code) == (500, 500)
    assert text("page.trouble.failed_title") in page.text and "inside" not in page.text
    assert data.json() == {"detail": "Internal Server Error"}
