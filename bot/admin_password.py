"""A new one-time password for `admin` when the old one is lost: `make admin-password`."""

from __future__ import annotations

import asyncio
import sys

from backend.db.database import Database
from backend.db.embedded import EmbeddedError, EmbeddedPostgres
from backend.organisation.accounts import list_staff, reset_password
from backend.settings import Settings, SettingsError, load_settings


async def reset(url: str) -> str | None:
    """The new password; it ends the administrator's sessions. None before the first start."""
    database = Database(url)
    try:
        async with database.work() as work:
            admins = [member for member in await list_staff(work) if member.username == "admin"]
            password = await reset_password(work, admins[0].id) if admins else None
            await work.commit()
    finally:
        await database.close()
    return password


def run(settings: Settings) -> str | None:
    """Reset in the database of the settings, whether the software runs or not."""
    if settings.database_url:
        return asyncio.run(reset(settings.database_url))
    with EmbeddedPostgres(settings.data_dir.absolute()) as url:
        return asyncio.run(reset(url))


def main() -> int:
    """Print the password; 1 after one sentence when there is none to reset."""
    try:
        password = run(load_settings())
    except (SettingsError, EmbeddedError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if password is None:
        print("There is no administrator yet: `make run` makes one.", file=sys.stderr)  # noqa: T201
        return 1
    print(f"Administrator: admin, one-time password {password}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
