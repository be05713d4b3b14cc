"""Lets entering go on after the clock was found wrong: one administrator asks, another confirms, and that is entered.

From then on times go on from the last entry until the clock has caught up with them.
"""

from http import HTTPStatus
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update
from sqlmodel import Field, SQLModel

from service.edge.database import in_turn
from service.edge.errors import Refused
from service.ledger.append import Draft, append
from service.ledger.canonical import time_text
from service.ledger.ledger_settings import settings_of
from service.ledger.turn import ClockWrong, check_clock, turn_of
from service.ledger.written_kinds import ResumedEntry


class ResumptionRecord(SQLModel, table=True):
    """A request to let entering go on; once confirmed it names its entry."""

    __tablename__ = "resumptions"

    id: str = Field(primary_key=True)
    reason: str
    asked_by: str
    asked_at: str
    confirmed_by: str | None = None
    entry: int | None = None


RESUMPTIONS = SQLModel.metadata.tables["resumptions"]


class Resumption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request to let entering go on, by whom, and the entry that tells of it once another person confirmed it."""

    id: str
    reason: str
    asked_by: str
    asked_at: str
    confirmed_by: str | None
    entry: int | None


class NothingStopped(Refused):
    """Nothing stands in the way of entering, nobody asked to go on, or the same person would confirm."""

    status, problem = HTTPStatus.CONFLICT, "nothing-stopped"


def clock_trouble(connection: Connection) -> ClockWrong | None:
    """Why nothing may be entered now; None where nothing stands in the way."""
    try:
        check_clock(turn_of(connection), settings_of(connection))
    except ClockWrong as wrong:
        return wrong
    return None


def ask_to_resume(engine: Engine, reason: str, by: str) -> Resumption:
    """Record that a person wants entering to go on. Raises `NothingStopped` where it does."""

    def write(connection: Connection) -> Resumption:
        if not clock_trouble(connection):
            raise NothingStopped("clock_right")
        asked_at = time_text(settings_of(connection).clock())
        row = {"id": str(uuid4()), "reason": reason, "asked_by": by, "asked_at": asked_at}
        connection.execute(insert(RESUMPTIONS), row)
        return _read(connection, row["id"])

    return in_turn(engine, write)


def confirm_resumption(engine: Engine, resumption: str, by: str) -> Resumption:
    """Enter that entering goes on, as another person than the one who asked. Raises `NothingStopped`."""

    def write(connection: Connection) -> Resumption:
        asked = _read(connection, resumption)
        if asked.entry is not None:
            return asked
        if asked.asked_by == by:
            raise NothingStopped("resumed_by_another")
        turn = turn_of(connection)
        content = ResumedEntry(
            clock=time_text(turn.clock),
            last=turn.at or time_text(turn.clock),
            reason=asked.reason,
            asked_by=asked.asked_by,
            confirmed_by=by,
        )
        entry = append(connection, [Draft.of(content, by)], resumes=True)[0]
        done = {"confirmed_by": by, "entry": entry.seq}
        connection.execute(update(RESUMPTIONS).where(RESUMPTIONS.c.id == resumption), done)
        return _read(connection, resumption)

    return in_turn(engine, write)


def _read(connection: Connection, resumption: str) -> Resumption:
    row = connection.execute(select(RESUMPTIONS).where(RESUMPTIONS.c.id == resumption)).mappings().one_or_none()
    if row is None:
        raise NothingStopped("no_such_resumption", resumption=resumption)
    return Resumption(**row)
