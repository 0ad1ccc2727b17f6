"""The declarative root of every table: one metadata, named constraints."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, Sequence
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

message_ids = Sequence("message_id_seq", metadata=metadata, data_type=BigInteger)
"""Incoming and outgoing messages share one sequence, so that a conversation reads in order of its ids."""

case_numbers = Sequence("case_number_seq", metadata=metadata, data_type=BigInteger)
"""The running part of a case's number: never restarts, may leave gaps, so opening a case waits for nobody."""


class Model(DeclarativeBase):
    """Parent of all tables: times are aware, dictionaries and lists are JSONB, ids are 64 bits."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        int: BigInteger,
    }
