"""`make wechat-check` against the emulator: each thing that can be wrong is named, no secret is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from backend.db.database import Database
from backend.organisation import channel_documents
from backend.settings import Settings
from bot.app import create_app
from bot.wechat import check as checks
from bot.wechat import findings, menu_document, operate
from bot.wechat.check_callback import check_callback
from bot.wechat.check_settings import check_settings
from bot.wechat.findings import Finding, summary
from bot.wechat.notice_forms import DOCUMENT
from bot.wechat.stops import SqlStops
from tests.fixtures.serving import serving
from tests.fixtures.settings import MakeSettings
from tests.wechat.conftest import APP_ID, KEY, PREVIOUS_KEY
from tests.wechat.emulator import Emulator
from tests.wechat.test_notices import BY_TEMPLATE, FIELDS, TEMPLATE

TOKEN, SECRET = "callbackToken1", "0123456789abcdef0123456789abcdef"
GOOD: dict[str, Any] = {"wechat_token": TOKEN, "wechat_app_secret": SECRET, "wechat_safe_only": True}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(APP_ID, GOOD["wechat_app_secret"])


@pytest.fixture
def installation(wechat_settings: MakeSettings) -> Iterator[Settings]:
    """An installation that runs."""
    with serving(create_app(wechat_settings(**GOOD)), lifespan="on") as url:
        yield wechat_settings(**GOOD, public_url=url)


def keys(found: list[Finding], *levels: str) -> set[str]:
    return {finding.key for finding in found if not levels or finding.level in levels}


def test_settings(wechat_settings: MakeSettings) -> None:
    assert keys(check_settings(wechat_settings(**GOOD))) == {"settings.good"}
    for fields, level, key in (
        ({"wechat_token": None}, "wrong", "settings.token_missing"),
        ({"wechat_token": "no spaces"}, "wrong", "settings.token_shape"),
        ({"wechat_app_id": ""}, "wrong", "settings.app_id_missing"),
        ({"wechat_app_id": "gh_0123456789ab"}, "wrong", "settings.app_id_shape"),
        ({"wechat_app_secret": None}, "warn", "settings.secret_missing"),
        ({"wechat_app_secret": "ABC"}, "warn", "settings.secret_shape"),
        ({"wechat_aes_key": None}, "warn", "settings.key_missing"),
        ({"wechat_aes_key": KEY[:-1]}, "wrong", "settings.key_shape"),
        ({"wechat_aes_key_previous": f"{KEY}="}, "wrong", "settings.key_shape"),
        (
            {"wechat_safe_only": True, "wechat_aes_key": None, "wechat_aes_key_previous": None},
            "wrong",
            "settings.safe_only",
        ),
        ({"wechat_safe_only": False}, "wrong", "settings.plain_accepted"),
        (
            {"wechat_safe_only": False, "wechat_aes_key": None, "wechat_aes_key_previous": None},
            "warn",
            "settings.key_missing",
        ),
        ({"public_url": "http://127.0.0.1:8000"}, "wrong", "settings.public_url"),
        ({"public_url": "https://192.168.1.9"}, "wrong", "settings.public_url"),
        ({"public_url": "http://chat.example.cn"}, "warn", "settings.plain_http"),
    ):
        found = check_settings(wechat_settings(**(GOOD | fields)))
        assert [(finding.level, finding.key) for finding in found] == [(level, key)], fields


async def test_all_is_well(installation: Settings, emulator: Emulator, database: Database) -> None:
    await put(
        database, menu_document.DOCUMENT, {"button": [{"name": "查进度", "type": "click", "key": "progress"}]}
    )
    emulator.console.menu = {"button": [{"name": "查进度", "type": "click", "key": "progress"}]}
    await put(database, DOCUMENT, {"notices": [BY_TEMPLATE]})
    emulator.messages.templates = {TEMPLATE: tuple(FIELDS)}
    found = await checks.check(installation, installation.database_url)
    assert keys(found, "wrong") == {"settings.public_url"}, "only that a test runs on one machine"
    assert keys(found, "warn", "note") == set()
    assert keys(found, "good") == {
        "callback.good",
        "callback.key_good",
        "token.good",
        "reach.good",
        "clock.good",
        "right.service",
        "right.template",
        "notices.good",
        "menu.good",
    }
    assert emulator.sent == [], "a check writes to nobody"


async def put(database: Database, name: str, document: dict[str, object]) -> None:
    async with database.work() as work:
        await channel_documents.add(work, name, document)
        await work.commit()


@pytest.mark.parametrize(
    ("answer", "key", "words"),
    [
        (40013, "token.40013", "40013"),
        (40125, "token.40125", "40125"),
        (40243, "token.40243", "40243"),
        (
            JSONResponse(
                {
                    "errcode": 40164,
                    "errmsg": "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6",
                }
            ),
            "token.40164",
            "203.0.113.7",
        ),
        (JSONResponse({"errcode": 40164, "errmsg": "something else"}), "token.40164", "?"),
        (45011, "token.refused", "45011"),
        (Response("bad gateway", 502), "api.unreachable", "token"),
    ],
)
async def test_no_token(
    installation: Settings, emulator: Emulator, answer: int | Response, key: str, words: str
) -> None:
    emulator.fail("cgi-bin/stable_token", answer)
    found = await checks.check(installation, installation.database_url)
    [finding] = [finding for finding in found if finding.key == key]
    assert finding.level == "wrong"
    assert words in finding.told("zh") and words in finding.told("en")
    assert "right.service" not in keys(found), "without a token the rest cannot be asked"


async def test_no_way_out(wechat_settings: MakeSettings) -> None:
    settings = wechat_settings(**GOOD, wechat_api_base="http://127.0.0.1:1/", public_url="http://127.0.0.1:1")
    found = await checks.check(settings, settings.database_url)
    assert {"api.unreachable", "callback.unreachable"} <= keys(found, "wrong")


async def test_no_database(wechat_settings: MakeSettings) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    settings = wechat_settings(**GOOD, database_url=url, public_url="http://127.0.0.1:1")
    assert keys(await checks.check(settings, url), "wrong") >= {"database.away", "callback.unreachable"}


@pytest.mark.parametrize(
    ("minutes", "level", "key"),
    [
        (0, "good", "clock.good"),
        (2, "warn", "clock.drifts"),
        (-9, "wrong", "clock.wrong"),
        (9, "wrong", "clock.wrong"),
    ],
)
async def test_the_clock(installation: Settings, minutes: int, level: str, key: str) -> None:
    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=minutes)

    found = await checks.check(installation, installation.database_url, clock=clock)
    assert [(f.level, f.key) for f in found if f.key.startswith("clock.")] == [(level, key)]
    if level == "wrong":
        assert "callback.another_token" in keys(found, "wrong"), "our own signature is too old as well"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"wechat_token": "anotherToken"}, "callback.another_token"),
        ({"wechat_aes_key": PREVIOUS_KEY[::-1]}, "callback.key_differs"),
        ({"wechat_aes_key": "short"}, "callback.key_differs"),
    ],
)
async def test_the_running_software_has_other_settings(
    installation: Settings, wechat_settings: MakeSettings, change: dict[str, str], key: str
) -> None:
    settings = wechat_settings(**(GOOD | {"public_url": installation.public_url} | change))
    async with httpx.AsyncClient() as http:
        assert key in keys(await check_callback(settings, http, datetime.now(UTC)), "wrong")


@pytest.mark.parametrize(
    ("status", "body", "key"),
    [
        (404, "", "callback.off"),
        (403, "", "callback.another_token"),
        (200, "<html>welcome</html>", "callback.else"),
        (302, "", "callback.else"),
        (502, "", "callback.else"),
        (200, None, "callback.lets_in"),
    ],
)
async def test_somebody_else_answers(
    wechat_settings: MakeSettings, status: int, body: str | None, key: str
) -> None:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(request.query_params["echostr"] if body is None else body, status)

    app = Starlette(routes=[Route("/wechat", answer)])
    settings = wechat_settings(**GOOD, public_url="https://chat.example.cn/")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        assert keys(await check_callback(settings, http, datetime.now(UTC))) == {key}


async def test_an_account_that_is_not_verified(
    installation: Settings, emulator: Emulator, database: Database
) -> None:
    emulator.messages.service_rights = emulator.messages.verified = False
    stops = SqlStops(database, APP_ID)
    await stops.refused("cgi-bin/message/custom/send#msgmenu", 40200)
    await stops.refused("cgi-bin/message/custom/send", 48001)
    await stops.refused("cgi-bin/media/upload", 45009)
    found = await checks.check(installation, installation.database_url)
    expected = {"right.no_service", "right.no_template", "right.no_menu", "menu.none", "stop.quota"}
    assert keys(found, "warn") == expected
    assert keys(found, "note") == {"notices.none", "stop.asked_again"}
    assert [stop.code for stop in await stops.standing()] == [45009], "the day's quota stays used up"


async def test_what_differs(installation: Settings, emulator: Emulator, database: Database) -> None:
    emulator.console.menu = {"button": [{"name": "官网", "type": "view", "url": "https://example.cn/"}]}
    emulator.console.reach = {"dns": [], "ping": [{"ip": "203.0.113.9", "package_loss": "100%"}]}
    await put(database, DOCUMENT, {"notices": [BY_TEMPLATE]})
    found = await checks.check(installation, installation.database_url)
    assert {"menu.differs"} <= keys(found, "warn")
    assert {"notices.differ", "reach.bad"} <= keys(found, "wrong")


@pytest.mark.parametrize("code", [-1, 48001, 45009])
async def test_what_cannot_be_asked_is_said(installation: Settings, emulator: Emulator, code: int) -> None:
    for path in ("callback/check", "openapi/quota/get", "get_current_selfmenu_info"):
        emulator.fail(f"cgi-bin/{path}", code, times=2)
    found = await checks.check(installation, installation.database_url)
    assert {"reach.unknown", "right.unknown"} <= keys(found, "note")
    assert keys(found, "wrong") == {"settings.public_url"}


@pytest.mark.parametrize("arguments", [[], ["--english"]])
def test_the_command_shows_no_secret(
    installation: Settings,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.setattr(checks, "load_settings", lambda: installation)
    for failing in (False, True):
        if failing:
            emulator.secret = "another"
        assert checks.main(arguments) == 1
        shown = capsys.readouterr()
        everything = shown.out + shown.err
        assert everything.count("\n") > 4
        assert everything.splitlines()[-1].startswith("✗")
        for secret in (GOOD["wechat_token"], GOOD["wechat_app_secret"], KEY, PREVIOUS_KEY, emulator._current):
            assert not secret or secret not in everything


def test_the_command_without_usable_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.chdir(tmp_path)
    assert checks.main([]) == 1
    assert "PORT" in capsys.readouterr().err


def test_every_sentence_is_there_in_both_languages() -> None:
    for key, sentence in findings.words().items():
        names = {
            language: {name for _, name, _, _ in Formatter().parse(text) if name}
            for language, text in sentence.items()
        }
        assert set(names) == {"zh", "en"}, key
        assert names["zh"] == names["en"], key


def test_every_sentence_is_used() -> None:
    code = "".join(path.read_text() for path in Path(operate.__file__).parent.glob("check*.py"))
    code += Path(findings.__file__).read_text()
    made = {f"token.{code}" for code in (40013, 40125, 40243)}
    made |= {f"right.{no}{name}" for no in ("", "no_") for name in ("service", "template")}
    assert {key for key in findings.words() if f'"{key}"' not in code} <= made


def test_the_sum() -> None:
    good, warn, wrong = (Finding(level, "sum.good") for level in ("good", "warn", "wrong"))  # type: ignore[arg-type]
    assert summary([good]).key == "sum.good"
    assert summary([good, warn]).told("en") == "! Nothing is wrong. To improve: 1."
    assert summary([warn, wrong, wrong]).told("zh") == "✗ 有 2 处错误要处理。"
