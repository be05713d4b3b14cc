"""What a person began to write and has not sent: read by nobody else, kept for some days, and no evidence.

A draft lies under the wrapping key, as it may tell of people. It goes when it is sent, when its days are over, and when
the firm that it is about is erased.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    RowMapping,
    Select,
    UniqueConstraint,
    delete,
    func,
    select,
    true,
)
from sqlmodel import Field, SQLModel

from service.access.roles import UNBOUND, Reach
from service.access.tables import USERS
from service.edge.database import in_turn, upsert
from service.edge.errors import NoSuchDraft, NotInTurn
from service.ledger.canonical import time_text
from service.ledger.wrapping import MARK, wrapping_of

LARGEST = 2 * 2**20
"""Bytes of a draft."""


class DraftRecord(SQLModel, table=True):
    """A draft. `person`: the account's id; `form`: what is written, once for each person; `saved_by`: the window."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("person", "form", name="ux_drafts_person_form"),)

    id: str = Field(primary_key=True)
    person: str = Field(index=True)
    form: str
    firm: str | None = Field(default=None, index=True)
    saved_at: str
    saved_by: str | None = None
    ends_at: str = Field(index=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


DRAFTS = SQLModel.metadata.tables["drafts"]


@dataclass(frozen=True)
class StoredDraft:
    """A draft as it was saved last."""

    id: str
    form: str
    firm: str | None
    saved_at: str
    content: bytes
    saved_by: str = ""


@dataclass(frozen=True)
class DraftWindow:
    """A window in which a form is written, and when the draft that it showed was saved; empty where there was none."""

    id: str
    shown: str

    @classmethod
    def of(cls, draft: StoredDraft | None) -> "DraftWindow":
        """A new one, which shows a draft."""
        return cls(new_id(), "" if draft is None else draft.saved_at)

    def check(self, there: StoredDraft | None) -> None:
        """Raises `NotInTurn` where another window saved since this one showed the draft: nothing of either is lost."""
        if there is not None and self.id != there.saved_by and self.shown != there.saved_at:
            raise NotInTurn("draft_changed")


@dataclass(frozen=True)
class DraftRules:
    """For how many days a draft is kept, and how many a person may have."""

    days: int
    most: int


def new_id() -> str:
    """The id of a draft that there is not yet."""
    return secrets.token_hex(16)


def place_of(draft: str) -> str:
    """Where a draft lies, as it is wrapped."""
    return f"{DRAFTS.name}/{draft}"


def lies_plain() -> ColumnElement[bool]:
    """Of drafts that lie plain, since no key was there when they were saved."""
    return func.substr(DRAFTS.c.content, 1, len(MARK)) != MARK


@dataclass(frozen=True)
class Drafts:
    """The drafts of one person at a moment."""

    engine: Engine
    person: str
    at: datetime
    rules: DraftRules

    def save(self, draft: StoredDraft, window: DraftWindow | None = None) -> StoredDraft:
        """Keep a draft; of a form of which there is one already, in its place. `window`: where it was written.

        Raises `NotInTurn` for one too many, for one that is too large, and as `DraftWindow.check` does.
        """
        if len(draft.content) > LARGEST:
            raise NotInTurn("draft_too_large", most=LARGEST // 2**20)

        def write(connection: Connection) -> StoredDraft:
            forget_ended(connection, self.at)
            there = _one(connection, self._own().where(DRAFTS.c.form == draft.form))
            if there is None:
                self._check_room(connection)
            if window is not None:
                window.check(there)
            saved_by = "" if window is None else window.id
            identity = draft.id if there is None else there.id
            row = {
                "id": identity,
                "person": self.person,
                "form": draft.form,
                "firm": draft.firm,
                "saved_at": time_text(self.at),
                "saved_by": saved_by,
                "ends_at": time_text(self.at + timedelta(days=self.rules.days)),
                "content": wrapping_of(connection).wrapped(draft.content, place_of(identity)),
            }
            wanted = upsert(connection, DRAFTS).values(**row)
            told = {name: wanted.excluded[name] for name in ("firm", "saved_at", "saved_by", "ends_at", "content")}
            connection.execute(wanted.on_conflict_do_update(index_elements=["person", "form"], set_=told))
            return StoredDraft(identity, draft.form, draft.firm, time_text(self.at), draft.content, saved_by)

        return in_turn(self.engine, write)

    def _check_room(self, connection: Connection) -> None:
        own = select(func.count()).select_from(DRAFTS).where(DRAFTS.c.person == self.person)
        if connection.execute(own).scalar_one() >= self.rules.most:
            raise NotInTurn("drafts_too_many", most=self.rules.most)

    def one(self, draft: str) -> StoredDraft:
        """The person's own draft. Raises `NoSuchDraft`, for another's too."""
        with self.engine.connect() as connection:
            found = _one(connection, self._own().where(DRAFTS.c.id == draft))
        if found is None:
            raise NoSuchDraft("no_such_draft")
        return found

    def of_form(self, form: str) -> StoredDraft | None:
        """What the person began to write in a form."""
        with self.engine.connect() as connection:
            return _one(connection, self._own().where(DRAFTS.c.form == form))

    def all(self) -> list[StoredDraft]:
        """The person's drafts, the last saved first."""
        with self.engine.connect() as connection:
            found = connection.execute(self._own().order_by(DRAFTS.c.saved_at.desc(), DRAFTS.c.id)).mappings().all()
            return [_opened(connection, row) for row in found]

    def drop(self, draft: str) -> None:
        """The draft was sent, or is not wanted any more."""
        own = (DRAFTS.c.person == self.person) & (DRAFTS.c.id == draft)
        in_turn(self.engine, lambda connection: connection.execute(delete(DRAFTS).where(own)).rowcount)

    def _own(self) -> Select[*tuple[object, ...]]:
        return select(DRAFTS).where(DRAFTS.c.person == self.person, DRAFTS.c.ends_at > time_text(self.at))


def forget_ended(connection: Connection, at: datetime) -> None:
    """Remove the drafts whose days are over."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.ends_at <= time_text(at)))


def forget_drafts(connection: Connection, firm: str, reach: Reach) -> None:
    """Remove the drafts about a firm of people within reach; of whoever has no account, where all are."""
    people = select(USERS.c.id).where(reach.of(USERS))
    own = true() if reach == UNBOUND else DRAFTS.c.person.in_(people)
    connection.execute(delete(DRAFTS).where(DRAFTS.c.firm == firm, own))


def _one(connection: Connection, wanted: Select[*tuple[object, ...]]) -> StoredDraft | None:
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else _opened(connection, row)


def _opened(connection: Connection, row: RowMapping) -> StoredDraft:
    content = wrapping_of(connection).opened(row["content"], place_of(row["id"]))
    return StoredDraft(row["id"], row["form"], row["firm"], row["saved_at"], content, row["saved_by"] or "")
