"""which process carries a reply with its response, and when each listener was last seen"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listeners",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_listeners")),
    )
    op.add_column("outgoing_messages", sa.Column("carried_by", sa.String(), nullable=True))
    # In two steps, so that the table is not written anew.
    op.alter_column(
        "outgoing_messages", "carried_by", server_default=sa.text("current_setting('application_name')")
    )
    op.create_index(
        op.f("ix_outgoing_messages_created_at"),
        "outgoing_messages",
        ["created_at"],
        unique=False,
        postgresql_using="brin",
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_outgoing_messages_created_at"), table_name="outgoing_messages")
    op.drop_column("outgoing_messages", "carried_by")
    op.drop_table("listeners")
