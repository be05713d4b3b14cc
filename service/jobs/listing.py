"""Jobs as they are shown: how far each is, its rows with what was answered, and the cells that are wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from models.score.kind import KindName
from service.access.account_names import account_names
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.errors import NoSuchJob
from service.edge.faults import ProblemFault, problem_faults
from service.jobs.queue import decoded
from service.jobs.tables import JOB_ROWS, JOBS, JobRecord
from service.loan_files.assessed import with_files

RowState = Literal["wrong", "waiting", "done", "refused", "left"]
JobState = Literal["checked", "queued", "running", "done", "cancelled", "stopped"]
COUNTED: tuple[RowState, ...] = ("done", "refused", "waiting", "wrong", "left")
_ROW, _JOB = JOB_ROWS.c, JOBS.c
_OWN = ("n", "place", "case", "firm", "state", "assessment", "advice", "asked", "advised", "binding")
_OF_ANSWER = ("probability", "points", "grade", "as_of", "retrospective", "expires_on")


class JobShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job as it stands. `counts`: its rows by state. `trouble`: why it waits or was stopped."""

    id: str
    kind: KindName
    name: str
    digest: str
    owner: str
    state: JobState
    made_at: str
    started_at: str | None
    ended_at: str | None
    rows: int
    counts: dict[str, int]
    trouble: tuple[ProblemFault, ...]


@dataclass(frozen=True)
class RowFilter:
    """Which rows are listed. `after`: the row behind which the page begins."""

    state: RowState | None = None
    advice: str | None = None
    grade: str | None = None
    after: int = 0

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions of a query."""
        given: list[tuple[object, ColumnElement[bool]]] = [
            (self.state, _ROW.state == self.state),
            (self.advice, _ROW.advice == self.advice),
            (self.grade, ASSESSMENTS.c.grade == self.grade),
            (self.after, _ROW.n > self.after),
        ]
        return [condition for value, condition in given if value]


class JobRowShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row with what lists show of its answer; money in fen. `faults`: the cells that are wrong, or why not."""

    n: int
    place: str
    state: RowState
    case: str | None
    firm: str | None
    legal_name: str | None
    assessment: str | None
    advice: str | None
    asked: int | None
    advised: int | None
    binding: str | None
    points: float | None
    grade: str | None
    probability: float | None
    as_of: str | None
    retrospective: bool | None
    expires_on: str | None
    faults: tuple[ProblemFault, ...]


def job_record(connection: Connection, job: str) -> JobRecord:
    """The row of a job. Raises `NoSuchJob`."""
    found = connection.execute(select(JOBS).where(_JOB.id == job)).mappings().one_or_none()
    if found is None:
        raise NoSuchJob("no_such_job", job=job)
    return JobRecord(**found)


def job_shown(connection: Connection, job: str) -> JobShown:
    """How far a job is. Raises `NoSuchJob`."""
    return _shown(connection, [job_record(connection, job)])[0]


def jobs_listed(connection: Connection, reach: Reach, limit: int) -> list[JobShown]:
    """The jobs within reach, the latest first."""
    found = connection.execute(select(JOBS).where(reach.of(JOBS)).order_by(_JOB.made_at.desc(), _JOB.id).limit(limit))
    return _shown(connection, [JobRecord(**row) for row in found.mappings()])


def job_rows(connection: Connection, job: str, wanted: RowFilter, limit: int, today: date) -> list[JobRowShown]:
    """A page of a job's rows, in the order of the file."""
    of_answer = (ASSESSMENTS.c[name] for name in (*_OF_ANSWER, "seq", "file"))
    told = (ASSESSMENTS.c.firm.label("answered_firm"), ASSESSMENTS.c.case.label("answered_case"))
    joined = select(*(_ROW[name] for name in _OWN), _ROW.faults, *of_answer, *told)
    joined = joined.outerjoin(ASSESSMENTS, ASSESSMENTS.c.id == _ROW.assessment)
    query = joined.where(_ROW.job == job, *wanted.conditions()).order_by(_ROW.n).limit(limit)
    rows = connection.execute(query).mappings().all()
    answered = [{"id": row["assessment"], "seq": row["seq"], "file": row["file"]} for row in rows if row["seq"]]
    names = {str(row["id"]): row["legal_name"] for row in with_files(connection, answered, today, inside=False)}
    return [_row(row, _text(names.get(str(row["assessment"])))) for row in rows]


def all_rows(connection: Connection, job: str, wanted: RowFilter, today: date) -> Iterator[JobRowShown]:
    """Every row that is wanted, a page at a time."""
    after = wanted.after
    while page := job_rows(connection, job, replace(wanted, after=after), 500, today):
        yield from page
        after = page[-1].n


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _row(row: RowMapping, name: str | None) -> JobRowShown:
    told = {one: row[one] for one in (*_OWN, *_OF_ANSWER)}
    told |= {"firm": row["answered_firm"] or row["firm"], "case": row["answered_case"] or row["case"]}
    return JobRowShown(**told, legal_name=name, faults=problem_faults(decoded(row["faults"])))


def _shown(connection: Connection, jobs: Sequence[JobRecord]) -> list[JobShown]:
    counted = select(_ROW.job, _ROW.state, func.count().label("number")).where(_ROW.job.in_([one.id for one in jobs]))
    counts: dict[str, dict[str, int]] = {one.id: dict.fromkeys(COUNTED, 0) for one in jobs}
    for row in connection.execute(counted.group_by(_ROW.job, _ROW.state)):
        counts[row.job][row.state] = row.number
    names = account_names(connection, (one.owner for one in jobs))
    same = ("id", "kind", "name", "digest", "state", "made_at", "started_at", "ended_at", "rows")
    return [
        JobShown(
            **{name: getattr(one, name) for name in same},
            owner=names.get(one.owner, one.owner).removeprefix("user:"),
            counts=counts[one.id],
            trouble=problem_faults(decoded(one.trouble)),
        )
        for one in jobs
    ]


class JobsListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs, the latest first."""

    items: list[JobShown]


class JobRowsListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a job in the order of the file; `next`: the row behind which the following page begins."""

    items: list[JobRowShown]
    next: int | None
