"""What was tried on assessments."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0014", "0013"


def upgrade() -> None:
    """Make the table; it follows from entries."""
    op.create_table(
        "trials",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("assessment", "at")),
    )
    op.create_index("ix_trials_assessment", "trials", ["assessment"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("trials")
