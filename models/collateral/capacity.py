"""How much working capital a firm needs, and how much debt it can carry, from its latest yearly books.

The need follows the annex of the 2010 working-capital measures (kept as a reference in NFRA decree 2024 No. 2):
need = last year's sales × (1 − margin) × (1 + expected growth) / turns a year; the new loan is that less own funds and
existing loans.
"""

from dataclasses import dataclass, replace

import msgspec

from models.records.in_force import InForce

YEAR_OF_TURNS = 360
REPAID_BY_EQUITY = ("short_term_debt", "current_liabilities", "total_liabilities")
"""Items of the books that fall by what new equity repays of short-term debt."""


@dataclass(frozen=True)
class YearlyBooks:
    """Items of the latest yearly books in fen; None is not known. `last_revenue` is that of the year before."""

    revenue: int | None = None
    last_revenue: int | None = None
    cost_of_sales: int | None = None
    operating_profit: int | None = None
    depreciation_amortisation: int | None = None
    receivables: int | None = None
    inventory: int | None = None
    payables: int | None = None
    current_assets: int | None = None
    current_liabilities: int | None = None
    short_term_debt: int | None = None
    long_term_debt: int | None = None
    total_assets: int | None = None
    total_liabilities: int | None = None


def with_equity(books: YearlyBooks, paid: int) -> YearlyBooks:
    """The books after new equity repaid so much short-term debt, in fen."""
    owed = {name: value - paid for name in REPAID_BY_EQUITY if (value := getattr(books, name)) is not None}
    return replace(books, **owed)


class NeedFigures(msgspec.Struct, frozen=True):
    """What the need was computed from: days, shares, and money in fen; `renewed` debt is repaid by the loan."""

    days_of_turn: float
    margin: float
    expected_growth: float
    working_capital: int
    own_funds: int
    existing_loans: int
    renewed: int


class WorkingCapitalNeed(msgspec.Struct, frozen=True):
    """The new loan that is needed, in fen; where it is not known, `missing` names the items wanting."""

    amount: int | None
    figures: NeedFigures | None = None
    missing: tuple[str, ...] = ()


class DebtFigures(msgspec.Struct, frozen=True):
    """What the capacity was computed from, in fen: earnings, debt, and what either and the balance sheet allow."""

    earnings: int
    debt: int
    by_earnings: int
    by_balance: int


class DebtCapacity(msgspec.Struct, frozen=True):
    """The further debt that can be carried, in fen; where it is not known, `missing` names the items wanting."""

    amount: int | None
    figures: DebtFigures | None = None
    missing: tuple[str, ...] = ()


def _missing(books: YearlyBooks, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(books, name) is None)


def working_capital_need(books: YearlyBooks, renewed: int, param: InForce) -> WorkingCapitalNeed:
    """The new working-capital loan that the firm needs, at least 0. `renewed`: debt that this loan repays, in fen."""
    missing = _missing(
        books, "revenue", "cost_of_sales", "operating_profit", "receivables", "inventory", "payables",
        "current_assets", "current_liabilities", "short_term_debt",
    )  # fmt: skip
    if missing or not books.revenue or not books.cost_of_sales:
        return WorkingCapitalNeed(None, missing=missing or ("revenue",))
    days = (
        YEAR_OF_TURNS * _of(books.inventory) / books.cost_of_sales
        + YEAR_OF_TURNS * _of(books.receivables) / books.revenue
        - YEAR_OF_TURNS * _of(books.payables) / books.cost_of_sales
    )
    margin = _of(books.operating_profit) / books.revenue
    growth = _growth(books, param)
    capital = round(books.revenue * (1 - margin) * (1 + growth) * max(days, 0.0) / YEAR_OF_TURNS)
    loans = _of(books.short_term_debt)
    own = _of(books.current_assets) - _of(books.current_liabilities)
    amount = max(capital - max(own, 0) - max(loans - renewed, 0), 0)
    return WorkingCapitalNeed(amount, NeedFigures(days, margin, growth, capital, own, loans, renewed))


def _of(item: int | None) -> int:
    return item or 0


class _Growth(msgspec.Struct, frozen=True):
    """Between which shares a year a lender believes growth."""

    least: float
    largest: float


def _growth(books: YearlyBooks, param: InForce) -> float:
    """Last year's growth within what the lender believes; 0 where the year before is not known."""
    if not books.last_revenue or books.revenue is None:
        return 0.0
    ends = param("pledge.expected_growth", _Growth)
    return min(max(books.revenue / books.last_revenue - 1, ends.least), ends.largest)


def debt_capacity(books: YearlyBooks, renewed: int, param: InForce) -> DebtCapacity:
    """The further debt that earnings and balance sheet can carry, at least 0; the lesser of the two."""
    missing = _missing(
        books, "operating_profit", "short_term_debt", "long_term_debt", "total_assets", "total_liabilities"
    )
    if missing:
        return DebtCapacity(None, missing=missing)
    earnings = _of(books.operating_profit) + _of(books.depreciation_amortisation)
    debt = _of(books.short_term_debt) + _of(books.long_term_debt) - renewed
    ratio = param("pledge.debt_ratio", float)
    by_earnings = round(param("pledge.debt_to_earnings", float) * earnings) - debt
    # A loan adds to assets as well as to liabilities: (L + x) / (A + x) = ratio.
    liabilities, assets = _of(books.total_liabilities) - renewed, _of(books.total_assets) - renewed
    by_balance = round((ratio * assets - liabilities) / (1 - ratio))
    figures = DebtFigures(earnings, debt, by_earnings, by_balance)
    return DebtCapacity(max(min(by_earnings, by_balance), 0), figures)
