"""Contents under the key of their firm; an index that can forget a firm, and knows which inputs changed."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"

_FORGOTTEN = {"case": sa.String, "firm": sa.String, "probability": sa.Float, "points": sa.Float, "grade": sa.String}


def upgrade() -> None:
    """Make the table of keys, and let the index hold nothing where there was something."""
    op.create_table(
        "firm_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("firm", sa.String, unique=True),
        sa.Column("material", sa.LargeBinary),
    )
    op.add_column("ledger_entries", sa.Column("key", sa.String))
    op.create_index("ix_ledger_entries_key", "ledger_entries", ["key"])
    with op.batch_alter_table("assessments") as table:
        for name, kind in _FORGOTTEN.items():
            table.alter_column(name, existing_type=kind(), nullable=True)
        table.add_column(sa.Column("inputs", sa.String))


def downgrade() -> None:
    """What is under a key stays unreadable without it: only a ledger in which nothing is goes back."""
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM firm_keys")).scalar_one()
    if held:
        raise RuntimeError(f"{held} firms have contents under keys: this version alone can read them")
    with op.batch_alter_table("assessments") as table:
        table.drop_column("inputs")
        for name, kind in _FORGOTTEN.items():
            table.alter_column(name, existing_type=kind(), nullable=False)
    op.drop_index("ix_ledger_entries_key", "ledger_entries")
    with op.batch_alter_table("ledger_entries") as table:
        table.drop_column("key")
    op.drop_table("firm_keys")
