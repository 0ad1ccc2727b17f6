"""Files through a signed link: with the case once, checked by their content, whatever a browser sends."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from itsdangerous import TimestampSigner
from PIL import Image

from backend.attachments import service as attachments
from backend.attachments.limits import Limits, megabytes
from backend.attachments.service import Attachment
from backend.cases import queries, service
from backend.cases.views import Actor, CaseView, EventView, NewCase
from backend.conversations import entry
from backend.conversations.views import Sender
from backend.db.database import DatabaseUnavailable
from backend.domain.lifecycle import Action, Role
from backend.live import Live
from bot.channel import Listening
from bot.compose import composed
from bot.pages import routes, uploads
from bot.pages.links import LinkError, Links, ProgressLink, UploadLink
from dialogs.texts import text
from handlers.parts import Parts
from tests.fixtures.settings import MakeSettings

KEY = "a key for tests and nothing else"
URL = "https://chat.example.test"
LIMIT = 5000

Files = list[tuple[str, tuple[str, bytes, str]]]


def png(shade: int, size: int = 8) -> bytes:
    content = io.BytesIO()
    picture = Image.effect_noise((size, size), 90) if size > 8 else Image.new("L", (size, size), shade)
    picture.save(content, "PNG")
    return content.getvalue()


def photos(*shades: int) -> Files:
    return [("file", (f"{n}.png", png(shade), "image/png")) for n, shade in enumerate(shades)]


@dataclass
class Site:
    """The pages, and a resident's case."""

    parts: Parts
    http: httpx.AsyncClient
    links: Links
    case: CaseView

    @property
    def address(self) -> str:
        return self.links.upload(UploadLink(self.case.id, self.case.reporter_id))

    async def shown(self, address: str = "") -> httpx.Response:
        return await self.http.get(address or self.address)

    async def give(self, files: Files, words: str = "", address: str = "") -> httpx.Response:
        """Send the form, and what is shown after it."""
        fields: dict[str, Any] = {"files": files} if files else {"files": [("file", ("", b"", ""))]}
        return await self.http.post(
            address or self.address, data={"words": words}, follow_redirects=True, **fields
        )

    async def files(self) -> list[Attachment]:
        async with self.parts.database.work() as work:
            return await attachments.of_case(work, self.case.id)

    async def supplements(self) -> list[EventView]:
        async with self.parts.database.work() as work:
            events = await queries.history(work, self.case.id, internal=True)
        return [event for event in events if event.action is Action.SUPPLEMENT]


@asynccontextmanager
async def opened(settings: MakeSettings, limits: Limits) -> AsyncIterator[Site]:
    chosen = settings(public_url=URL)
    async with composed(chosen) as made:
        parts = replace(made.parts, limits=limits)
        app = FastAPI()
        live = Live(parts.database.conninfo, made.redis)
        app.include_router(routes.router(Listening(chosen, parts, live, made.redis, KEY)))
        async with parts.database.work() as work:
            conversation = await entry.lock(work, Sender("wechat", "oResident"))
            rules = await parts.rules.current(work)
            new = NewCase(
                conversation.resident_id, conversation.conversation_id, None, "property", "楼道灯坏了"
            )
            case = await service.open_case(work, rules, new)
            await work.commit()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            yield Site(parts, http, Links(KEY, URL), case)


@pytest_asyncio.fixture
async def site(settings: MakeSettings) -> AsyncIterator[Site]:
    async with opened(settings, Limits(file=LIMIT, video=LIMIT)) as made:
        yield made


async def test_photos_and_words_become_a_supplement(site: Site) -> None:
    page = await site.shown()
    assert page.status_code == 200
    assert site.case.number in page.text and 'type="file"' in page.text and "multiple" in page.text
    assert "<script" not in page.text
    told = await site.give(photos(1, 2), "这是昨天拍的")
    assert text("page.upload.kept", {"count": "2"}) in told.text
    kept = await site.files()
    assert [(file.kind, file.mime, file.state, file.name) for file in kept] == [
        ("image", "image/png", "stored", "0.png"),
        ("image", "image/png", "stored", "1.png"),
    ]
    assert kept[0].sha256 is not None
    assert Image.open(io.BytesIO(await site.parts.files.get(kept[0].sha256))).size == (8, 8)
    [event] = await site.supplements()
    assert [note.text for note in event.notes] == ["这是昨天拍的"]


async def test_the_progress_page_leads_there_while_the_case_takes_more(site: Site) -> None:
    progress = site.links.progress(ProgressLink(site.case.id, site.case.reporter_id))
    page = await site.shown(progress)
    assert text("page.progress.upload") in page.text and f"{URL}/u/" in page.text
    async with site.parts.database.work() as work:
        rules = await site.parts.rules.current(work)
        actor = Actor(Role.RESIDENT, resident_id=site.case.reporter_id)
        await service.act(work, rules, site.case.id, Action.WITHDRAW, actor)
        await work.commit()
    assert f"{URL}/u/" not in (await site.shown(progress)).text
    for page in (await site.shown(), await site.give(photos(1))):
        assert text("page.upload.closed") in page.text and 'type="file"' not in page.text
    assert await site.files() == []


async def test_the_same_files_again_are_no_news(site: Site) -> None:
    for _ in range(2):
        told = await site.give(photos(1, 2))
        assert text("page.upload.kept", {"count": "2"}) in told.text
    pages = await asyncio.gather(*(site.give(photos(3)) for _ in range(4)))
    assert all(text("page.upload.kept", {"count": "1"}) in page.text for page in pages)
    assert len(await site.files()) == 3
    assert len(await site.supplements()) == 2
    assert [note.text for note in (await site.supplements())[0].notes] == [text("complaint.only_files")]


async def test_words_alone(site: Site) -> None:
    await site.give([], "师傅来过了\0 还是没修")
    [event] = await site.supplements()
    assert [note.text for note in event.notes] == ["师傅来过了 还是没修"]


async def test_what_cannot_be_kept_takes_nothing_else_with_it(site: Site) -> None:
    bad: Files = [
        ("file", ("run.exe", b"MZ" + b"\0" * 100, "image/png")),
        ("file", ("page.html", b"<script>alert(1)</script>", "image/png")),
        ("file", ("big.png", png(0, 200), "image/png")),
    ]
    told = await site.give([*bad, *photos(1)])
    assert text("page.upload.kept", {"count": "1"}) in told.text
    assert text("attachment.unreadable") in told.text
    assert text("attachment.too_big", {"limit": megabytes(LIMIT)}) in told.text
    assert [file.name for file in await site.files()] == ["0.png"]


async def test_more_than_nine_at_once(site: Site) -> None:
    told = await site.give(photos(*range(11)))
    assert text("page.upload.kept", {"count": "9"}) in told.text
    assert text("page.upload.too_many") in told.text
    assert len(await site.files()) == 9


async def test_a_link_in_wrong_hands_does_not_fill_the_disk(settings: MakeSettings) -> None:
    async with opened(settings, Limits(file=LIMIT, day_files=3)) as site:
        await site.give(photos(1, 2))
        told = await site.give(photos(2, 3, 4, 5))
        assert text("page.upload.kept", {"count": "2"}) in told.text
        assert text("attachment.enough_today") in told.text
        assert len(await site.files()) == 3


async def test_a_name_is_only_a_name(site: Site) -> None:
    names = ["../../etc/passwd", "字" * 300 + ".png", 'a"b\r\n.png', "\x01\x02.png"]
    await site.give([("file", (name, png(shade), "image/png")) for shade, name in enumerate(names)])
    kept = await site.files()
    assert len(kept) == len(names)
    for file in kept:
        assert len(file.name or "") <= 200 and not any(ord(c) < 32 for c in file.name or "")
        assert file.sha256 is not None and await site.parts.files.get(file.sha256)


async def test_nothing_was_chosen(site: Site) -> None:
    assert text("page.upload.nothing") in (await site.give([], "  ")).text
    assert await site.supplements() == []


NO_FORMS = [
    (b"", "multipart/form-data"),
    (b"nonsense", "multipart/form-data; boundary=x"),
    (b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n', "multipart/form-data; boundary=x"),
    (b"words=1", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"\xff\xfe", ""),
]


async def test_a_form_that_is_none(site: Site) -> None:
    for body, content_type in NO_FORMS:
        headers = {"Content-Type": content_type}
        answer = await site.http.post(site.address, content=body, headers=headers, follow_redirects=True)
        assert answer.status_code == 200
        assert any(text(f"page.upload.{why}") in answer.text for why in ("broken", "nothing"))
    assert await site.supplements() == []


async def test_a_body_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FILES_AT_ONCE", 1)
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            sent += 65536
            yield b"0" * 65536

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await site.http.post(site.address, content=chunks(), headers=headers, follow_redirects=True)
    assert text("attachment.too_big", {"limit": megabytes(LIMIT)}) in answer.text
    assert await site.files() == []


def other_links(site: Site) -> Iterator[str]:
    case = site.case
    yield site.links.upload(UploadLink(case.id, case.reporter_id + 1))
    yield site.links.upload(UploadLink(case.id + 1, case.reporter_id))
    token = site.links.progress(ProgressLink(case.id, case.reporter_id)).rpartition("/")[2]
    yield f"{URL}/u/{token}"
    yield Links("another key", URL).upload(UploadLink(case.id, case.reporter_id))


async def test_only_the_own_case(site: Site) -> None:
    for address in other_links(site):
        page = await site.shown(address)
        assert page.status_code == 404 and site.case.number not in page.text
        assert (await site.give(photos(1), address=address)).status_code == 404
    assert await site.files() == []
    with pytest.raises(LinkError):
        site.links.read_progress(site.address.rpartition("/")[2])


async def test_an_old_link(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000)
    old = site.address
    monkeypatch.undo()
    for page in (await site.shown(old), await site.give(photos(1), address=old)):
        assert page.status_code == 410 and text("page.gone.expired_title") in page.text


async def test_without_the_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> object:
        raise DatabaseUnavailable

    monkeypatch.setattr(site.parts.database, "work", away)
    for page in (await site.shown(), await site.give(photos(1))):
        assert page.status_code == 503 and text("page.error.try_later") in page.text
