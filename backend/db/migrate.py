"""Bring a database to the newest schema (Alembic); safe to run from several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text

from backend.db.model import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x46510001
"""Key of the advisory lock that lets one process migrate at a time."""


def migrate(url: str) -> None:
    """Upgrade the database at `url` (`postgresql://…`) to the newest version, waiting for others that do."""
    engine = _engine(url)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            command.upgrade(_config(connection), "head")
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    engine.dispose()


def differences(url: str) -> list[object]:
    """What the migrated database still lacks beside the tables in the code; empty when they agree."""
    engine = _engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        found = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def new_revision(url: str, message: str) -> None:
    """Write a migration for the difference between the code's tables and the database (developers only)."""
    engine = _engine(url)
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
    engine.dispose()


def _engine(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))
