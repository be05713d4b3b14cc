"""Gauss-Legendre nodes and weights on [0, 1], the same to the last bit on every machine.

Libraries take them from an eigenvalue solver, whose last bits differ by processor; Newton's method in decimals is sure.
"""

import math
from decimal import Decimal, localcontext
from functools import cache

DIGITS = 40
STEPS = 8
"""Newton doubles the correct digits at each step, from the two that the starting point has."""


@cache
def rule(nodes: int) -> tuple[tuple[float, float], ...]:
    """(node, weight) pairs that integrate polynomials of degree up to 2 × nodes − 1 over [0, 1] exactly."""
    with localcontext() as context:
        context.prec = DIGITS
        return tuple(_pair(nodes, place) for place in range(nodes))


def _pair(nodes: int, place: int) -> tuple[float, float]:
    x = Decimal(math.cos(math.pi * (place + 0.75) / (nodes + 0.5)))
    for _ in range(STEPS):
        value, slope = _legendre(nodes, x)
        x -= value / slope
    _, slope = _legendre(nodes, x)
    return float((1 + x) / 2), float(1 / ((1 - x * x) * slope * slope))


def _legendre(degree: int, x: Decimal) -> tuple[Decimal, Decimal]:
    """Legendre's polynomial of that degree at x, and its slope there."""
    before, value = Decimal(1), x
    for k in range(2, degree + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, degree * (x * value - before) / (x * x - 1)
