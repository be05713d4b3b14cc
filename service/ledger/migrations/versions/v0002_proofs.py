"""What proofs need beside the entries: tiles of the tree, checkpoints, receipts, segments."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("at", "key", "text", "signature")),
    )
    op.create_index("ix_ledger_checkpoints_size", "ledger_checkpoints", ["size"])
    op.create_table(
        "ledger_receipts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("checkpoint", "at", "key", "text", "signature")),
    )
    op.create_index("ix_ledger_receipts_checkpoint", "ledger_receipts", ["checkpoint"])
    op.create_table(
        "ledger_segments",
        sa.Column("month", sa.String, primary_key=True),
        *(sa.Column(n, sa.Integer, nullable=False) for n in ("first", "last")),
        *(sa.Column(n, sa.String, nullable=False) for n in ("before", "seal")),
        sa.Column("anchor", sa.Integer, nullable=False),
    )
    op.create_table(
        "ledger_archived",
        sa.Column("last", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("seal", "at")),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("archived", "segments", "receipts", "checkpoints", "tiles"):
        op.drop_table(f"ledger_{name}")
