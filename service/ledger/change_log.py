"""What was live: each change of model, policy, scheme, key or account is an entry, found again by any moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, func, insert, select
from sqlmodel import Field, SQLModel

from service.ledger.append import Draft, EntryRecord, Sealed, append
from service.ledger.canonical import time_text
from service.ledger.contents import entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry, opened
from service.ledger.row_differences import RowsContradict, difference
from service.ledger.segments import archived_to
from service.ledger.tables import ENTRIES
from service.ledger.written_kinds import (
    AliasEntry,
    KeyEntry,
    ModelEntry,
    PolicyEntry,
    SchemeEntry,
    UserEntry,
    ValidationEntry,
)

ChangeContent = KeyEntry | ModelEntry | AliasEntry | ValidationEntry | PolicyEntry | SchemeEntry | UserEntry
CHANGES_OF = {
    one.KIND: one for one in (KeyEntry, ModelEntry, AliasEntry, ValidationEntry, PolicyEntry, SchemeEntry, UserEntry)
}
"""The kinds of changes."""


class ChangeRecord(SQLModel, table=True):
    """Where to find a change of what was live: `subject` is what changed (a model kind, a user), `content` to what."""

    __tablename__ = "changes"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(index=True)
    subject: str = Field(index=True)
    at: str = Field(index=True)
    actor: str
    content: str
    seal: str


CHANGES = SQLModel.metadata.tables["changes"]
_MOST_CHECKED = 10_000
_CHECKED: set[tuple[object, ...]] = set()
"""Rows that were found to be as their entries say: an entry never changes."""


@dataclass(frozen=True)
class Change:
    """That something became live, by whom; of an account: whose it is, a bank's or a fund's."""

    content: ChangeContent
    actor: str
    bank: str | None = None
    fund: str | None = None


@dataclass(frozen=True)
class ChangeInForce:
    """A change of what was live, as it is told: what the content says depends on its kind."""

    kind: str
    subject: str
    by: str
    content: Mapping[str, object]
    record: EntryRecord


def enter_change(connection: Connection, change: Change) -> Sealed:
    """Seal the change inside the transaction that makes it, and let it be found."""
    draft = Draft.of(change.content, change.actor, bank=change.bank, fund=change.fund)
    entry = append(connection, [draft])[0]
    row = {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "actor": change.actor}
    connection.execute(insert(CHANGES), row | change_row(change.content))
    return entry


def change_row(content: ChangeContent) -> dict[str, str]:
    """Kind, subject and content of a change as they are found."""
    told = content.to_dict()
    del told["subject"]
    if isinstance(content, SchemeEntry):
        told = {"ended": True} if content.parameter is None else orjson.loads(content.parameter)
    return {"kind": content.KIND.value, "subject": content.subject, "content": orjson.dumps(told).decode()}


def change_row_of(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it is a change."""
    structure = CHANGES_OF.get(Kind(entry.kind))
    if structure is None or entry.body is None:
        return None
    row = {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "actor": entry.actor}
    if entry.second:
        return row | change_row(structure.from_leaves(entry.body))
    return row | {"kind": entry.kind, **_first_form(entry.kind, entry.body)}


def _first_form(kind: str, body: Mapping[str, object]) -> dict[str, str]:
    """Subject and content of a change of form 1: one leaf, or a leaf for each part of the signing key's."""
    if f"/{kind}" in body:
        subject, told = str(body["/subject"]), body[f"/{kind}"]
    else:
        subject, told = "signing", {pointer.split("/")[2]: value for pointer, value in body.items()}
    return {"subject": subject, "content": orjson.dumps(told).decode()}


_LAST = (
    select(CHANGES)
    .where(CHANGES.c.kind == bindparam("kind"), CHANGES.c.subject == bindparam("subject"))
    .order_by(CHANGES.c.seq.desc())
    .limit(1)
)


def last(connection: Connection, kind: Kind, subject: str) -> Mapping[str, object] | None:
    """The content of the last change of the subject; None where it never changed."""
    found = connection.execute(_LAST, {"kind": kind.value, "subject": subject}).mappings().one_or_none()
    return None if found is None else _in_force(connection, ChangeRecord(**found)).content


def in_force(connection: Connection, at: datetime | None, kinds: Sequence[Kind]) -> list[ChangeInForce]:
    """For each subject of the kinds, the last change by the moment (None: of all), in the order of their entries."""
    latest = select(func.max(CHANGES.c.seq)).where(CHANGES.c.kind.in_([kind.value for kind in kinds]))
    latest = latest.group_by(CHANGES.c.kind, CHANGES.c.subject)
    if at is not None:
        latest = latest.where(CHANGES.c.at <= time_text(at))
    found = connection.execute(select(CHANGES).where(CHANGES.c.seq.in_(latest)).order_by(CHANGES.c.seq)).mappings()
    return [_in_force(connection, ChangeRecord(**row)) for row in found]


def every_change(connection: Connection, kind: Kind, subjects: Collection[str] | None = None) -> list[ChangeInForce]:
    """All changes of a kind, of some subjects (None: of all), in the order of their entries."""
    wanted = select(CHANGES).where(CHANGES.c.kind == kind.value).order_by(CHANGES.c.seq)
    if subjects is not None:
        wanted = wanted.where(CHANGES.c.subject.in_(sorted(subjects)))
    return [_in_force(connection, ChangeRecord(**row)) for row in connection.execute(wanted).mappings()]


def _in_force(connection: Connection, row: ChangeRecord) -> ChangeInForce:
    """Raises `RowsContradict` where the entry tells otherwise."""
    _check(connection, row)
    record = EntryRecord(row.seq, row.at, row.seal)
    return ChangeInForce(row.kind, row.subject, row.actor, orjson.loads(row.content), record)


def _check(connection: Connection, row: ChangeRecord) -> None:
    """Hold a row against its entry, once in a process: nobody acts on what no entry tells."""
    told = (row.seq, row.kind, row.subject, row.at, row.actor, row.content, row.seal)
    if told in _CHECKED:
        return
    entry = connection.execute(entries_with_keys().where(ENTRIES.c.seq == row.seq)).one_or_none()
    if entry is None and row.seq <= archived_to(connection)[0]:
        return  # `ledger verify --archive` looks at it
    right = None if entry is None else change_row_of(opened(connection, entry))
    if right is None or list(difference(CHANGES, {"seq": row.seq}, row.model_dump(), right)):
        raise RowsContradict("change_contradicts", entry=row.seq, kind=row.kind, subject=row.subject)
    if len(_CHECKED) >= _MOST_CHECKED:
        _CHECKED.clear()
    _CHECKED.add(told)
