"""Asks a sealed question again: from given rows, by a bundle, under a policy; those of then are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import orjson
from sqlalchemy import Engine

from features.errors import PledgeScoreError
from features.policy import Policy, shipped
from features.policy.parameters import Override
from models.rules import forget
from models.score.bundle import Bundle
from service.assessing.describing import described
from service.assessing.leaves import asked_of, rows_of
from service.assessing.ports import Rows
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.stages import Gathered, Question
from service.assessing.story import build, conclude
from service.edge.errors import NotAnswerable
from service.ledger.stored_artifacts import bundle, policy

T = TypeVar("T")
MOST_RECALLED = 4
"""Bundles of the past that are held at a time."""


def sealed_rows(of: SealedAssessment) -> Rows:
    """The rows that it was answered from, tables in the order of the answer."""
    rows = rows_of(of.body)
    told = [table for table in of.answer.sources if table in rows]
    return {table: rows[table] for table in (*told, *(table for table in rows if table not in told))}


def again(of: SealedAssessment, rows: Rows, by: Bundle, under: Policy) -> bytes:
    """The answer to the same question from these rows, by this bundle, under this policy.

    Raises `InvalidRequest` where an amount that follows is beyond measure.
    """
    told = of.answer
    question = Question(b"", told.asked_at, told.case.as_of, "")
    gathered = Gathered(question, asked_of(of.body), told.case, by, rows, told.ignored)
    known = build([gathered], under)
    made = described(gathered, conclude(known, [gathered], told.versions.code)[0], under, told.id)
    forget(known)
    sent = orjson.loads(of.sent)
    fixed = {name: sent[name] for name in ("retrospective", "ahead", "earlier") if name in sent}
    return orjson.dumps(made.parts | fixed)


@dataclass(frozen=True)
class Recall:
    """Finds the bundle and the policy that answered. Raises `NotAnswerable` where they are not kept."""

    engine: Engine
    held: dict[str, Bundle] = field(default_factory=dict)

    def bundle(self, of: SealedAssessment) -> Bundle:
        """The bundle that answered."""
        name = of.answer.versions.bundle
        if name not in self.held:
            with self.engine.connect() as connection:
                found = _or_not_answerable(lambda: bundle(connection, name))
            if len(self.held) >= MOST_RECALLED:
                self.held.clear()
            self.held[name] = found
        return self.held[name]

    def policy(self, of: SealedAssessment) -> Policy:
        """The policy that answered. What our code reads since then, and no file stated, is a change of the code."""
        changed = tuple(Override(one.policy, "", one.kind) for one in of.answer.overrides)
        with self.engine.connect() as connection:
            found = _or_not_answerable(lambda: policy(connection, of.answer.versions.policy, changed))
        return found.completed(shipped())


def _or_not_answerable(work: Callable[[], T]) -> T:
    try:
        return work()
    except PledgeScoreError as error:
        raise NotAnswerable("not_asked_again", faults=error.as_faults()) from error
