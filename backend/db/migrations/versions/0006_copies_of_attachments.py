"""pictures to look at, recordings to play: copies of attachments"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachments", sa.Column("copies", sa.String(), server_default="none", nullable=False))
    op.create_check_constraint(
        op.f("ck_attachments_copies"), "attachments", "copies in ('none','due','made','broken')"
    )
    for name in ("view_sha256", "view_mime", "thumbnail_sha256"):
        op.add_column("attachments", sa.Column(name, sa.String(), nullable=True))
    for name in ("width", "height", "milliseconds"):
        op.add_column("attachments", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_constraint(op.f("ck_attachments_copies"), "attachments")
    for name in ("copies", "view_sha256", "view_mime", "thumbnail_sha256", "width", "height", "milliseconds"):
        op.drop_column("attachments", name)
