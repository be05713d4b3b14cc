"""Entries of form 2: outer leaves, loan files, counts of a firm's assessments; accounts by random ids.

Entries of form 1 stay as they are. The opening entry, with which form 2 begins, is entered when the ledger is opened
next: it is no matter of the shape.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008", "0007"

_ENTRY = {"file": sa.String, "outer": sa.String, "facts": sa.LargeBinary}
_HEAD = {
    "at": sa.String, "opening": sa.Integer,
    "resumed": sa.Integer, "resumed_clock": sa.String, "resumed_last": sa.String,
}  # fmt: skip
_FORM_1 = "pledgescore-entry-1"
_OF_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
_OF_POSTGRESQL = "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
_ENCLOSURES = ("ledger_enclosures", "stored_artifacts")


def upgrade() -> None:
    """Add the columns and tables, and fill what follows from the entries that stand."""
    _without_triggers("ledger_head", _ENCLOSURES[0])
    op.add_column("ledger_entries", sa.Column("form", sa.String, nullable=False, server_default=_FORM_1))
    for name, kind in _ENTRY.items():
        op.add_column("ledger_entries", sa.Column(name, kind))
    op.create_index("ix_ledger_entries_file", "ledger_entries", ["file"])
    for name, kind in _HEAD.items():
        op.add_column("ledger_head", sa.Column(name, kind))
    op.execute("UPDATE ledger_head SET at = (SELECT at FROM ledger_entries WHERE seq = ledger_head.size)")
    op.create_table(
        "ledger_keys",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("material", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "file_heads",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("settled", "lent")),
    )
    op.create_table(
        "firm_heads",
        *(sa.Column(name, sa.String, primary_key=True) for name in ("firm", "bank")),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
    op.execute(
        "INSERT INTO firm_heads (firm, bank, n, seal) "
        "SELECT counted.firm, counted.bank, counted.n, assessments.seal FROM assessments JOIN "
        "(SELECT firm, COALESCE(bank, '') AS bank, count(*) AS n, max(seq) AS last FROM assessments "
        "WHERE firm IS NOT NULL GROUP BY firm, COALESCE(bank, '')) AS counted ON assessments.seq = counted.last"
    )
    op.create_table(
        "resumptions",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("reason", "asked_by", "asked_at")),
        sa.Column("confirmed_by", sa.String),
        sa.Column("entry", sa.Integer),
    )
    op.add_column("assessments", sa.Column("file", sa.String))
    op.create_index("ix_assessments_file", "assessments", ["file"])
    op.drop_index("ix_assessments_application", "assessments")
    op.create_index("ix_assessments_application", "assessments", ["application", "firm", "bank", "file"])
    for table in ("users", "api_keys"):
        _name_by_id(table)
    op.rename_table(*_ENCLOSURES)


def downgrade() -> None:
    """Entries of form 2 are not readable by an earlier version: only a ledger that has none goes back."""
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM ledger_entries WHERE form <> :form"), {"form": _FORM_1})
    if count := held.scalar_one():
        raise RuntimeError(f"{count} entries are of form 2: this version alone can read them")
    _without_triggers("ledger_head", _ENCLOSURES[1])
    op.rename_table(*reversed(_ENCLOSURES))
    for table in ("users", "api_keys"):
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(f"uq_{table}_id", type_="unique")
            changed.drop_column("id")
    op.drop_index("ix_assessments_file", "assessments")
    op.drop_index("ix_assessments_application", "assessments")
    op.create_index("ix_assessments_application", "assessments", ["application"])
    op.drop_index("ix_ledger_entries_file", "ledger_entries")
    for name in ("resumptions", "firm_heads", "file_heads", "ledger_keys"):
        op.drop_table(name)
    for table, columns in (("assessments", ["file"]), ("ledger_head", _HEAD), ("ledger_entries", ["form", *_ENTRY])):
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column)


def _name_by_id(table: str) -> None:
    """A random id for each account that stands."""
    connection = op.get_bind()
    op.add_column(table, sa.Column("id", sa.String))
    for name in list(connection.execute(sa.text(f"SELECT name FROM {table}")).scalars()):
        named = {"id": uuid4().hex, "name": name}
        connection.execute(sa.text(f"UPDATE {table} SET id = :id WHERE name = :name"), named)
    with op.batch_alter_table(table) as changed:
        changed.alter_column("id", existing_type=sa.String(), nullable=False)
        changed.create_unique_constraint(f"uq_{table}_id", ["id"])


def _without_triggers(*tables: str) -> None:
    """Take the triggers away, whatever they are called; they are stated anew after the last step."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    asked = sa.text(_OF_SQLITE if sqlite else _OF_POSTGRESQL)
    for table in tables:
        for name in list(connection.execute(asked, {"table": table}).scalars()):
            connection.execute(sa.text(f"DROP TRIGGER {name}{'' if sqlite else f' ON {table}'}"))
            if not sqlite:
                connection.execute(sa.text(f"DROP FUNCTION IF EXISTS {name}()"))
