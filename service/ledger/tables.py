"""How entries are kept: one table that the database itself lets nobody change, and a head row that knows its size."""

from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, Column, LargeBinary, Table, event
from sqlmodel import Field, SQLModel


class Kind(StrEnum):
    """What an entry is about: short codes that stay as they are for ever."""

    ASSESSMENT = "assessment"
    DECISION = "decision"
    DRAWDOWN = "drawdown"
    CLOSURE = "closure"
    WHAT_IF = "what_if"


class Entry(SQLModel, table=True):
    """One sealed entry. Texts are kept exactly as they were sealed.

    `body` is the canonical object of the leaves. `answer` is what left for the caller, byte for byte; its digest is the
    leaf `/sent`, and each of its top-level parts is a leaf `/answer/PART` that need not be kept twice.
    """

    __tablename__ = "ledger_entries"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    suite: str
    before: str
    at: str
    actor: str
    kind: str
    root: str
    seal: str
    secret: bytes
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class Head(SQLModel, table=True):
    """The one row that says how many entries there are and which seal is the last: a cut tail shows."""

    __tablename__ = "ledger_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
    seal: str


ENTRIES: Table = SQLModel.metadata.tables["ledger_entries"]
HEAD: Table = SQLModel.metadata.tables["ledger_head"]

_ddl: Any = DDL  # published without types
_REFUSALS = {
    "ledger_entries_no_update": "BEFORE UPDATE ON ledger_entries",
    "ledger_entries_no_delete": "BEFORE DELETE ON ledger_entries",
    "ledger_entries_no_replace": (
        "BEFORE INSERT ON ledger_entries WHEN NEW.seq <= (SELECT max(seq) FROM ledger_entries)"
    ),
    "ledger_head_no_replace": "BEFORE INSERT ON ledger_head WHEN EXISTS (SELECT 1 FROM ledger_head)",
    "ledger_head_no_delete": "BEFORE DELETE ON ledger_head",
    "ledger_head_only_grows": "BEFORE UPDATE ON ledger_head WHEN NEW.size <= OLD.size OR NEW.id <> OLD.id",
}


def refuse_changes() -> None:
    """Make the database itself refuse UPDATE and DELETE wherever the tables are created.

    SQLite's REPLACE deletes without firing a DELETE trigger, so an INSERT may only come behind the last entry.
    """
    for name, when in _REFUSALS.items():
        body = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        refusal = _ddl(f"CREATE TRIGGER IF NOT EXISTS {name} {when} {body}")
        event.listen(SQLModel.metadata, "after_create", refusal.execute_if(dialect="sqlite"))


refuse_changes()
