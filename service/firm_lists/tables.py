"""Lists that were pushed, and what was told back about their firms: rows that follow from entries alone."""

import msgspec
import orjson
from sqlmodel import Field, SQLModel

from service.ledger.append import Sealed
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.written_kinds import FeedbackEntry, PushEntry


class PushRecord(SQLModel, table=True):
    """A list that was pushed.

    `assessments` and `left` are ids in JSON: of firms that stand on it, and of those that were only screened for it.
    """

    __tablename__ = "pushes"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str | None = Field(default=None, unique=True)
    list: str | None = Field(default=None, index=True)
    edition: str | None = None
    came: str | None = None
    bank: str | None = Field(default=None, index=True)
    branch: str | None = None
    received_on: str | None = None
    expires_on: str | None = Field(default=None, index=True)
    firms: int | None = None
    digest: str | None = None
    assessments: str | None = None
    left: str | None = None
    actor: str
    at: str
    seal: str


class PushFeedbackRecord(SQLModel, table=True):
    """What became of a firm of a list, as it was told back."""

    __tablename__ = "push_feedback"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    push: str | None = Field(default=None, index=True)
    assessment: str | None = Field(default=None, index=True)
    outcome: str | None = None
    reason_code: str | None = None
    reason: str | None = None
    reported_on: str | None = None
    person: str | None = None
    actor: str
    at: str


PUSHES = SQLModel.metadata.tables["pushes"]
PUSH_FEEDBACK = SQLModel.metadata.tables["push_feedback"]


def push_id(seal: str) -> str:
    """The id of a list, from the seal of its entry."""
    return seal[:32]


def push_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if a list was pushed by it."""
    if entry.kind != Kind.PUSH or entry.body is None:
        return None
    return push_row_of(PushEntry.from_leaves(entry.body), entry)


def push_row_of(told: PushEntry, entry: OpenedEntry | Sealed, actor: str = "") -> dict[str, object]:
    """The row of a list that was pushed, from what was told and its entry."""
    same = ("edition", "came", "bank", "branch", "received_on", "expires_on", "firms", "digest")
    ids = {name: orjson.dumps([one.id for one in getattr(told, name)]).decode() for name in ("assessments", "left")}
    return {
        "seq": entry.seq,
        "id": push_id(entry.seal),
        "list": told.of,
        **{name: getattr(told, name) for name in same},
        **ids,
        "actor": actor or getattr(entry, "actor", ""),
        "at": entry.at,
        "seal": entry.seal,
    }


def feedback_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it tells what became of a firm; of an erased one what lies outside it."""
    if entry.kind != Kind.FEEDBACK:
        return None
    if entry.body is None:
        return {"seq": entry.seq, "actor": entry.actor, "at": entry.at}
    return feedback_row_of(FeedbackEntry.from_leaves(entry.body), entry, entry.actor)


def feedback_row_of(told: FeedbackEntry, entry: OpenedEntry | Sealed, actor: str) -> dict[str, object]:
    """The row of what was told back, from what was told and its entry."""
    same: dict[str, object] = msgspec.structs.asdict(told)
    names = ("outcome", "reason_code", "reason", "reported_on", "person")
    return {
        "seq": entry.seq,
        "push": push_id(told.push.seal),
        "assessment": told.assessment.id,
        **{name: same[name] for name in names},
        "actor": actor,
        "at": entry.at,
    }
