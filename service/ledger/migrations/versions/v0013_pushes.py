"""Lists of firms that were pushed, and what was told back about their firms."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013", "0012"


def upgrade() -> None:
    """Make the tables; they follow from entries."""
    op.create_table(
        "pushes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String, unique=True),
        *_texts("list edition came bank branch received_on expires_on"),
        sa.Column("firms", sa.Integer),
        *_texts("digest assessments left"),
        *(sa.Column(name, sa.String, nullable=False) for name in ("actor", "at", "seal")),
    )
    op.create_table(
        "push_feedback",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("push assessment outcome reason_code reason reported_on person"),
        *(sa.Column(name, sa.String, nullable=False) for name in ("actor", "at")),
    )
    for table, column in (
        ("pushes", "list"), ("pushes", "bank"), ("pushes", "expires_on"), ("push_feedback", "push"),
        ("push_feedback", "assessment"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("push_feedback")
    op.drop_table("pushes")


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String) for name in names.split()]
