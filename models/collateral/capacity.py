"""How much working capital a firm needs, and how much debt it can carry, from its latest yearly books.

The need follows the annex of the 2010 working-capital measures (kept as a reference in NFRA decree 2024 No. 2):
need = last year's sales × (1 − margin) × (1 + expected growth) / turns a year; the new loan is that less own funds and
existing loans.
"""

from dataclasses import dataclass, replace
from typing import Any

from models.collateral.valuation import InForce

YEAR_OF_TURNS = 360
REPAID_BY_EQUITY = ("short_term_debt", "current_liabilities", "total_liabilities")
"""Items of the books that fall by what new equity repays of short-term debt."""


@dataclass(frozen=True)
class Books:
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


def with_equity(books: Books, paid: int) -> Books:
    """The books after new equity repaid so much short-term debt, in fen."""
    owed = {name: value - paid for name in REPAID_BY_EQUITY if (value := getattr(books, name)) is not None}
    return replace(books, **owed)


@dataclass(frozen=True)
class Capacity:
    """An amount in fen and the figures that it was computed from; `missing` names what it lacked where it is None."""

    amount: int | None
    figures: dict[str, float]
    missing: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"amount": self.amount, "figures": dict(self.figures), "missing": list(self.missing)}


def _missing(books: Books, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(books, name) is None)


def working_capital_need(books: Books, renewed: int, param: InForce) -> Capacity:
    """The new working-capital loan that the firm needs, at least 0. `renewed`: debt that this loan repays, in fen."""
    missing = _missing(
        books, "revenue", "cost_of_sales", "operating_profit", "receivables", "inventory", "payables",
        "current_assets", "current_liabilities", "short_term_debt",
    )  # fmt: skip
    if missing or not books.revenue or not books.cost_of_sales:
        return Capacity(None, {}, missing or ("revenue",))
    days = (
        YEAR_OF_TURNS * _of(books.inventory) / books.cost_of_sales
        + YEAR_OF_TURNS * _of(books.receivables) / books.revenue
        - YEAR_OF_TURNS * _of(books.payables) / books.cost_of_sales
    )
    margin = _of(books.operating_profit) / books.revenue
    growth = _growth(books, param)
    capital = books.revenue * (1 - margin) * (1 + growth) * max(days, 0.0) / YEAR_OF_TURNS
    loans = _of(books.short_term_debt)
    own = _of(books.current_assets) - _of(books.current_liabilities)
    amount = max(round(capital) - max(own, 0) - max(loans - renewed, 0), 0)
    figures = {"days_of_turn": days, "margin": margin, "expected_growth": growth, "working_capital": capital}
    return Capacity(amount, figures | {"own_funds": own, "existing_loans": loans, "renewed": renewed}, ())


def _of(item: int | None) -> int:
    return item or 0


def _growth(books: Books, param: InForce) -> float:
    """Last year's growth within what the lender believes; 0 where the year before is not known."""
    if not books.last_revenue or books.revenue is None:
        return 0.0
    ends = param("pledge.expected_growth")
    return float(min(max(books.revenue / books.last_revenue - 1, ends["least"]), ends["largest"]))


def debt_capacity(books: Books, renewed: int, param: InForce) -> Capacity:
    """The further debt that earnings and balance sheet can carry, at least 0; the lesser of the two."""
    missing = _missing(
        books, "operating_profit", "short_term_debt", "long_term_debt", "total_assets", "total_liabilities"
    )
    if missing:
        return Capacity(None, {}, missing)
    earnings = _of(books.operating_profit) + _of(books.depreciation_amortisation)
    debt = _of(books.short_term_debt) + _of(books.long_term_debt) - renewed
    ratio = param("pledge.debt_ratio")
    by_earnings = round(param("pledge.debt_to_earnings") * earnings) - debt
    # A loan adds to assets as well as to liabilities: (L + x) / (A + x) = ratio.
    liabilities, assets = _of(books.total_liabilities) - renewed, _of(books.total_assets) - renewed
    by_balance = round((ratio * assets - liabilities) / (1 - ratio))
    figures = {"earnings": earnings, "debt": debt, "by_earnings": by_earnings, "by_balance": by_balance}
    return Capacity(max(min(by_earnings, by_balance), 0), figures, ())
