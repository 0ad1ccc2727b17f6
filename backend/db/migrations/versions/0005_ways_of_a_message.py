"""how a message went out and why that way; what a channel still allows; notices, menus and posters as data"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("delivery_attempts", sa.Column("way", sa.String(), nullable=True))
    op.add_column(
        "delivery_attempts",
        sa.Column("passed_over", JSON, server_default=sa.text("'[]'::jsonb"), nullable=False),
    )
    op.add_column("delivery_attempts", sa.Column("remote_id", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_delivery_attempts_remote_id"),
        "delivery_attempts",
        ["remote_id"],
        unique=False,
        postgresql_where=sa.text("remote_id is not null"),
    )
    op.alter_column("alerts", "conversation_id", nullable=True)
    op.create_table(
        "push_standings",
        sa.Column("resident_id", sa.BigInteger(), nullable=False),
        sa.Column("wrote_id", sa.BigInteger(), nullable=True),
        sa.Column("touched_id", sa.BigInteger(), nullable=True),
        sa.Column("since_wrote", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("since_touched", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed", JSON, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_push_standings_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_push_standings")),
    )
    op.create_table(
        "notice_consents",
        sa.Column("resident_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("left", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused_at", TIME, nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_notice_consents_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resident_id", "template_id", name=op.f("pk_notice_consents")),
    )
    op.create_table(
        "channel_documents",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_channel_documents_created_by")),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_channel_documents")),
    )
    op.create_table(
        "scene_codes",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("scene", sa.String(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_scene_codes_region_id")),
        sa.PrimaryKeyConstraint("channel", "scene", name=op.f("pk_scene_codes")),
        sa.UniqueConstraint("channel", "region_id", name=op.f("uq_scene_codes_channel_region_id")),
    )


def downgrade() -> None:
    raise RuntimeError("how messages went out may not be forgotten; restore a backup instead")
