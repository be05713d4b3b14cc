"""Whether what can be lent answers what was asked: a limit or a term that falls short weighs on the advice.

Nothing to lend is never recommended, whatever the score. A smaller amount or a shorter term is recommended on that
condition; where the amount is so much smaller that the purpose may fail, or a bound is not known, a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from models.collateral.pledge import Limit, Term
from models.records.applicant import Applicant
from models.rules.cures import cure
from models.rules.finding import Cure, Finding, Says
from models.rules.registry import Maker, rule
from models.rules.wording import money, share

BOUND_NAMES = {
    "need": Says("流动资金需求", "need for working capital"),
    "debt_capacity": Says("偿债能力", "debt capacity"),
    "pledge": Says("质押承担额", "what the pledge carries"),
    "product_cap": Says("产品上限", "the product's cap"),
    "scheme_cap": Says("风险分担方案上限", "the scheme's cap"),
    "asked": Says("申请金额", "the amount asked"),
}
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
    zh="有可贷额度",
    en="something can be lent",
    weighs=("blocks",),
)
def lendable(of: Lendable, make: Maker) -> Finding:
    """The limit is above zero and every bound that sets it is known.

    The need for working capital is reckoned by a formula that is for reference: where it says none, a person looks at
    orders and contracts.
    """
    required = Says("授信上限大于零，且各项约束已知", "a limit above zero, of which every bound is known")
    found = of.limit
    if found is None or found.amount is None or found.binding is None:
        return make.unknown("blocks", Says("授信上限未知", "the limit is not known"), required)
    nothing = [name for name, bound in found.bounds.items() if bound <= 0]
    doubtful = [name for name in nothing if name == "need" or (name == "pledge" and of.mendable)]
    hard = [name for name in nothing if name not in doubtful]
    binding = next(iter([*hard, *doubtful]), found.binding)
    told, policy = _set_by(found.amount, binding), _LAID_DOWN.get(binding)
    detail = {"amount": found.amount, "binding": binding}
    if hard:
        return make.fails("blocks", told, required, policy=policy, detail=detail)
    if doubtful:
        until, cured = _doubtful(of.a, binding, told)
        return make.unknown("blocks", until, required, policy=policy, detail=detail, cure=cured)
    if open_ := [name for name in found.unknown if name in _LAID_DOWN]:
        cured = cure(of.a, "statements" if open_[0] in _FROM_BOOKS else "revalue")
        return make.unknown("blocks", _not_known(open_), required, policy=_LAID_DOWN[open_[0]], cure=cured)
    return make.passes(told, required, policy=policy, detail=detail)


def _doubtful(a: Applicant, binding: str, told: Says) -> tuple[Says, Cure | None]:
    """A bound of nothing that may be more than nothing: what is said of it, and what shows it."""
    if binding == "need":
        said = Says(f"{told.zh}；该测算仅供参考", f"{told.en}, which is reckoned for reference")
        return said, cure(a, "prove_need")
    said = Says(f"{told.zh}；被剔除的专利补正后方可测算", f"{told.en}, until a patent that is left out is put right")
    return said, None


@rule(
    "loan",
    "recommendation.least_part_of_asked",
    zh="申请金额不超过授信上限",
    en="the amount asked lies within the limit",
    weighs=("blocks", "before_drawdown"),
)
def within_limit(of: Lendable, make: Maker) -> Finding:
    """No more than the limit is lent; far less than was asked may not serve the purpose, so that a person decides."""
    a, asked = of.a, of.a.loan.amount
    if asked is None:
        return make.not_applicable(Says("未知申请金额", "the amount asked is not known"))
    if of.limit is None or not of.limit.amount or of.limit.binding is None:
        return make.not_applicable(Says("无可贷额度或未知", "no limit above zero is known"))
    most, binding = of.limit.amount, of.limit.binding
    told = _set_by(most, binding)
    required = Says(f"不超过授信上限：{told.zh}", f"at most the limit: {told.en}")
    said = Says(f"申请 {money(asked).zh}", f"{money(asked).en} asked")
    if asked <= most:
        return make.passes(said, required)
    least = a.value("recommendation.least_part_of_asked")
    detail = {"amount": most, "binding": binding, "asked": asked}
    cured = _with(cure(a, "smaller_amount"), money(most))
    if most < least * asked:
        part = Says(
            f"{said.zh}，上限不足其 {share(least).zh}，能否满足用途由人工决定",
            f"{said.en}; the limit is less than {share(least).en} of it, and a person decides whether it serves",
        )
        return make.unknown("blocks", part, required, cure=cured, detail=detail)
    return make.fails("before_drawdown", said, required, cure=cured, detail=detail)


@rule(
    "loan",
    "pledge.product_term",
    zh="申请期限不超过最长期限",
    en="the term asked lies within the longest term",
    weighs=("blocks", "before_drawdown"),
)
def within_term(of: Lendable, make: Maker) -> Finding:
    """The loan runs no longer than product and patents allow; where they allow no month, a person decides."""
    a, months = of.a, of.a.loan.term_months
    if months is None or of.term is None:
        return make.not_applicable(Says("期限未知", "a term is not known"))
    longest = of.term.months
    because = Says("产品期限", "the product") if of.term.patent is None else Says(of.term.patent, of.term.patent)
    said = Says(f"申请 {months} 个月", f"{months} months asked")
    required = Says(f"不超过 {longest} 个月（{because.zh}）", f"at most {longest} months, set by {because.en}")
    if months <= longest:
        return make.passes(said, required)
    if longest == 0:
        return make.unknown("blocks", said, required, cure=cure(a, "shorten_term"))
    return make.fails(
        "before_drawdown", said, required, cure=_with(cure(a, "shorter_loan"), Says(str(longest), str(longest)))
    )


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


def _set_by(amount: int, binding: str) -> Says:
    name, told = BOUND_NAMES[binding], money(amount)
    return Says(f"{told.zh}，取决于{name.zh}", f"{told.en}, set by {name.en}")


def _not_known(names: Iterable[str]) -> Says:
    told = [BOUND_NAMES[name] for name in names]
    return Says(f"未知的约束：{'、'.join(t.zh for t in told)}", f"bounds not known: {', '.join(t.en for t in told)}")


def _with(stated: Cure, amount: Says) -> Cure:
    """A cure with the figure of the case in its words."""
    return replace(stated, what=Says(stated.what.zh.format(amount.zh), stated.what.en.format(amount.en)))
