"""Accounts are proposed and confirmed, and their people set password and authenticator themselves.

A first password that an administrator was told opens nothing any more: its account must be reset. Refused acts on
accounts rest on no assessment.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0016", "0015"


def upgrade() -> None:
    """Make the tables, and take away passwords that others know."""
    op.create_table(
        "account_proposals",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("act", "subject", "content", "asked_at", "state")),
        *_open("bank branch ran_by asked_by part settled_by settled_at"),
    )
    for name in ("subject", "state"):
        op.create_index(f"ix_account_proposals_{name}", "account_proposals", [name])
    op.create_table(
        "invitations",
        sa.Column("user", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("first", "second", "ends_at")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # what triggers look at when a transaction ends keeps a table as it is
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    connection.execute(sa.text("UPDATE users SET password = NULL, totp = NULL WHERE temporary"))
    with op.batch_alter_table("users") as changed:
        changed.drop_column("temporary")
    with op.batch_alter_table("loan_file_steps") as changed:
        changed.alter_column("assessment", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    """Remove them."""
    op.execute("DELETE FROM loan_file_steps WHERE assessment IS NULL")
    with op.batch_alter_table("loan_file_steps") as changed:
        changed.alter_column("assessment", existing_type=sa.String(), nullable=False)
    op.add_column("users", sa.Column("temporary", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("users") as changed:
        changed.alter_column("temporary", existing_type=sa.Boolean(), server_default=None)
    for name in ("invitations", "account_proposals"):
        op.drop_table(name)


def _open(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String) for name in names.split()]
