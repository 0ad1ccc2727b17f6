"""The administrator's password is lost."""

from __future__ import annotations

import pytest

from backend.db.database import Database
from backend.organisation.accounts import authenticate, ensure_admin
from bot import admin_password
from tests.fixtures.settings import MakeSettings


async def test_a_new_password_opens_and_the_old_one_does_not(database: Database, database_url: str) -> None:
    async with database.work() as work:
        await ensure_admin(work, "the password that was lost")
        await work.commit()
    new = await admin_password.reset(database_url)
    assert new
    async with database.work() as work:
        assert await authenticate(work, "admin", "the password that was lost") is None
        member = await authenticate(work, "admin", new)
    assert member is not None
    assert member.must_change_password


async def test_before_the_first_start(database_url: str) -> None:
    assert await admin_password.reset(database_url) is None


def test_the_command(
    settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(admin_password, "load_settings", settings)
    assert admin_password.main() == 1
    assert "make run" in capsys.readouterr().err
    monkeypatch.setattr(admin_password, "run", lambda _settings: "one-time")
    assert admin_password.main() == 0
    assert "one-time" in capsys.readouterr().out
