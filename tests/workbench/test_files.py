"""Files as staff see them: small, to look at, to play, in parts; never run, never for others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from backend.attachments import pictures, recordings
from backend.attachments import service as attachments
from backend.attachments.content_types import kind_of
from backend.attachments.service import StoredCopies
from backend.attachments.store import FileStore
from backend.domain.lifecycle import Role
from tests.fixtures import media
from tests.fixtures.staff import Browser, Office, Resident
from tests.workbench.test_case_page import assigned

Browse = Callable[..., Browser]


async def keep(
    office: Office,
    app: FastAPI,
    resident: Resident,
    content: bytes,
    mime: str,
    name: str,
    *,
    made: bool = True,
) -> int:
    """A file of a resident, with its copies as the worker makes them."""
    files: FileStore = app.state.parts.files
    sha256 = await files.put(content)
    async with office.database.work() as work:
        found = await attachments.add_stored(
            work,
            resident.conversation_id,
            kind=kind_of(mime),
            mime=mime,
            size=len(content),
            sha256=sha256,
            name=name,
        )
        if made:
            await attachments.copied(work, found, await copies(files, content, mime))
        await work.commit()
    return found


async def copies(files: FileStore, content: bytes, mime: str) -> StoredCopies | None:
    if kind_of(mime) == "voice":
        sound = recordings.playable(content, mime)
        return StoredCopies(
            await files.put(sound.content), recordings.PLAYABLE, milliseconds=sound.milliseconds
        )
    if kind_of(mime) == "video":
        shown, milliseconds = recordings.still(content, mime)
        thumbnail = await files.put(shown.thumbnail)
        return StoredCopies(thumbnail_sha256=thumbnail, width=64, height=48, milliseconds=milliseconds)
    try:
        shown = pictures.copies(content)
    except pictures.Broken:
        return None
    view, thumbnail = await files.put(shown.view), await files.put(shown.thumbnail)
    return StoredCopies(view, pictures.FORM, thumbnail, shown.width, shown.height)


@pytest.fixture
async def resident(office: Office) -> Resident:
    return await office.resident()


async def test_a_picture_small_and_to_look_at(
    office: Office, browse: Browse, staff_app: FastAPI, resident: Resident
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    content = media.plain_photo((2000, 1000), "PNG")
    photo = await keep(office, staff_app, resident, content, "image/png", "现场.png")
    await office.hears(resident, "", kind="image", attachments=[photo])
    page = (await officer.get(f"/chats/{resident.conversation_id}")).text
    assert f'src="/attachments/{photo}/thumbnail"' in page and f'href="/attachments/{photo}/look"' in page
    sizes = [
        len((await officer.get(f"/attachments/{photo}{form}")).content) for form in ("/view", "/thumbnail")
    ]
    assert sizes[0] > sizes[1]
    assert (await officer.get(f"/attachments/{photo}")).content == content
    view = await officer.get(f"/attachments/{photo}/view")
    assert view.headers["content-type"] == "image/jpeg"
    assert view.headers["content-disposition"].startswith("inline")
    assert "immutable" in view.headers["cache-control"]


async def test_one_picture_after_another(
    office: Office, browse: Browse, staff_app: FastAPI, resident: Resident
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    mine, theirs = [browse(await office.person(Role.UNIT, unit)) for unit in ("sifa", "renshe")]
    case = await assigned(office, resident)
    one, two, three = [
        await keep(office, staff_app, resident, media.plain_photo((20, size)), "image/jpeg", f"{size}.jpg")
        for size in (10, 11, 12)
    ]
    document = await keep(office, staff_app, resident, b"%PDF-1.7", "application/pdf", "合同.pdf")
    loose = await keep(office, staff_app, resident, media.plain_photo((9, 9)), "image/jpeg", "")
    async with office.database.work() as work:
        await attachments.give_to_case(work, [one, two, document, three], case.id, resident.conversation_id)
        await work.commit()
    page = (await mine.get(f"/attachments/{two}/look")).text
    assert f'rel="prev" href="/attachments/{one}/look"' in page
    assert f'rel="next" href="/attachments/{three}/look"' in page
    assert "2 / 3" in page and "20 × 11" in page and case.number in page
    assert 'rel="prev"' not in (await mine.get(f"/attachments/{one}/look")).text
    alone = (await officer.get(f"/attachments/{loose}/look")).text
    assert "1 / " not in alone and f"/chats/{resident.conversation_id}" in alone
    for browser, file in ((theirs, two), (mine, loose), (mine, document), (officer, 10**9)):
        for form in ("/look", "/view", "/thumbnail", ""):
            if (file, form) in {(document, "/view"), (document, "/thumbnail"), (document, "")}:
                continue
            assert (await browser.get(f"/attachments/{file}{form}")).status_code == 404


async def test_a_recording_is_played_in_parts(
    office: Office, browse: Browse, staff_app: FastAPI, resident: Resident
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    voice = await keep(office, staff_app, resident, media.voice(), "audio/amr", "")
    await office.hears(resident, "", kind="voice", attachments=[voice])
    page = (await officer.get(f"/chats/{resident.conversation_id}")).text
    assert f'src="/attachments/{voice}/view"' in page and "0:01" in page and "controls" in page
    whole = await officer.get(f"/attachments/{voice}/view")
    assert whole.headers["content-type"] == "audio/mpeg" and whole.headers["accept-ranges"] == "bytes"
    part = await officer.http.get(f"/attachments/{voice}/view", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    beyond = await officer.http.get(f"/attachments/{voice}/view", headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416
    assert (await officer.get(f"/attachments/{voice}")).content == media.voice()


async def test_what_is_not_ready_and_what_is_broken_says_so(
    office: Office, browse: Browse, staff_app: FastAPI, resident: Resident
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    voice = await keep(office, staff_app, resident, media.voice(), "audio/amr", "", made=False)
    photo = await keep(office, staff_app, resident, media.plain_photo(), "image/jpeg", "", made=False)
    broken = await keep(office, staff_app, resident, media.photo()[:700], "image/jpeg", "坏了.jpg")
    video = await keep(office, staff_app, resident, media.video(), "video/mp4", "")
    document = await keep(
        office, staff_app, resident, b"%PDF-1.7" + bytes(3000), "application/pdf", "合同.pdf"
    )
    async with office.database.work() as work:
        refused = await attachments.add_remote(
            work, resident.conversation_id, kind="video", remote_id="x", channel="wechat"
        )
        await attachments.failed(work, refused, "too_big")
        await work.commit()
    ids = [voice, photo, broken, video, document, refused]
    await office.hears(resident, "", kind="image", attachments=ids)
    page = (await officer.get(f"/chats/{resident.conversation_id}")).text
    for words in (
        "正在转换",
        "打不开，按文件保存",
        "太大，没有收",
        f'poster="/attachments/{video}/thumbnail"',
        "2KB",
    ):
        assert words in page
    waiting = await officer.get(f"/attachments/{photo}/view")
    assert waiting.content == media.plain_photo() and waiting.headers["cache-control"] == "private, no-cache"
    saved = await officer.get(f"/attachments/{broken}/view")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert (await officer.get(f"/attachments/{broken}/look")).status_code == 404


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"%PDF-1.7 /JavaScript", "application/pdf"),
        (media.zipped("word/document.xml"), "application/ofd"),
        (b"words <script>alert(1)</script>", "text/plain"),
        (media.plain_photo() + b"<script>alert(1)</script>", "image/jpeg"),
    ],
)
async def test_nothing_in_a_file_can_run(
    office: Office, browse: Browse, staff_app: FastAPI, resident: Resident, content: bytes, mime: str
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    file = await keep(office, staff_app, resident, content, mime, "<b>名字</b>\u202e.exe", made=False)
    for form in ("", "/view", "/thumbnail"):
        answer = await officer.get(f"/attachments/{file}{form}")
        assert answer.headers["content-type"].startswith(mime)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        inline = mime.startswith("image/")
        assert answer.headers["content-disposition"].startswith("inline" if inline else "attachment")
        assert "<b>" not in answer.headers["content-disposition"]


async def test_words_that_a_machine_wrote_down_are_marked(
    office: Office, browse: Browse, resident: Resident
) -> None:
    officer = browse(await office.person(Role.OFFICER))
    await office.hears(resident, "楼上漏水", kind="voice", by_machine=True)
    assert "机器转写" in (await officer.get(f"/chats/{resident.conversation_id}")).text
