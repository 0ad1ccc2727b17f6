"""An officer's picture as channels send it: itself where every channel takes it, else its copy."""

from __future__ import annotations

import pytest

from bot.stored_files import opener
from tests.fixtures import media
from tests.fixtures.stage import Stage
from tests.handlers.test_copies import newest, send


@pytest.mark.parametrize(
    ("form", "sent"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg")]
)
async def test_what_is_sent(stage: Stage, form: str, sent: str) -> None:
    await send(stage, media.plain_photo(form=form), name="图")
    await stage.jobs()
    open_file = opener(stage.parts.database, stage.parts.files)
    file = await open_file((await newest(stage)).id)
    assert file.mime == sent
    assert (file.content == media.plain_photo(form=form)) == (form != "WEBP")


async def test_what_is_not_there(stage: Stage) -> None:
    open_file = opener(stage.parts.database, stage.parts.files)
    with pytest.raises(LookupError):
        await open_file(10**9)
    await send(stage, media.plain_photo())
    file = await newest(stage)
    stage.parts.files.path(file.sha256 or "").unlink()
    with pytest.raises(LookupError):
        await open_file(file.id)
