"""From findings to a recommendation: it follows from their effects, never from a count of fails.

The product advises and never rejects by itself. What fails and blocks is advised against; what is unknown and would
block is referred to a person; what can be put right before drawdown becomes a condition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import msgspec
import numpy as np

from models.records.applicant import Applicant
from models.rules.decimals import decimal_text
from models.rules.finding import Cure, Finding
from models.rules.registry import Maker, rule
from models.score.scale import Scale, probability

Advice = Literal["recommend", "refer", "advise_against"]


@dataclass(frozen=True)
class Scored:
    """The model's score of an applicant in points, and the scale on which points stand for a probability of default."""

    a: Applicant
    points: float
    scale: Scale

    def probabilities(self, *points: float) -> list[str]:
        """The probability of default at each of so many points, as decimal text."""
        log_odds = self.scale.log_odds(np.array(points, dtype=np.float64))
        return [decimal_text(one, 4) for one in probability(log_odds).tolist()]


@rule("firm", "recommendation.least_points", "recommendation.refer_below_points", weighs=("blocks",))
def score(of: Scored, make: Maker) -> Finding:
    """The model's score, as it is shown, reaches the bank's line; just above it, within a band, a person decides."""
    a, points = of.a, round(of.points, 1)
    least, refer = a.value("recommendation.least_points"), a.value("recommendation.refer_below_points")
    pd, least_pd, refer_pd = of.probabilities(points, least, refer)
    seen = make.observed("score", pd=pd, points=round(10 * points))
    required = make.required(
        least_pd=least_pd,
        least_points=round(10 * least),
        refer_pd=refer_pd,
        refer_points=round(10 * refer),
    )
    if points < least:
        return make.fails("blocks", seen, required)
    return make.unknown("blocks", seen, required) if points < refer else make.passes(seen, required)


class Because(msgspec.Struct, frozen=True):
    """A finding by its rule and subject."""

    rule: str
    subject: str


class Condition(msgspec.Struct, frozen=True):
    """What must be done before drawdown, and for which patents or papers."""

    rule: str
    subjects: tuple[str, ...]
    cure: Cure | None


class Recommendation(msgspec.Struct, frozen=True):
    """The advice with the findings that it follows from, its conditions, and the day to which it may be relied on.

    `amount`: the largest loan that is recommended, or about which a person decides, in fen; None where the advice is
    against any, or the limit is not known. `dropped`: the patents that do not count.
    """

    advice: Advice
    amount: int | None
    because: tuple[Because, ...]
    conditions: tuple[Condition, ...]
    dropped: tuple[str, ...]
    expires_on: date


def recommend(
    a: Applicant, findings: Sequence[Finding], patents: Sequence[str], most: int | None = None
) -> Recommendation:
    """The recommendation for a pledge loan on these patents.

    `findings` are those of the loan, the firm and the patents, without those of lists. `most`: the limit, where known.
    """
    drops = [f for f in findings if f.drops and f.subject in patents]
    gone = {f.subject for f in drops}
    left = [p for p in patents if p not in gone]
    weighing = [f for f in findings if f.open and f.subject not in gone]
    blocking = [f for f in weighing if f.outcome == "fail" and f.effect == "blocks"]
    doubtful = [f for f in weighing if f.outcome == "unknown" and f.effect in ("blocks", "drops_patent")]
    incurable = [f for f in drops if f.cure is None]
    advice: Advice = "recommend"
    because = [*blocking, *doubtful]
    if blocking or (not left and incurable):
        advice, because = "advise_against", blocking or incurable
    elif doubtful or not left:
        advice, because = "refer", doubtful or drops
    expiry = timedelta(days=int(a.value("expiry.assessment")))
    return Recommendation(
        advice,
        None if advice == "advise_against" else most,
        tuple(Because(f.rule, f.subject) for f in because),
        tuple(_conditions(weighing)),
        tuple(sorted(gone)),
        a.as_of + expiry,
    )


def dropped(findings: Iterable[Finding]) -> dict[str, str]:
    """The patents that a failed rule drops from the pledge, each with the first such rule."""
    found: dict[str, str] = {}
    for one in findings:
        if one.drops:
            found.setdefault(one.subject, one.rule)
    return found


def _conditions(weighing: Iterable[Finding]) -> list[Condition]:
    """One condition for each rule and cure, in the order of the findings."""
    grouped: list[tuple[str, Cure | None, list[str]]] = []
    for f in weighing:
        if f.effect == "before_drawdown":
            same = next((of for name, cured, of in grouped if name == f.rule and cured == f.cure), None)
            if same is None:
                grouped.append((f.rule, f.cure, [f.subject]))
            else:
                same.append(f.subject)
    return [Condition(name, tuple(subjects), cured) for name, cured, subjects in grouped]
