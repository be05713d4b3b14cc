"""Whether what can be lent answers what was asked: a limit or a term that falls short weighs on the advice.

Nothing to lend is never recommended, whatever the score. A smaller amount or a shorter term is recommended on that
condition; where the amount is so much smaller that the purpose may fail, or a bound is not known, a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from features.phrase import Fact
from models.collateral.pledge import Limit, Term
from models.records.applicant import Applicant
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.finding import Finding
from models.rules.registry import Maker, rule

_LAID_DOWN = {
    "need": "pledge.expected_growth",
    "debt_capacity": "pledge.debt_to_earnings",
    "pledge": "pledge.share_of_value",
    "product_cap": "pledge.product_cap",
}
"""The policy that a bound follows from."""
_FROM_BOOKS = ("need", "debt_capacity")


@dataclass(frozen=True)
class Lendable:
    """What can be lent on a case; `limit` and `term` are None where the policies of valuation do not hold yet.

    `mendable`: a patent that is dropped would carry again once its findings are cured.
    """

    a: Applicant
    limit: Limit | None
    term: Term | None
    mendable: bool


@rule(
    "loan",
    "pledge.share_of_value",
    "pledge.expected_growth",
    "pledge.debt_to_earnings",
    "pledge.product_cap",
    weighs=("blocks",),
)
def lendable(of: Lendable, make: Maker) -> Finding:
    """The limit is above zero and every bound that sets it is known.

    The need for working capital is reckoned by a formula that is for reference: where it says none, a person looks at
    orders and contracts.
    """
    required, found = make.required(), of.limit
    if found is None or found.amount is None or found.binding is None:
        return make.unknown("blocks", make.observed("not_known"), required)
    nothing = [name for name, bound in found.bounds.items() if bound <= 0]
    doubtful = [name for name in nothing if name == "need" or (name == "pledge" and of.mendable)]
    hard = [name for name in nothing if name not in doubtful]
    binding = next(iter([*hard, *doubtful]), found.binding)
    policy = _LAID_DOWN.get(binding)
    facts: dict[str, Fact] = {"amount": found.amount, "binding": binding}
    if hard:
        return make.fails("blocks", make.observed("set_by", **facts), required, policy=policy)
    if doubtful:  # a bound of nothing that may be more than nothing
        seen = make.observed("need_for_reference" if binding == "need" else "until_mended", **facts)
        cured = cure(of.a, "prove_need") if binding == "need" else None
        return make.unknown("blocks", seen, required, policy=policy, cure=cured)
    if open_ := tuple(name for name in found.unknown if name in _LAID_DOWN):
        seen = make.observed("bounds_not_known", bounds=open_)
        cured = cure(of.a, "statements" if open_[0] in _FROM_BOOKS else "revalue")
        return make.unknown("blocks", seen, required, policy=_LAID_DOWN[open_[0]], cure=cured)
    return make.passes(make.observed("set_by", **facts), required, policy=policy)


@rule("loan", "recommendation.least_part_of_asked", weighs=("blocks", "before_drawdown"))
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
    least, cured = a.value("recommendation.least_part_of_asked"), cure(a, "smaller_amount", amount=most)
    if most < least * asked:
        seen = make.observed("far_less", asked=asked, share=decimal_text(least))
        return make.unknown("blocks", seen, required, cure=cured)
    return make.fails("before_drawdown", seen, required, cure=cured)


@rule("loan", "pledge.product_term", weighs=("blocks", "before_drawdown"))
def within_term(of: Lendable, make: Maker) -> Finding:
    """The loan runs no longer than product and patents allow; where they allow no month, a person decides."""
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
        return make.unknown("blocks", seen, required, cure=cure(a, "shorten_term"))
    return make.fails("before_drawdown", seen, required, cure=cure(a, "shorter_loan", months=longest))


def mendable(findings: Iterable[Finding]) -> bool:
    """Whether every finding that drops some patent can be cured."""
    cures: dict[str, bool] = {}
    for f in findings:
        if f.drops:
            cures[f.subject] = cures.get(f.subject, True) and f.cure is not None
    return any(cures.values())


def about_lendable(of: Lendable) -> tuple[Finding, ...]:
    """The findings of this module; of no application where none is named, then about the firm."""
    subject = of.a.application or of.a.firm
    return tuple(each.of(of.a, of, subject) for each in (lendable, within_limit, within_term))
