"""Small values that processes share for a while, and a lock to renew one of them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.model import Model
from backend.db.work import Work


class SharedValueRow(Model):
    """One value; it may be lost at any time without harm."""

    __tablename__ = "shared_values"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class SharedValue:
    """A value and when it ends."""

    value: Mapping[str, Any]
    expires_at: datetime


async def read(work: Work, key: str) -> Mapping[str, Any] | None:
    """The value, None when there is none or it has expired."""
    found: Mapping[str, Any] | None = await work.session.scalar(
        select(SharedValueRow.value).where(SharedValueRow.key == key, SharedValueRow.expires_at > work.now)
    )
    return found


async def write(work: Work, key: str, value: Mapping[str, Any], expires_at: datetime) -> None:
    """Put a value in place of what was there."""
    row = {"value": dict(value), "expires_at": expires_at}
    await work.session.execute(
        insert(SharedValueRow).values(key=key, **row).on_conflict_do_update(index_elements=["key"], set_=row)
    )


async def under(work: Work, prefix: str) -> Mapping[str, SharedValue]:
    """The values whose keys begin so."""
    rows = await work.session.scalars(
        select(SharedValueRow).where(
            SharedValueRow.key.startswith(prefix, autoescape=True), SharedValueRow.expires_at > work.now
        )
    )
    return {row.key: SharedValue(row.value, row.expires_at) for row in rows}


async def several(work: Work, keys: Sequence[str]) -> Mapping[str, SharedValue]:
    """Those of these values that there are and that have not expired, by their keys."""
    rows = await work.session.scalars(
        select(SharedValueRow).where(SharedValueRow.key.in_(keys), SharedValueRow.expires_at > work.now)
    )
    return {row.key: SharedValue(row.value, row.expires_at) for row in rows}


async def forget(work: Work, key: str) -> None:
    """Remove a value before its time."""
    await work.session.execute(delete(SharedValueRow).where(SharedValueRow.key == key))


async def alone(work: Work, key: str) -> None:
    """Wait until no other process holds this key, and hold it until the work ends."""
    await work.session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"shared_values:{key}"}
    )
