"""The line of jobs: rows are taken under a lease, by whichever process comes, and told to be done.

Callers take turns, so that one caller's ten thousand rows hold nobody else's up. A row whose holder died is taken again
when its lease has run out; it is then asked under the same key, and an answer that was recorded is found by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, delete, func, select, update

from features.errors import Fault
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.database import writing_apart
from service.edge.leases import database_clock
from service.jobs.tables import JOB_ROWS, JOBS, JobRecord
from service.ledger.canonical import time_text
from service.ledger.compression import decompressed

RUNNABLE = ("queued", "running")
KEPT_DAYS = 30
"""Days after which a job is forgotten; what its rows were answered stays, as entries."""
_DAY = 86_400.0
_ROW, _JOB = JOB_ROWS.c, JOBS.c
_FREED: Mapping[str, object] = {"holder": None, "held_until": 0.0}
_ASKED_NO_MORE: Mapping[str, object] = {"question": None, "cells": None, **_FREED}


@dataclass(frozen=True)
class TakenRow:
    """A row to be asked, and where each of its own parts stands in the file."""

    n: int
    place: str
    question: bytes
    cells: Mapping[str, str]


@dataclass(frozen=True)
class TakenRows:
    """Rows of one job that this process holds."""

    job: JobRecord
    rows: Sequence[TakenRow]


@dataclass(frozen=True)
class RowDone:
    """What became of a row: its assessment with what lists show of it, or why there is none."""

    n: int
    assessment: str | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


def take_rows(engine: Engine, holder: str, most: int, seconds: float, at: datetime) -> TakenRows | None:
    """The next rows of whoever waited longest; None where nothing waits. Jobs without a row left are closed."""
    with engine.connect() as connection:
        jobs = _in_order(connection)
    for job in jobs:
        with writing_apart(engine) as connection:
            taken = _taken(connection, job, holder, most, seconds)
            if taken:
                turn = select(func.coalesce(func.max(_JOB.turn), 0) + 1).scalar_subquery()
                told = {"state": "running", "started_at": job.started_at or time_text(at)}
                connection.execute(update(JOBS).where(_JOB.id == job.id).values(turn=turn, **told))
                return TakenRows(job, taken)
            _close_where_done(connection, job.id, at)
    return None


def renew(engine: Engine, job: str, rows: Sequence[int], holder: str, seconds: float) -> None:
    """Go on holding rows that are being answered."""
    held = (_ROW.job == job) & _ROW.n.in_(rows) & (_ROW.holder == holder)
    with writing_apart(engine) as connection:
        connection.execute(update(JOB_ROWS).where(held).values(held_until=database_clock(connection) + seconds))


def tell(engine: Engine, job: str, done: Sequence[RowDone], at: datetime) -> None:
    """Write what became of rows, and close a job that has none left.

    What was asked is kept no longer than it takes to answer it; of an answered row its entry tells the firm.
    """
    with writing_apart(engine) as connection:
        for one in done:
            told: dict[str, object] = {**_ASKED_NO_MORE, "faults": encoded(one.faults) if one.faults else None}
            if one.assessment is None:
                told["state"] = "refused"
            else:
                told |= {"state": "done", "assessment": one.assessment, "firm": None, "case": None, **one.told}
            connection.execute(update(JOB_ROWS).where(_ROW.job == job, _ROW.n == one.n), told)
        _close_where_done(connection, job, at)


def let_go(engine: Engine, job: str, rows: Sequence[int], why: Fault | None = None) -> None:
    """Let rows wait for another turn, and say why the job does not go on now."""
    with writing_apart(engine) as connection:
        connection.execute(update(JOB_ROWS).where(_ROW.job == job, _ROW.n.in_(rows)), dict(_FREED))
        connection.execute(update(JOBS).where(_JOB.id == job), {"trouble": encoded([why]) if why else None})


def end(engine: Engine, job: str, state: str, at: datetime, why: Fault | None = None) -> bool:
    """Cancel or stop a job that is not over: what waits is not asked any more. Whether it was still open.

    Rows that are being answered are told all the same.
    """
    with writing_apart(engine) as connection:
        open_still = update(JOBS).where(_JOB.id == job, _JOB.state.in_(("checked", *RUNNABLE)))
        told = {"state": state, "ended_at": time_text(at), "trouble": encoded([why]) if why else None}
        if connection.execute(open_still, told).rowcount != 1:
            return False
        left = update(JOB_ROWS).where(_ROW.job == job, _ROW.state == "waiting")
        connection.execute(left, {"state": "left", **_ASKED_NO_MORE})
        return True


def start(engine: Engine, job: str) -> bool:
    """Let a job that was checked run: its right rows alone. Whether it waited for that."""
    with writing_apart(engine) as connection:
        waits = update(JOBS).where(_JOB.id == job, _JOB.state == "checked")
        return connection.execute(waits, {"state": "queued"}).rowcount == 1


def forget_old_jobs(connection: Connection) -> None:
    """Remove jobs that were sent a month ago, with their rows."""
    old = select(_JOB.id).where(_JOB.touched < database_clock(connection) - KEPT_DAYS * _DAY)
    connection.execute(delete(JOB_ROWS).where(_ROW.job.in_(old)))
    connection.execute(delete(JOBS).where(_JOB.touched < database_clock(connection) - KEPT_DAYS * _DAY))


def forget_firm_in_jobs(connection: Connection, firm: str, reach: Reach) -> None:
    """Empty what rows of jobs within reach tell of a firm that is erased, before its assessments are emptied."""
    of_firm = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.firm == firm, reach.of(ASSESSMENTS))
    named = (_ROW.firm == firm) & _ROW.job.in_(select(JOBS.c.id).where(reach.of(JOBS)))
    told = dict.fromkeys(("firm", "case", "question", "cells", "faults", "advice", "asked", "advised", "binding"))
    waiting = update(JOB_ROWS).where(named, _ROW.state == "waiting")
    connection.execute(waiting, {"state": "left", **_FREED})
    connection.execute(update(JOB_ROWS).where(named | _ROW.assessment.in_(of_firm)), told)


def encoded(faults: Sequence[Fault]) -> str:
    """Faults as rows keep them."""
    return msgspec.json.encode(list(faults)).decode()


def decoded(kept: str | None) -> list[Fault]:
    """Faults as they were kept."""
    return [] if kept is None else msgspec.json.decode(kept, type=list[Fault])


def _in_order(connection: Connection) -> list[JobRecord]:
    """Jobs that may run, one of each owner: the eldest; whoever was served longest ago stands first."""
    found = connection.execute(select(JOBS).where(_JOB.state.in_(RUNNABLE)).order_by(_JOB.made_at, _JOB.id))
    first: dict[str, JobRecord] = {}
    served: dict[str, int] = {}
    for row in found.mappings():
        job = JobRecord(**row)
        first.setdefault(job.owner, job)
        served[job.owner] = max(served.get(job.owner, 0), job.turn)
    return sorted(first.values(), key=lambda job: (served[job.owner], job.made_at))


def _taken(connection: Connection, job: JobRecord, holder: str, most: int, seconds: float) -> list[TakenRow]:
    """Rows of a job that nobody holds, now held; one that was cancelled meanwhile has none."""
    now = database_clock(connection)
    free = select(_ROW.n).where(_ROW.job == job.id, _ROW.state == "waiting", _ROW.held_until < now)
    numbers = list(connection.execute(free.order_by(_ROW.n).limit(most).with_for_update(skip_locked=True)).scalars())
    if not numbers:
        return []
    mine = (_ROW.job == job.id) & _ROW.n.in_(numbers)
    connection.execute(update(JOB_ROWS).where(mine).values(holder=holder, held_until=now + seconds))
    held = select(_ROW.n, _ROW.place, _ROW.question, _ROW.cells).where(mine).order_by(_ROW.n)
    return [
        TakenRow(
            row.n, row.place, decompressed(row.question), msgspec.json.decode(row.cells or "{}", type=dict[str, str])
        )
        for row in connection.execute(held)
    ]


def _close_where_done(connection: Connection, job: str, at: datetime) -> None:
    waiting = select(_ROW.n).where(_ROW.job == job, _ROW.state == "waiting").exists()
    over = update(JOBS).where(_JOB.id == job, _JOB.state.in_(RUNNABLE), ~waiting)
    connection.execute(over, {"state": "done", "ended_at": time_text(at), "trouble": None})
