"""What the need is computed from: books, sales, credit, orders, projects and uses, in fen; None is not known."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, get_args

Group = Literal["working_capital", "research", "investment"]
"""Uses that one method covers together."""
Size = Literal["micro", "small", "medium", "large"]
SIZES: tuple[Size, ...] = get_args(Size)
"""In the order of the size classes of features."""


@dataclass(frozen=True)
class BalanceItems:
    """What a balance sheet ties up in turning stock into cash."""

    inventory: int | None = None
    receivables: int | None = None
    prepayments: int | None = None
    payables: int | None = None
    advances_received: int | None = None


@dataclass(frozen=True)
class YearItems(BalanceItems):
    """Items of one year's books that the need reads."""

    revenue: int | None = None
    cost_of_sales: int | None = None
    profit_before_tax: int | None = None
    net_profit: int | None = None
    cash: int | None = None
    restricted_cash: int | None = None
    current_assets: int | None = None
    current_liabilities: int | None = None
    short_term_debt: int | None = None
    notes_payable: int | None = None


@dataclass(frozen=True)
class SeasonItems(BalanceItems):
    """A season as the firm states it: its length in days, its sales, and its balances on average."""

    days: int | None = None
    revenue: int | None = None
    cost_of_sales: int | None = None
    profit_before_tax: int | None = None
    growth: Fraction | None = None


@dataclass(frozen=True)
class OpenOrder:
    """An order from a buyer. `proved`: signed, its paper seen, its payment assigned to an account of the bank."""

    amount: int | None
    received: int
    financed: int
    buyer_related: bool
    proved: bool


@dataclass(frozen=True)
class ProjectFunds:
    """What a project costs, and what others and the firm itself put in. `outlived`: the loan runs longer than it."""

    group: Literal["research", "investment"]
    total: int | None
    capital: int | None
    grants: int
    other: int
    outlived: bool = False


@dataclass(frozen=True)
class RepaidLoan:
    """A bank loan that the new loan repays. `ours`: it is one of the bank asked."""

    ours: bool
    balance: int | None
    performing: bool | None


@dataclass(frozen=True)
class NeedInputs:
    """Everything that the need is computed from.

    `books`, `before`: the latest year and the one before it. `believed`: whether the books may be relied on. `sales`:
    verified sales of twelve months. `short_loans`: at all banks. `credit`: all bank debt of firm and controller.
    `uses`: what is asked for by group; empty where it was not told. `group_books`: of the whole group, with those
    before. Nothing here tells how much is asked for in all.
    """

    as_of: date
    purpose: Group | Literal["other"] | None
    size: Size | None = None
    books: YearItems | None = None
    before: YearItems | None = None
    believed: bool | None = None
    forecast_growth: Fraction | None = None
    other_funds: int = 0
    sales: int | None = None
    short_loans: int | None = None
    credit: int | None = None
    controller_loans: int | None = None
    repaid: tuple[RepaidLoan, ...] = ()
    renewal_allowed: bool | None = None
    orders: tuple[OpenOrder, ...] = ()
    projects: tuple[ProjectFunds, ...] = ()
    season: SeasonItems | None = None
    group_books: YearItems | None = None
    group_before: YearItems | None = None
    uses: dict[Group, int] = field(default_factory=dict)

    @property
    def renewed(self) -> int:
        """The bank debt that the new loan repays."""
        return sum(one.balance or 0 for one in self.repaid)
