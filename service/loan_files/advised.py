"""Of a sealed answer, of whichever version, what people's acts are held against."""

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection

from features.phrase import Phrase
from models.rules.finding import Effect, Outcome
from service.assessing.records import answer_of

_STANDING = (Phrase("standing.pledge_contract"), Phrase("standing.pledge_registered"))
"""What stands before a drawdown on patents, of an answer that does not tell."""
FRESH_FACTS = "standing.facts_fresh"
"""The precondition that is looked at here, and not reported."""
_ORDER = ("advise_against", "refer", "recommend")


class AdvisedCondition(msgspec.Struct, frozen=True):
    """A condition before drawdown, by its rule."""

    rule: str


class Advice(msgspec.Struct, frozen=True):
    """What an answer recommends: how much at most, in fen, for how long, on which conditions."""

    advice: str
    conditions: tuple[AdvisedCondition, ...]
    amount: int | None = None
    term_months: int | None = None
    standing: tuple[Phrase, ...] = ()


class SecuredBy(msgspec.Struct, frozen=True):
    """What secures the loan beside patents, in fen."""

    other: int = 0
    guarantee: int = 0


class AdvisedLimit(msgspec.Struct, frozen=True):
    """The highest amount, its bounds, and what secures it, in fen."""

    amount: int | None
    bounds: Mapping[str, int | None] = {}
    binding: str | None = None
    lines: SecuredBy | None = None


class AdvisedTerm(msgspec.Struct, frozen=True):
    """The longest term."""

    months: int | None


class SeenFacts(msgspec.Struct, frozen=True):
    """What a finding saw, as far as acts ask for it."""

    facts: Mapping[str, object] = {}


class AdvisedFinding(msgspec.Struct, frozen=True):
    """What a rule concluded about a subject."""

    rule: str
    subject: str
    outcome: Outcome
    effect: Effect = "info"
    observed: SeenFacts | None = None

    @property
    def open(self) -> bool:
        """Whether it weighs."""
        return self.outcome in ("fail", "unknown")

    @property
    def blocks(self) -> bool:
        """Whether it alone speaks against the loan."""
        return self.outcome == "fail" and self.effect == "blocks"

    @property
    def refers(self) -> bool:
        """Whether a person must weigh it: it says so, or what is not known might block."""
        return self.open and (self.effect == "refer" or (self.outcome == "unknown" and self.effect == "blocks"))

    @property
    def names(self) -> tuple[str, ...]:
        """How policy may name it: by its rule, and by rule and kind of listing."""
        listing = self.observed.facts.get("listing") if self.observed else None
        return (self.rule,) if listing is None else (self.rule, f"{self.rule}/{listing}")


class AdvisedPatent(msgspec.Struct, frozen=True):
    """Whether a patent can be pledged (None: not known), and what is open about it."""

    patent: str
    pledgeable: bool | None
    findings: tuple[AdvisedFinding, ...] = ()


class AdvisedAnswer(msgspec.Struct, frozen=True):
    """Of a sealed answer what a decision and a drawdown are held against."""

    id: str
    as_of: date
    expires_on: date
    recommendation: Advice | None = None
    limit: AdvisedLimit | None = None
    term: AdvisedTerm | None = None
    patents: tuple[AdvisedPatent, ...] = ()
    findings: tuple[AdvisedFinding, ...] = ()

    @property
    def advice(self) -> str | None:
        """`recommend`, `refer` or `advise_against`; None where there is none."""
        return None if self.recommendation is None else self.recommendation.advice

    @property
    def rank(self) -> int:
        """How good the advice is; none at all is as good as being referred."""
        return _ORDER.index(self.advice or "refer")

    @property
    def most(self) -> int | None:
        """The highest amount, fen."""
        told = None if self.recommendation is None else self.recommendation.amount
        return told if told is not None else None if self.limit is None else self.limit.amount

    @property
    def longest(self) -> int | None:
        """The longest term in months."""
        return None if self.term is None else self.term.months

    @property
    def conditions(self) -> list[str]:
        """The rules whose conditions the advice sets before drawdown, each once."""
        told = () if self.recommendation is None else self.recommendation.conditions
        return list(dict.fromkeys(condition.rule for condition in told))

    @property
    def preconditions(self) -> tuple[Phrase, ...]:
        """The fixed preconditions of drawdown that people report, as the answer says them."""
        told = self.recommendation.standing if self.recommendation else ()
        return tuple(one for one in told if one.code != FRESH_FACTS) or (_STANDING if self.patents else ())

    @property
    def standing(self) -> tuple[str, ...]:
        """The same by their codes."""
        return tuple(one.code for one in self.preconditions)

    @property
    def weighing(self) -> Iterator[AdvisedFinding]:
        """What is open about firm, loan, and the patents that may be pledged."""
        yield from (one for one in self.findings if one.open)
        for patent in self.patents:
            if patent.pledgeable is not False:
                yield from (one for one in patent.findings if one.open)

    @property
    def blocking(self) -> list[AdvisedFinding]:
        """What alone speaks against the loan."""
        return [one for one in self.weighing if one.blocks]

    @property
    def referring(self) -> list[AdvisedFinding]:
        """What a person must weigh."""
        return [one for one in self.weighing if one.refers]

    @property
    def patents_only(self) -> bool:
        """Whether nothing but patents secures it: no other security, no institution, no scheme."""
        lines, bounds = (None, {}) if self.limit is None else (self.limit.lines, self.limit.bounds)
        beside = 0 if lines is None else lines.other + lines.guarantee
        return beside == 0 and bounds.get("scheme_cap") is None

    @property
    def related(self) -> bool:
        """Whether the borrower is related to the bank."""
        return any(one.rule == "bank_related" and one.outcome == "fail" for one in self.findings)


def advised(connection: Connection, assessment: str) -> AdvisedAnswer:
    """What an assessment advised. Raises `NoSuchAssessment` or `Erased`."""
    return msgspec.json.decode(answer_of(connection, assessment), type=AdvisedAnswer)


def worse_than(before: AdvisedAnswer, now: AdvisedAnswer, amount: int) -> list[str]:
    """What stands against an approval of `amount` on `before` when the facts were looked at again.

    Rules that block; rules that refer and did not; `limit` where less can be lent; `advice` where it alone is worse.
    """
    known = {(one.rule, one.subject) for one in before.referring}
    blocked = [one.rule for one in now.blocking if (one.rule, one.subject) not in _pairs(before.blocking)]
    new = [one.rule for one in now.referring if (one.rule, one.subject) not in known]
    found = [*blocked, *new]
    if _less(before.most, now.most, amount):
        found.append("limit")
    if not found and now.rank < before.rank:
        found.append("advice")
    return list(dict.fromkeys(found))


def worse_to_release(before: AdvisedAnswer, now: AdvisedAnswer, amount: int) -> list[str]:
    """What stands against paying out what was approved: `worse_than`, and `pledge` where a patent of it is lost."""
    held = {one.patent for one in before.patents if one.pledgeable is not False}
    gone = {one.patent for one in now.patents if one.pledgeable is False}
    return worse_than(before, now, amount) + (["pledge"] if held & gone else [])


def _less(before: int | None, now: int | None, amount: int) -> bool:
    """Whether less can be lent than was approved; what was better than advised is held to what was advised."""
    if now is None:
        return before is not None
    return now < min(amount, amount if before is None else before)


def _pairs(found: list[AdvisedFinding]) -> set[tuple[str, str]]:
    return {(one.rule, one.subject) for one in found}
