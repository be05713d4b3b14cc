"""What processes share beside the ledger: leases, which models serve, what fails, how often somebody asks."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table("leases", _key("name"), _text("holder"), _number("until"))
    op.create_table("serving_models", _key("kind"), *map(_text, ("bundle", "version", "since")))
    op.create_table("notices", _key("area"), _key("name"), _text("since"), _text("detail"))
    op.create_table("rate_limits", _key("client"), *map(_number, ("tokens", "at", "granted")))


def downgrade() -> None:
    """Remove them."""
    for name in ("rate_limits", "notices", "serving_models", "leases"):
        op.drop_table(name)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float, nullable=False)
