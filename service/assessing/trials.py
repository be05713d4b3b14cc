"""Trials (试算): what an assessment would come to on other facts, by its own model and under its own policy.

A trial is no assessment: it has no id, nothing can be signed, reported or lent on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from service.assessing.answer_changes import change_of, open_effects
from service.assessing.asking_again import Recall, again, sealed_rows
from service.assessing.assessment_index import SealedProbability
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.trial_rows import TrialRequest, TriedRow, tried
from service.edge.errors import NotAnswerable
from service.ledger.written_kinds import TriedFinding


class TrialOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer comes to. Money in fen; `conditions` before drawdown; what is not known is null."""

    advice: str | None = None
    amount: int | None = None
    term_months: int | None = None
    conditions: int = 0
    probability: float
    points: float
    grade: str
    limit: int | None = None
    binding: str | None = None
    bounds: dict[str, int] = {}


@dataclass(frozen=True)
class ComparedTrial:
    """What was tried, and what came of it: the answer before and after, and the findings that turned."""

    changes: list[TriedRow]
    before: TrialOutcome
    after: TrialOutcome
    findings: list[TriedFinding]
    bundle: str
    policy: str


class _Sealed(msgspec.Struct, frozen=True):
    """Of a sealed answer, of whichever version, what a trial compares."""

    class TriedAdvice(msgspec.Struct, frozen=True):
        """The advice."""

        advice: str | None
        amount: int | None = None
        term_months: int | None = None
        conditions: Sequence[object] = ()

    class TriedLimit(msgspec.Struct, frozen=True):
        """The limit with its bounds."""

        amount: int | None = None
        binding: str | None = None
        bounds: Mapping[str, int | None] = {}

    points: float
    grade: str
    pd: SealedProbability
    recommendation: TriedAdvice | None = None
    limit: TriedLimit | None = None

    @property
    def outcome(self) -> TrialOutcome:
        """The same, flat."""
        advice, limit = self.recommendation or _Sealed.TriedAdvice(None), self.limit or _Sealed.TriedLimit()
        return TrialOutcome(
            advice=advice.advice,
            amount=advice.amount,
            term_months=advice.term_months,
            conditions=len(advice.conditions),
            probability=self.pd.value,
            points=self.points,
            grade=self.grade,
            limit=limit.amount,
            binding=limit.binding,
            bounds={name: bound for name, bound in limit.bounds.items() if bound is not None},
        )


def outcome_of(sent: bytes) -> TrialOutcome:
    """What a sealed answer to a question of kind pledge comes to."""
    return msgspec.json.decode(sent, type=_Sealed).outcome


@dataclass(frozen=True)
class Trials:
    """Asks sealed questions again on other facts, by the model and under the policy that answered."""

    recall: Recall

    def ask(self, of: SealedAssessment, asked: TrialRequest) -> ComparedTrial:
        """What the assessment would come to. Raises `InvalidRequest`; `NotAnswerable` where it cannot be asked again.

        Nor is it tried where our code gives another answer by now: what is otherwise would follow from that too.
        """
        if of.answer.kind != "pledge":
            raise NotAnswerable("trial_pledge_alone")
        rows = sealed_rows(of)
        found = tried(rows, of.answer.case, asked)
        by, under = self.recall.bundle(of), self.recall.policy(of)
        before, sealed = again(of, rows, by, under), outcome_of(of.sent)
        if outcome_of(before) != sealed or change_of(of.sent, before).findings:
            raise NotAnswerable("trial_other_code", then=of.answer.versions.code)
        after = again(of, found.rows, by, under)
        return ComparedTrial(
            found.changes, sealed, outcome_of(after), list(_turned(of.sent, after)), by.id, of.answer.versions.policy
        )


def _turned(before: bytes, after: bytes) -> Iterator[TriedFinding]:
    """The findings that weigh on one side and are others on the other."""
    effects = open_effects(before) | open_effects(after)
    for one in change_of(before, after).findings:
        if (effect := effects.get((one.rule, one.subject), "info")) != "info":
            yield TriedFinding(one.rule, one.subject, one.before, one.after, effect)
