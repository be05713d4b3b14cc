"""The audit log: who signed in, was refused, read or took something away."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0017", "0016"


def upgrade() -> None:
    """Make the table."""
    texts = ("kind", "at", "until", "who", "address", "what", "about", "outcome", "keep_until")
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in texts),
        sa.Column("bank", sa.String),
        sa.Column("count", sa.Integer, nullable=False),
    )
    for name in ("who", "keep_until"):
        op.create_index(f"ix_audit_log_{name}", "audit_log", [name])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("audit_log")
