"""The ledger, and what finds assessments and acts again."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("suite", "before", "at", "actor", "kind", "root", "seal")),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
        *(sa.Column(n, sa.String, nullable=False) for n in ("case", "firm", "kind", "as_of", "asked_at")),
        *(sa.Column(n, sa.String) for n in ("bank", "branch", "application")),
        *(sa.Column(n, sa.Boolean, nullable=False) for n in ("retrospective", "synthetic")),
        *(sa.Column(n, sa.Float, nullable=False) for n in ("probability", "points")),
        *(sa.Column(n, sa.String, nullable=False) for n in ("grade", "expires_on", "bundle", "seal")),
    )
    for name in ("firm", "bank", "application"):
        op.create_index(f"ix_assessments_{name}", "assessments", [name])
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "acts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("assessment", "kind", "at", "content", "seal")),
    )
    op.create_index("ix_acts_assessment", "acts", ["assessment"])
    op.create_table(
        "what_ifs",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(n, sa.String, nullable=False) for n in ("assessment", "at")),
    )
    op.create_index("ix_what_ifs_assessment", "what_ifs", ["assessment"])


def downgrade() -> None:
    """Remove them."""
    for table in ("what_ifs", "acts", "idempotency_keys", "assessments", "ledger_head", "ledger_entries"):
        op.drop_table(table)
