"""How much further debt a firm can carry: out of earnings, out of its cash, or where somebody else bears the loss."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import msgspec

from features.exact import exactly
from models.need.result import money
from models.records.in_force import InForce

Reading = Literal["earnings", "cash", "borne_by_others"]


@dataclass(frozen=True)
class DebtInputs:
    """What the capacity is computed from, in fen; None is not known.

    `debt`: the greater of the credit report's balance and the books' interest-bearing debt. `due_within_a_year`: of the
    books. `guaranteed`: what an institution signed or a scheme admits, where it bears `guaranteed_share` of a loss.
    """

    operating_profit: int | None = None
    depreciation_amortisation: int | None = None
    debt: int | None = None
    total_assets: int | None = None
    total_liabilities: int | None = None
    cash: int | None = None
    restricted_cash: int | None = None
    operating_cash_flow: int | None = None
    due_within_a_year: int | None = None
    guarantees_given: int | None = None
    renewed: int = 0
    guaranteed: int = 0
    guaranteed_share: Fraction = Fraction(0)


REPAID_BY_EQUITY = ("short_term_debt", "current_liabilities", "total_liabilities")
"""Items of the books that fall by what new equity repays of short-term debt."""


def with_equity(of: DebtInputs, paid: int) -> DebtInputs:
    """The same after new equity repaid so much short-term debt, in fen."""
    owed = ("debt", "due_within_a_year", "total_liabilities")
    return replace(of, **{name: value - paid for name in owed if (value := getattr(of, name)) is not None})


class EarningsReading(msgspec.Struct, frozen=True):
    """What earnings and balance sheet allow, in fen, and what that follows from."""

    earnings: int
    debt: int
    guarantees: int
    by_earnings: int
    by_balance: int


class CashReading(msgspec.Struct, frozen=True):
    """What free cash leaves after a year's outflow and the debt due within it, in fen."""

    free_cash: int
    outflow: int
    due_within_a_year: int
    guarantees: int


class FurtherDebt(msgspec.Struct, frozen=True):
    """The further debt that can be carried, in fen, by each reading that can be told, and the one that sets it.

    `amount` is None where neither books nor anybody else's part tell one; `missing` names the items wanting.
    """

    amount: int | None
    binding: Reading | None
    readings: dict[Reading, int]
    earnings: EarningsReading | None = None
    cash: CashReading | None = None
    missing: tuple[str, ...] = ()


def further_debt(of: DebtInputs, param: InForce) -> FurtherDebt:
    """The greatest of the readings, at least 0: a funded firm before profit is not nothing to lend to."""
    weight = exactly(param("debt.guarantee_weight", float))
    guarantees = money(weight * (of.guarantees_given or 0))
    earnings, cash = _by_earnings(of, guarantees, param), _by_cash(of, guarantees)
    readings: dict[Reading, int] = {}
    if earnings is not None:
        readings["earnings"] = max(min(earnings.by_earnings, earnings.by_balance), 0)
    if cash is not None:
        readings["cash"] = max(cash.free_cash - cash.outflow - cash.due_within_a_year + of.renewed - cash.guarantees, 0)
    if of.guaranteed and of.guaranteed_share >= exactly(param("debt.borne_by_others", float)):
        readings["borne_by_others"] = of.guaranteed
    if earnings is None and "borne_by_others" not in readings:
        return FurtherDebt(None, None, readings, cash=cash, missing=_missing(of))
    binding = max(readings, key=lambda name: readings[name])
    return FurtherDebt(readings[binding], binding, readings, earnings, cash)


_OF_EARNINGS = ("operating_profit", "debt", "total_assets", "total_liabilities")


def _missing(of: DebtInputs) -> tuple[str, ...]:
    return tuple(name for name in _OF_EARNINGS if getattr(of, name) is None)


def _by_earnings(of: DebtInputs, guarantees: int, param: InForce) -> EarningsReading | None:
    """A multiple of earnings less debt, and what the balance sheet takes before debt outweighs assets."""
    if of.operating_profit is None or of.debt is None or of.total_assets is None or of.total_liabilities is None:
        return None
    earnings = of.operating_profit + (of.depreciation_amortisation or 0)
    times = exactly(param("pledge.debt_to_earnings", float))
    ratio = exactly(param("debt.debt_ratio", float))
    # A loan adds to assets as well as to liabilities: (L + x) / (A + x) = ratio.
    liabilities, assets = of.total_liabilities - of.renewed, of.total_assets - of.renewed
    by_earnings = money(times * earnings) - of.debt + of.renewed - guarantees
    # A bank that states the whole of the assets, or more, lets the balance sheet bound nothing.
    by_balance = money((ratio * assets - liabilities) / (1 - ratio)) if ratio < 1 else by_earnings
    return EarningsReading(earnings, of.debt - of.renewed, guarantees, by_earnings, by_balance)


def _by_cash(of: DebtInputs, guarantees: int) -> CashReading | None:
    if of.cash is None or of.operating_cash_flow is None or of.due_within_a_year is None:
        return None
    free = of.cash - (of.restricted_cash or 0)
    return CashReading(free, max(-of.operating_cash_flow, 0), of.due_within_a_year, guarantees)
