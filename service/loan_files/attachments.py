"""Papers that are kept beside a loan file: hashed on arrival, of a known kind and size, each for its audience.

The digest is entered, so that a paper that is altered later is found out; the content is no evidence, lies under the
key of the firm, and goes with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from pydantic import Field as Told
from sqlalchemy import Column, Connection, Engine, LargeBinary, RowMapping, delete, func, insert, select
from sqlmodel import Field, SQLModel

from features.errors import fault
from service.access.roles import Caller, Reach
from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import in_turn
from service.edge.errors import InvalidRequest, NoSuchAttachment, NotInTurn
from service.edge.fields import Day, Name
from service.ledger.canonical import time_text
from service.ledger.entry_contents import EntryContent
from service.loan_files.comments import COMMENTS, names
from service.loan_files.handing_over import lay_beside
from service.loan_files.locked import key_of, locked, opened
from service.loan_files.paper_types import paper_type
from service.loan_files.record import LoanFile
from service.loan_files.requests import Paper, PersonalAct
from service.loan_files.tables import read_file
from service.loan_files.turns import Desk, FileTurn, entered

PaperAudience = Literal["fund", "bank", "person"]
_MEBIBYTE = 2**20


class LoanAttachmentRecord(SQLModel, table=True):
    """A paper: its number within the file, kind, size, digest, who may see it, and its content.

    `said`: names who sent it, where nobody signs in.
    """

    __tablename__ = "loan_attachments"

    file: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    hash: str = Field(index=True)
    media: str
    size: int
    audience: str
    author: str
    said: str | None = None
    at: str
    name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


ATTACHMENTS = SQLModel.metadata.tables["loan_attachments"]
_TOLD = [column for column in ATTACHMENTS.c if column.name != "content"]


class NewAttachment(PersonalAct):
    """What is told of a paper that is sent."""

    name: Annotated[Name, Told(description="Name of the file, without folders")]
    audience: PaperAudience = "bank"
    what: Name | None = Told(default=None, description="Which paper it is; left out: the name of the file")
    dated_on: Day | None = None
    about: Name | None = Told(
        default=None,
        description="The condition or step that it belongs to; `contract`, `registration`, or the number of the loan "
        "whose payment it states",
    )


class FileAttachment(msgspec.Struct, frozen=True):
    """A paper as it is listed. `entry`: the number of the entry that holds its digest."""

    n: int
    name: str
    media: str
    size: int
    hash: str
    audience: str
    by: str | None
    at: str
    entry: int


class FileAttachments(msgspec.Struct, frozen=True):
    """The papers that a reader may see, the first first."""

    items: list[FileAttachment]


@dataclass(frozen=True)
class AttachedPaper:
    """A paper with what it holds."""

    told: FileAttachment
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """As a browser must take it: to be saved under its name, and never shown."""
        return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.told.name, safe='')}"}


def attach(engine: Engine, file: str, desk: Desk, told: NewAttachment, content: bytes) -> FileAttachment:
    """Keep a paper beside a file and enter its digest. Raises `NoSuchLoanFile`, `InvalidRequest` or `NotInTurn`."""
    media = _checked(desk, told, content)
    paper = Paper(
        hash=sha256(content).hexdigest(),
        what=told.what or told.name,
        dated_on=None if told.dated_on is None else told.dated_on.isoformat(),
        about=told.about,
        person=told.person,
    )

    def write(connection: Connection) -> FileAttachment:
        turn = FileTurn(connection, read_file(connection, file), desk)
        n = connection.execute(select(func.count()).where(ATTACHMENTS.c.file == file)).scalar_one() + 1
        most = desk.policy("attachments.most").on(desk.today)
        if n > most:
            raise NotInTurn("attachments_too_many", most=most)

        def work(of: FileTurn) -> EntryContent:
            return lay_beside(of, paper, told.audience)

        done = entered(turn, work)
        key = key_of(connection, turn.file.firm, turn.file.bank)
        row = {
            "file": file,
            "n": n,
            "seq": done.act.record.entry,
            "hash": paper.hash,
            "media": media,
            "size": len(content),
            "audience": told.audience,
            "author": desk.caller.id,
            "said": told.person,
            "at": time_text(desk.at),
            "name": locked(key, told.name.encode(), _place(file, n, "name")),
            "content": locked(key, content, _place(file, n, "content")),
        }
        connection.execute(insert(ATTACHMENTS), row)
        by = names(connection, [desk.caller.id]).get(desk.caller.id, told.person)
        return FileAttachment(
            n, told.name, media, len(content), paper.hash, told.audience, by, str(row["at"]), done.act.record.entry
        )

    return in_turn(engine, write)


def attachments(connection: Connection, file: str, reader: Caller) -> list[FileAttachment]:
    """The papers of a file that the reader may see, the first first. Raises `NoSuchLoanFile`."""
    of = read_file(connection, file)
    seen = audiences_of(reader)
    wanted = select(*_TOLD).where(ATTACHMENTS.c.file == file, ATTACHMENTS.c.audience.in_(seen))
    rows = connection.execute(wanted.order_by(ATTACHMENTS.c.n)).mappings().all()
    return _listed(connection, of, rows)


def attachment(connection: Connection, file: str, n: int, reader: Caller) -> AttachedPaper:
    """One paper with what it holds. Raises `NoSuchLoanFile`, also for a paper that the reader may not see."""
    of = read_file(connection, file)
    wanted = select(ATTACHMENTS).where(ATTACHMENTS.c.file == file, ATTACHMENTS.c.n == n)
    row = connection.execute(wanted.where(ATTACHMENTS.c.audience.in_(audiences_of(reader)))).mappings().one_or_none()
    if row is None:
        raise NoSuchAttachment("no_such_attachment", n=n)
    content = opened(key_of(connection, of.firm, of.bank), row["content"], _place(file, n, "content"))
    return AttachedPaper(_listed(connection, of, [row])[0], content)


def audiences_of(reader: Caller) -> tuple[PaperAudience, ...]:
    """The audiences whose papers a caller sees: of persons only the bank's own people, never a key."""
    if reader.place.fund is not None:
        return ("fund",)
    return ("fund", "bank", "person") if reader.person or not reader.signed_in else ("fund", "bank")


def forget_papers(connection: Connection, firm: str, reach: Reach) -> None:
    """Remove the papers and comments beside a firm's loan files within reach."""
    own = select(LOAN_FILES.c.id).where(LOAN_FILES.c.firm == firm, reach.of(LOAN_FILES))
    for table in (ATTACHMENTS, COMMENTS):
        connection.execute(delete(table).where(table.c.file.in_(own)))


def _listed(connection: Connection, of: LoanFile, rows: Sequence[RowMapping]) -> list[FileAttachment]:
    if not rows:
        return []
    key, known = key_of(connection, of.firm, of.bank), names(connection, [row["author"] for row in rows])
    return [
        FileAttachment(
            n=row["n"],
            name=opened(key, row["name"], _place(row["file"], row["n"], "name")).decode(),
            media=row["media"],
            size=row["size"],
            hash=row["hash"],
            audience=row["audience"],
            by=known.get(row["author"], row["said"]),
            at=row["at"],
            entry=row["seq"],
        )
        for row in rows
    ]


def _checked(desk: Desk, told: NewAttachment, content: bytes) -> str:
    """The media type of what was sent. Raises `InvalidRequest`."""
    if "/" in told.name or "\\" in told.name or told.name.strip(". ") == "":
        raise InvalidRequest([fault("/name", "attachment_name")])
    if not content:
        raise InvalidRequest([fault("/file", "attachment_empty")])
    most = desk.policy("attachments.largest").on(desk.today)
    if len(content) > most * _MEBIBYTE:
        raise InvalidRequest([fault("/file", "attachment_large", most=most)])
    return paper_type(content, told.name)


def _place(file: str, n: int, column: str) -> str:
    return f"{ATTACHMENTS.name}/{file}/{n}/{column}"
