"""What an operator does with the account: its menu, its notices, its QR codes (`make wechat-menu` …)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import yaml

from backend.db.database import Database, DatabaseUnavailable
from backend.db.embedded import EmbeddedError, EmbeddedPostgres
from backend.organisation import channel_documents, scene_codes
from backend.organisation.scene_codes import Poster
from backend.redis_client import connect
from backend.settings import Settings, SettingsError, load_settings
from bot.wechat import menu_document, notice_forms
from bot.wechat.client import TIMEOUT, WeChatClient
from bot.wechat.console import Console
from bot.wechat.errors import NotReached, OutcomeUnknown, WeChatError, reason
from bot.wechat.menu_document import MenuError
from bot.wechat.notice_forms import NoticeError
from bot.wechat.parsing import CHANNEL
from bot.wechat.posters import printable
from bot.wechat.stops import NoStops
from bot.wechat.token_store import token_store

POSTERS = "wechat-posters.html"
LARGEST_FILE = 256 * 1024


class Unusable(Exception):
    """What the operator gave cannot be used; the text says where."""


async def put_menu(database: Database, console: Console, file: Path | None) -> str:
    """Give the account the stored menu, or the file's, which is then stored."""
    async with database.work() as work:
        stored = await channel_documents.newest(work, menu_document.DOCUMENT)
    if file is not None:
        document = _document(file)
        await console.put_menu(menu_document.read(document))
        version = await _store(database, menu_document.DOCUMENT, document)
    elif stored is not None:
        version = stored.version
        await console.put_menu(menu_document.read(stored.document))
    else:
        raise Unusable(
            "还没有菜单，请用 FILE=… 给一个（样例：backend/seed/wechat_menu.yml）。"
            " / There is no menu yet: FILE=… gives one."
        )
    return f"The account has menu version {version}; phones show it within five minutes."


async def put_notices(database: Database, console: Console, file: Path | None) -> str:
    """Store the file's notices once they fit the account's templates, or show the stored ones."""
    if file is None:
        async with database.work() as work:
            stored = await channel_documents.newest(work, notice_forms.DOCUMENT)
        shown = dict(stored.document) if stored is not None else {"notices": []}
        return yaml.safe_dump(shown, allow_unicode=True, sort_keys=False).rstrip()
    document = _document(file)
    if troubles := await unknown_templates(console, notice_forms.read(document)):
        raise Unusable("\n".join(troubles))
    version = await _store(database, notice_forms.DOCUMENT, document)
    return f"Notices version {version} is in use from the next message on."


async def unknown_templates(console: Console, forms: tuple[notice_forms.NoticeForm, ...]) -> list[str]:
    """What the account does not have of these forms: a template, or a field of it."""
    by = {form.by for form in forms}
    known = {
        "template": await console.templates() if "template" in by else {},
        "notice": await console.notices() if "notice" in by else {},
    }
    troubles = []
    for place, form in enumerate(forms):
        fields = known[form.by].get(form.template_id)
        if fields is None:
            troubles.append(f"notices.{place}.template_id: the account has no such {form.by}")
        else:
            missing = sorted(fields - set(form.fields)) + sorted(set(form.fields) - fields)
            troubles += [f"notices.{place}.fields: {name} is on one side only" for name in missing]
    return troubles


async def make_codes(database: Database, console: Console) -> list[Poster]:
    """Make the codes that are missing; all there are."""
    async with database.work() as work:
        posters = await scene_codes.posters(work, CHANNEL)
    for poster in (poster for poster in posters if not poster.address):
        address = await console.code(poster.scene)
        async with database.work() as work:
            await scene_codes.made(work, CHANNEL, poster, address)
            await work.commit()
    async with database.work() as work:
        return await scene_codes.posters(work, CHANNEL)


def _printed(posters: Sequence[Poster], settings: Settings) -> str:
    if not posters:
        raise Unusable(
            "本区下面还没有街道、社区，见 backend/seed/regions.yml。"
            " / There are no regions below the district yet."
        )
    page = settings.data_dir / POSTERS
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(printable(posters, settings.centre_name), encoding="utf-8")
    return f"{len(posters)} posters to print: {page}"


def client_of(settings: Settings, database: Database, http: httpx.AsyncClient | None = None) -> WeChatClient:
    """The client of an operator's command; raises SettingsError without an account."""
    if settings.wechat_app_secret is None or not settings.wechat_app_id:
        raise SettingsError(
            "需要先填写 WECHAT_APP_ID 和 WECHAT_APP_SECRET（make wechat-check 会说明在哪里找）。"
            " / WECHAT_APP_ID and WECHAT_APP_SECRET are needed for this."
        )
    base = settings.wechat_api_base.rstrip("/") + "/"
    return WeChatClient(
        http or httpx.AsyncClient(base_url=base, timeout=TIMEOUT),
        settings.wechat_app_id,
        settings.wechat_app_secret.get_secret_value(),
        token_store(settings.wechat_app_id, database, connect(settings)),
        NoStops(),
    )


def _document(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Unusable(f"{file} is too large")
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unusable(f"{file} cannot be read: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise Unusable(f"{file} is no YAML mapping")
    return document


async def _store(database: Database, name: str, document: Mapping[str, Any]) -> int:
    async with database.work() as work:
        version = await channel_documents.add(work, name, document)
        await work.commit()
    return version


async def _run(url: str, settings: Settings, what: str, file: Path | None) -> str:
    database = Database(url)
    client = client_of(settings, database)
    console = Console(client)
    try:
        match what:
            case "menu":
                return await put_menu(database, console, file)
            case "notices":
                return await put_notices(database, console, file)
            case _:
                return _printed(await make_codes(database, console), settings)
    finally:
        await client.aclose()
        await database.close()


def main(arguments: list[str] | None = None) -> int:
    """Do it and say what came of it; 1 after one sentence, or one line for each place, when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m bot.wechat.operate")
    parser.add_argument("what", choices=["menu", "notices", "codes"])
    parser.add_argument("file", nargs="?", type=Path)
    given = parser.parse_args(arguments)
    try:
        settings = load_settings()
        with ExitStack() as stack:
            url = settings.database_url or stack.enter_context(EmbeddedPostgres(settings.data_dir.absolute()))
            print(asyncio.run(_run(url, settings, given.what, given.file)))  # noqa: T201
    except WeChatError as error:
        code = reason(error.code)
        return _said(
            f"微信拒绝了：errcode {code}，原因请看 make wechat-check。"
            " / WeChat refuses: make wechat-check says why."
        )
    except (NotReached, OutcomeUnknown) as error:
        return _said(
            f"连不上微信（{error}），请看 make wechat-check。"
            " / WeChat cannot be reached: make wechat-check says more."
        )
    except DatabaseUnavailable:
        return _said("连不上数据库。 / The database cannot be reached.")
    except (SettingsError, EmbeddedError, Unusable, MenuError, NoticeError) as error:
        return _said(str(error))
    return 0


def _said(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
