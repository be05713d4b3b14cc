"""Numbers as they are written: what policy or a person states in decimals is compared and multiplied exactly."""

from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=4096)
def exactly(number: float) -> Fraction:
    """A number as it is written in decimals: 0.3 is three tenths, and not the nearest binary number."""
    return Fraction(str(number))
