"""The page behind a picture's link: that message's picture, for a while, and nothing of anybody else."""

from __future__ import annotations

from datetime import timedelta

import httpx
import psycopg
import pytest
from itsdangerous import TimestampSigner

from backend.attachments import service as attachments
from backend.conversations import entry, outbox
from backend.conversations.views import Sender
from bot.pages.links import PICTURE_VALID, Links, PictureLink
from dialogs.languages import LANGUAGES
from dialogs.texts import text
from tests.fixtures.media import plain_photo
from tests.fixtures.settings import MakeSettings
from tests.pages.test_pages import get, links_of
from tests.webchat.listener import Listener, serving

PHOTO = plain_photo()


async def sent(listener: Listener, user: str, *, stored: bool = True, picture: bool = True) -> PictureLink:
    """A message of an officer to this resident of the official account."""
    sha256 = await listener.parts.files.put(PHOTO) if stored else "0" * 64
    async with listener.parts.database.work() as work:
        talk = (await entry.lock(work, Sender("wechat", user))).conversation_id
        file = await attachments.add_stored(
            work, talk, kind="image", mime="image/jpeg", size=len(PHOTO), sha256=sha256, name="流程.jpg"
        )
        outgoing = await outbox.post(
            work, talk, kind="chat", literal="请看", attachment_id=file if picture else None
        )
        await work.commit()
    assert outgoing is not None
    return PictureLink(outgoing, talk)


async def test_the_page_shows_the_picture_of_its_message(listener: Listener) -> None:
    address = links_of(listener).picture(await sent(listener, "one"))
    page = await get(address)
    assert page.status_code == 200 and text("page.picture.title") in page.text
    assert page.headers["cache-control"] == "no-store"
    source = f"/p/{address.rpartition('/')[2]}/picture"
    assert f'src="{source}"' in page.text
    shown = await get(f"{listener.url}{source}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.content[:2] == PHOTO[:2]
    assert "sandbox" in shown.headers["content-security-policy"], "nothing of a file runs"
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_message_of_another_conversation_opens_nothing(listener: Listener) -> None:
    links = links_of(listener)
    mine, others = await sent(listener, "mine"), await sent(listener, "others")
    crossed = links.picture(PictureLink(others.outgoing_id, mine.conversation_id))
    assert (await get(crossed)).status_code == 410
    assert (await get(f"{crossed}/picture")).status_code == 410
    assert (await get(f"{links.picture(others)}/picture")).status_code == 200


async def test_a_file_of_another_conversation_is_not_shown(listener: Listener) -> None:
    link, others = await sent(listener, "here"), await sent(listener, "there")
    async with await psycopg.AsyncConnection.connect(listener.parts.database.conninfo) as connection:
        await connection.execute(
            "update outgoing_messages set attachment_id ="
            " (select attachment_id from outgoing_messages where id = %s) where id = %s",
            [others.outgoing_id, link.outgoing_id],
        )
    assert (await get(f"{links_of(listener).picture(link)}/picture")).status_code == 410


async def test_a_message_without_a_picture_and_a_lost_file(listener: Listener) -> None:
    links = links_of(listener)
    without = links.picture(await sent(listener, "words", picture=False))
    assert [(await get(without)).status_code, (await get(f"{without}/picture")).status_code] == [410, 410]
    lost = links.picture(await sent(listener, "lost", stored=False))
    assert (await get(f"{lost}/picture")).status_code == 410


async def test_a_forged_an_old_and_another_kind_of_link(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    links, link = links_of(listener), await sent(listener, "old")
    address = links.picture(link)
    for forged in (address[:-3], Links("another key", listener.url).picture(link), f"{listener.url}/p/1"):
        for page in (await get(forged), await get(f"{forged}/picture")):
            assert page.status_code == 404 and text("page.gone.wrong_title") in page.text
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_000_000)
    old = links.picture(link)
    monkeypatch.undo()
    for page in (await get(old), await get(f"{old}/picture")):
        assert page.status_code == 410 and text("page.picture.gone") in page.text


async def test_with_a_host_for_files_it_is_shown_from_there(settings: MakeSettings) -> None:
    files = "https://files.example.test"

    def with_host(**fields: object) -> object:
        return settings(**(fields | {"files_url": files}))

    async with serving(with_host, worker=False) as listener:  # type: ignore[arg-type]
        address = links_of(listener).picture(await sent(listener, "one"))
        page = await get(address)
        assert f"img-src 'self' {files}" in page.headers["content-security-policy"]
        door = await get(f"{address}/picture")
        assert (door.status_code, door.headers["cache-control"]) == (302, "no-store")
        place = httpx.URL(door.headers["location"])
        assert str(place).startswith(f"{files}/files/")
        async with httpx.AsyncClient(base_url=listener.url) as http:
            there = await http.get(place.path, headers={"host": place.host})
            assert (there.status_code, there.content[:2]) == (200, PHOTO[:2])
            assert (await http.get(place.path)).status_code == 404, "no file on the pages' own host"


async def test_without_the_database_the_page_says_so(settings: MakeSettings, database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    admin = psycopg.conninfo.make_conninfo(database_url, dbname="postgres")
    async with serving(settings, worker=False) as listener:
        address = links_of(listener).picture(await sent(listener, "one"))
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" allow_connections false')
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            pages = [await get(address), await get(f"{address}/picture")]
            connection.execute(f'alter database "{name}" allow_connections true')
        assert [page.status_code for page in pages] == [503, 503]


@pytest.mark.parametrize("language", LANGUAGES)
def test_residents_are_told_how_long_it_opens(language: str) -> None:
    assert PICTURE_VALID % timedelta(days=1) == timedelta()
    assert f"{PICTURE_VALID.days}" in text("chat.picture_behind_link", language=language)
    assert f"{PICTURE_VALID.days}" in text("page.picture.gone", language=language)
