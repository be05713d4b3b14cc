"""Each bank has a key of its own for a firm, and an erasure says of which bank it is.

A key under which one bank wrote becomes that bank's. One under which several wrote stays theirs together.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0018", "0017"
_NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
_BANK_OF_KEY = """
    UPDATE firm_keys SET bank = (
        SELECT CASE WHEN count(DISTINCT coalesce(a.bank, '')) = 1 THEN min(coalesce(a.bank, '')) END
        FROM assessments AS a WHERE a.firm = firm_keys.firm
    )
"""
_PLACE_OF_ERASURE = """
    UPDATE erasures SET {0} = (SELECT u.{0} FROM users AS u WHERE u.id = erasures.asked_by)
"""


def upgrade() -> None:
    """Name the bank."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("firm_keys", naming_convention=_NAMES) as changed:
        changed.drop_constraint("uq_firm_keys_firm" if sqlite else "firm_keys_firm_key", type_="unique")
        changed.add_column(sa.Column("bank", sa.String))
        changed.create_unique_constraint("uq_firm_keys_firm_bank", ["firm", "bank"])
    op.execute(_BANK_OF_KEY)
    for name in ("bank", "branch"):
        op.add_column("erasures", sa.Column(name, sa.String))
        op.execute(_PLACE_OF_ERASURE.format(name))


def downgrade() -> None:
    """Only a ledger in which no firm has the keys of two banks goes back."""
    twice = sa.text("SELECT firm FROM firm_keys WHERE firm IS NOT NULL GROUP BY firm HAVING count(*) > 1")
    if held := op.get_bind().execute(twice).all():
        raise RuntimeError(f"{len(held)} firms have keys of several banks: this version alone can read them")
    for name in ("branch", "bank"):
        op.drop_column("erasures", name)
    with op.batch_alter_table("firm_keys") as changed:
        changed.drop_constraint("uq_firm_keys_firm_bank", type_="unique")
        changed.drop_column("bank")
        changed.create_unique_constraint("firm_keys_firm_key", ["firm"])
