"""Rows as the functions of the database give them (migrations 0009 and 0011), as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.conversations.views import Opened, OutgoingView

_OUTGOING = tuple(OutgoingView.__dataclass_fields__)


def opened(row: Sequence[Any]) -> Opened:
    """A conversation in the order of the fields of `Opened`, its prompt as JSON."""
    *conversation, prompt = row
    return Opened(*(*conversation, outgoing(prompt) if prompt is not None else None))


def outgoing(row: Mapping[str, Any]) -> OutgoingView:
    """A message for a resident, from its row as JSON."""
    fields = {name: row[name] for name in _OUTGOING}
    fields["parts"] = tuple((key, params) for key, params in row["parts"])
    fields["choices"] = tuple(row["choices"])
    for name in ("created_at", "sent_at"):
        fields[name] = datetime.fromisoformat(row[name]) if row[name] else None
    return OutgoingView(**fields)
