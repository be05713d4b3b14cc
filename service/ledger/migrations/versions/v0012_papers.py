"""Comments on loan files, and papers that are kept beside them."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "loan_comments",
        *_keys(),
        *(sa.Column(name, sa.String, nullable=False) for name in ("author", "at")),
        sa.Column("said", sa.String),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "loan_attachments",
        *_keys(),
        *(sa.Column(name, sa.String, nullable=False) for name in ("hash", "media", "audience", "author", "at")),
        sa.Column("said", sa.String),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("seq", "size")),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("name", "content")),
    )
    op.create_index("ix_loan_attachments_hash", "loan_attachments", ["hash"])


def downgrade() -> None:
    """Remove them."""
    for name in ("loan_attachments", "loan_comments"):
        op.drop_table(name)


def _keys() -> list[sa.Column[str] | sa.Column[int]]:
    number = sa.Column("n", sa.Integer, primary_key=True, autoincrement=False)
    return [sa.Column("file", sa.String, primary_key=True), number]
