"""A draft says which window of the browser saved it last."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0019", "0018"


def upgrade() -> None:
    """Of drafts that there are no window is known."""
    op.add_column("drafts", sa.Column("saved_by", sa.String))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("drafts") as changed:
        changed.drop_column("saved_by")
