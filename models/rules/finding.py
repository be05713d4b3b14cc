"""The shape of what a rule concludes: outcome, effect, what was seen, what is asked, since when, and what cures it.

What is said is a code with facts, never a sentence. Title, document and confidence follow from the rule, its policy and
the day: the catalogue tells them, not each finding.

A pass and a not_applicable never weigh on a loan: their effect is always `info`. What a fail or an unknown weighs is
its effect, so that a recommendation can follow from effects alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

import msgspec

from features.phrase import Fact, Phrase

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]
Effect = Literal["blocks", "drops_patent", "refer", "before_drawdown", "caution", "info"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""From the heaviest to the lightest."""


class Proof(msgspec.Struct, frozen=True):
    """Where the fact comes from, the day on which it was seen, and its age on the day of the question in days."""

    source: str
    seen_on: date | None = None
    age: int | None = None


class Cure(msgspec.Struct, frozen=True, omit_defaults=True):
    """What can be done about it: a code, with facts of the case where its template asks for some.

    `office`: the code of who does it. `days`: working time. `fee`: official fee in fen; None is not known.
    """

    code: str
    office: str | None = None
    days: int | None = None
    fee: int | None = None
    facts: Mapping[str, Fact] = {}


class Points(msgspec.Struct, frozen=True):
    """The least and the most points of an item, given what is known; they are one number where all is known."""

    least: int
    most: int


class SelfEstimate(msgspec.Struct, frozen=True):
    """What a title's scorecard says: gates and shortcuts by name (None is *not known*), points by item and in total.

    `complete`: whether policy states the whole scorecard; one that is not never passes.
    """

    estimate: Literal["meets", "fails", "unknown"]
    complete: bool
    points: Points
    items: Mapping[str, Points]
    gates: Mapping[str, bool | None]
    shortcuts: Mapping[str, bool | None]


MEASURED = frozenset({"finding.score.observed.score_to_maturity"})
"""What was seen that an answer tells also where the rule passes."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The conclusion of one rule about one subject (a patent, a title, a list, a loan, or the firm).

    `policy`: the parameter that was applied, `since` the first day of its value. `required` is None where the rule asks
    nothing of the subject. `detail`: the parts of a self-estimate. JSON leaves out what is not there, and `info`.
    """

    rule: str
    subject: str
    outcome: Outcome
    effect: Effect = "info"
    observed: Phrase | None = None
    required: Phrase | None = None
    policy: str | None = None
    since: date | None = None
    proof: Proof | None = None
    cure: Cure | None = None
    detail: SelfEstimate | None = None

    @property
    def open(self) -> bool:
        """Whether it weighs on the loan: failed or not known."""
        return self.outcome in ("fail", "unknown")

    @property
    def drops(self) -> bool:
        """Whether it drops a patent from the pledge."""
        return self.outcome == "fail" and self.effect == "drops_patent"

    @property
    def answered(self) -> "Finding":
        """As an answer tells it: what is not open weighs nothing, and stands without what was seen and asked.

        But for a figure that stands nowhere else in it: the probability over a year that lines are held against.
        """
        kept = self.open or (self.observed is not None and self.observed.code in MEASURED)
        return self if kept else Finding(self.rule, self.subject, self.outcome, since=self.since)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The facts of what was seen and what is asked together."""
        return {name: fact for part in (self.required, self.observed) if part for name, fact in part.facts.items()}
