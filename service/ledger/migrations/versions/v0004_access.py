"""Accounts, keys, sessions and what was live; bundles and policies that entries name; requests to erase."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Make the tables that are not there: some were made before they had a step."""
    for name, (columns, indexed) in _tables().items():
        if not sa.inspect(op.get_bind()).has_table(name):
            op.create_table(name, *columns)
            for column in indexed:
                op.create_index(f"ix_{name}_{column}", name, [column])


def downgrade() -> None:
    """Remove them."""
    for name in reversed(_tables()):
        op.drop_table(name)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=nullable) for name in names]


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=True)


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean, nullable=False) for name in names]


def _tables() -> dict[str, tuple[list[sa.Column], tuple[str, ...]]]:  # type: ignore[type-arg]
    """The columns of each table, and those with an index."""
    place = ("bank", "branch", "fund")
    return {
        "ledger_enclosures": (
            [_key("digest"), *_texts("kind"), sa.Column("content", sa.LargeBinary, nullable=False)],
            (),
        ),
        "users": (
            [
                _key("name"),
                *_texts("shown", "role", "made_at"),
                *_texts(*place, "password", "totp", "locked_until", nullable=True),
                *(sa.Column(count, sa.Integer, nullable=False) for count in ("authority", "counter", "failures")),
                *_flags("temporary", "disabled"),
                sa.Column("subject", sa.String, unique=True),
            ],
            ("bank",),
        ),
        "api_keys": (
            [
                _key("name"),
                sa.Column("digest", sa.String, nullable=False, unique=True),
                *_texts("role", "scopes", "made_at", "expires_at"),
                *_texts(*place, nullable=True),
                *_flags("withdrawn"),
            ],
            ("bank",),
        ),
        "sessions": (
            [_key("digest"), *_texts("family", "user", "made_at", "ends_at", "over_at")],
            ("user", "family"),
        ),
        "sign_ins": (
            [_key("state"), *_texts("browser", "nonce", "verifier", "ends_at")],
            (),
        ),
        "used_tokens": ([_key("digest"), *_texts("ends_at")], ()),
        "changes": (
            [
                sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
                *_texts("kind", "subject", "at", "actor", "content", "seal"),
            ],
            ("subject", "at", "kind"),
        ),
        "erasures": (
            [
                _key("id"),
                *_texts("reason", "asked_by", "asked_at"),
                *_texts("firm", "confirmed_by", nullable=True),
                sa.Column("entry", sa.Integer),
            ],
            (),
        ),
    }
