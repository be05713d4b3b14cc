"""What a method says of the need, and the need that follows from all of them."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Literal, get_args

import msgspec

from features.phrase import Fact, Phrase

Method = Literal[
    "annex_formula", "season", "small_firm", "orders", "renewal", "refinanced", "research", "fixed_assets", "group_cap"
]
METHODS: tuple[Method, ...] = get_args(Method)


class MethodResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one method gives, in fen.

    `applies`: None where what decides that is not known. `amount` is None where it does not apply or cannot be
    computed; `reason` then says why. `figures`: inputs and steps by name, money in fen; in what: `figure_unit`.
    """

    method: Method
    applies: bool | None
    amount: int | None = None
    reason: Phrase | None = None
    figures: Mapping[str, Fact] = {}


class FinancingNeed(msgspec.Struct, frozen=True):
    """How much money is needed, in fen: all methods, and the one that set the amount.

    `amount` is None where no method gives more than 0: then a person looks at orders, season or plan.
    """

    amount: int | None
    binding: Method | None
    methods: tuple[MethodResult, ...]


FigureUnit = Literal["money", "share", "day", "number", "order", "loan"]
_UNITS: Mapping[str, FigureUnit] = {
    "margin": "share",
    "growth": "share",
    "sales_share": "share",
    "order_share": "share",
    "most_share": "share",
    "days_of_turn": "day",
    "season_days": "day",
    "year_ends": "number",
    "orders": "order",
    "not_proved": "order",
    "repaid_loans": "loan",
}


def figure_unit(name: str) -> FigureUnit:
    """In what an input or step of a method is told: shares and broken numbers as decimal text, all else in fen."""
    return _UNITS.get(name, "money")


def money(amount: Fraction) -> int:
    """Whole fen, rounded down."""
    return floor(amount)


def decimal(value: Fraction, places: int = 4) -> str:
    """A number as decimal text, rounded half to even."""
    scaled, rest = divmod(value.numerator * 10**places, value.denominator)
    if 2 * rest > value.denominator or (2 * rest == value.denominator and scaled % 2):
        scaled += 1
    sign, digits = "-" if scaled < 0 else "", str(abs(scaled)).rjust(places + 1, "0")
    text = f"{sign}{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
