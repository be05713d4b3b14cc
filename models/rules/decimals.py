"""Fractions and floats as decimal text: what a phrase carries, since it holds no float."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import isnan

from features.arrays import Floats


def decimal_text(value: float | Fraction, places: int | None = None) -> str:
    """The number in plain decimals (`0.563`), as written or rounded to so many places."""
    number = float(value)
    return f"{Decimal(str(number if places is None else round(number, places))):f}"


def decimal_texts(numbers: Floats, places: int | None = None) -> Callable[[int], str | None]:
    """A column of numbers as facts; None where they are not known."""
    return lambda place: None if isnan(numbers[place]) else decimal_text(numbers[place], places)
