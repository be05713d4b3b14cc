"""Remembers answers: each sealed in the ledger and findable again, in one transaction, before it leaves.

Whoever writes is alone, so an answer is hashed and compressed before its turn. Inside the turn it is given its place in
the ledger, in its loan file and among the assessments of its firm.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
import orjson
from sqlalchemy import Connection, Engine, insert, select

from service.assessing.assessment_index import ASSESSMENTS, KEYS, IndexedAnswer, index_row
from service.assessing.input_digests import input_digests
from service.assessing.loan_file_index import note_assessments
from service.assessing.loan_files import files_of_cases
from service.assessing.model_validity import ServedBy
from service.assessing.stages import Assessed
from service.edge.database import in_turn
from service.edge.errors import Busy, DatabaseAway, DiskFull, KeyReused, NoSuchAssessment, Refused
from service.ledger.append import Draft, Prepared, Sealed, append, prepare
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.outer import outer_of
from service.ledger.tables import ENTRIES, EntryRow


@dataclass(frozen=True)
class Recorded:
    """An answer as it leaves: its bytes, where it lies, and whether it was given before.

    `parts`: what the bytes hold, of an answer that was made just now; None where they must be read.
    """

    id: str
    body: bytes
    again: bool = False
    parts: Mapping[str, object] | None = None


Outcome = Recorded | Exception
"""What became of an answer: recorded, refused, or not written for a reason that the log tells."""


Withdrawn = Callable[[Connection, Collection[ServedBy]], Mapping[ServedBy, Refused]]
"""Of what answered, that whose answers must not be recorded any more, and why."""


@dataclass(frozen=True)
class ReadyAnswer:
    """An answer as it is to be entered, hashed; `body` is the digest of the question's, which its key belongs to."""

    answer: Assessed
    indexed: IndexedAnswer
    body: str
    inputs: Mapping[str, str]
    entry: Prepared

    @property
    def key(self) -> str | None:
        """The caller's Idempotency-Key."""
        return self.answer.question.key

    @property
    def by(self) -> ServedBy:
        """Which bundle answered, and for which bank."""
        return ServedBy(self.indexed.versions.bundle, self.indexed.kind, self.answer.case.bank)


def ready(answer: Assessed) -> ReadyAnswer:
    """An answer with all that can be worked out before its turn."""
    question, case = answer.question, answer.case
    draft = Draft(Kind.ASSESSMENT, question.actor, answer.leaves, firm=case.firm, bank=case.bank, answer=answer.sent)
    indexed, body = msgspec.convert(answer.parts, IndexedAnswer), sha256(question.body).hexdigest()
    return ReadyAnswer(answer, indexed, body, input_digests(answer.leaves), prepare(draft))


def record(engine: Engine, answers: Sequence[ReadyAnswer], withdrawn: Withdrawn) -> list[Outcome]:
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
    return with_record(sealed_of(connection, entry_of(connection, assessment)))


def sealed_of(connection: Connection, entry: EntryRow) -> Sealed:
    """An entry that was read as it was when it was written. Raises `Erased`."""
    return Sealed(entry.seq, entry.at, entry.seal, outer_of(entry), content_of(connection, entry).answer)


def entry_of(connection: Connection, assessment: str) -> EntryRow:
    """The entry of an assessment, to be read by `content_of`. Raises `NoSuchAssessment`."""
    seq = select(ASSESSMENTS.c.seq).where(ASSESSMENTS.c.id == assessment).scalar_subquery()
    entry: EntryRow | None = connection.execute(entries_with_keys().where(ENTRIES.c.seq == seq)).one_or_none()
    if entry is None:
        raise NoSuchAssessment("no_such_assessment", assessment=assessment)
    return entry


def record_of(entry: Sealed) -> dict[str, object]:
    """Where an answer is recorded: its entry, its place in its loan file, the how-manieth of the firm it is."""
    told: dict[str, object] = {"entry": entry.seq, "at": entry.at, "seal": entry.seal}
    file, firm = entry.outer.file, entry.outer.firm
    if file is not None:
        told["loan_file"] = {"id": file.id, "n": file.n}
    return told if firm is None else told | {"of_firm": firm.n}


def with_record(entry: Sealed) -> bytes:
    """The sealed answer and, behind it, where it is recorded: the seal cannot cover itself."""
    told = orjson.dumps({"record": record_of(entry)})
    return (entry.answer or b"{}")[:-1] + b"," + told[1:]


def _distinct(answers: Sequence[ReadyAnswer]) -> list[list[ReadyAnswer]]:
    """Runs of answers, in order, in which no firm and no key stands twice."""
    runs: list[list[ReadyAnswer]] = [[]]
    seen: set[str] = set()
    for answer in answers:
        marks = {f"firm {answer.answer.case.firm}", f"key {answer.key}"} - {"key None"}
        if marks & seen:
            runs.append([])
            seen = set()
        runs[-1].append(answer)
        seen |= marks
    return [run for run in runs if run]


def _record_together(engine: Engine, answers: Sequence[ReadyAnswer], withdrawn: Withdrawn) -> list[Outcome]:
    try:
        return in_turn(engine, lambda connection: _write(connection, answers, withdrawn))
    except (DatabaseAway, DiskFull, Busy) as refused:
        return [refused] * len(answers)
    except Exception as defect:
        if len(answers) == 1:
            return [defect]
        return [outcome for answer in answers for outcome in _record_together(engine, [answer], withdrawn)]


def _write(connection: Connection, ready: Sequence[ReadyAnswer], withdrawn: Withdrawn) -> list[Outcome]:
    given = _given_before(connection, ready)
    new = [one for one in ready if one.key not in given]
    stopped = withdrawn(connection, {one.by for one in new}) if new else {}
    new = [one for one in new if one.by not in stopped]
    files = files_of_cases(connection, [one.answer.case for one in new])
    sealed = append(connection, [one.entry.joining(file) for one, file in zip(new, files, strict=True)])
    if sealed:
        pairs = zip(new, sealed, strict=True)
        connection.execute(insert(ASSESSMENTS), [index_row(one.indexed, one.inputs, entry) for one, entry in pairs])
        note_assessments(connection, ((one.indexed, entry) for one, entry in zip(new, sealed, strict=True)))
        _keep_keys(connection, new, sealed)
    written = iter(_recorded(one, entry) for one, entry in zip(new, sealed, strict=True))
    return [given.get(one.key) or stopped.get(one.by) or next(written) for one in ready]


def _recorded(answer: ReadyAnswer, entry: Sealed) -> Recorded:
    parts = {**answer.answer.parts, "record": record_of(entry)}
    return Recorded(answer.indexed.id, with_record(entry), parts=parts)


def _given_before(connection: Connection, ready: Sequence[ReadyAnswer]) -> dict[str | None, Outcome]:
    """For each key that was used before: the answer given then, or the refusal where the body differs."""
    bodies = {one.key: one.body for one in ready if one.key is not None}
    if not bodies:
        return {}
    found = connection.execute(
        select(KEYS.c.key, KEYS.c.body, ASSESSMENTS.c.id)
        .join(ASSESSMENTS, ASSESSMENTS.c.seq == KEYS.c.seq)
        .where(KEYS.c.key.in_(bodies))
    )
    return {row.key: _again(connection, row.id, same=row.body == bodies[row.key]) for row in found.all()}


def _again(connection: Connection, assessment: str, *, same: bool) -> Outcome:
    if not same:
        return KeyReused("key_reused", assessment=assessment)
    return Recorded(assessment, answer_of(connection, assessment), again=True)


def _keep_keys(connection: Connection, entered: Sequence[ReadyAnswer], sealed: Sequence[Sealed]) -> None:
    rows = [
        {"key": one.key, "body": one.body, "seq": entry.seq}
        for one, entry in zip(entered, sealed, strict=True)
        if one.key is not None
    ]
    if rows:
        connection.execute(insert(KEYS), rows)
