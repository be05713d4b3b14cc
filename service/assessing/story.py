"""The story of one answer: gather what is known, build features, assess, hash, record. Start reading here.

Concurrent questions go through it together, a few at a time; one question is a batch of one. Nothing here knows HTTP.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from features.asof import Known, as_known
from features.encoded import Tables
from features.policy import Policy
from models.assess import Assessment, assess
from models.collateral.bank_assumptions import BadAssumption
from models.rules import forget
from service.assessing.describing import described
from service.assessing.gathering import bank_assumptions, gather
from service.assessing.ports import Bundles, FirmSource, Rows
from service.assessing.records import Outcome, ReadyAnswer, ready, record
from service.assessing.stages import Assessed, Gathered, Question
from service.edge.errors import InvalidRequest, Refused


@dataclass(frozen=True)
class Assessor:
    """All that answering needs; `code` is the version of the product."""

    bundles: Bundles
    firms: FirmSource
    policy: Policy
    code: str
    engine: Engine

    def answer(self, questions: Sequence[Question]) -> list[Outcome]:
        """The whole story: for each question, in order, its recorded answer or why there is none."""
        return self.record(self.prepare(self.assess(self.gather(questions))))

    def follow(self) -> None:
        """Answer by the models that were announced meanwhile."""
        self.bundles.follow()

    def gather(self, questions: Sequence[Question]) -> list[Gathered | Refused]:
        """Each question with its model and the rows known by its day."""
        return [self._gathered(question) for question in questions]

    def assess(self, gathered: Sequence[Gathered | Refused]) -> list[Assessed | Refused]:
        """Features built once for all that may share a table, then model, rules, pledge, limit.

        What one question says changes no other's answer.
        """
        answers: dict[int, Assessed | Refused] = {i: one for i, one in enumerate(gathered) if isinstance(one, Refused)}
        for batch in batches((i, one) for i, one in enumerate(gathered) if not isinstance(one, Refused)):
            answers |= zip([i for i, _ in batch], self._together([one for _, one in batch]), strict=True)
        return [answers[i] for i in range(len(gathered))]

    def prepare(self, answers: Sequence[Assessed | Refused]) -> list[ReadyAnswer | Refused]:
        """Each answer hashed and compressed: nobody waits for that when its turn to be recorded comes."""
        return [ready(one) if isinstance(one, Assessed) else one for one in answers]

    def record(self, answers: Sequence[ReadyAnswer | Exception]) -> list[Outcome]:
        """Each answer sealed in the ledger before it leaves; what was refused stays refused."""
        waiting = [one for one in answers if isinstance(one, ReadyAnswer)]
        recorded = iter(record(self.engine, waiting, self.bundles.not_to_be_recorded))
        return [next(recorded) if isinstance(one, ReadyAnswer) else one for one in answers]

    def _gathered(self, question: Question) -> Gathered | Refused:
        try:
            return gather(question, self.bundles, self.firms)
        except Refused as refused:
            return refused

    def _together(self, batch: Sequence[Gathered]) -> list[Assessed | Refused]:
        known = build(batch, self.policy)
        try:
            assessments = conclude(known, batch, self.code)
        except BadAssumption as bad:  # one question's own: the others are asked without it
            if len(batch) > 1:
                return [answer for one in batch for answer in self._together([one])]
            return [InvalidRequest(bad.as_faults("/assumptions"))]
        answers = [self._described(one, assessment) for one, assessment in zip(batch, assessments, strict=True)]
        forget(known)
        return answers

    def _described(self, one: Gathered, assessment: Assessment) -> Assessed | Refused:
        try:
            return described(one, assessment, self.policy)
        except Refused as refused:
            return refused


def build(batch: Sequence[Gathered], policy: Policy) -> Known:
    """What was known about the firms of the batch: the tables that features, rules and values read."""
    rows: Rows = {}
    for one in batch:
        for table, own in one.rows.items():
            rows.setdefault(table, []).extend(own)
    return as_known(Tables.from_rows(rows), [one.case for one in batch], batch[0].bundle.norms, policy)


def conclude(known: Known, batch: Sequence[Gathered], code: str) -> list[Assessment]:
    """The assessments of questions about different firms that one bundle answers."""
    return assess(known, batch[0].bundle, code, [bank_assumptions(one.applicant) for one in batch])


def batches(gathered: Iterable[tuple[int, Gathered]]) -> Iterator[list[tuple[int, Gathered]]]:
    """Batches of one bundle each, in which no firm stands twice: rows of one question never mix with another's."""
    made: list[tuple[str, set[str], list[tuple[int, Gathered]]]] = []
    for place, one in gathered:
        bundle, firm = one.bundle.id, one.case.firm
        for held, firms, batch in made:
            if held == bundle and firm not in firms:
                firms.add(firm)
                batch.append((place, one))
                break
        else:
            made.append((bundle, {firm}, [(place, one)]))
    return (batch for _, _, batch in made)
