"""What the methods of the need apply, read from policy and kept exact."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import msgspec

from features.exact import exactly
from models.records.in_force import InForce


class _Ends(msgspec.Struct, frozen=True):
    least: float
    most: float


@dataclass(frozen=True)
class NeedPolicy:
    """The values of a day. Shares are exact; `small_firm_line` in fen."""

    profit_base: Literal["profit_before_tax", "net_profit"]
    growth: tuple[Fraction, Fraction]
    longest_turn: int
    own_funds: Literal["net_working_capital", "free_cash", "share"]
    own_share: Fraction
    sales_share: Fraction
    small_firm_line: int
    order_share: Fraction
    research_share: Fraction
    investment_share: Fraction
    renewal_fall: Fraction

    @classmethod
    def of(cls, param: InForce) -> "NeedPolicy":
        """The values in force. Raises `NotYetInForce`."""
        ends = param("working_capital.growth", _Ends)
        return cls(
            profit_base=param("working_capital.profit_base", Literal["profit_before_tax", "net_profit"]),  # type: ignore[arg-type]
            growth=(_exact(ends.least), _exact(ends.most)),
            longest_turn=param("working_capital.longest_turn", int),
            own_funds=param("working_capital.own_funds", Literal["net_working_capital", "free_cash", "share"]),  # type: ignore[arg-type]
            own_share=_exact(param("working_capital.own_share", float)),
            sales_share=_exact(param("working_capital.sales_share", float)),
            small_firm_line=param("working_capital.small_firm_line", int),
            order_share=_exact(param("working_capital.order_share", float)),
            research_share=_exact(param("working_capital.research_share", float)),
            investment_share=_exact(param("working_capital.investment_share", float)),
            renewal_fall=_exact(param("working_capital.renewal_fall", float)),
        )

    def growth_between(self, revenue: int, before: int | None, forecast: Fraction | None) -> Fraction:
        """Last year's growth within what is believed, not above the officer's forecast; 0 where it is not known."""
        least, most = self.growth
        if not before or before < 0:
            return Fraction(0) if forecast is None else min(Fraction(0), max(forecast, least))
        seen = min(max(Fraction(revenue, before) - 1, least), most)
        return seen if forecast is None else min(seen, max(forecast, least))


def _exact(share: float) -> Fraction:
    """A share as policy writes it."""
    return exactly(share)
