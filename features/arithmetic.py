"""Arithmetic of features, in which not known stays not known and nothing divides by zero."""

import numpy as np

from features.arrays import Bools, Encoded, Floats, not_known


def over(part: Floats, whole: Floats) -> Floats:
    """`part / whole`; NaN where either is not known or the whole is zero."""
    found = not_known(len(part))
    np.divide(part, whole, out=found, where=whole != 0)
    return found


def over_positive(part: Floats, whole: Floats) -> Floats:
    """`part / whole` where the whole is above zero, else NaN: a ratio to a loss or a deficit has no meaning."""
    found = not_known(len(part))
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def or_nothing(values: Floats) -> Floats:
    """The values, 0 where they are not known."""
    return np.where(np.isnan(values), 0.0, values)


def one_of(values: Floats, *wanted: float) -> Bools:
    """Whether each value is one of those wanted; `numpy.isin` takes ten times as long for few."""
    found: Bools = values == wanted[0]
    for one in wanted[1:]:
        found |= values == one
    return found


def growth(now: Floats, before: Floats) -> Floats:
    """`now / before - 1` where `before` is above zero, else NaN."""
    return over_positive(now, before) - 1


def only(where: Bools, values: Encoded | Bools) -> Floats:
    """The values as numbers where the condition holds, else NaN."""
    return np.where(where, values.astype(np.float64), np.nan)


def either(first: Floats, second: Floats) -> Floats:
    """The first value, or the second where the first is not known."""
    return np.where(np.isnan(first), second, first)
