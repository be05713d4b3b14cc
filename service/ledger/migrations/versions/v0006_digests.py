"""Of an Idempotency-Key its digest is kept: what a caller called a question may tell of the firm."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    """Put the digest of each key in its place."""
    connection = op.get_bind()
    exchange = sa.text("UPDATE idempotency_keys SET key = :digest WHERE key = :key")
    for key in list(connection.execute(sa.text("SELECT key FROM idempotency_keys")).scalars()):
        connection.execute(exchange, {"key": key, "digest": sha256(key.encode()).hexdigest()})


def downgrade() -> None:
    """A digest stays: an earlier version then takes a key that was used for a new one."""
