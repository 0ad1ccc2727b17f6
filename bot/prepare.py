"""Make a database ready: newest schema, first contents, an administrator (`python -m bot.prepare`)."""

from __future__ import annotations

import asyncio
import sys

from backend.db.database import Database
from backend.db.migrate import migrate
from backend.organisation.accounts import ensure_admin
from backend.organisation.passwords import MAX_LENGTH, MIN_LENGTH, WeakPassword
from backend.organisation.seed import seed
from backend.settings import Settings, SettingsError, load_settings

WEAK_PASSWORD = (
    f"unusable settings: ADMIN_PASSWORD: a password has {MIN_LENGTH} to {MAX_LENGTH} characters and is"
    " neither the user name nor one that everybody tries first; empty = a one-time password is printed"
)


async def prepare(url: str, settings: Settings) -> str | None:
    """Fill in what the database at `url` lacks; the administrator's one-time password when made now.

    Raises SettingsError for an ADMIN_PASSWORD that no account may have, while there is no account: later it
    does nothing, and a centre that is open does not stay closed for it.
    """
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    try:
        async with database.work() as work:
            await seed(work)
            password = settings.admin_password.get_secret_value() if settings.admin_password else None
            try:
                generated = await ensure_admin(work, password)
            except WeakPassword:
                raise SettingsError(WEAK_PASSWORD) from None
            await work.commit()
    finally:
        await database.close()
    return generated


def main() -> int:
    """Prepare the database in DATABASE_URL; 1 for unusable settings."""
    try:
        settings = load_settings()
        if not settings.database_url:
            raise SettingsError("DATABASE_URL is not set; `python -m bot.run` starts the embedded database")
        generated = asyncio.run(prepare(settings.database_url, settings))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if generated:
        print(f"Administrator: admin, one-time password {generated}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
