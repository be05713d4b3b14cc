"""The row by which a loan file is found: where it stands, on which assessment it rests, and what lists show of it.

An assessment of an application opens its loan file, or is the newest of it; while officers prepare it, the file rests
on its newest assessment. What lists show of the application is what the newest tells. Acts move the file on
(`service/loan_files/`). The row follows from the file's entries alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    LargeBinary,
    case,
    literal_column,
    or_,
)
from sqlmodel import Field, SQLModel

from service.assessing.assessment_index import IndexedAnswer
from service.edge.database import upsert_for
from service.edge.statements import DriverStatement
from service.ledger.append import Sealed
from service.ledger.contents import Key, OfBank, keys_of
from service.ledger.opened import OpenedEntry

_NONCE = 12
DRAFT, RETURNED = "draft", "returned"
PREPARED = (DRAFT, RETURNED)
"""States in which officers prepare the file: it rests on the newest assessment."""


class LoanFileRecord(SQLModel, table=True):
    """A loan file (卷宗). Money in fen; `rate` is the text of a float64.

    `legal_name` lies under the firm's key. `assessment` is the one that the file rests on, `newest` the latest of the
    application. `state` names what it waits for, `back_to` the step to which a returned file comes back. `amount`,
    `term_months`, `rate` are what is applied for, passed or granted, whichever came last; `cap`, `cap_months` what the
    committee passed. `head` is the seal of the entry up to which whoever acts has seen it, `seq` its last entry.
    """

    __tablename__ = "loan_files"

    id: str = Field(primary_key=True)
    bank: str | None = None
    branch: str | None = None
    firm: str = Field(index=True)
    application: str | None = None
    legal_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    advice: str | None = None
    asked: int | None = Field(default=None, sa_type=BigInteger)
    advised: int | None = Field(default=None, sa_type=BigInteger)
    advised_months: int | None = None
    binding: str | None = None
    assessment: str
    newest: str
    state: str = Field(index=True)
    back_to: str | None = None
    lead: str | None = Field(default=None, index=True)
    turn: int = 0
    round: int = 0
    amount: int | None = Field(default=None, sa_type=BigInteger)
    term_months: int | None = None
    rate: str | None = None
    cap: int | None = Field(default=None, sa_type=BigInteger)
    cap_months: int | None = None
    stands: str | None = None
    level: int = 0
    signatures: int = 0
    waives: str = ""
    expires_on: str | None = None
    contract: str | None = None
    released: int = Field(default=0, sa_type=BigInteger)
    drawn: int = Field(default=0, sa_type=BigInteger)
    due_on: str | None = Field(default=None, index=True)
    provisional: bool = False
    head: str
    seq: int = Field(index=True)
    at: str


LOAN_FILES = SQLModel.metadata.tables["loan_files"]
LIST_COLUMNS = ("bank", "state", "seq", "branch", "due_on", "provisional")
"""What a list by state is read by, and what counting the queues needs besides: their rows need not be read for that."""
Index("ix_loan_files_list", *(LOAN_FILES.c[name] for name in LIST_COLUMNS))
Index("ix_loan_files_latest", *(LOAN_FILES.c[name] for name in ("bank", "seq")))
TOLD = ("legal_name", "advice", "asked", "advised", "advised_months", "binding", "newest", "head", "seq", "at")
"""What an assessment tells of its file, whatever the file waits for."""
_FIRST: Mapping[str, object] = {
    "state": DRAFT, "turn": 0, "round": 0, "level": 0, "signatures": 0, "waives": "", "released": 0, "drawn": 0,
    "provisional": False,
}  # fmt: skip


def opens_file(answer: IndexedAnswer) -> bool:
    """Whether the assessment stands in a loan file that people work on: a loan that was applied for, asked in time."""
    return answer.kind == "pledge" and answer.case.application is not None and not answer.retrospective


def listed_of(answer: IndexedAnswer) -> dict[str, object]:
    """What lists show of an answer: the firm's name, the advice, amounts in fen, and what binds."""
    advice, limit = answer.recommendation, answer.limit
    return {
        "legal_name": answer.legal_name,
        "advice": None if advice is None else advice.advice,
        "asked": None if limit is None else limit.bounds.get("asked"),
        "advised": None if advice is None else advice.amount,
        "binding": None if limit is None else limit.binding,
    }


def file_row(answer: IndexedAnswer, entry: Sealed | OpenedEntry) -> dict[str, object]:
    """The row of a loan file that the assessment opens."""
    file, case_ = entry.outer.file, answer.case
    return {
        "id": None if file is None else file.id,
        "bank": case_.bank,
        "branch": case_.branch,
        "firm": case_.firm,
        "application": case_.application,
        **listed_of(answer),
        "advised_months": None if answer.term is None else answer.term.months,
        "assessment": answer.id,
        "newest": answer.id,
        "head": entry.seal,
        "seq": entry.seq,
        "at": entry.at,
        **_FIRST,
    }


def note_assessments(connection: Connection, entered: Iterable[tuple[IndexedAnswer, Sealed]]) -> None:
    """Open the files of these assessments, or tell the files of them, inside the transaction that enters them."""
    rows = [file_row(answer, entry) for answer, entry in entered if opens_file(answer)]
    if rows:
        _noting(connection.dialect.name).run(connection, locked_names(connection, rows))


def locked_names(connection: Connection, rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of loan files with each firm's name under its key.

    The nonce follows from the file and its newest assessment, so that a row that is made anew is the same.
    """
    keys = _keys(connection, rows)
    return [{**row, "legal_name": _locked(row, keys)} for row in rows]


def opened_names(connection: Connection, rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of loan files as they are kept, with the names as texts."""
    keys = _keys(connection, rows)
    return [{**row, "legal_name": _opened(row, keys)} for row in rows]


def _keys(connection: Connection, rows: Sequence[Mapping[str, object]]) -> dict[OfBank, Key]:
    return keys_of(connection, {_owner(row) for row in rows if row["legal_name"] is not None})


def _owner(row: Mapping[str, object]) -> OfBank:
    return str(row["firm"]), str(row["bank"] or "")


def _locked(row: Mapping[str, object], keys: Mapping[OfBank, Key]) -> bytes | None:
    key = keys.get(_owner(row))
    if row["legal_name"] is None or key is None:
        return None
    place = f"{LOAN_FILES.name}/{row['id']}/{row['newest']}".encode()
    nonce = sha256(place).digest()[:_NONCE]
    return nonce + key.cipher.encrypt(nonce, str(row["legal_name"]).encode(), place)


def _opened(row: Mapping[str, object], keys: Mapping[OfBank, Key]) -> str | None:
    """None also where it is not what was written: `ledger verify` names the row."""
    held, key = row["legal_name"], keys.get(_owner(row))
    if not isinstance(held, bytes) or key is None:
        return None
    place = f"{LOAN_FILES.name}/{row['id']}/{row['newest']}".encode()
    try:
        return key.cipher.decrypt(held[:_NONCE], held[_NONCE:], place).decode()
    except (InvalidTag, ValueError):
        return None


@cache
def _noting(dialect: str) -> DriverStatement:
    wanted = upsert_for(dialect, LOAN_FILES)
    prepared = or_(*(LOAN_FILES.c.state == literal_column(f"'{state}'") for state in PREPARED))
    moved: dict[str, ColumnElement[object]] = {name: wanted.excluded[name] for name in TOLD}
    moved["assessment"] = case((prepared, wanted.excluded.assessment), else_=LOAN_FILES.c.assessment)
    columns = ("id", "bank", "branch", "firm", "application", "assessment", *TOLD, *_FIRST)
    return DriverStatement(wanted.on_conflict_do_update(index_elements=["id"], set_=moved), columns)
