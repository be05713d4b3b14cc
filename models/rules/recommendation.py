"""From findings to a recommendation: it follows from their effects, never from a count of fails.

The product advises and never rejects by itself. What fails and blocks is advised against; what is unknown and would
block is referred to a person; what can be put right before drawdown becomes a condition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from models.records.applicant import Applicant
from models.rules.finding import Cure, Finding, Says
from models.rules.registry import Maker, rule
from models.rules.wording import number

Advice = Literal["recommend", "refer", "advise_against"]


@rule(
    "firm",
    "recommendation.least_points",
    "recommendation.refer_below_points",
    zh="模型评分",
    en="score",
    weighs=("blocks",),
)
def score(subject: tuple[Applicant, float], make: Maker) -> Finding:
    """The model's score, as it is shown, reaches the bank's line; just above it, within a band, a person decides."""
    a, points = subject[0], round(subject[1], 1)
    least, refer = a.value("recommendation.least_points"), a.value("recommendation.refer_below_points")
    said = Says(f"{number(points).zh} 分", f"{number(points).en} points")
    required = Says(
        f"不低于 {least} 分（低于 {refer} 分由人工决定）", f"at least {least} points (below {refer} a person decides)"
    )
    if points < least:
        return make.fails("blocks", said, required)
    return make.unknown("blocks", said, required) if points < refer else make.passes(said, required)


@dataclass(frozen=True)
class Condition:
    """What must be done before drawdown, and for which patents or papers."""

    rule: str
    title: Says
    subjects: tuple[str, ...]
    cure: Cure | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "rule": self.rule,
            "title": self.title.to_json(),
            "subjects": list(self.subjects),
            "cure": self.cure.to_json() if self.cure else None,
        }


@dataclass(frozen=True)
class Recommendation:
    """The advice with the findings that it follows from, its conditions, and the day to which it may be relied on.

    `amount`: the largest loan that is recommended, or about which a person decides, in the minor unit; None where the
    advice is against any, or the limit is not known.
    """

    advice: Advice
    amount: int | None
    because: tuple[Finding, ...]
    conditions: tuple[Condition, ...]
    dropped: tuple[str, ...]
    expires_on: date

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "advice": self.advice,
            "amount": self.amount,
            "because": [{"rule": f.rule, "subject": f.subject} for f in self.because],
            "conditions": [c.to_json() for c in self.conditions],
            "dropped": list(self.dropped),
            "expires_on": self.expires_on.isoformat(),
        }


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
        tuple(because),
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
    grouped: dict[tuple[str, Cure | None], list[Finding]] = {}
    for f in weighing:
        if f.effect == "before_drawdown":
            grouped.setdefault((f.rule, f.cure), []).append(f)
    return [
        Condition(name, found[0].title, tuple(f.subject for f in found), cured)
        for (name, cured), found in grouped.items()
    ]
