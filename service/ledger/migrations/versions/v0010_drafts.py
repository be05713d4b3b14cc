"""Drafts: what a person began to write and has not sent."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010", "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("person", "form", "saved_at", "ends_at")),
        sa.Column("firm", sa.String),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("person", "form", name="ux_drafts_person_form"),
    )
    for column in ("person", "firm", "ends_at"):
        op.create_index(f"ix_drafts_{column}", "drafts", [column])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("drafts")
