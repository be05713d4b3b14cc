"""What is concluded of a pledge loan beside its score: what the rules say, and what the patents give as security."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from features.asof import Known
from features.phrase import Phrase
from features.policy import NotYetInForce
from models.collateral.appraisal import LICENCES_SEEN, Guidance
from models.collateral.bank_assumptions import BankAssumptions
from models.collateral.secured import PledgedPool, SecurityOfPatent, Valuation, ValueOnDefault
from models.collateral.security import Security, Unpledged, secure
from models.collateral.valuation import LICENCE_CAPS
from models.rules import Finding, Judged, Recommendation, assess_rules, figures_of
from models.rules.recommendation import doubted, dropped
from models.score.scale import Scale
from models.words.templates import phrase

NO_PATENTS = phrase("absent.no_patents")
NO_LOAN = phrase("absent.no_loan")
NO_REVENUE = phrase("absent.no_revenue")
NO_VALUE = phrase("absent.no_value")

_OF_VALUE = ("value", "value_on_default", "licence_guidance", "recoverable", "read_together")
_OF_SECURITY = (*_OF_VALUE, "quality", "pledge", "limit", "term")


class AbsentPart(msgspec.Struct, frozen=True):
    """A part of the answer that is not told, and why: it does not apply, or what it needs is not known."""

    part: str
    outcome: Literal["not_applicable", "unknown"]
    reason: Phrase


class LoanPatent(SecurityOfPatent, frozen=True, kw_only=True):
    """A patent that the case is about: what the rules say of it, and what it gives as security.

    `pledgeable`: None where a finding that might drop it is open. `findings`: those that are open; the rules that it
    passed, and those that do not apply to it, stand by their codes.
    """

    patent: str
    pledgeable: bool | None
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_applicable: tuple[str, ...]


@dataclass(frozen=True)
class Lending:
    """Findings, advice and security of one case; where it names no application, of all patents that the firm holds.

    On a day before the policies of valuation and pledge there is no security, and `not_yet` says which is wanting.
    """

    judged: Judged
    security: Security | None
    not_yet: Phrase | None = None

    @cached_property
    def recommendation(self) -> Recommendation | None:
        """The advice, None where no loan and no patent is asked about."""
        asked = bool(self.judged.patents) or self.judged.applicant.application is not None
        return self.judged.recommendation if asked else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """About the firm, its titles and loans, and the pledge as a whole; those that are not open by outcome alone."""
        return tuple(finding.answered for finding in self.judged.findings)

    @property
    def pledged(self) -> PledgedPool | None:
        """What the pledge carries, and the loan asked for and the amount advised to its value."""
        advice = self.recommendation
        return self.security.pledged.advising(advice.amount if advice else None) if self.security else None

    @property
    def value(self) -> Valuation | None:
        """What the patents are worth while their holder lives."""
        found = self.security.value if self.security else None
        return found.valuation if found else None

    @property
    def value_on_default(self) -> ValueOnDefault | None:
        """What they bring after it failed."""
        return self.security.value_on_default if self.security else None

    @property
    def licence_guidance(self) -> Guidance | None:
        """What a licence might cost."""
        found = self.security.value if self.security else None
        return found.guidance if found else None

    @cached_property
    def patents(self) -> tuple[LoanPatent, ...]:
        """One row per patent: what the rules say of it, and what it gives as security, if it is known at all."""
        secured = self.security.of_patents() if self.security else {}
        return tuple(
            LoanPatent(
                patent=patent,
                pledgeable=found.pledgeable,
                findings=found.open,
                passed=found.passed,
                not_applicable=found.not_applicable,
                **msgspec.structs.asdict(secured.get(patent) or SecurityOfPatent()),
            )
            for patent, found in self.judged.patents.items()
        )

    @property
    def absent(self) -> tuple[AbsentPart, ...]:
        """The parts that are not told, each with the reason."""
        return tuple(self._absent())

    def _absent(self) -> Iterator[AbsentPart]:
        security = self.security
        if self.recommendation is None:
            yield AbsentPart("recommendation", "not_applicable", NO_PATENTS)
        if security is None:
            reason = self.not_yet or NO_VALUE
            yield from (AbsentPart(part, "unknown", reason) for part in _OF_SECURITY)
            return
        if self.judged.applicant.application is None:
            yield AbsentPart("pledge.loan_to_value", "not_applicable", NO_LOAN)
        told = (self.value, self.value_on_default, self.licence_guidance, security.recoverable, security.together)
        for part, found in zip(_OF_VALUE, told, strict=True):
            if found is None:
                yield self._without_value(part, security)
        if self.value is not None and self.value.market is None:
            first = min(self.judged.applicant.policy(LICENCES_SEEN).values)
            yield AbsentPart("value.market", "unknown", phrase("absent.not_yet", policy=LICENCES_SEEN, first=first))
        if security.limit.amount is None:
            yield AbsentPart("limit", "unknown", NO_REVENUE if self.judged.patents else NO_PATENTS)

    def _without_value(self, part: str, security: Security) -> AbsentPart:
        if not self.judged.patents:
            return AbsentPart(part, "not_applicable", NO_PATENTS)
        early = min(self.judged.applicant.policy(LICENCE_CAPS).values)
        if part == "licence_guidance" and security.value is not None and self.judged.applicant.as_of < early:
            return AbsentPart(part, "unknown", phrase("absent.not_yet", policy=LICENCE_CAPS, first=early))
        return AbsentPart(part, "unknown", NO_REVENUE if security.value is None else NO_VALUE)


def lending(
    known: Known,
    place: int,
    points: float,
    bank: BankAssumptions | None = None,
    pd: float | None = None,
    scale: Scale | None = None,
) -> Lending:
    """What is concluded of the loan of case `place`; `points` and `pd` are the model's. Raises `BadAssumption`.

    `scale`: on which the points are; that of the day where none is told.
    """
    return weighed(known, place, assess_rules(known, place, points, scale=scale), bank, pd)


def weighed(
    known: Known,
    place: int,
    judged: Judged,
    bank: BankAssumptions | None = None,
    pd: float | None = None,
    valued: Security | None = None,
) -> Lending:
    """The same once the rules have judged; `valued`: a security of the same case whose values are taken over."""
    try:
        figures = figures_of(known, place)
        out = Unpledged(dropped(judged.open), doubted(judged.open))
        found = secure(judged.applicant, out, bank or BankAssumptions(), figures, pd, valued)
    except NotYetInForce as early:
        wanting = phrase("absent.not_yet", policy=early.policy, first=early.first)
        return Lending(judged.weighing(None, None), None, wanting)
    return Lending(judged.weighing(figures, found), found)
