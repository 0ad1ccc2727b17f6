"""Files on a host of their own: by links that nobody can make and that die."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer

from backend.app import create_app
from backend.attachments import elsewhere
from backend.attachments.elsewhere import FileLinks
from backend.domain.lifecycle import Role
from backend.settings import SettingsError, load_settings
from backend.workbench.doorway import cookie_name
from tests.fixtures import media
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import Office
from tests.workbench.test_files import keep

HOST = "https://files.example.test"


async def test_a_file_is_shown_from_there_alone(
    office: Office, settings: MakeSettings, tmp_path: Path
) -> None:
    chosen = settings(files_url=HOST, data_dir=tmp_path)
    app = create_app(chosen)
    officer, resident = await office.person(Role.OFFICER), await office.resident()
    photo = await keep(office, app, resident, media.plain_photo(), "image/jpeg", "a.jpg")
    transport = httpx.ASGITransport(app)
    cookies = {cookie_name(chosen): officer.session.token}
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://staff.test", cookies=cookies) as inside,
        httpx.AsyncClient(transport=transport, base_url=HOST) as there,
    ):
        page = await inside.get("/")
        assert f"img-src 'self' {HOST} data: blob:" in page.headers["content-security-policy"]
        assert f"media-src 'self' {HOST}" in page.headers["content-security-policy"]
        door = await inside.get(f"/attachments/{photo}/thumbnail")
        assert (door.status_code, door.headers["cache-control"]) == (302, "no-store")
        address = door.headers["location"]
        assert address.startswith(f"{HOST}/files/")
        shown = await there.get(address)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "sandbox" in shown.headers["content-security-policy"]
        token = address.rsplit("/", 1)[1]
        assert (await inside.get(f"/files/{token}")).status_code == 404, "no file on the pages' own host"
        for forged in (token[:-1], f"x{token}", "x", "1"):
            assert (await there.get(f"/files/{forged}")).status_code == 404
        gone = elsewhere.FileLinks("another key", HOST).to(photo, "file").headers["location"]
        assert (await there.get(gone)).status_code == 404
        assert (await inside.get(f"/attachments/{10**9}/view")).status_code == 404


def token(links: FileLinks, attachment_id: int = 1) -> str:
    return links.to(attachment_id, "view").headers["location"].rsplit("/", 1)[1]


def test_a_link_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    links = FileLinks("key", HOST)
    assert links.read(token(links)) == (1, "view")
    monkeypatch.setattr(elsewhere, "LIVES", timedelta(seconds=-1))
    assert links.read(token(links)) is None


@pytest.mark.parametrize("content", [7, [1], ["1", "view"], [1, "run"], [1, []], None])
def test_a_link_that_says_something_else(content: object) -> None:
    signed = URLSafeTimedSerializer("key", salt="files").dumps(content)
    assert FileLinks("key", HOST).read(signed) is None


@pytest.mark.parametrize("files", ["https://chat.example.test/files", "https://STAFF.example.test"])
def test_the_pages_own_host_is_refused(files: str) -> None:
    load: Callable[..., object] = load_settings
    with pytest.raises(SettingsError, match="a host of their own"):
        load(public_url="https://chat.example.test", staff_url="https://staff.example.test", files_url=files)
