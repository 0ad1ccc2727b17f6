"""What an operator does with the account: menu, notices, posters; what can be wrong with what is given."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
import yaml

from backend.db.database import Database
from backend.organisation import channel_documents, scene_codes
from backend.settings import Settings
from bot.wechat import menu_document, operate
from bot.wechat.console import Console
from bot.wechat.menu_document import MenuError
from bot.wechat.posters import printable
from tests.fixtures.settings import MakeSettings
from tests.wechat.emulator import Emulator
from tests.wechat.test_notices import BY_CONSENT, BY_TEMPLATE, FIELDS, NOTICE, TEMPLATE

ENTRY = {"name": "查进度", "type": "click", "key": "progress"}
PAGE = {"name": "官网", "type": "view", "url": "https://example.cn/"}


@pytest.fixture
def installation(wechat_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = wechat_settings(centre_name="新城区综治中心")
    monkeypatch.setattr(operate, "load_settings", lambda: settings)
    return settings


@pytest_asyncio.fixture
async def console(installation: Settings, database: Database) -> AsyncIterator[Console]:
    client = operate.client_of(installation, database)
    yield Console(client)
    await client.aclose()


def regions(url: str, *codes: str) -> None:
    with psycopg.connect(url) as connection:
        for code in codes:
            connection.execute(
                "insert into regions (code, name, parent_id) values (%s, %s,"
                " (select id from regions where code = 'fengqiao-chengguan'))",
                (code, f"{code}社区"),
            )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = operate.main(list(arguments))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_menu_of_a_first_installation(
    installation: Settings, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "menu")
    assert (code, "version 1" in out) == (0, True)
    menu = emulator.console.menu
    assert menu is not None
    assert [button["name"] for button in menu["button"]] == ["反映问题", "查进度", "更多"]
    assert menu_document.keys(menu) >= {"report", "progress", "person"}


def test_a_menu_of_ones_own(
    installation: Settings, emulator: Emulator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "menu.yml"
    file.write_text(yaml.safe_dump({"button": [ENTRY, PAGE]}, allow_unicode=True))
    assert run(capsys, "menu", str(file))[:2] == (
        0,
        "The account has menu version 2; phones show it within five minutes.\n",
    )
    assert emulator.console.menu == {"button": [ENTRY, PAGE]}
    emulator.console.menu = None
    assert run(capsys, "menu")[0] == 0
    assert emulator.console.menu == {"button": [ENTRY, PAGE]}


def test_a_menu_that_wechat_refuses_is_not_stored(
    installation: Settings, emulator: Emulator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "menu.yml"
    file.write_text(yaml.safe_dump({"button": [PAGE]}))
    emulator.fail("cgi-bin/menu/create", 48001)
    code, _, err = run(capsys, "menu", str(file))
    assert code == 1
    assert "48001" in err
    with psycopg.connect(installation.database_url) as connection:
        assert connection.execute("select max(version) from channel_documents").fetchone() == (1,)


@pytest.mark.parametrize(
    ("menu", "trouble"),
    [
        ({}, "button"),
        ({"button": []}, "button"),
        ({"button": [ENTRY] * 4}, "button"),
        ({"button": [{"name": "更多", "sub_button": [ENTRY] * 6}]}, "sub_button"),
        ({"button": [ENTRY | {"name": "六个汉字太长"}]}, "button.0.name: longer than 16"),
        ({"button": [{"name": "更多", "sub_button": [ENTRY | {"name": "字" * 21}]}]}, "longer than 60"),
        ({"button": [ENTRY | {"key": "dance"}]}, "button.0.key: is one of"),
        ({"button": [PAGE | {"url": "ftp://x"}]}, "button.0.url"),
        ({"button": [{"name": "空"}]}, "button.0.type: is click or view"),
        ({"button": [ENTRY | {"sub_button": [PAGE]}]}, "does nothing itself"),
        ({"button": [ENTRY | {"colour": "red"}]}, "colour"),
    ],
)
def test_menus_that_cannot_be(menu: dict[str, object], trouble: str) -> None:
    with pytest.raises(MenuError) as error:
        menu_document.read(menu)
    assert trouble in str(error.value)


def test_what_passes_here_passes_there(emulator: Emulator) -> None:
    longest = {"name": "更多", "sub_button": [ENTRY | {"name": "字" * 20}] * 5}
    for menu in ({"button": [ENTRY, PAGE, longest]}, {"button": [ENTRY | {"name": "五个汉字长"}]}):
        assert emulator.console.create_menu(menu_document.read(menu))["errcode"] == 0


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "a: [", "- a\n- b", "x" * 300_000])
def test_a_file_that_cannot_be_used_is_one_sentence(
    installation: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str | bytes | None
) -> None:
    file = tmp_path / "menu.yml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for what in ("menu", "notices"):
        code, _, err = run(capsys, what, str(file))
        assert code == 1
        assert err.startswith(str(file))
        assert err.count("\n") == 1


def test_notices_are_held_to_the_accounts_templates(
    installation: Settings, emulator: Emulator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "notices.yml"
    file.write_text(yaml.safe_dump({"notices": [BY_TEMPLATE, BY_CONSENT]}, allow_unicode=True))
    code, _, err = run(capsys, "notices", str(file))
    assert code == 1
    assert err.splitlines() == [
        "notices.0.template_id: the account has no such template",
        "notices.1.template_id: the account has no such notice",
    ]
    emulator.messages.templates = {TEMPLATE: (*FIELDS, "thing9"), NOTICE: tuple(FIELDS)[1:]}
    code, _, err = run(capsys, "notices", str(file))
    assert err.splitlines() == [
        "notices.0.fields: thing9 is on one side only",
        "notices.1.fields: thing1 is on one side only",
    ]
    emulator.messages.templates = {TEMPLATE: tuple(FIELDS), NOTICE: tuple(FIELDS)}
    assert run(capsys, "notices", str(file))[:2] == (
        0,
        "Notices version 1 is in use from the next message on.\n",
    )
    code, out, _ = run(capsys, "notices")
    assert yaml.safe_load(out) == json.loads(json.dumps({"notices": [BY_TEMPLATE, BY_CONSENT]}))


def test_before_there_are_notices(installation: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "notices")[:2] == (0, "notices: []\n")


def test_posters_are_made_once_and_printed_again(
    installation: Settings, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    regions(installation.database_url, "fengqiao-chaoyang", "fengqiao-binhe")
    for _ in range(2):
        code, out, _ = run(capsys, "codes")
        assert code == 0
        assert out.startswith("3 posters to print: ")
    assert emulator.calls.count("cgi-bin/qrcode/create") == 3
    page = (installation.data_dir / operate.POSTERS).read_text(encoding="utf-8")
    for words in ("新城区综治中心", "城关街道fengqiao-chaoyang社区", "微信扫一扫"):
        assert words in page
    assert page.count("<svg") == 3
    assert not re.search(r"""(src|href)\s*=|url\(""", page), "nothing is loaded from elsewhere"
    regions(installation.database_url, "fengqiao-new")
    assert run(capsys, "codes")[1].startswith("4 posters")
    assert emulator.calls.count("cgi-bin/qrcode/create") == 4


async def test_what_is_made_when_wechat_stops_in_the_middle_stays_made(
    installation: Settings, database: Database, console: Console, emulator: Emulator
) -> None:
    regions(installation.database_url, "a", "b")
    codes = emulator.console.create_code

    def once(asked: dict[str, object]) -> dict[str, object]:
        emulator.fail("cgi-bin/qrcode/create", 45009)
        return codes(asked)

    emulator.console.create_code = once  # type: ignore[method-assign, assignment]
    with pytest.raises(Exception, match="45009"):
        await operate.make_codes(database, console)
    async with database.work() as work:
        made = [poster for poster in await scene_codes.posters(work, "wechat") if poster.address]
    assert len(made) == 1


def test_a_place_is_text_on_a_poster() -> None:
    page = printable([scene_codes.Poster(1, "a", "<script>x</script>", "http://weixin.example/q/1")], "<b>")
    assert "<script>" not in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("what", ["menu", "codes"])
def test_without_an_account_or_a_network_it_is_one_sentence(
    wechat_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: str,
) -> None:
    for fields, sentence in (
        ({"wechat_app_secret": None}, "WECHAT_APP_SECRET"),
        ({"wechat_api_base": "http://127.0.0.1:1/"}, "WeChat cannot be reached"),
        ({"wechat_app_secret": "wrong"}, "errcode 40125_bad_app_secret"),
        ({"database_url": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"}, "database"),
    ):
        monkeypatch.setattr(operate, "load_settings", lambda fields=fields: wechat_settings(**fields))
        code, _, err = run(capsys, what)
        assert code == 1
        assert sentence in err
        assert err.count("\n") == 1


async def test_versions_are_only_added(database: Database) -> None:
    async with database.work() as work:
        assert await channel_documents.newest(work, "x") is None
        assert [await channel_documents.add(work, "x", {"n": n}) for n in range(3)] == [1, 2, 3]
        newest = await channel_documents.newest(work, "x")
    assert newest is not None
    assert (newest.version, newest.document) == (3, {"n": 2})
