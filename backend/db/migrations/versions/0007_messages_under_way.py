"""what waits to be sent, and what was sent just now, found without reading everything"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_outgoing_messages_under_way",
        "outgoing_messages",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state in ('queued','sending')"),
    )
    op.create_index(
        op.f("ix_delivery_attempts_started_at"),
        "delivery_attempts",
        ["started_at"],
        unique=False,
        postgresql_using="brin",
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_attempts_started_at"), table_name="delivery_attempts")
    op.drop_index("ix_outgoing_messages_under_way", table_name="outgoing_messages")
