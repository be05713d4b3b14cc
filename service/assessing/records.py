"""Remembers answers: each sealed in the ledger and findable again, in one transaction, before it leaves.

Whoever writes is alone, so an answer is hashed before its turn, on what the database holds then; in its turn it is only
looked whether that still holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, insert, select
from sqlmodel import Field, SQLModel

from models.score.kind import KindName
from service.assessing.input_digests import changed_inputs, input_digests
from service.assessing.stages import Assessed
from service.edge.database import in_turn
from service.edge.errors import Busy, DatabaseAway, DiskFull, KeyReused, NoSuchAssessment, Refused
from service.ledger.append import Draft, Prepared, Sealed, append, prepare
from service.ledger.canonical import time_text
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES

EARLIER = timedelta(days=180)
"""How far back an answer lists what the same bank asked about the firm before."""


class AssessmentRecord(SQLModel, table=True):
    """Where to find an assessment, by whatever a list filters on. The answer itself lies in the ledger.

    `inputs` are digests of what it was answered from, by table. What tells of the firm is emptied when its content is
    erased: firm, case, application, inputs, probability, points and grade.
    """

    __tablename__ = "assessments"

    id: str = Field(primary_key=True)
    seq: int = Field(unique=True)
    case: str | None = None
    firm: str | None = Field(default=None, index=True)
    kind: str
    as_of: str
    asked_at: str
    bank: str | None = Field(default=None, index=True)
    branch: str | None = None
    application: str | None = Field(default=None, index=True)
    retrospective: bool
    synthetic: bool
    probability: float | None = None
    points: float | None = None
    grade: str | None = None
    expires_on: str
    bundle: str
    seal: str
    inputs: str | None = None


class KeyRecord(SQLModel, table=True):
    """The digest of an Idempotency-Key and of the body that it came with, and the entry that answered."""

    __tablename__ = "idempotency_keys"

    key: str = Field(primary_key=True)
    body: str
    seq: int


ASSESSMENTS: Table = SQLModel.metadata.tables["assessments"]
KEYS: Table = SQLModel.metadata.tables["idempotency_keys"]


@dataclass(frozen=True)
class Recorded:
    """An answer as it leaves: its bytes, where it lies, and whether it was given before."""

    id: str
    body: bytes
    again: bool = False


Outcome = Recorded | Exception
"""What became of an answer: recorded, refused, or not written for a reason that the log tells."""


Withdrawn = Callable[[Connection, Mapping[str, KindName]], Mapping[str, Refused]]
"""Of the bundles that answered, those whose answers must not be recorded any more, and why."""


def record(engine: Engine, answers: Sequence[Assessed], withdrawn: Withdrawn) -> list[Outcome]:
    """Seal the answers in one transaction, or each in its own where one of them cannot be written.

    No answer is returned that is not on the disk. Answers about one firm, or under one key, see each other. Raises
    nothing: what could not be written is the outcome of its own answer alone.
    """
    outcomes: list[Outcome] = []
    for batch in _distinct(answers):
        outcomes += _record_together(engine, batch, withdrawn)
    return outcomes


def answer_of(connection: Connection, assessment: str) -> bytes:
    """The answer's bytes as they left. Raises `NoSuchAssessment`, or `Erased`."""
    entry = entry_of(connection, assessment)
    return with_record(Sealed(entry.seq, entry.at, entry.seal, content_of(connection, entry).answer))


def entry_of(connection: Connection, assessment: str) -> Any:
    """The entry of an assessment, to be read by `content_of`. Raises `NoSuchAssessment`."""
    seq = select(ASSESSMENTS.c.seq).where(ASSESSMENTS.c.id == assessment).scalar_subquery()
    entry = connection.execute(entries_with_keys().where(ENTRIES.c.seq == seq)).one_or_none()
    if entry is None:
        raise NoSuchAssessment("no_such_assessment", assessment=assessment)
    return entry


def with_record(entry: Sealed) -> bytes:
    """The sealed answer and, behind it, where it is recorded: the seal cannot cover itself."""
    told = orjson.dumps({"record": {"entry": entry.seq, "at": entry.at, "seal": entry.seal}})
    return (entry.answer or b"{}")[:-1] + b"," + told[1:]


def _distinct(answers: Sequence[Assessed]) -> list[list[Assessed]]:
    """Runs of answers, in order, in which no firm and no key stands twice."""
    runs: list[list[Assessed]] = [[]]
    seen: set[str] = set()
    for answer in answers:
        marks = {f"firm {answer.case.firm}", f"key {answer.question.key}"} - {"key None"}
        if marks & seen:
            runs.append([])
            seen = set()
        runs[-1].append(answer)
        seen |= marks
    return [run for run in runs if run]


@dataclass(frozen=True)
class _Ready:
    """An answer as it is to be entered, hashed; `body` is the digest of the question's, which its key belongs to."""

    answer: Assessed
    body: str
    inputs: Mapping[str, str]
    parts: Mapping[str, Any]
    entry: Prepared

    @property
    def key(self) -> str | None:
        """The caller's Idempotency-Key."""
        return self.answer.question.key

    @property
    def bundle(self) -> str:
        """The id of the bundle that answered."""
        return str(self.answer.parts["versions"]["bundle"])


def _ready(answer: Assessed, body: str, inputs: Mapping[str, str], earlier: Sequence[Mapping[str, Any]]) -> _Ready:
    question, parts = answer.question, answer.parts | {"earlier": earlier}
    draft = Draft(question.asked_at, question.actor, Kind.ASSESSMENT, answer.leaves, parts, answer.case.firm)
    return _Ready(answer, body, inputs, parts, prepare(draft))


def _record_together(engine: Engine, answers: Sequence[Assessed], withdrawn: Withdrawn) -> list[Outcome]:
    try:
        ready = _made_ready(engine, answers)
        return in_turn(engine, lambda connection: _write(connection, ready, withdrawn))
    except (DatabaseAway, DiskFull, Busy) as refused:
        return [refused] * len(answers)
    except Exception as defect:
        if len(answers) == 1:
            return [defect]
        return [outcome for answer in answers for outcome in _record_together(engine, [answer], withdrawn)]


def _made_ready(engine: Engine, answers: Sequence[Assessed]) -> list[_Ready]:
    """The answers as they will be entered, if nothing comes between."""
    foreseen = _foreseen(engine, answers)
    made = []
    for answer in answers:
        inputs = input_digests(answer.leaves)
        body = sha256(answer.question.body).hexdigest()
        made.append(_ready(answer, body, inputs, _of_case(answer, foreseen, inputs)))
    return made


def _foreseen(engine: Engine, answers: Sequence[Assessed]) -> list[Any]:
    """What was asked before as far as it can be read now; the turn reads it again, and waits for the database."""
    try:
        with engine.connect() as connection:
            return _earlier(connection, answers)
    except DatabaseAway:
        return []


def _write(connection: Connection, ready: Sequence[_Ready], withdrawn: Withdrawn) -> list[Outcome]:
    given = _given_before(connection, ready)
    new = [one for one in ready if one.key not in given]
    stopped = withdrawn(connection, {one.bundle: one.answer.parts["kind"] for one in new}) if new else {}
    new = [one for one in new if one.bundle not in stopped]
    earlier = _earlier(connection, [one.answer for one in new])
    new = [_as_of_now(one, earlier) for one in new]
    sealed = append(connection, [one.entry for one in new])
    if sealed:
        connection.execute(insert(ASSESSMENTS), [_index_row(*one) for one in zip(new, sealed, strict=True)])
        _keep_keys(connection, new, sealed)
    written = iter(Recorded(one.parts["id"], with_record(entry)) for one, entry in zip(new, sealed, strict=True))
    return [given.get(one.key) or stopped.get(one.bundle) or next(written) for one in ready]


def _as_of_now(ready: _Ready, earlier: Sequence[Any]) -> _Ready:
    """The same where it tells of earlier answers what now stands, else made anew: one was entered or erased since."""
    now = _of_case(ready.answer, earlier, ready.inputs)
    return ready if now == ready.parts["earlier"] else _ready(ready.answer, ready.body, ready.inputs, now)


def _given_before(connection: Connection, ready: Sequence[_Ready]) -> dict[str | None, Outcome]:
    """For each key that was used before: the answer given then, or the refusal where the body differs."""
    bodies = {one.key: one.body for one in ready if one.key is not None}
    if not bodies:
        return {}
    found = connection.execute(
        select(KEYS.c.key, KEYS.c.body, ASSESSMENTS.c.id)
        .join(ASSESSMENTS, ASSESSMENTS.c.seq == KEYS.c.seq)
        .where(KEYS.c.key.in_(bodies))
    )
    return {row.key: _again(connection, row, bodies[row.key]) for row in found.all()}


def _again(connection: Connection, kept: Any, body: str) -> Outcome:
    if kept.body != body:
        return KeyReused("key_reused", assessment=kept.id)
    return Recorded(kept.id, answer_of(connection, kept.id), again=True)


def _keep_keys(connection: Connection, entered: Sequence[_Ready], sealed: Sequence[Sealed]) -> None:
    rows = [
        {"key": one.key, "body": one.body, "seq": entry.seq}
        for one, entry in zip(entered, sealed, strict=True)
        if one.key is not None
    ]
    if rows:
        connection.execute(insert(KEYS), rows)


def _earlier(connection: Connection, answers: Sequence[Assessed]) -> list[Any]:
    """What was asked about these firms before, the latest first."""
    if not answers:
        return []
    since = min(answer.question.asked_at for answer in answers) - EARLIER
    firms = {answer.case.firm for answer in answers}
    wanted = select(ASSESSMENTS).where(ASSESSMENTS.c.firm.in_(firms), ASSESSMENTS.c.asked_at >= time_text(since))
    return list(connection.execute(wanted.order_by(ASSESSMENTS.c.seq.desc())).all())


def _of_case(answer: Assessed, earlier: Sequence[Any], inputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """The earlier assessments of the case's firm by the same bank, whatever became of them, and what changed since."""
    names = ("id", "kind", "asked_at", "as_of", "retrospective", "probability", "points", "grade", "bundle", "seal")
    return [
        {name: getattr(row, name) for name in names} | {"changed": _changed(row.inputs, inputs)}
        for row in earlier
        if row.firm == answer.case.firm and row.bank == answer.case.bank
    ]


def _changed(before: str | None, now: Mapping[str, str]) -> list[str] | None:
    """Which inputs are not what they were; None of an assessment that kept no digests."""
    return None if before is None else changed_inputs(orjson.loads(before), now)


def _index_row(one: _Ready, entry: Sealed) -> dict[str, Any]:
    case, told = one.answer.case, one.parts
    same = ("id", "kind", "as_of", "retrospective", "synthetic", "points", "grade", "expires_on")
    return {name: told[name] for name in same} | {
        "seq": entry.seq,
        "case": case.case,
        "firm": case.firm,
        "bank": case.bank,
        "branch": case.branch,
        "application": case.application,
        "asked_at": entry.at,
        "probability": one.answer.probability,
        "bundle": told["versions"]["bundle"],
        "seal": entry.seal,
        "inputs": orjson.dumps(one.inputs).decode(),
    }
