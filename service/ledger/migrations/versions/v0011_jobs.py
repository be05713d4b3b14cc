"""Lists of questions that are answered in the background."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    """Make the tables of jobs and of their rows."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("key", sa.String, unique=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("owner",)),
        *(sa.Column(name, sa.String) for name in ("bank", "branch")),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("kind", "name", "digest", "language", "state", "made_at")
        ),
        *(sa.Column(name, sa.String) for name in ("started_at", "ended_at")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("rows", "turn")),
        sa.Column("trouble", sa.String),
        sa.Column("touched", sa.Float, nullable=False),
    )
    op.create_table(
        "job_rows",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.String, nullable=False),
        *(sa.Column(name, sa.String) for name in ("case", "firm")),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("question", sa.LargeBinary),
        *(sa.Column(name, sa.String) for name in ("cells", "faults", "assessment", "advice")),
        *(sa.Column(name, sa.BigInteger) for name in ("asked", "advised")),
        *(sa.Column(name, sa.String) for name in ("binding", "holder")),
        sa.Column("held_until", sa.Float, nullable=False),
    )
    for table, column in (("jobs", "owner"), ("jobs", "state"), ("job_rows", "firm"), ("job_rows", "assessment")):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_job_rows_state", "job_rows", ["job", "state", "n"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("job_rows")
    op.drop_table("jobs")
