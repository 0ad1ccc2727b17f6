"""Alembic's environment: every table of the backend, one connection handed in by `backend.db.migrate`."""

from alembic import context

import backend.attachments.tables
import backend.candidates.tables
import backend.cases.tables
import backend.conversations.tables
import backend.db.shared_values
import backend.follow_ups.tables
import backend.organisation.tables  # noqa: F401  (imported for their tables)
from backend.db.model import metadata


def include(item, name, kind, reflected, compare_to):
    """The queue's own tables are not ours to compare."""
    return not (kind == "table" and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, include_object=include
)
with context.begin_transaction():
    context.run_migrations()
