"""Asks again what was answered: byte for byte as it was, then as known now, by today's model, under today's policy.

One step follows another, each from where the one before it stood, so that the changes of the steps add up to the whole.
What our own code changed since is the first step: the same rows, bundle and policy, and another answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine

from features.errors import PledgeScoreError
from features.phrase import Language
from features.schema import Row
from features.standing import fact_of
from features.tables import TABLES
from service.assessing.answer_changes import AnswerChange, Concluded, change_of, concluded
from service.assessing.asking_again import Recall, again, sealed_rows
from service.assessing.leaves import rows_of
from service.assessing.ports import Rows
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.story import Assessor
from service.edge.database import in_turn
from service.edge.errors import NoLake, NotAnswerable
from service.edge.faults import ProblemFault, problem_faults
from service.ledger.actors import actor_of
from service.ledger.append import Draft, append
from service.ledger.written_kinds import ReplayEntry

Step = Literal["code", "data", "model", "policy"]
STEPS: tuple[Step, ...] = ("code", "data", "model", "policy")
"""In which order things are exchanged for today's."""


class ReplayStep(AnswerChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing exchanged for today's; `not_taken` says why it could not be: then nothing changes in it."""

    step: Step
    not_taken: tuple[ProblemFault, ...] | None

    def in_words(self, language: Language | None) -> "ReplayStep":
        """The same with sentences in the language."""
        why = self.not_taken and tuple(one.in_words(language) for one in self.not_taken)
        return msgspec.structs.replace(self, not_taken=why)


class StepTrouble(NamedTuple):
    """Why a step of a replay cannot be taken."""

    step: Step
    why: tuple[ProblemFault, ...]


class CodeVersions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the product."""

    then: str
    now: str


class Replay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An assessment asked again. `identical`: byte for byte, from the same rows, bundle and policy.

    The steps follow one another, so that their changes add up to the whole.
    """

    assessment: str
    entry: int
    code: CodeVersions
    identical: bool
    then: Concluded
    now: Concluded
    steps: list[ReplayStep]
    whole: AnswerChange

    def for_fund(self) -> "Replay":
        """The same without what changed in findings that a fund may not see."""
        steps = [step.for_fund() for step in self.steps]
        return msgspec.structs.replace(self, steps=steps, whole=self.whole.for_fund())

    def in_words(self, language: Language | None) -> "Replay":
        """The same with sentences in the language."""
        return msgspec.structs.replace(self, steps=[step.in_words(language) for step in self.steps])


def _were_given(of: SealedAssessment) -> bool:
    """Whether the rows came with the question, and were not looked up."""
    return not of.body or any(row.get("source") == "request" for row in rows_of(of.body).get("coverage", ()))


@dataclass(frozen=True)
class Replayer:
    """Asks again, with bundles and policies that are kept beside the ledger."""

    assessor: Assessor
    recall: Recall

    def identical(self, of: SealedAssessment) -> bool:
        """Whether rows, bundle and policy as they were give the answer byte for byte. Raises `NotAnswerable`."""
        return again(of, sealed_rows(of), self.recall.bundle(of), self.recall.policy(of)) == of.sent

    def replay(self, of: SealedAssessment) -> Replay:
        """All steps and what each changed. Raises `NotAnswerable` where not even the first can be taken."""
        by, under, rows = self.recall.bundle(of), self.recall.policy(of), sealed_rows(of)
        steps: list[ReplayStep] = []
        before = first = of.sent
        for step in STEPS:
            trouble = None
            try:
                rows = self._rows_now(of) if step == "data" else rows
                by = self.assessor.bundles.of(of.answer.kind) if step == "model" else by
                under = self.assessor.policy if step == "policy" else under
                sent = again(of, rows, by, under)
            except PledgeScoreError as error:
                trouble, sent = problem_faults(error.as_faults()), before
            change = msgspec.structs.asdict(change_of(before, sent))
            steps.append(ReplayStep(**change, step=step, not_taken=trouble))
            before, first = sent, sent if step == STEPS[0] else first
        return Replay(
            assessment=of.answer.id,
            entry=of.seq,
            code=CodeVersions(then=of.answer.versions.code, now=self.assessor.code),
            identical=steps[0].not_taken is None and first == of.sent,
            then=concluded(of.sent),
            now=concluded(before),
            steps=steps,
            whole=change_of(of.sent, before),
        )

    def troubles(self, of: SealedAssessment) -> list[StepTrouble]:
        """What could not be replayed, by step, and why; none where everything can."""
        tries: Sequence[tuple[Step, Callable[[], object]]] = (
            ("code", lambda: (self.recall.bundle(of), self.recall.policy(of))),
            ("data", lambda: self._rows_now(of)),
            ("model", lambda: self.assessor.bundles.of(of.answer.kind)),
        )
        found = []
        for step, work in tries:
            try:
                work()
            except PledgeScoreError as error:
                found.append(StepTrouble(step, problem_faults(error.as_faults())))
        return found

    def _rows_now(self, of: SealedAssessment) -> Rows:
        """The rows as they are known today about the day of the question. Raises `Refused` where nobody knows more."""
        try:
            held = self.assessor.firms.rows(of.answer.case.firm, of.answer.case.bank)
        except NoLake:
            raise NotAnswerable("no_lake_named") from None
        return known_now(sealed_rows(of) if _were_given(of) else None, held, of.answer.case.as_of)


def known_now(given: Rows | None, held: Rows, as_of: date) -> Rows:
    """The rows about a day as they are known today: later corrections take the place of what was known then.

    `given`: rows that came with the question, which stand unless a held row corrects them; without them all held rows
    count. What happened only after the day is left out. A correction is stated as if it had been known on the day.
    """
    found: Rows = {}
    for table in dict.fromkeys((*(given or {}), *held)):
        later = [
            row for row in held.get(table, ()) if row["known_on"] > as_of and not _happened_after(table, row, as_of)
        ]
        newest = {fact_of(table, row): row for row in sorted(later, key=lambda row: row["known_on"])}
        base = (given or {}).get(table, ()) if given is not None else held.get(table, ())
        kept = [row for row in base if row["known_on"] <= as_of and fact_of(table, row) not in newest]
        found[table] = kept + [row | {"known_on": as_of} for row in newest.values()]
    return found


def _happened_after(table: str, row: Row, day: date) -> bool:
    happened = (column.name for column in TABLES[table].columns.values() if column.happened)
    return any(row.get(name) is not None and row[name] > day for name in happened)


def enter_sample(engine: Engine, found: ReplayEntry, by: str) -> int:
    """Enter what replaying a sample showed; the entry's number."""

    def write(connection: Connection) -> int:
        return append(connection, [Draft.of(found, actor_of(by))])[0].seq

    return in_turn(engine, write)
