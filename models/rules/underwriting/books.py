"""What the books say, how far they may be believed, and whether earnings carry the loan."""

import numpy as np

from features.arithmetic import or_nothing
from features.arrays import Floats
from features.firm_figures import lived_years
from models.rules.column_rules import Branch, Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE, NOT_KNOWN
from models.rules.finding import Effect
from models.rules.firm_columns import AUDIT_OPINIONS, FirmColumns, quotient
from models.rules.underwriting.credit_record import NO_BOOKS, UNITS_SUSPECT
from models.rules.underwriting.steps import limits, over, unknown_by_profile

_YEAR = 12
_LOSS_YEARS = 2


@firm_rule("books.units", weighs=("refer", "info"), facts=("units_confirmed",))
def units_suspect(p: FirmColumns, say: Say) -> Branches:
    """No amount of books or application looks as if it were typed in another unit."""
    seen = say.observed("suspect", revenue=p.count(p.item("revenue")), asked=p.count(p.amount))
    return Branches([
        fails(p.units_suspect, "refer", seen, cure="confirm_units"),
        unknown(np.isnan(p.item("revenue")) & np.isnan(p.amount), "info", NO_BOOKS),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule("books.unaudited_most", weighs=("blocks", "refer", "caution"))
def audit_opinion(p: FirmColumns, say: Say) -> Branches:
    """The auditor stands behind the books; unaudited ones carry small loans alone."""
    opinion = p.opinion
    named = say.observed("opinion", opinion=p.choice(opinion, AUDIT_OPINIONS))
    most = p.param("books.unaudited_most")
    unaudited = np.isnan(opinion) | p.has_opinion("unaudited")
    return Branches(
        [
            not_applicable(~p.has_books, NO_BOOKS),
            fails(p.has_opinion("adverse", "disclaimer"), "blocks", named),
            fails(p.has_opinion("qualified"), "refer", named),
            fails(unaudited & (p.amount > most), "refer", say.observed("unaudited"), cure="audit"),
            fails(unaudited, "caution", say.observed("unaudited"), cure="audit"),
            fails(p.has_opinion("emphasis"), "caution", named),
            passes(None, named),
        ],
        required={"amount": p.count(most)},
    )


@firm_rule("books.balance", weighs=("refer", "caution", "info"))
def books_balance(p: FirmColumns, say: Say) -> Branches:
    """Assets are liabilities and equity, but for rounding."""
    assets, owed, own = (p.item(name) for name in ("total_assets", "total_liabilities", "equity"))
    gap = np.abs(assets - owed - own)
    seen = say.observed("gap", gap=p.count(gap), ratio=p.ratio(gap, assets))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(quotient(gap, assets), limits(p, "books.balance", "refer", "caution"), seen, cure="correct_books"),
            unknown(np.isnan(gap), "info", NOT_KNOWN, cure="statements"),
            passes(None, seen),
        ],
        required={"share": p.decimal(p.threshold("books.balance", "caution"))},
    )


@firm_rule("freshness_days.statements_latest_interim", weighs=("before_drawdown", "caution"))
def interim_fresh(p: FirmColumns, say: Say) -> Branches:
    """There are books of late date, be they of part of a year."""
    rows = p.known.statements
    last = rows.largest(rows.period_end)
    days = p.param("freshness_days.statements_latest_interim")
    old = np.isnan(last) | (p.as_of - last > days)
    seen = say.observed("last", day=p.day(last))
    return Branches(
        [
            *unknown_by_profile(p, old, ("before_drawdown", "caution"), seen, cure="statements"),
            passes(None, seen),
        ],
        required={"days": p.count(days)},
    )


@firm_rule("books.revenue_fall", weighs=("blocks", "refer", "caution", "info"))
def revenue_trend(p: FirmColumns, say: Say) -> Branches:
    """Sales of the year did not fall far, nor two years running."""
    fall = [_fall(p.item("revenue", ago), p.item("revenue", ago + 1)) for ago in (0, 1)]
    caution = p.threshold("books.revenue_fall", "caution")
    seen = say.observed("fell", share=p.change(p.item("revenue"), p.item("revenue", 1)))
    blocks, refer, light = over(fall[0], limits(p, "books.revenue_fall", "blocks", "refer", "caution"), seen)
    twice = (fall[0] > caution) & (fall[1] > caution)
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            blocks,
            refer,
            fails(twice, "refer", say.observed("fell_twice", share=p.change(p.item("revenue"), p.item("revenue", 1)))),
            light,
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            unknown(np.isnan(fall[0]), "caution", NOT_KNOWN, cure="statements"),
            passes(None, seen),
        ],
        required={"share": p.decimal(caution)},
    )


@firm_rule("books.interim_fall", weighs=("refer", "caution"))
def interim_trend(p: FirmColumns, say: Say) -> Branches:
    """Sales within the year did not fall far against the same months, or the same part, of the year before."""
    now, before = p.interim
    fall = _fall(now, before)
    seen = say.observed("fell", share=p.change(now, before))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(fall, limits(p, "books.interim_fall", "refer", "caution"), seen),
            not_applicable(np.isnan(now), say.observed("no_interim")),
            unknown(np.isnan(fall), "caution", NOT_KNOWN, cure="statements"),
            passes(None, seen),
        ],
        required={"share": p.decimal(p.threshold("books.interim_fall", "caution"))},
    )


@firm_rule(weighs=("refer", "caution", "info"))
def cash_flow(p: FirmColumns, say: Say) -> Branches:
    """Operations bring in cash."""
    flows = [p.item("operating_cash_flow", ago) for ago in (0, 1)]
    seen = say.observed("flow", amount=p.count(flows[0]), before=p.count(flows[1]))
    return Branches([
        not_applicable(p.units_suspect, UNITS_SUSPECT),
        fails((flows[0] < 0) & (flows[1] < 0), "refer", seen),
        fails(flows[0] < 0, "caution", seen),
        unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
        unknown(np.isnan(flows[0]), "caution", NOT_KNOWN, cure="statements"),
        passes(None, seen),
    ])  # fmt: skip


@firm_rule(weighs=("blocks", "refer", "caution", "info"))
def losses(p: FirmColumns, say: Say) -> Branches:
    """The firm earns money, and its equity is above zero."""
    profits = [p.item("net_profit", ago) for ago in range(_LOSS_YEARS)]
    seen = say.observed("profit", amount=p.count(profits[0]), before=p.count(profits[1]))
    return Branches([
        fails(p.equity <= 0, "blocks", say.observed("equity", amount=p.count(p.equity)), cure="pay_in_equity"),
        not_applicable(p.units_suspect, UNITS_SUSPECT),
        fails((profits[0] < 0) & (profits[1] < 0), "refer", seen),
        fails(profits[0] < 0, "caution", seen),
        unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
        unknown(np.isnan(profits[0]), "refer", NOT_KNOWN, cure="statements"),
        passes(None, seen),
    ])  # fmt: skip


@firm_rule("sales.tax_gap", "sales.inflow_share", weighs=("blocks", "refer", "before_drawdown", "caution", "info"))
def sales_cross_check(p: FirmColumns, say: Say) -> Branches:
    """What was declared to the tax office and what came in on accounts bear out the sales of the books."""
    revenue = p.item("revenue")
    gap, share = 1 - quotient(p.taxed_sales, revenue), quotient(p.inflows, revenue)
    seen = say.observed("both", revenue=p.count(revenue), taxed=p.count(p.taxed_sales), inflows=p.count(p.inflows))
    tax = limits(p, "sales.tax_gap", "blocks", "refer", "caution")
    blocks, refer, caution = over(gap, tax, seen, cure="verify_sales")
    least: dict[Effect, Floats] = limits(p, "sales.inflow_share", "refer", "caution")
    neither = np.isnan(gap) & np.isnan(share)
    unaudited = np.isnan(p.opinion) | p.has_opinion("unaudited")
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            blocks,
            refer,
            fails(share < least["refer"], "refer", seen, cure="verify_sales"),
            caution,
            fails((gap < -tax["caution"]) | (share < least["caution"]), "caution", seen, cure="verify_sales"),
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            unknown(neither & unaudited, "refer", say.observed("neither"), cure="verify_sales"),
            unknown(neither, "before_drawdown", say.observed("neither"), cure="verify_sales"),
            passes(None, seen),
        ],
        required={"gap": p.decimal(tax["caution"]), "inflows": p.decimal(least["caution"])},
    )


@firm_rule("books.debt_ratio_after", weighs=("refer", "caution", "info"))
def debt_ratio_after(p: FirmColumns, say: Say) -> Branches:
    """With the loan, debts do not outweigh assets."""
    owed, assets = p.liabilities + p.added, p.item("total_assets") + p.added
    share = quotient(owed, assets)
    seen = say.observed("ratio", ratio=p.ratio(owed, assets))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(share, limits(p, "books.debt_ratio_after", "refer", "caution"), seen, cure="smaller_loan"),
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            unknown(np.isnan(share), "refer", NOT_KNOWN, cure="statements"),
            passes(None, seen),
        ],
        required={"share": p.decimal(p.threshold("books.debt_ratio_after", "caution"))},
    )


@firm_rule("repayment.interest_cover", weighs=("refer", "caution", "info"))
def interest_cover(p: FirmColumns, say: Say) -> Branches:
    """Earnings pay the interest, that of this loan included."""
    earned, due = p.item("operating_profit"), p.interest
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *_covers(p, earned, due, "repayment.interest_cover", say),
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            unknown(np.isnan(earned) | np.isnan(due), "caution", NOT_KNOWN, cure="statements"),
            passes(None, say.observed("cover", earned=p.count(earned), due=p.count(due), ratio=p.ratio(earned, due))),
        ],
        required={"times": p.decimal(p.threshold("repayment.interest_cover", "caution"))},
    )


@firm_rule("repayment.debt_service", weighs=("refer", "before_drawdown", "caution", "info"))
def debt_service(p: FirmColumns, say: Say) -> Branches:
    """Earnings before depreciation pay what falls due of long debt and of this loan within a year, and all interest."""
    earned = p.item("operating_profit") + or_nothing(p.item("depreciation_amortisation"))
    due = p.long_term_due + p.principal_of_year_one + p.interest
    seen = say.observed("cover", earned=p.count(earned), due=p.count(due), ratio=p.ratio(earned, due))
    not_known = np.isnan(earned) | np.isnan(due)
    return Branches(
        [
            not_applicable(~(p.term > _YEAR), say.observed("within_a_year")),
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *_covers(p, earned, due, "repayment.debt_service", say),
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            *unknown_by_profile(p, not_known, ("refer", "before_drawdown"), NOT_KNOWN, cure="statements"),
            passes(None, seen),
        ],
        required={"times": p.decimal(p.threshold("repayment.debt_service", "caution"))},
    )


def _covers(p: FirmColumns, earned: Floats, due: Floats, policy: str, say: Say) -> list[Branch]:
    """Earnings below so many times what is due."""
    seen = say.observed("cover", earned=p.count(earned), due=p.count(due), ratio=p.ratio(earned, due))
    least = limits(p, policy, "refer", "caution")
    short = {effect: (due > 0) & (earned < times * due) for effect, times in least.items()}
    return [fails(where, effect, seen, cure="smaller_loan") for effect, where in short.items()]


@firm_rule(weighs=("before_drawdown",))
def instalments(p: FirmColumns, say: Say) -> Branches:
    """A loan of more than a year is repaid in instalments."""
    rows = p.known.instalments
    planned = rows.any(rows.of_case("application", p.known.application))
    return Branches([
        not_applicable(~(p.term > _YEAR), say.observed("within_a_year")),
        passes(planned | p.repays_by("instalments"), say.observed("planned")),
        fails(
            p.repays_by("bullet", "interest_first"), "before_drawdown", say.observed("at_the_end"), cure="agree_plan"
        ),
        unknown(None, "before_drawdown", NOT_KNOWN, cure="agree_plan"),
    ])  # fmt: skip


@firm_rule("repayment.operating_years", weighs=("refer",))
def operating_years(p: FirmColumns, say: Say) -> Branches:
    """The firm has been in business for some whole years."""
    years, least = lived_years(p.known), p.param("repayment.operating_years")
    seen = say.observed("years", years=p.count(years))
    return Branches(
        [
            fails(years < least, "refer", seen),
            unknown(np.isnan(years), "refer", NOT_KNOWN, cure="ask_source"),
            passes(None, seen),
        ],
        required={"years": p.count(least)},
    )


def _fall(now: Floats, before: Floats) -> Floats:
    """By which share something fell; not known where there was nothing before."""
    return np.where(before > 0, 1 - quotient(now, before), np.nan)
