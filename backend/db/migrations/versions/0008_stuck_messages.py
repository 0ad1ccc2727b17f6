"""how often a stashed message was tried, and when it was given to a person"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "stashed_messages", sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("stashed_messages", sa.Column("try_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stashed_messages", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("stashed_messages", "given_up_at")
    op.drop_column("stashed_messages", "try_at")
    op.drop_column("stashed_messages", "tries")
