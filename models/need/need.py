"""How the methods combine: the greatest of those that stand for the same money, never a sum of them."""

from models.need import methods
from models.need.inputs import Group, NeedInputs
from models.need.policy import NeedPolicy
from models.need.result import FinancingNeed, MethodResult

_ALL = (
    methods.annex_formula,
    methods.season,
    methods.small_firm,
    methods.orders,
    methods.renewal,
    methods.refinanced,
    methods.research,
    methods.fixed_assets,
    methods.group_cap,
)
_OF_GROUP = {"research": "research", "investment": "fixed_assets"}
"""The method of each group but working capital."""


def financing_need(of: NeedInputs, by: NeedPolicy) -> FinancingNeed:
    """The need, with every method. It is not known where no method gives more than 0, or none is for the purpose.

    Orders are next year's sales, which the formula and the small-firm method hold already: of these the greatest
    counts. Loans repaid, ours and another bank's, add up. Several uses: each group stands by itself, and covers no more
    than its own uses.
    """
    found = tuple(method(of, by) for method in _ALL)
    groups = list(of.uses) if len(of.uses) > 1 else [of.purpose]
    parts = [_of_group(group, {one.method: one for one in found}) for group in groups]
    if any(part is None for part in parts):
        return FinancingNeed(None, None, found)
    known = [part for part in parts if part is not None]
    amounts = [one.amount or 0 for one in known]
    if len(groups) > 1:
        amounts = [min(amount, of.uses[group]) for amount, group in zip(amounts, of.uses, strict=True)]
    cap = next(one for one in found if one.method == "group_cap")
    amount = sum(amounts)
    if cap.amount is not None and cap.amount < amount:
        amount, known = cap.amount, [cap]
    if amount <= 0:
        return FinancingNeed(None, None, found)
    return FinancingNeed(amount, max(known, key=lambda one: one.amount or 0).method, found)


def _of_group(group: Group | str | None, by_method: dict[str, MethodResult]) -> MethodResult | None:
    """The result that counts for a group of uses; None where no method gives one."""
    if group in _OF_GROUP:
        result = by_method[_OF_GROUP[group]]
        return result if result.amount is not None else None
    if group != "working_capital":
        return None
    formula = "season" if by_method["season"].applies else "annex_formula"
    candidates = [by_method[formula], by_method["small_firm"], by_method["orders"], _repaid(by_method)]
    known = [one for one in candidates if one.amount is not None]
    return max(known, key=lambda one: one.amount or 0) if known else None


def _repaid(by_method: dict[str, MethodResult]) -> MethodResult:
    """Loans repaid, ours and another bank's, added up."""
    ours, others = by_method["renewal"], by_method["refinanced"]
    amounts = [one.amount for one in (ours, others) if one.amount is not None]
    if not amounts:
        return ours
    first = ours if ours.amount is not None else others
    return MethodResult(first.method, True, sum(amounts))
