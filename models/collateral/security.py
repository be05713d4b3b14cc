"""What the patents give as security, in one pass: quality, two values, what is carried, limit, term and recovery."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from features.arrays import Floats
from features.lazy import lazy
from features.patent_pledges import pledged_elsewhere
from features.policy import NotYetInForce
from models.collateral.appraisal import Guidance, Market, cost, guidance, market, placed
from models.collateral.bank_assumptions import BankAssumptions
from models.collateral.concentration import equal_parts
from models.collateral.loan_figures import LoanFigures
from models.collateral.pledge import (
    PLEDGED_TO_GUARANTOR,
    STATUS_NOT_KNOWN,
    Appraisal,
    AppraisalFault,
    Basis,
    Carried,
    Limit,
    LoanToValue,
    Recoverable,
    SecurityLines,
    Term,
    Together,
    basis,
    carried,
    carries_together,
    limit,
    loan_to_value,
    longest_term,
    parts,
    recoverable,
    together,
)
from models.collateral.pool import OfferedPatents, holder, offer
from models.collateral.quality import Qualities, Quality, carriers
from models.collateral.secured import PledgedPool, PortfolioQuality, SecurityOfPatent, Valuation, ValueOnDefault
from models.collateral.terms import KINDS, Pool, Terms, kind_weights, terms
from models.collateral.triangular import DRAWS, CommonRandomNumbers
from models.collateral.valuation import (
    Assumed,
    Earnings,
    Worth,
    assumptions,
    delayed,
    months_on_default,
    worth,
)
from models.records.applicant import Applicant, Facts
from models.records.columns import Record

LEAST_SIGNERS = 2
"""Appraisers who must sign a report."""


@dataclass(frozen=True)
class Unpledged:
    """Patents that a rule drops, and those that one might drop, each with the rule."""

    dropped: Mapping[str, str]
    doubted: Mapping[str, str]


@dataclass(frozen=True)
class Value:
    """The values of the offered pool, and what they were made from."""

    assumed: Assumed
    earned: Earnings
    worth: Worth
    valuation: Valuation
    guidance: Guidance | None


@dataclass(frozen=True)
class Security:
    """The whole of what the patents give as security for one case; parts that cannot be known are None."""

    offer: OfferedPatents
    pool: Pool
    quality: Quality
    portfolio: PortfolioQuality
    value: Value | None
    reasons: tuple[str, ...]
    carried: list[Carried]
    pledged: PledgedPool
    limit: Limit
    term: Term
    recoverable: Recoverable | None
    together: Together | None
    figures: LoanFigures

    @property
    def pledges_to_us(self) -> bool:
        """Whether some patent is offered to us, and not to an institution that stands in."""
        return any(reason != PLEDGED_TO_GUARANTOR for reason in self.reasons)

    @property
    def value_on_default(self) -> ValueOnDefault | None:
        """What the pool brings after a default."""
        return ValueOnDefault(self.value.worth.liquidation) if self.value else None

    def of_patents(self) -> dict[str, SecurityOfPatent]:
        """What each of the patents offered gives as security, by number."""
        pool, ranked, value = self.pool, self.quality.of_each(), self.value
        last_day = [day for day, secures in zip(self.offer.last_day, self.offer.offered, strict=True) if secures]
        return {
            patent: SecurityOfPatent(
                kind=KINDS[pool.kind[i]],
                last_day=last_day[i],
                exclusion_reason=STATUS_NOT_KNOWN if pool.uncertain[i] else pool.exclusion_reason[i] or None,
                value=value.worth.patents_going_concern[i] if value and not pool.uncertain[i] else None,
                value_on_default=value.worth.patents_liquidation[i] if value and not pool.uncertain[i] else None,
                assumptions=value.assumed.of(i) if value else None,
                carries=self.carried[i] if self.carried else None,
                quality=ranked[i],
            )
            for i, patent in enumerate(pool.patents)
        }


def secure(
    a: Applicant,
    out: Unpledged,
    bank: BankAssumptions,
    figures: LoanFigures,
    pd: float | None = None,
    valued: Security | None = None,
) -> Security:
    """The security of a case. `out`: the patents that do not count, or may not; `pd`: the model's.

    `figures`: what bounds the loan beside the patents. `valued`: a security of the same patents, worked out under the
    same assumptions of value, whose values are taken over.

    Raises `BadAssumption` where one of the bank's own assumptions cannot be used.
    """
    ranked = a.facts.once(Qualities, "qualities").of(a.i, bank.scenario)
    made = _Made(a, ranked, out, bank, figures, pd)
    if valued is not None:
        made.value = valued.value
    return made.security


def offered_by(a: Applicant) -> OfferedPatents:
    """The patents of the applicant's case."""
    found: OfferedPatents = a.once("offer", offer)
    return found


def terms_of(a: Applicant) -> Terms | None:
    """What is assumed about the pool offered; None where the revenue is not known."""
    found: Terms | None = a.once("terms", lambda a: terms(holder(a), offered_by(a).secured, a.param))
    return found


class _Delays:
    """What is lost to time after a default, worked out for all cases of a batch at once: few long columns cost less."""

    def __init__(self, facts: Facts) -> None:
        self._place: dict[int, tuple[int, Mapping[int, Floats]]] = {}
        of_day: dict[tuple[int, ...], list[tuple[int, Floats]]] = {}
        for a in map(facts.of, range(len(facts.known))):
            with suppress(NotYetInForce):
                if (assumed := terms_of(a)) is not None:
                    of_day.setdefault(tuple(months_on_default(a.param)), []).append((a.i, assumed.rates(DRAWS)))
        for months, cases in of_day.items():
            late = delayed(np.stack([rates for _, rates in cases]), months)
            self._place |= {case: (place, late) for place, (case, _) in enumerate(cases)}

    def of(self, case: int) -> dict[int, Floats]:
        """Of one case, by months (see `delayed`)."""
        place, late = self._place[case]
        return {months: found[place] for months, found in late.items()}


class _Made:
    """The steps from an applicant to its security, each computed once."""

    def __init__(
        self,
        a: Applicant,
        ranked: Quality,
        out: Unpledged,
        bank: BankAssumptions,
        figures: LoanFigures,
        pd: float | None,
    ) -> None:
        self.a, self.quality, self.out, self.bank, self.pd, self.param = a, ranked, out, bank, pd, a.param
        self.figures = figures
        score = dict(zip(ranked.patents, ranked.score.tolist(), strict=True))
        self.offer = offered_by(a).with_quality(score)
        self.pool = self.offer.secured

    @lazy
    def value(self) -> Value | None:
        """The values and what stands beside them.

        None where the revenue is not known, no patent is offered, or it is not known of any whether it is in force.
        """
        firm, whole, offered = holder(self.a), self.offer.pool, self.offer.offered.tolist()
        assumed = terms_of(self.a)
        if assumed is None or not self.pool.valuable:
            return None
        each = assumptions(whole, assumed, self.bank.patents, self.param).only(offered)
        # Not the case's id: the same question under another id must have the same answer.
        chance = CommonRandomNumbers.of(f"{self.a.firm}|{self.a.as_of}|{self.a.application}")
        earned = Earnings(assumed, chance, self.param, self.a.facts.once(_Delays, "delays").of(self.a.i))
        found = worth(self.pool, each, earned)
        figure = self.appraisal.value if self.appraisal else None
        valuation = Valuation(
            range=found.going_concern,
            terms=assumed,
            cost=cost(whole, np.array(offered, dtype=np.float64), firm, self.param),
            market=self._market(assumed, each),
            appraiser=placed(figure, found) if figure is not None else None,
        )
        return Value(each, earned, found, valuation, self._guidance(each, earned))

    def _guidance(self, each: Assumed, earned: Earnings) -> Guidance | None:
        with suppress(NotYetInForce):  # before ceilings were published, there is nothing to hold a licence against
            return guidance(self.pool, each, earned, self.param)
        return None

    def _market(self, assumed: Terms, each: Assumed) -> Market | None:
        with suppress(NotYetInForce):
            return market(self.pool, assumed, each, self.param)
        return None

    @lazy
    def appraisal(self) -> Appraisal | None:
        """The latest appraisal made for the application, or the firm's latest where none names one."""
        rows = self.a.rows("appraisals")
        own = [row for row in rows if row.application is not None and row.application == self.a.application]
        row = max(own or [r for r in rows if r.application is None], key=lambda r: r.base_on, default=None)
        if row is None:
            return None
        return Appraisal(row.value, row.confirmed_value, tuple(self._faults(row)), row.method)

    def _faults(self, row: Record) -> Iterator[AppraisalFault]:
        """Why the appraisal's figure cannot lift what is lent on."""
        carrying = sum(not reason for reason in self.lendable.exclusion_reason)
        found: dict[AppraisalFault, bool] = {
            "not_told": None in (row.purpose, row.appraiser_filed, row.signers),
            "purpose": row.purpose not in (None, "pledge"),
            "value_type": row.value_type == "investment",
            "not_filed": row.appraiser_filed is False,
            "signers": row.signers is not None and row.signers < LEAST_SIGNERS,
            "stale": not self.a.fresh(row.base_on, "appraisal_from_base_date"),
            "more_patents": (row.patents is not None and row.patents > carrying) or carrying < len(self.pool),
        }
        yield from (name for name, wrong in found.items() if wrong)

    @lazy
    def basis(self) -> Basis:
        """The value on which the pledge is lent."""
        own = self.value.worth.going_concern if self.value else None
        return basis(own, self.appraisal, self.param("appraisal.own_range_validated", bool))

    @lazy
    def lendable(self) -> Pool:
        """The offered pool without what a rule drops, an encumbrance takes whole, or another takes in pledge.

        What one of these might drop may carry something, or nothing: that is not known.
        """
        burdens, factors = self.offer.encumbrances, self.param("pledge.encumbrance", dict[str, float])
        taken = {p: next((b for b in of if factors[b] == 0), "") for p, of in burdens.items()}
        own = zip(self.pool.patents, self.pool.exclusion_reason, strict=True)
        elsewhere = dict.fromkeys(self.elsewhere, PLEDGED_TO_GUARANTOR)
        of_rules = self.out.dropped
        reasons = tuple(r or of_rules.get(p, "") or taken.get(p, "") or elsewhere.get(p, "") for p, r in own)
        doubted = np.array([p in self.out.doubted for p in self.pool.patents], dtype=bool)
        return replace(self.pool, exclusion_reason=reasons, uncertain=self.pool.uncertain | doubted)

    @lazy
    def elsewhere(self) -> frozenset[str]:
        """The patents offered that somebody else takes in pledge: an institution that stands in, for its own claim."""
        a = self.a
        own, other = a.rows("collateral"), pledged_elsewhere(a.facts.known)[a.places("collateral")].tolist()
        return frozenset(row.item for row, gone in zip(own, other, strict=True) if gone and row.item is not None)

    @lazy
    def carried(self) -> list[Carried]:
        """What each patent carries; empty where nobody knows a value."""
        if self.basis.amount is None:
            return []
        found = self.value.worth if self.value else None
        part = parts(self.pool, found, kind_weights(self.pool, self.param))
        return carried(self.lendable, self.basis.amount, part, self.offer.encumbrances, self.out.doubted, self.param)

    @lazy
    def lines(self) -> SecurityLines:
        """What secures the loan, by line."""
        parts = [one.carries + one.cut_for_concentration for one in self.carried if one.carries]
        number = round(float(equal_parts(parts)), 2) if parts else None
        return SecurityLines(self.together_carried, self.figures.other_line, self.figures.guarantee_line, number)

    @lazy
    def together_carried(self) -> int | None:
        """What the patents carry; 0 where none is offered or held, None where nobody asked for any."""
        if not len(self.pool):
            return 0 if self.a.asked("patents") else None
        return carries_together(self.carried)

    @lazy
    def limit(self) -> Limit:
        """The least bound, in steps of policy."""
        figures = self.figures
        bounds = {
            "need": figures.need.amount,
            "debt_capacity": figures.debt.amount,
            "security": self.lines.total,
            "product_cap": self.param("pledge.product_cap", int),
            "scheme_cap": self.bank.scheme_cap,
            "exposure": figures.exposure,
            "asked": self.a.loan.amount,
        }
        optional = ("scheme_cap", "exposure", "asked")
        aside = [name for name in optional if bounds[name] is None]
        found = limit(bounds, aside, self.param("pledge.amount_step", int))
        return msgspec.structs.replace(found, lines=self.lines, need=figures.need, debt_capacity=figures.debt)

    @lazy
    def ratios(self) -> LoanToValue:
        """The loan asked for to the value, in three forms."""
        secured = [row.secured for row in self.a.pledged_items.values() if row.secured is not None]
        return loan_to_value(self.a.loan.amount, sum(secured) if secured else None, self.basis)

    @lazy
    def term(self) -> Term:
        """The longest term."""
        carrying = {one.patent for one in self.carried if one.carries}
        return longest_term(self.offer.months_left(carrying, self.a.as_of), self.param)

    @lazy
    def recoverable(self) -> Recoverable | None:
        """What the patents that carry bring back of the loan asked for, or of the limit where no amount was asked."""
        exposure = self.a.loan.amount or self.limit.amount
        if self.value is None or not exposure:
            return None
        found = self.value.worth
        if self.lendable.exclusion_reason != self.pool.exclusion_reason:
            found = worth(self.lendable, self.value.assumed, self.value.earned)
        return recoverable(found, exposure, self.figures.other_line, self.figures.guarantee_line)

    @lazy
    def together(self) -> Together | None:
        """PD and recoverable share in the table of policy."""
        if self.pd is None or self.recoverable is None:
            return None
        return together(self.pd, self.recoverable.total, self.param)

    @lazy
    def security(self) -> Security:
        """All of it."""
        pool, ranked = self.pool, self.quality.only(self.pool.patents)
        carrying = carriers(ranked, np.where(pool.uncertain, 0.0, kind_weights(pool, self.param)))
        return Security(
            offer=self.offer,
            pool=pool,
            quality=ranked,
            portfolio=PortfolioQuality(self.bank.scenario, ranked.left_out(), tuple(carrying)),
            value=self.value,
            reasons=self.lendable.exclusion_reason,
            carried=self.carried,
            pledged=PledgedPool(self.basis, carries_together(self.carried), self.ratios),
            limit=self.limit,
            term=self.term,
            recoverable=self.recoverable,
            together=self.together,
            figures=self.figures,
        )
