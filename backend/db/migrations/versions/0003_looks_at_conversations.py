"""looks at the phone numbers in a conversation are kept as those at a party's are"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reveals", sa.Column("conversation_id", sa.BigInteger(), nullable=True))
    op.alter_column("reveals", "case_id", nullable=True)
    op.alter_column("reveals", "party_id", nullable=True)
    op.create_index(op.f("ix_reveals_conversation_id"), "reveals", ["conversation_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("the log of looks at phone numbers may not lose rows; restore a backup instead")
