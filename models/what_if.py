"""What would change the advice on one case: the next line above its score, and what the rules demand besides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from features.asof import Known
from features.matrix import matrix
from features.policy import Policy
from models.bundle import Bundle
from models.changes import NO_WAY, Forest, Found, Question, search
from models.contributions import margins
from models.levers import features_of
from models.rules.finding import Finding

SCORE = "score"
LINES = ("recommendation.least_points", "recommendation.refer_below_points")


@dataclass(frozen=True)
class WhatIf:
    """The answer: changes of the score, the cures that findings demand besides, and what nothing cures."""

    line_points: float
    found: Found
    cures: tuple[Finding, ...]
    incurable: tuple[Finding, ...]

    def told(self) -> dict[str, Any]:
        """Plain JSON values; `cures` and `incurable` are findings that block the loan."""
        return self.found.told() | {
            "line_points": self.line_points,
            "cures": [finding.to_json() for finding in self.cures],
            "incurable": [finding.to_json() for finding in self.incurable],
        }


def what_would_change(
    known: Known, place: int, bundle: Bundle, forest: Forest, findings: Iterable[Finding], longest_term: int | None
) -> WhatIf:
    """What would take one case over the next line above its score, by the policy of its day.

    `forest` is of the bundle's booster. `findings`: those of the firm and the loan; one that fails and blocks must be
    cured, by its lever or by itself. `longest_term` in months: no longer term is offered, whatever the score says.
    """
    day, policy = known.cases[place].as_of, known.policy
    row = matrix(known, bundle.features)[place]
    declared = _declared(policy, day, longest_term)
    names = features_of(declared)
    now = dict(zip(names, matrix(known, names)[place].tolist(), strict=True))
    points = float(bundle.scale.points(bundle.calibration.log_odds(margins(bundle.booster, row[None])))[0])
    line = next_line(points, policy, day)
    blocking = [f for f in findings if f.outcome == "fail" and f.effect == "blocks" and f.rule != SCORE]
    pulls = policy("changes.pulls").on(day)
    incurable = tuple(f for f in blocking if f.rule not in pulls and f.cure is None)
    cures = tuple(f for f in blocking if f.rule not in pulls and f.cure is not None)
    asked = Question(
        line=_log_odds(line, bundle),
        below=bundle.scale.per_log_odds < 0,
        calibration=bundle.calibration,
        declared=declared,
        effort=policy("changes.effort").on(day),
        required=frozenset(pulls[f.rule] for f in blocking if f.rule in pulls),
        cures=NO_WAY if incurable else len(cures),
    )

    def reassess(rows: Any) -> Any:
        return bundle.calibration.log_odds(margins(bundle.booster, rows))

    found = search(forest, bundle.features, np.ascontiguousarray(row), now, asked, reassess)
    return WhatIf(line, found, cures, incurable)


def next_line(points: float, policy: Policy, day: date) -> float:
    """The lowest line of the recommendation that the score has not reached; the highest where it has reached all."""
    lines = sorted(float(policy(name).on(day)) for name in LINES)
    return next((line for line in lines if points < line), lines[-1])


def _declared(policy: Policy, day: date, longest_term: int | None) -> Mapping[str, Mapping[str, Any]]:
    declared: dict[str, dict[str, Any]] = dict(policy("changes.levers").on(day))
    if longest_term is None:
        return declared
    return {
        name: told | {"most": min(told["most"], longest_term)} if told.get("anchor") == "asked_term" else told
        for name, told in declared.items()
    }


def _log_odds(points: float, bundle: Bundle) -> float:
    """The log-odds of a score."""
    at_zero = float(bundle.scale.points(np.zeros(1))[0])
    return (points - at_zero) / bundle.scale.per_log_odds
