"""Fractions and floats as decimal text: what a phrase carries, since it holds no float."""

from decimal import Decimal
from fractions import Fraction


def decimal_text(value: float | Fraction, places: int | None = None) -> str:
    """The number in plain decimals (`0.563`), as written or rounded to so many places."""
    number = float(value)
    return f"{Decimal(str(number if places is None else round(number, places))):f}"
