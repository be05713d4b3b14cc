"""What was live: each change of model, policy, scheme, key or account is an entry, found again by any moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, insert, select
from sqlmodel import Field, SQLModel

from service.ledger.append import Draft, Sealed, append
from service.ledger.canonical import canonical, time_text
from service.ledger.kinds import Kind


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


CHANGES: Table = SQLModel.metadata.tables["changes"]


@dataclass(frozen=True)
class Change:
    """That something became live, by whom."""

    kind: Kind
    subject: str
    content: Mapping[str, Any]
    actor: str
    at: datetime


def enter_change(connection: Connection, change: Change) -> int:
    """Seal the change inside the transaction that makes it; returns the number of its entry."""
    leaves = {"/subject": canonical(change.subject), f"/{change.kind}": canonical(change.content)}
    entry = append(connection, [Draft(change.at, change.actor, change.kind, leaves)])[0]
    index(connection, entry, change)
    return entry.seq


def index(connection: Connection, entry: Sealed, change: Change) -> None:
    """Let a change that was entered be found."""
    row = {"seq": entry.seq, "kind": change.kind.value, "subject": change.subject, "at": entry.at, "seal": entry.seal}
    row |= {"actor": change.actor, "content": orjson.dumps(change.content).decode()}
    connection.execute(insert(CHANGES), row)


def last(connection: Connection, kind: Kind, subject: str) -> Mapping[str, Any] | None:
    """The content of the last change of the subject; None where it never changed."""
    of = select(CHANGES.c.content).where(CHANGES.c.kind == kind.value, CHANGES.c.subject == subject)
    found = connection.execute(of.order_by(CHANGES.c.seq.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else dict(orjson.loads(found))


def in_force(connection: Connection, at: datetime, kinds: Sequence[Kind]) -> list[dict[str, Any]]:
    """For each subject of the kinds, the last change by the moment, in the order in which they were entered."""
    latest = (
        select(func.max(CHANGES.c.seq))
        .where(CHANGES.c.at <= time_text(at), CHANGES.c.kind.in_([kind.value for kind in kinds]))
        .group_by(CHANGES.c.kind, CHANGES.c.subject)
    )
    found = connection.execute(select(CHANGES).where(CHANGES.c.seq.in_(latest)).order_by(CHANGES.c.seq)).all()
    return [_told(row) for row in found]


def _told(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "subject": row.subject,
        "by": row.actor,
        "content": orjson.loads(row.content),
        "record": {"entry": row.seq, "at": row.at, "seal": row.seal},
    }
