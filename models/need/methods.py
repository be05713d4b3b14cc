"""The nine methods by which the need for money is computed; each tells whether it applies, and its figures.

No method reads the amount asked: asking for more never lowers what is needed, nor lifts what stood below a smaller
amount. Sources and worked figures: docs/decisions/0017.
"""

from collections.abc import Mapping
from fractions import Fraction

from features.phrase import Fact, Phrase
from models.need.cycle import YEAR, Cycle, margin, means
from models.need.inputs import NeedInputs, SeasonItems, YearItems
from models.need.policy import NeedPolicy
from models.need.result import Method, MethodResult, decimal, money
from models.words.templates import phrase

_PART_OF_BOOKS = ("revenue", "cost_of_sales", "current_assets", "current_liabilities", "short_term_debt")


def _because(why: str, /, **facts: Fact) -> Phrase:
    return phrase(f"need.reason.{why}", **facts)


def _not(method: Method, why: str, /, **facts: Fact) -> MethodResult:
    """The method is not for this case."""
    return MethodResult(method, False, reason=_because(why, **facts))


def _unknown(method: Method, why: str, /, **facts: Fact) -> MethodResult:
    """The method may be for this case, but what it needs is not known."""
    return MethodResult(method, None, reason=_because(why, **facts))


def _gives(method: Method, amount: Fraction | int, figures: Mapping[str, Fact]) -> MethodResult:
    return MethodResult(method, True, max(money(Fraction(amount)), 0), figures=figures)


# --- the formula of the annex ----------------------------------------------------------------------------------------


def annex_formula(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """What next year's sales tie up, less own funds and the loans, notes and other funds that already pay for it."""
    return _formula("annex_formula", of, of.books, of.before, by)


def group_cap(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """The same formula on the books of the whole group: new loans of all its members together stay within it."""
    if of.group_books is None:
        return _not("group_cap", "no_group_books")
    return _formula("group_cap", of, of.group_books, of.group_before, by)


def _formula(
    method: Method, of: NeedInputs, books: YearItems | None, before: YearItems | None, by: NeedPolicy
) -> MethodResult:
    if books is None:
        return _unknown(method, "no_books")
    if not of.believed:
        return _unknown(method, "books_not_believed")
    cycle = _cycle_of_year(of, books, before, by)
    missing = [name for name in _PART_OF_BOOKS if getattr(books, name) is None]
    if cycle is None or missing:
        wanting = missing or _wanting(books, by)
        if wanting:
            return _unknown(method, "missing", items=tuple(wanting))
        nothing = [name for name in ("revenue", "cost_of_sales") if (getattr(books, name) or 0) <= 0]
        return _unknown(method, "no_sales", items=tuple(nothing))
    if item := cycle.beyond(by.longest_turn):
        return _unknown(method, "turn_not_believed", item=item, days=by.longest_turn)
    other = {"notes_payable": books.notes_payable or 0, "other_funds": of.other_funds}
    loans = max((books.short_term_debt or 0) - of.renewed, 0)
    held = loans + sum(other.values())
    by_basis = {basis: cycle.working_capital - own - held for basis, own in _own_funds(cycle, books, by).items()}
    figures = cycle.figures | {
        "year_ends": 1 if before is None or means(books, None) == means(books, before) else 2,
        "own_funds": money(_own_funds(cycle, books, by)[by.own_funds]),
        "loans": loans,
        "renewed": of.renewed,
        **other,
        **{f"by_{basis}": max(money(amount), 0) for basis, amount in by_basis.items()},
    }
    return _gives(method, by_basis[by.own_funds], figures)


def _cycle_of_year(of: NeedInputs, books: YearItems, before: YearItems | None, by: NeedPolicy) -> Cycle | None:
    balances, profit = means(books, before), getattr(books, by.profit_base)
    if balances is None or profit is None or not books.revenue or books.revenue < 0:
        return None
    if books.cost_of_sales is None or books.cost_of_sales <= 0:
        return None
    growth = by.growth_between(books.revenue, before.revenue if before else None, of.forecast_growth)
    return Cycle(YEAR, books.revenue, books.cost_of_sales, margin(profit, books.revenue), growth, balances)


def _wanting(books: YearItems, by: NeedPolicy) -> list[str]:
    """Items of the books that the formula reads and that are not known."""
    names = ("inventory", "receivables", "prepayments", "payables", "advances_received", by.profit_base)
    return [name for name in names if getattr(books, name) is None]


def _own_funds(cycle: Cycle, books: YearItems, by: NeedPolicy) -> dict[str, Fraction]:
    """The firm's own funds on each basis that is used; those that cannot be told are left out."""
    found = {
        "net_working_capital": Fraction(max((books.current_assets or 0) - (books.current_liabilities or 0), 0)),
        "share": cycle.working_capital * by.own_share,
    }
    if books.cash is not None:
        found["free_cash"] = Fraction(max(books.cash - (books.restricted_cash or 0), 0))
    return found


def season(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """The formula over a season that the firm states, in place of the year."""
    if of.season is None:
        return _not("season", "no_season")
    if of.books is None or not of.believed:
        return _unknown("season", "no_books" if of.books is None else "books_not_believed")
    cycle = _cycle_of_season(of.season)
    if cycle is None or None in (of.books.current_assets, of.books.current_liabilities, of.books.short_term_debt):
        return _unknown("season", "season_incomplete")
    if item := cycle.beyond(by.longest_turn):
        return _unknown("season", "turn_not_believed", item=item, days=by.longest_turn)
    own = max((of.books.current_assets or 0) - (of.books.current_liabilities or 0), 0)
    loans = max((of.books.short_term_debt or 0) - of.renewed, 0)
    held = loans + (of.books.notes_payable or 0) + of.other_funds
    figures = cycle.figures | {"season_days": cycle.days, "own_funds": own, "loans": loans, "renewed": of.renewed}
    return _gives("season", cycle.working_capital - own - held, figures)


def _cycle_of_season(stated: SeasonItems) -> Cycle | None:
    balances = means(stated, None)
    if balances is None or not stated.days or not stated.revenue or stated.revenue < 0:
        return None
    if not stated.cost_of_sales or stated.cost_of_sales < 0 or stated.profit_before_tax is None:
        return None
    share = margin(stated.profit_before_tax, stated.revenue)
    growth = stated.growth if stated.growth is not None else Fraction(0)
    return Cycle(stated.days, stated.revenue, stated.cost_of_sales, share, growth, balances)


# --- small firms, orders, loans repaid -------------------------------------------------------------------------------


def small_firm(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """A share of verified sales, less what banks lend already; it counts up to a line of all bank credit."""
    if of.size is None:
        return _unknown("small_firm", "size_not_known")
    if of.size not in ("micro", "small"):
        return _not("small_firm", "not_small")
    if of.sales is None:
        return _unknown("small_firm", "sales_not_verified")
    if of.short_loans is None or of.credit is None:
        return _unknown("small_firm", "credit_not_known")
    loans, controller = max(of.short_loans - of.renewed, 0), of.controller_loans or 0
    full = by.sales_share * of.sales - loans - controller - of.other_funds
    line = by.small_firm_line - (of.credit - of.renewed)
    figures: dict[str, Fact] = {
        "sales": of.sales,
        "sales_share": decimal(by.sales_share),
        "loans": loans,
        "controller_loans": controller,
        "other_funds": of.other_funds,
        "in_full": max(money(full), 0),
        "credit": of.credit - of.renewed,
        "line": max(line, 0),
    }
    return _gives("small_firm", min(full, Fraction(line)), figures)


def orders(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """A share of what buyers have still to pay on orders that are proved, less what others financed."""
    mine = [one for one in of.orders if not one.buyer_related]
    if not mine:
        return _not("orders", "no_orders")
    counted = [one for one in mine if one.proved and one.amount is not None]
    if not counted:
        return _unknown("orders", "orders_not_proved")
    parts = [max(by.order_share * ((one.amount or 0) - one.received) - one.financed, Fraction(0)) for one in counted]
    figures: dict[str, Fact] = {
        "orders": len(counted),
        "not_proved": len(mine) - len(counted),
        "unpaid": sum((one.amount or 0) - one.received for one in counted),
        "financed": sum(one.financed for one in counted),
        "order_share": decimal(by.order_share),
    }
    return _gives("orders", sum(parts, Fraction(0)), figures)


def renewal(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """The balance of our own loan that falls due, where it performs and sales have not fallen far."""
    ours = [one for one in of.repaid if one.ours]
    if not ours:
        return _not("renewal", "nothing_of_ours")
    if any(one.performing is False for one in ours) or of.renewal_allowed is False:
        return _not("renewal", "not_performing")
    fall = _fall(of)
    if fall is not None and fall > by.renewal_fall:
        return _not("renewal", "sales_fell", share=decimal(fall))
    if fall is None or any(one.performing is None or one.balance is None for one in ours):
        return _unknown("renewal", "renewal_not_known")
    return _gives("renewal", sum(one.balance or 0 for one in ours), {"repaid_loans": len(ours)})


def _fall(of: NeedInputs) -> Fraction | None:
    """By which share sales fell on the year; None where that is not known."""
    if of.books is None or of.before is None or of.books.revenue is None or not of.before.revenue:
        return None
    return 1 - Fraction(of.books.revenue, of.before.revenue)


def refinanced(of: NeedInputs, by: NeedPolicy) -> MethodResult:  # noqa: ARG001 (one shape for all methods)
    """The balance of another bank's loan that is repaid, where the credit report shows it as performing."""
    others = [one for one in of.repaid if not one.ours]
    if not others:
        return _not("refinanced", "nothing_of_others")
    if any(one.performing is False for one in others):
        return _not("refinanced", "not_performing")
    if any(one.performing is None or one.balance is None for one in others):
        return _unknown("refinanced", "class_not_known")
    return _gives("refinanced", sum(one.balance or 0 for one in others), {"repaid_loans": len(others)})


# --- research and investment -----------------------------------------------------------------------------------------


def research(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """What a research budget lacks, at most a share of it."""
    return _project("research", of, by.research_share)


def fixed_assets(of: NeedInputs, by: NeedPolicy) -> MethodResult:
    """What an investment lacks beyond the firm's own capital in it, at most a share of the total."""
    return _project("fixed_assets", of, by.investment_share)


def _project(method: Method, of: NeedInputs, most: Fraction) -> MethodResult:
    group = "research" if method == "research" else "investment"
    mine = [one for one in of.projects if one.group == group]
    if not mine:
        return _unknown(method, "no_project")
    if any(one.outlived for one in mine):
        return _not(method, "outlives_project")
    if any(one.total is None or one.capital is None for one in mine):
        return _unknown(method, "project_incomplete")
    total, capital = sum(one.total or 0 for one in mine), sum(one.capital or 0 for one in mine)
    others = sum(one.grants + one.other for one in mine)
    figures: dict[str, Fact] = {"total": total, "capital": capital, "others": others, "most_share": decimal(most)}
    return _gives(method, min(Fraction(total - capital - others), most * total), figures)
