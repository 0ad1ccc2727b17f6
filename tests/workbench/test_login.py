"""The door: log in, choose a password, log out, and forms from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from backend.app import create_app
from backend.domain.lifecycle import Role
from backend.organisation import accounts
from backend.organisation.throttle import PER_USER
from tests.fixtures.settings import MakeSettings
from tests.fixtures.staff import Browser, Clock, Office

Browse = Callable[..., Browser]
PASSWORD = "a long enough password"


async def new_officer(office: Office, username: str = "xiaozhou") -> str:
    async with office.database.work() as work:
        _, password = await accounts.create(
            work, username=username, name="小周", role=Role.OFFICER, unit="centre"
        )
        await work.commit()
    return password


async def log_in(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    return await client.post("/login", data={"username": username, "password": password})


def csrf_in(page: str) -> str:
    return re.findall(r'name="csrf" value="([^"]+)"', page)[0]


async def test_the_first_day(office: Office, client: httpx.AsyncClient) -> None:
    one_time = await new_officer(office)
    assert (await client.get("/login")).status_code == 200
    answer = await log_in(client, "XiaoZhou", one_time)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/password")
    cookie = answer.headers["Set-Cookie"]
    assert (
        "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Max-Age=43200" in cookie
    )
    for path in ("/", "/chats", "/events"):
        assert (await client.get(path)).headers["Location"] == "/password"
    page = await client.get("/password")
    form = {"csrf": csrf_in(page.text), "old": one_time, "new": PASSWORD, "again": PASSWORD}
    for wrong, words in (
        ({"again": "x"}, "两次输入"),
        ({"new": "short", "again": "short"}, "至少10个字符"),
        ({"old": "wrong"}, "原密码不对"),
        ({"new": one_time, "again": one_time}, "和原来的不一样"),
    ):
        refused = await client.post("/password", data=form | wrong)
        assert refused.status_code == 422
        assert words in refused.text
    before = client.cookies["fengqiao"]
    changed = await client.post("/password", data=form)
    assert (changed.status_code, changed.headers["Location"]) == (303, "/?done=password")
    assert client.cookies["fengqiao"] != before
    desk = await client.get("/?done=password")
    assert "密码已修改" in desk.text
    assert (await client.get("/login")).headers["Location"] == "/"
    out = await client.post("/logout", data={"csrf": csrf_in(desk.text)})
    assert out.headers["Location"] == "/login"
    assert (await client.get("/")).headers["Location"] == "/login"
    assert (await log_in(client, "xiaozhou", one_time)).status_code == 401
    assert (await log_in(client, "xiaozhou", PASSWORD)).headers["Location"] == "/"


async def test_the_first_administrator_gives_their_name(office: Office, client: httpx.AsyncClient) -> None:
    async with office.database.work() as work:
        one_time = await accounts.ensure_admin(work, None)
        await work.commit()
    assert one_time is not None
    await log_in(client, "admin", one_time)
    page = (await client.get("/password")).text
    assert "您的姓名" in page
    form = {"csrf": csrf_in(page), "old": one_time, "new": PASSWORD, "again": PASSWORD}
    for name in ("", "  ", "管理员"):
        refused = await client.post("/password", data=form | {"name": name})
        assert (refused.status_code, "请填写您的姓名" in refused.text) == (422, True)
    wrong = await client.post("/password", data=form | {"name": "林<芳>", "old": "wrong"})
    assert 'value="林&lt;芳&gt;"' in wrong.text
    assert (await client.post("/password", data=form | {"name": " 林芳\0 "})).status_code == 303
    assert "<summary>林芳</summary>" in (await client.get("/")).text
    assert "您的姓名" not in (await client.get("/password")).text


async def test_who_has_a_name_keeps_it(office: Office, client: httpx.AsyncClient) -> None:
    one_time = await new_officer(office)
    await log_in(client, "xiaozhou", one_time)
    page = (await client.get("/password")).text
    assert "您的姓名" not in page
    form = {"csrf": csrf_in(page), "old": one_time, "new": PASSWORD, "again": PASSWORD, "name": "别人"}
    assert (await client.post("/password", data=form)).status_code == 303
    assert "<summary>小周</summary>" in (await client.get("/")).text


async def test_a_wrong_password_says_little(office: Office, client: httpx.AsyncClient) -> None:
    await new_officer(office)
    unknown, wrong = await log_in(client, "nobody", "x"), await log_in(client, "xiaozhou", "x")
    assert (unknown.status_code, wrong.status_code) == (401, 401)
    assert unknown.text.replace("nobody", "") == wrong.text.replace("xiaozhou", "")
    assert "set-cookie" not in wrong.headers
    echo = await log_in(client, '"><script>alert(1)</script>', "x")
    assert "<script>alert" not in echo.text


async def test_guessing_is_slowed_down(office: Office, client: httpx.AsyncClient) -> None:
    password = await new_officer(office)
    for _ in range(PER_USER.amount):
        assert (await log_in(client, "xiaozhou", "wrong")).status_code == 401
    refused = await log_in(client, "xiaozhou", password)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert "请过十分钟再试" in refused.text


async def test_a_session_ends_after_a_working_day(office: Office, browse: Browse, clock: Clock) -> None:
    browser = browse(await office.person(Role.OFFICER))
    clock.forward(hours=11)
    assert (await browser.get("/")).status_code == 200
    clock.forward(hours=1, seconds=5)
    assert (await browser.get("/")).headers["Location"] == "/login"


async def test_over_https_browsers_insist_on_it(office: Office, settings: MakeSettings) -> None:
    password = await new_officer(office)
    app = create_app(settings(secure_cookies=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://staff.test") as client:
        answer = await log_in(client, "xiaozhou", password)
        assert answer.headers["Set-Cookie"].startswith("__Host-fengqiao=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert (await client.get("/password")).status_code == 200
    await app.state.parts.database.close()


FORMS = (
    "/logout",
    "/password",
    "/duty",
    "/staff",
    "/staff/1/password",
    "/staff/1/active",
    "/cases/FQ2026-000001/actions/accept",
    "/cases/FQ2026-000001/parties/1/phone",
    "/chats/1/take",
    "/chats/1/take-over",
    "/chats/1/back",
    "/chats/1/messages",
    "/chats/1/numbers",
    "/chats/1/files",
    "/cases/FQ2026-000001/numbers",
    "/alerts/1/done",
    "/dead-letters/1/resend",
    "/stuck-messages/1/again",
    "/candidates/download",
)
FIELDS = {
    "on": "true",
    "version": "1",
    "officer": "1",
    "username": "ab",
    "name": "x",
    "role": "unit",
    "text": "x",
    "form": "jsonl",
    "number": "FQ2026-000001",
    "file": "1",
}


def test_the_list_of_forms_is_complete(staff_app: FastAPI) -> None:
    def paths(routes: object) -> set[str]:
        found: set[str] = set()
        for route in routes:  # type: ignore[attr-defined]
            if hasattr(route, "original_router"):
                found |= paths(route.original_router.routes)
            elif "POST" in (getattr(route, "methods", None) or ()):
                found.add(route.path)
        return found

    known = paths(staff_app.routes) - {"/login"}
    ours = {
        path for path in known if not path.startswith(("/api", "/token", "/cases/{number}/actions/{action}"))
    }
    shapes = {re.sub(r"\{[^}]*\}", "[^/]+", path) for path in ours}
    assert len(shapes) >= 12
    for shape in shapes:
        assert any(re.fullmatch(shape, form) for form in FORMS), shape


@pytest.mark.parametrize("path", FORMS)
async def test_every_form_carries_the_sessions_secret(office: Office, browse: Browse, path: str) -> None:
    browser, other = browse(await office.person(Role.ADMIN)), await office.person(Role.ADMIN)
    for csrf in ("", "x", "口令", other.session.csrf):
        answer = await browser.http.post(path, data={**FIELDS, "csrf": csrf})
        assert answer.status_code == 403, csrf
    answer = await browser.http.post(path, data=FIELDS)
    assert answer.status_code == 403
    header = {"X-CSRF-Token": browser.person.session.csrf}
    assert (await browser.http.post(path, data=FIELDS, headers=header)).status_code != 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
    ],
)
async def test_a_page_of_another_site_is_refused(
    office: Office, browse: Browse, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    browser = browse(await office.person(Role.OFFICER))
    fields = {"csrf": browser.person.session.csrf, "on": "false"}
    assert (await browser.http.post("/duty", data=fields, headers=headers)).status_code == 403
    login = await client.post("/login", data={"username": "a", "password": "b"}, headers=headers)
    assert login.status_code == 403
    ours = (
        {"Sec-Fetch-Site": "same-origin"} if "Sec-Fetch-Site" in headers else {"Origin": "http://staff.test"}
    )
    assert (await browser.http.post("/duty", data=fields, headers=ours)).status_code == 303


async def test_headers(office: Office, browse: Browse, client: httpx.AsyncClient) -> None:
    browser = browse(await office.person(Role.OFFICER))
    for answer in (await browser.get("/"), await client.get("/login"), await client.get("/nothing")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "<script>" not in answer.text and " style=" not in answer.text and "onclick" not in answer.text
    static = await client.get("/static/live.js")
    assert static.headers["Cache-Control"] == "no-cache"
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/assets/htmx.org/../../.env"):
        assert (await client.get(path)).status_code == 404
