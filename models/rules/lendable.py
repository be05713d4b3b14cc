"""Whether what can be lent answers what was asked, and where the money to repay it comes from.

Nothing to lend is never recommended, whatever the score. A smaller amount is advised as it is; where it is so much
smaller that the purpose may fail, or a bound is not known, a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from features.exact import exactly
from features.phrase import Fact
from models.collateral.loan_figures import LoanFigures
from models.collateral.pledge import Limit, Term
from models.need.result import FinancingNeed
from models.records.applicant import Applicant
from models.rules.common import NOT_KNOWN
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.finding import Effect, Finding
from models.rules.registry import Maker, rule

_LAID_DOWN = {
    "need": "working_capital.growth",
    "debt_capacity": "pledge.debt_to_earnings",
    "security": "pledge.share_of_value",
    "product_cap": "pledge.product_cap",
    "exposure": "exposure.to_firm",
}
"""The policy that a bound follows from."""
_CURES = {"debt_capacity": "statements", "need": "prove_need", "security": "revalue"}
"""What makes a bound known; first what makes others known too."""
_SHORT = 12
"""Months up to which a loan is a short one (企业会计准则第30号: due within a year)."""


@dataclass(frozen=True)
class Lendable:
    """What can be lent on a case; all but the applicant is None where the policies of valuation do not hold yet.

    `mendable`: a patent that is dropped would carry again once its findings are cured.
    """

    a: Applicant
    limit: Limit | None
    term: Term | None
    figures: LoanFigures | None
    mendable: bool


@rule("loan", *_LAID_DOWN.values(), weighs=("blocks", "refer"))
def lendable(of: Lendable, make: Maker) -> Finding:
    """There is something to lend, and every bound that sets it is known."""
    required, found = make.required(), of.limit
    if found is None:
        return make.unknown("refer", make.observed("not_known"), required)
    nothing = [name for name in ("exposure", "security") if found.bounds.get(name, 1) <= 0]
    hard = next((name for name in nothing if name != "security" or not of.mendable), None)
    if hard is not None:
        seen = make.observed("set_by", amount=0, binding=hard)
        return make.fails("blocks", seen, required, policy=_LAID_DOWN[hard])
    if nothing:  # the patents that were dropped carry again once their findings are cured
        return make.unknown("refer", make.observed("until_mended", amount=0, binding="security"), required)
    if found.amount == 0 and found.bounds.get("debt_capacity", 0) > 0:  # without any, the repayment source blocks
        seen = make.observed("set_by", amount=0, binding=found.binding)
        cured = cure(of.a, _CURES[found.binding]) if found.binding in _CURES else None
        return make.unknown("refer", seen, required, policy=_LAID_DOWN.get(found.binding or ""), cure=cured)
    if found.amount is None or found.binding is None:
        seen = make.observed("bounds_not_known", bounds=found.unknown)
        first = next((name for name in _CURES if name in found.unknown), None)
        cured = cure(of.a, _CURES[first]) if first else None
        return make.unknown("refer", seen, required, policy=_LAID_DOWN.get(first or ""), cure=cured)
    facts: dict[str, Fact] = {"amount": found.amount, "binding": found.binding}
    return make.passes(make.observed("set_by", **facts), required, policy=_LAID_DOWN.get(found.binding))


@rule("loan", "recommendation.least_part_of_asked", weighs=("refer", "info"))
def within_limit(of: Lendable, make: Maker) -> Finding:
    """No more than the limit is lent; far less than was asked may not serve the purpose, so that a person decides."""
    a, asked = of.a, of.a.loan.amount
    if asked is None:
        return make.not_applicable(make.observed("amount_not_known"))
    if of.limit is None or not of.limit.amount or of.limit.binding is None:
        return make.not_applicable(make.observed("no_limit"))
    most = of.limit.amount
    required, seen = make.required(amount=most, binding=of.limit.binding), make.observed("asked", asked=asked)
    if asked <= most:
        return make.passes(seen, required)
    least = a.value("recommendation.least_part_of_asked")
    if most < least * asked:
        seen = make.observed("far_less", asked=asked, share=decimal_text(least))
        return make.fails("refer", seen, required, cure=cure(a, "smaller_amount", amount=most))
    return make.fails("info", seen, required)


@rule("loan", "pledge.product_term", weighs=("refer", "info"))
def within_term(of: Lendable, make: Maker) -> Finding:
    """The loan runs no longer than product and patents allow: that term is advised; where none is, a person decides."""
    a, months = of.a, of.a.loan.term_months
    if months is None or of.term is None:
        return make.not_applicable(make.observed("not_known"))
    longest, seen = of.term.months, make.observed("asked", months=months)
    if of.term.patent is None:
        required = make.required("product", months=longest)
    else:
        required = make.required("patent", months=longest, patent=of.term.patent)
    if months <= longest:
        return make.passes(seen, required)
    if longest == 0:
        return make.unknown("refer", seen, required, cure=cure(a, "shorten_term"))
    return make.fails("info", seen, required)


@rule("loan", "working_capital.growth", weighs=("refer", "caution"))
def need_known(of: Lendable, make: Maker) -> Finding:
    """A method tells how much money the firm needs for the purpose."""
    required = make.required()
    if of.figures is None:
        return make.not_applicable(make.observed("not_asked"))
    need: FinancingNeed = of.figures.need
    if need.amount is None or need.binding is None:
        return make.unknown("refer", make.observed("not_known"), required, cure=cure(of.a, "prove_need"))
    method = next(one for one in need.methods if one.method == need.binding)
    if method.figures.get("year_ends") == 1:
        return make.fails("caution", make.observed("one_year_end", amount=need.amount), required)
    return make.passes(make.observed("set_by", amount=need.amount, method=need.binding), required)


@rule("loan", "repayment.loans_to_working_capital", weighs=("refer", "caution", "info"))
def loans_exceed_working_capital(of: Lendable, make: Maker) -> Finding:
    """Short loans, with this one where it is one for working capital, pay for working capital and nothing longer."""
    a, figures = of.a, of.figures
    steps: dict[Effect, float] = a.value("repayment.loans_to_working_capital")
    required = make.required(times=decimal_text(steps["caution"]))
    if figures is None or figures.in_doubt:
        return make.not_applicable(make.observed("in_doubt"))
    formula = next(one for one in figures.need.methods if one.method == "annex_formula")
    tied = formula.figures.get("working_capital")
    if figures.short_loans is None or not isinstance(tied, int):
        return make.unknown("info", NOT_KNOWN, required)
    loans = max(figures.short_loans - figures.debt_inputs.renewed, 0)
    short = a.loan.term_months is None or a.loan.term_months <= _SHORT
    loans += (a.loan.amount or 0) if figures.turns_over and short else 0
    if loans <= 0:
        return make.passes(make.observed("no_loans"), required)
    ratio = decimal_text(Fraction(loans, tied), 4) if tied > 0 else None
    seen = make.observed("ratio", loans=loans, working_capital=tied, ratio=ratio)
    if tied > 0 and loans > exactly(steps["refer"]) * tied:
        return make.fails("refer", seen, required, cure=cure(a, "smaller_loan"))
    if tied <= 0 or loans > exactly(steps["caution"]) * tied:
        return make.fails("caution", seen, required, cure=cure(a, "smaller_loan"))
    return make.passes(seen, required)


@rule("loan", "pledge.debt_to_earnings", "debt.debt_ratio", weighs=("blocks", "refer", "info"))
def repayment_source(of: Lendable, make: Maker) -> Finding:
    """Earnings, cash or somebody who bears the loss repay the loan; what earnings alone do not carry is referred."""
    required, figures = make.required(), of.figures
    if figures is None or figures.in_doubt:
        return make.not_applicable(make.observed("in_doubt"))
    debt = figures.debt
    if debt.amount is None:
        seen = make.observed("missing", items=debt.missing)
        return make.unknown("info", seen, required, cure=cure(of.a, "statements"))
    earned = debt.readings.get("earnings", 0)
    facts: dict[str, Fact] = {"earnings": earned, "amount": debt.amount}
    if debt.amount <= 0:
        return make.fails("blocks", make.observed("none"), required, cure=cure(of.a, "smaller_loan"))
    lent = of.limit.amount if of.limit is not None else None
    if lent is not None and lent > earned:
        seen = make.observed("beyond_earnings", **facts)
        return make.fails("refer", seen, required, cure=cure(of.a, "smaller_loan"))
    return make.passes(make.observed("carried", **facts), required)


def mendable(findings: Iterable[Finding]) -> bool:
    """Whether every finding that drops some patent can be cured."""
    cures: dict[str, bool] = {}
    for f in findings:
        if f.drops:
            cures[f.subject] = cures.get(f.subject, True) and f.cure is not None
    return any(cures.values())


_RULES = (need_known, repayment_source, loans_exceed_working_capital, lendable, within_limit, within_term)


def about_lendable(of: Lendable) -> tuple[Finding, ...]:
    """The findings of this module; of no application where none is named, then about the firm."""
    subject = of.a.application or of.a.firm
    return tuple(each.of(of.a, of, subject) for each in _RULES)
