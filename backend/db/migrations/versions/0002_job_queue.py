"""job queue: procrastinate's own schema, with what our load asks of it"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute(
        "alter table procrastinate_jobs set (autovacuum_vacuum_scale_factor = 0.02,"
        " autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 50)"
    )
    op.execute(
        "create index procrastinate_jobs_waiting_lock on procrastinate_jobs (lock)"
        " where status in ('todo', 'doing')"
    )
    op.execute("analyze procrastinate_jobs")


def downgrade() -> None:
    raise RuntimeError("the job queue holds promises to residents; restore a backup instead")
