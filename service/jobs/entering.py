"""A job as it is entered: its rows checked before, so that nothing runs of which nobody knows what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from features.errors import Fault
from features.phrase import Language
from models.score.kind import KindName
from service.access.roles import Caller
from service.edge.database import writing_apart
from service.edge.errors import TooMany
from service.edge.leases import database_clock
from service.jobs.queue import RUNNABLE, encoded
from service.jobs.tables import JOB_ROWS, JOBS
from service.ledger.canonical import time_text
from service.ledger.compression import compressed

_AT_ONCE = 500
_JOB = JOBS.c


@dataclass(frozen=True)
class NewRow:
    """A row of a file: its place, what it asks, and the cells that are wrong; a wrong row is never asked.

    `cells`: where its own parts stand.
    """

    place: str
    case: str | None
    firm: str | None
    question: bytes
    cells: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class NewJob:
    """A file as it was sent. `key`: sent twice under one key by one caller, it is one job."""

    kind: KindName
    name: str
    digest: str
    rows: Sequence[NewRow]
    language: Language | None
    key: str | None = None


def enter_job(engine: Engine, caller: Caller, job: NewJob, most_open: int, at: datetime) -> str:
    """The id of the job. It runs at once where no row is wrong, else it waits to be started.

    Raises `TooMany` where the caller has so many jobs that are not over.
    """
    key = None if job.key is None else sha256(f"{caller.id} {job.key} {job.digest}".encode()).hexdigest()
    try:
        return _entered(engine, caller, job, key, most_open, at)
    except IntegrityError:  # the same was sent twice at once, and the other came first
        return _entered(engine, caller, job, key, most_open, at)


def _entered(engine: Engine, caller: Caller, job: NewJob, key: str | None, most_open: int, at: datetime) -> str:
    with writing_apart(engine) as connection:
        if key is not None:
            before = connection.execute(select(_JOB.id).where(_JOB.key == key)).scalar_one_or_none()
            if before is not None:
                return str(before)
        _check_open(connection, caller, most_open)
        identity, wrong = uuid4().hex, any(row.faults for row in job.rows)
        told = {
            "id": identity, "key": key, "owner": caller.id, "bank": caller.place.bank, "branch": caller.place.branch,
            "kind": job.kind, "name": job.name, "digest": job.digest, "language": job.language or "",
            "state": "checked" if wrong else "queued", "made_at": time_text(at), "rows": len(job.rows), "turn": 0,
        }  # fmt: skip
        connection.execute(insert(JOBS).values(**told, touched=database_clock(connection)))
        for start in range(0, len(job.rows), _AT_ONCE):
            some = enumerate(job.rows[start : start + _AT_ONCE], start=start + 1)
            connection.execute(insert(JOB_ROWS), [_row(identity, n, row) for n, row in some])
        return identity


def _check_open(connection: Connection, caller: Caller, most: int) -> None:
    held = select(func.count()).where(_JOB.owner == caller.id, _JOB.state.in_(RUNNABLE))
    if connection.execute(held).scalar_one() >= most:
        raise TooMany("too_many_jobs", most=most)


def _row(job: str, n: int, row: NewRow) -> dict[str, object]:
    """A row as it is kept; of a wrong one not what it would have asked."""
    wrong = bool(row.faults)
    return {
        "job": job,
        "n": n,
        "place": row.place,
        "case": row.case,
        "firm": row.firm,
        "state": "wrong" if wrong else "waiting",
        "question": None if wrong else compressed(row.question),
        "cells": None if wrong else msgspec.json.encode(row.cells).decode(),
        "faults": encoded(row.faults) if wrong else None,
        "held_until": 0.0,
    }
