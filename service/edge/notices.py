"""What does not work now, as the process says that tried it last: every other process tells it too. Not evidence."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, delete, select
from sqlmodel import Field, SQLModel

from features.errors import Fault
from service.edge.database import upsert, writing_apart


class NoticeRecord(SQLModel, table=True):
    """Since when something fails, and why; what works has no row."""

    __tablename__ = "notices"

    area: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    since: str
    detail: str
    """The faults as JSON."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Why it fails."""
        return msgspec.json.decode(self.detail, type=tuple[Fault, ...])


NOTICES = SQLModel.metadata.tables["notices"]


def note(engine: Engine, area: str, name: str, trouble: tuple[Sequence[Fault], datetime] | None) -> None:
    """Let every process tell why and since when it fails, or that it works (None); written where another reason stands.

    Raises as `writing_apart` does.
    """
    with engine.connect() as connection:
        stands = failing(connection, area).get(name)
    if (None if stands is None else stands.detail) == (None if trouble is None else _detail(trouble[0])):
        return
    with writing_apart(engine) as connection:
        if trouble is None:
            works(connection, area, name)
        else:
            fails(connection, area, name, *trouble)


def fails(connection: Connection, area: str, name: str, faults: Sequence[Fault], at: datetime) -> None:
    """Say that it fails; since when stays as it was where it failed before."""
    wanted = upsert(connection, NOTICES).values(area=area, name=name, detail=_detail(faults), since=at.isoformat())
    told = {"detail": wanted.excluded.detail}
    connection.execute(wanted.on_conflict_do_update(index_elements=["area", "name"], set_=told))


def works(connection: Connection, area: str, name: str) -> None:
    """Say that it works."""
    connection.execute(delete(NOTICES).where(NOTICES.c.area == area, NOTICES.c.name == name))


def failing(connection: Connection, area: str) -> dict[str, NoticeRecord]:
    """What fails now, by name."""
    rows = connection.execute(select(NOTICES).where(NOTICES.c.area == area)).mappings()
    return {row["name"]: NoticeRecord(**row) for row in rows}


def _detail(faults: Sequence[Fault]) -> str:
    return msgspec.json.encode(faults).decode()
