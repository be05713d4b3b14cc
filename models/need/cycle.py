"""The formula of working capital: how long money is tied up in the cycle, and what a year's sales tie up.

Annex of decree 2024 No. 2 of the financial regulator (kept from the measures of 2010, for reference); money in fen.
"""

from dataclasses import dataclass, fields
from fractions import Fraction

from features.phrase import Fact
from models.need.inputs import BalanceItems
from models.need.result import decimal, money

YEAR = 360
"""Days of a year in the formula."""
BALANCES = tuple(f.name for f in fields(BalanceItems))


@dataclass(frozen=True)
class Cycle:
    """Sales, margin and growth of a period of so many days, and the balances within it; all known."""

    days: int
    revenue: int
    cost_of_sales: int
    margin: Fraction
    growth: Fraction
    balances: dict[str, Fraction]

    @property
    def days_at_cost(self) -> Fraction:
        """Days for which stock and prepayments, less payables, tie money up."""
        balance = self.balances["inventory"] + self.balances["prepayments"] - self.balances["payables"]
        return self.days * balance / self.cost_of_sales

    @property
    def days_at_sales(self) -> Fraction:
        """Days for which receivables, less advances, tie money up."""
        balance = self.balances["receivables"] - self.balances["advances_received"]
        return self.days * balance / self.revenue

    @property
    def days_of_turn(self) -> Fraction:
        """Days for which money is tied up."""
        return self.days_at_cost + self.days_at_sales

    def beyond(self, longest: int) -> str | None:
        """The item against which a balance turns in more days than are believed; None where none does.

        A cost or revenue near nothing would make any need.
        """
        if abs(self.days_at_cost) > longest:
            return "cost_of_sales"
        return "revenue" if abs(self.days_at_sales) > longest else None

    @property
    def working_capital(self) -> Fraction:
        """What the coming period's sales tie up, at cost."""
        grown = self.revenue * (1 - self.margin) * (1 + self.growth)
        return grown * max(self.days_of_turn, Fraction(0)) / self.days

    @property
    def figures(self) -> dict[str, Fact]:
        """Inputs and steps."""
        return {
            "revenue": self.revenue,
            "cost_of_sales": self.cost_of_sales,
            **{name: money(value) for name, value in self.balances.items()},
            "margin": decimal(self.margin),
            "growth": decimal(self.growth),
            "days_of_turn": decimal(self.days_of_turn, 2),
            "working_capital": money(self.working_capital),
        }


def means(now: BalanceItems, before: BalanceItems | None) -> dict[str, Fraction] | None:
    """The mean of each balance over two year-ends, or that of one; None where one is not known now."""
    found = {}
    for name in BALANCES:
        last, first = getattr(now, name), getattr(before, name) if before is not None else None
        if last is None:
            return None
        found[name] = Fraction(last) if first is None else Fraction(last + first, 2)
    return found


def margin(profit: int, revenue: int) -> Fraction:
    """Profit over sales; a loss counts as nothing."""
    return max(Fraction(profit, revenue), Fraction(0))
