"""Comments on a loan file: added and never changed, no entries, and gone with the firm's key."""

from typing import Annotated

import msgspec
from pydantic import Field as Told
from sqlalchemy import Column, Connection, Engine, LargeBinary, func, insert, select
from sqlmodel import Field, SQLModel

from service.access.tables import USERS
from service.edge.database import in_turn
from service.edge.errors import NotInTurn
from service.edge.fields import Note
from service.ledger import actors
from service.ledger.canonical import time_text
from service.loan_files.locked import key_of, locked, opened
from service.loan_files.requests import PersonalAct
from service.loan_files.tables import read_file
from service.loan_files.turns import Desk


class LoanCommentRecord(SQLModel, table=True):
    """A comment: its number within the file, by which account, and when. `said`: names who, where nobody signs in."""

    __tablename__ = "loan_comments"

    file: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    author: str
    said: str | None = None
    at: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


COMMENTS = SQLModel.metadata.tables["loan_comments"]


class NewComment(PersonalAct):
    """What is said about a file."""

    text: Annotated[Note, Told(description="Shown as text, to whoever may read the file")]


class FileComment(msgspec.Struct, frozen=True):
    """A comment as it is read; `by`: the account's name."""

    n: int
    by: str | None
    at: str
    text: str


class FileComments(msgspec.Struct, frozen=True):
    """The comments on a file, the first first."""

    items: list[FileComment]


def comment(engine: Engine, file: str, desk: Desk, told: NewComment) -> FileComment:
    """Add a comment. Raises `NoSuchLoanFile`, `InvalidRequest` for who says it, `NotInTurn` for one too many."""
    said = desk.who(told.person, personal=False)

    def write(connection: Connection) -> FileComment:
        of = read_file(connection, file)
        n = connection.execute(select(func.count()).where(COMMENTS.c.file == file)).scalar_one() + 1
        most = desk.policy("attachments.comments").on(desk.today)
        if n > most:
            raise NotInTurn("comments_too_many", most=most)
        held = locked(key_of(connection, of.firm, of.bank), told.text.encode(), _place(file, n))
        row = {"file": file, "n": n, "author": desk.caller.id, "at": time_text(desk.at), "content": held}
        connection.execute(insert(COMMENTS), row | {"said": None if desk.caller.signed_in else said})
        return FileComment(n, names(connection, [desk.caller.id]).get(desk.caller.id, said), str(row["at"]), told.text)

    return in_turn(engine, write)


def comments(connection: Connection, file: str) -> list[FileComment]:
    """The comments on a file, the first first. Raises `NoSuchLoanFile`."""
    of = read_file(connection, file)
    rows = connection.execute(select(COMMENTS).where(COMMENTS.c.file == file).order_by(COMMENTS.c.n)).all()
    if not rows:
        return []
    key, known = key_of(connection, of.firm, of.bank), names(connection, [row.author for row in rows])
    return [
        FileComment(
            row.n, known.get(row.author, row.said), row.at, opened(key, row.content, _place(file, row.n)).decode()
        )
        for row in rows
    ]


def names(connection: Connection, accounts: list[str]) -> dict[str, str]:
    """The names of accounts by their ids."""
    wanted = select(USERS.c.id, USERS.c.name).where(USERS.c.id.in_(set(accounts) - {actors.OPEN}))
    return {row.id: row.name for row in connection.execute(wanted)}


def _place(file: str, n: int) -> str:
    return f"{COMMENTS.name}/{file}/{n}"
