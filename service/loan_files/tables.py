"""How loan files are kept: the row of each, and tables of what belongs to it; all follow from entries."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import BigInteger, Connection, Index, Select, delete, insert, select
from sqlmodel import Field, SQLModel

from service.access.roles import Reach
from service.assessing.loan_file_index import LOAN_FILES, locked_names, opened_names
from service.edge.database import DatabaseTable, replacing
from service.edge.errors import NoSuchLoanFile
from service.loan_files.record import LoanFile


class LoanDutyRecord(SQLModel, table=True):
    """Who held which duty in a loan file, since which entry."""

    __tablename__ = "loan_duties"

    file: str = Field(primary_key=True)
    duty: str = Field(primary_key=True)
    account: str = Field(primary_key=True, index=True)
    seq: int


class LoanConditionRecord(SQLModel, table=True):
    """A condition of an approval."""

    __tablename__ = "loan_conditions"

    file: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    text: str
    due: str
    rule: str | None = None
    state: str
    done_by: str | None = None
    done_on: str | None = None
    checked_by: str | None = None
    proof: str | None = None
    document: str | None = None
    rerun: str | None = None


class LoanVoteRecord(SQLModel, table=True):
    """A member's vote in a round of the committee."""

    __tablename__ = "loan_votes"

    file: str = Field(primary_key=True)
    round: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    member: str = Field(primary_key=True)
    vote: str
    reason: str | None = None
    seq: int
    seal: str


class LoanDocumentRecord(SQLModel, table=True):
    """A paper beside a loan file."""

    __tablename__ = "loan_documents"

    file: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(index=True)
    what: str
    dated_on: str | None = None
    about: str | None = None


class LoanDrawdownRecord(SQLModel, table=True):
    """A payment. A number of a loan (借据号) that the drawdown desk released stands once in a ledger."""

    __tablename__ = "loan_drawdowns"

    file: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    loan: str | None = None
    amount: int = Field(sa_type=BigInteger)
    drawn_on: str
    due_on: str
    checked: bool
    seq: int


class LoanPledgeRecord(SQLModel, table=True):
    """A registered pledge. While a loan runs its number stands in one file, unless it is one up to a maximum amount."""

    __tablename__ = "loan_pledges"

    file: str = Field(primary_key=True)
    registration: str = Field(primary_key=True)
    registered_on: str
    amount: int | None = Field(default=None, sa_type=BigInteger)
    maximum: bool
    live: bool


class LoanTaskRecord(SQLModel, table=True):
    """Something due after a loan was paid out, or a warning."""

    __tablename__ = "loan_tasks"

    file: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    what: str
    subject: str | None = None
    due_on: str = Field(index=True)
    provisional: bool
    owner: str = Field(index=True)
    raised_seq: int
    level: str | None = None
    closed_on: str | None = None
    closed_by: str | None = None
    closed_seq: int | None = None


_ALL = SQLModel.metadata.tables
PARTS: Mapping[str, DatabaseTable] = {
    "duties": _ALL["loan_duties"],
    "conditions": _ALL["loan_conditions"],
    "votes": _ALL["loan_votes"],
    "documents": _ALL["loan_documents"],
    "drawdowns": _ALL["loan_drawdowns"],
    "pledges": _ALL["loan_pledges"],
    "tasks": _ALL["loan_tasks"],
}
"""The table of each part of a loan file."""
DUTIES, CONDITIONS, VOTES, DOCUMENTS, DRAWDOWNS, PLEDGES, TASKS = (
    PARTS[name] for name in ("duties", "conditions", "votes", "documents", "drawdowns", "pledges", "tasks")
)
FILE_COLUMNS = tuple(column.name for column in LOAN_FILES.c)
for _table, _column, _when in (
    (DRAWDOWNS, "loan", DRAWDOWNS.c.checked),
    (PLEDGES, "registration", PLEDGES.c.live & ~PLEDGES.c.maximum),
):
    Index(f"ux_{_table.name}_{_column}", _table.c[_column], unique=True, sqlite_where=_when, postgresql_where=_when)
Index("ix_loan_tasks_open", TASKS.c.what, TASKS.c.closed_seq, TASKS.c.due_on)


def read_file(connection: Connection, file: str) -> LoanFile:
    """A loan file with all that belongs to it. Raises `NoSuchLoanFile`."""
    row = connection.execute(select(LOAN_FILES).where(LOAN_FILES.c.id == file)).mappings().one_or_none()
    if row is None:
        raise NoSuchLoanFile("no_such_loan_file", file=file)
    parts = {name: part_rows(connection, name, file) for name in PARTS}
    return msgspec.convert({**opened_names(connection, [dict(row)])[0], **parts}, LoanFile)


def part_rows(connection: Connection, part: str, file: str) -> list[dict[str, object]]:
    """The rows of a part of a loan file, in order of the key."""
    table = PARTS[part]
    found = connection.execute(select(table).where(table.c.file == file).order_by(*table.primary_key)).mappings()
    return [{name: value for name, value in row.items() if name != "file"} for row in found]


def rows_of(file: LoanFile) -> dict[DatabaseTable, list[dict[str, object]]]:
    """What is kept of a loan file, by table."""
    told: dict[str, object] = msgspec.to_builtins(file)
    found = {LOAN_FILES: [{name: told[name] for name in FILE_COLUMNS}]}
    for part, table in PARTS.items():
        own = msgspec.convert(told[part], list[dict[str, object]])
        found[table] = [{"file": file.id, **row} for row in own]
    return found


def write_file(connection: Connection, file: LoanFile, before: LoanFile | None = None) -> None:
    """Keep a loan file as it is now; of its parts, those that are not what they were."""
    for table, rows in rows_of(file).items():
        if table is LOAN_FILES:
            connection.execute(replacing(connection.dialect.name, table), locked_names(connection, rows))
        elif before is None or rows_of(before)[table] != rows:
            connection.execute(delete(table).where(table.c.file == file.id))
            if rows:
                connection.execute(insert(table), rows)


def open_votes() -> Select[object]:
    """The entries of votes that the minutes have not closed yet: nobody reads them."""
    votes = PARTS["votes"]
    same = (LOAN_FILES.c.id == votes.c.file) & (LOAN_FILES.c.round == votes.c.round)
    return select(votes.c.seq).join(LOAN_FILES, same)


def forget_files(connection: Connection, firm: str, reach: Reach) -> None:
    """Remove what is kept of a firm's loan files within reach."""
    own = select(LOAN_FILES.c.id).where(LOAN_FILES.c.firm == firm, reach.of(LOAN_FILES))
    for table in PARTS.values():
        connection.execute(delete(table).where(table.c.file.in_(own)))
    connection.execute(delete(LOAN_FILES).where(LOAN_FILES.c.firm == firm, reach.of(LOAN_FILES)))
