"""Contents are kept as they are: PostgreSQL need not try to compress what is locked."""

from alembic import op

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    """Say so to PostgreSQL; SQLite never tries."""
    _keep("EXTERNAL")


def downgrade() -> None:
    """Let it try again."""
    _keep("EXTENDED")


def _keep(storage: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for column in ("body", "answer"):
            op.execute(f"ALTER TABLE ledger_entries ALTER COLUMN {column} SET STORAGE {storage}")
