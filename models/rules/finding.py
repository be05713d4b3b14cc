"""The shape of what a rule concludes: outcome, effect, what was seen, what is asked, since when, and what cures it.

A pass and a not_applicable never weigh on a loan: their effect is always `info`. What a fail or an unknown weighs is
its effect, so that a recommendation can follow from effects alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from features.lazy import lazy
from features.policy.parameters import Confidence

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]
Effect = Literal["blocks", "drops_patent", "before_drawdown", "caution", "info"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""From the heaviest to the lightest."""


class Says(NamedTuple):
    """One wording in both languages."""

    zh: str
    en: str

    def to_json(self) -> dict[str, str]:
        """`{"zh": …, "en": …}`."""
        return {"zh": self.zh, "en": self.en}


NOTHING = Says("", "")
NO_DETAIL: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Proof:
    """Where the fact comes from, the day on which it was seen, and its age on the day of the question in days."""

    source: str
    seen_on: date | None = None
    age: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `age` in days."""
        return {"source": self.source, "seen_on": _iso(self.seen_on), "age": self.age}


@dataclass(frozen=True)
class Cure:
    """What can be done about it, where, in how many days, for which official fee (minor unit, None if not known)."""

    what: Says
    where: Says
    days: int | None = None
    fee: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `fee` in the minor unit."""
        return self._told

    @lazy
    def _told(self) -> dict[str, Any]:
        return {"what": self.what.to_json(), "where": self.where.to_json(), "days": self.days, "fee": self.fee}


class Finding(NamedTuple):
    """The conclusion of one rule about one subject (a patent, a title, a list, a loan, or the firm).

    `since` is the first day of the policy value that was applied, `document` where it is laid down and `confidence` how
    far that was verified. `detail` carries the parts of a conclusion that has parts, such as the points of a scorecard.

    A tuple, because one answer holds hundreds.
    """

    rule: str
    subject: str
    outcome: Outcome
    effect: Effect
    title: Says
    observed: Says
    required: Says
    since: date | None = None
    document: str = ""
    confidence: Confidence = "assumed"
    proof: Proof | None = None
    cure: Cure | None = None
    detail: Mapping[str, Any] = NO_DETAIL

    @property
    def open(self) -> bool:
        """Whether it weighs on the loan: failed or not known."""
        return self.outcome in ("fail", "unknown")

    @property
    def drops(self) -> bool:
        """Whether it drops a patent from the pledge."""
        return self.outcome == "fail" and self.effect == "drops_patent"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values in the order in which an officer reads them."""
        return {
            "rule": self.rule,
            "subject": self.subject,
            "outcome": self.outcome,
            "effect": self.effect,
            "title": self.title.to_json(),
            "observed": self.observed.to_json(),
            "required": self.required.to_json(),
            "since": _iso(self.since),
            "document": self.document,
            "confidence": self.confidence,
            "proof": self.proof.to_json() if self.proof else None,
            "cure": self.cure.to_json() if self.cure else None,
            "detail": dict(self.detail),
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
