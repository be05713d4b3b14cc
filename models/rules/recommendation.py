"""From findings to a recommendation: it follows from their effects, never from a count of fails.

The product advises and never rejects by itself. What fails and blocks is advised against; what a person must weigh is
referred; what can be put right before drawdown becomes a condition. What blocks outranks what is unknown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

import msgspec
import numpy as np

from features.elementary import log
from features.exact import exactly
from features.phrase import Fact, Phrase
from models.records.applicant import Applicant
from models.rules.decimals import decimal_text
from models.rules.finding import Cure, Effect, Finding
from models.rules.order import in_order
from models.rules.registry import Maker, rule
from models.score.scale import Scale, probability

Advice = Literal["recommend", "refer", "advise_against"]


LINES: tuple[Effect, ...] = ("blocks", "refer")
"""The effects of a score beyond a line of the bank, the heavier first."""
_MONTHS, _YEAR = 12, 365.25
_WATCHED = "default_definition.observation_after_maturity"


@dataclass(frozen=True)
class Scored:
    """The model's score of an applicant in points, and the scale on which points stand for a probability of default."""

    a: Applicant
    points: float
    scale: Scale

    @property
    def days(self) -> int | None:
        """Over how many days that probability is counted, where it is not a year.

        To the maturity asked, on through the renewals that the model follows, by their mean, and as long after it as a
        loan is watched: what is not repaid then is seen in default.
        """
        months = self.a.loan.term_months
        if self.scale.horizon != "maturity" or not months:
            return None
        watched: int = self.a.value(_WATCHED)
        return round(months * _YEAR / _MONTHS) + self.scale.renewal_days(months) + watched

    def pd(self, points: float) -> Fraction:
        """The probability of default over a year at so many points, to four decimals of a per cent.

        One of another horizon is brought to a year by a constant hazard.
        """
        whole = self.whole(points)
        return _shown(1.0 - (1.0 - whole) ** (_YEAR / self.days) if self.days else whole)

    def whole(self, points: float) -> float:
        """The probability of default over the model's own horizon at so many points."""
        log_odds = self.scale.log_odds(np.array([points], dtype=np.float64))
        return float(probability(log_odds)[0])

    def line(self, yearly: Fraction) -> float:
        """The points at which the probability over a year is so high."""
        whole = 1.0 - (1.0 - float(yearly)) ** (self.days / _YEAR) if self.days else float(yearly)
        odds = whole / (1.0 - whole)
        return float(self.scale.points(log(np.array([odds], dtype=np.float64)))[0])


def _shown(share: float) -> Fraction:
    return Fraction(round(share * 1_000_000), 1_000_000)


def pd_lines(a: Applicant) -> dict[Effect, Fraction]:
    """The probabilities of default over a year above which a score blocks, or a person decides."""
    return lines_of(a.measure("bank_npl"), a.value)


def lines_of(own_npl: float | None, value: Callable[[str], float]) -> dict[Effect, Fraction]:
    """The same for a bank whose own share of non-performing loans is so high, by the values of policy."""
    npl = exactly(own_npl if own_npl is not None else value("recommendation.npl"))
    return {
        "blocks": exactly(value("recommendation.pd_blocks")),
        "refer": npl + exactly(value("recommendation.pd_above_npl")),
    }


def score_lines(of: Scored) -> tuple[float, ...]:
    """The scores at which the probability over a year is as high as each line, the lower first."""
    return tuple(sorted(of.line(yearly) for yearly in pd_lines(of.a).values()))


@rule(
    "firm",
    "recommendation.pd_blocks",
    "recommendation.pd_above_npl",
    "recommendation.npl",
    "default_definition.observation_after_maturity",
    weighs=("blocks", "refer"),
    facts=("bank_npl",),
)
def score(of: Scored, make: Maker) -> Finding:
    """The model's probability of default over a year, as its score is shown, is within the bank's lines."""
    points, lines = round(of.points, 1), pd_lines(of.a)
    pd = of.pd(points)
    told: dict[str, Fact] = {"pd": decimal_text(pd, 4), "points": round(10 * points)}
    seen = make.observed("score", **told)
    if of.days:
        whole = decimal_text(_shown(of.whole(points)), 4)
        seen = make.observed("score_to_maturity", **told, whole=whole, days=of.days)
    required = make.required(
        refer_pd=decimal_text(lines["refer"], 4),
        refer_points=round(10 * of.line(lines["refer"])),
        blocks_pd=decimal_text(lines["blocks"], 4),
        blocks_points=round(10 * of.line(lines["blocks"])),
    )
    for effect in LINES:
        if pd > lines[effect]:
            return make.fails(effect, seen, required)
    return make.passes(seen, required)


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

    `amount`, `term_months`: the largest and longest loan that is recommended, or about which a person decides, in fen
    and months; None where the advice is against any, or that is not known. `because`: in the order in which reasons are
    shown. `standing`: what stands before every drawdown; nobody waives it. `dropped`: the patents that do not count.
    """

    advice: Advice
    amount: int | None
    term_months: int | None
    because: tuple[Because, ...]
    conditions: tuple[Condition, ...]
    standing: tuple[Phrase, ...]
    dropped: tuple[str, ...]
    expires_on: date


@dataclass(frozen=True)
class Advisable:
    """What the amount advised is held to: the limit in fen and the longest term in months, where they are known."""

    most: int | None = None
    longest: int | None = None
    standing: tuple[Phrase, ...] = ()


NOT_WEIGHED = Advisable()
"""Nothing is known of limit and term."""


def recommend(
    a: Applicant, findings: Sequence[Finding], patents: Sequence[str], within: Advisable = NOT_WEIGHED
) -> Recommendation:
    """The recommendation for a pledge loan on these patents.

    `findings` are those of the loan, the firm and the patents, without those of lists.
    """
    drops = [f for f in findings if f.drops and f.subject in patents]
    gone = {f.subject for f in drops}
    left = [p for p in patents if p not in gone]
    weighing = in_order(f for f in findings if f.open and f.subject not in gone)
    blocking = [f for f in weighing if f.outcome == "fail" and f.effect == "blocks"]
    referring = [f for f in weighing if f.effect == "refer"]
    incurable = [f for f in drops if f.cure is None]
    advice: Advice = "recommend"
    because: Sequence[Finding] = ()
    if blocking or (not left and incurable):
        advice, because = "advise_against", blocking or incurable
    elif referring or not left:
        advice, because = "refer", referring or drops
    expiry = timedelta(days=int(a.value("expiry.assessment")))
    against = advice == "advise_against"
    asked = a.loan.term_months
    return Recommendation(
        advice,
        None if against else within.most or None,
        None if against or asked is None or not within.longest else min(asked, within.longest),
        tuple(Because(f.rule, f.subject) for f in because),
        tuple(_conditions(weighing)),
        within.standing,
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


def doubted(findings: Iterable[Finding]) -> dict[str, str]:
    """The patents of which it is not known whether a rule drops them, each with the first such rule."""
    found: dict[str, str] = {}
    for one in findings:
        if one.outcome == "unknown" and one.effect == "drops_patent":
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
