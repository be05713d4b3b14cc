"""exp, log and log1p, correctly rounded: the float64 nearest to the true value, the same bits on every machine.

numpy and libm take other instructions on other processors and then differ in the last bit, so that an answer replayed
elsewhere would be another one. Here each result is first a sum of two floats with an error below 2⁻⁶⁷ (after Tang 1989
and Dekker 1971), made by additions and products alone, whose every bit IEEE 754 fixes. Where that sum lies too near to
the middle between two floats to tell which is nearer, as once in 8,000 values, decimal arithmetic decides.
"""

import math
from collections.abc import Callable
from decimal import Context, Decimal
from typing import NamedTuple, TypeAlias

import numpy as np

from features.arrays import Floats

Number: TypeAlias = float | Floats
"""One number or an array: both take the same steps, so that their bits are the same; few are faster one by one."""

SINGLY = 32
"""Up to so many values are computed one by one."""
DOUBT = 2.0**-66
"""The relative error of a sum of two floats is less than this."""
STEPS = 128
"""exp is tabled at every 128th of a doubling, log at every 128th."""
_SPLITTER = 2.0**27 + 1
_EXACT = Context(prec=60, Emax=999_999, Emin=-999_999, traps=[])
"""60 digits are more than any value needs: none lies nearer than 2⁻¹¹⁸ to a middle (Lefèvre and Muller 2001)."""


def exp(values: Floats) -> Floats:
    """The exponential of each value, in the shape of the values; infinite where it exceeds every float."""
    return _rounded(_EXP, values)


def log(values: Floats) -> Floats:
    """The natural logarithm of each value, in their shape; -infinite at 0, NaN below."""
    return _rounded(_LOG, values)


def log1p(values: Floats) -> Floats:
    """The natural logarithm of 1 + each value, in their shape; -infinite at -1, NaN below."""
    return _rounded(_LOG1P, values)


class _Table:
    """Numbers of which each is read as two floats, by places that are whole floats."""

    def __init__(self, values: list[Decimal]) -> None:
        self.pairs = [_two(value) for value in values]
        self.columns = np.array(self.pairs).T.copy()

    def __getitem__(self, place: Number) -> tuple[Number, Number]:
        if isinstance(place, float):
            return self.pairs[int(place)]
        high, low = self.columns[:, place.astype(np.intp)]
        return high, low


class _Function(NamedTuple):
    """A function as the sum of two floats times a power of two, for arguments of a closed range, and in decimals."""

    doubles: Callable[[Number], tuple[Number, Number, Number]]
    least: float
    most: float
    decimal: Callable[[Decimal], Decimal]


def _rounded(of: _Function, values: Floats) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    if values.size <= SINGLY:
        return np.array([_one(of, value) for value in values.ravel().tolist()]).reshape(values.shape)
    inside = (values >= of.least) & (values <= of.most)
    high, low, power = of.doubles(np.where(inside, values, 1.0))
    doubt = np.abs(high) * DOUBT
    up, down = high + (low + doubt), high + (low - doubt)
    found: Floats = np.ldexp(up, np.asarray(power, dtype=np.int32))
    for place in map(tuple, np.argwhere((up != down) | ~inside)):
        found[place] = _decided(of, float(values[place]))
    return found


def _one(of: _Function, value: float) -> float:
    if of.least <= value <= of.most:
        high, low, power = map(float, of.doubles(value))
        doubt = abs(high) * DOUBT
        up = high + (low + doubt)
        if up == high + (low - doubt):
            return math.ldexp(up, int(power))
    return _decided(of, value)


def _decided(of: _Function, value: float) -> float:
    return float(of.decimal(Decimal(value)))


def _exp(x: Number) -> tuple[Number, Number, Number]:
    """With x = n · ln 2 / 128 + rest: a tabled power of two times the exponential of the rest, at most 0.0028."""
    n = _nearest(x * _STEPS_IN_ONE)
    high, low = _sum(x - n * _LOG_STEP[0], n * -_LOG_STEP[1])
    low = low + high * high * _polynomial(high, _EXP_TERMS)
    power = _nearest((n - (STEPS - 1) / 2) / STEPS)
    two, lacking = _POWERS[n - power * STEPS]
    more, lost = _product(two, high)
    found, rest = _fast_sum(two, more)
    return *_fast_sum(found, rest + (lost + (lacking * (1.0 + high) + two * low))), power


def _log(x: Number) -> tuple[Number, Number, Number]:
    return _log_of(x, 0.0)


def _log1p(x: Number) -> tuple[Number, Number, Number]:
    return _log_of(*_sum(1.0, x))


def _log_of(x: Number, lacking: Number) -> tuple[Number, Number, Number]:
    """With x = 2ⁿ · part, and part times a tabled factor 1 + rest, of at most 0.006: the sum of three logarithms."""
    part, n = _parted(x)
    place = _nearest(part * STEPS) - _FIRST
    factor, _ = _FACTORS[place]
    high, low = _product(part, factor)
    high, low = _sum(high - 1.0, low + _scaled(lacking, -n) * factor)
    square, lost = _product(high, high)
    low = low * (1.0 - high + square) - 0.5 * lost + square * high * _polynomial(high, _LOG_TERMS)
    first, after_first = _sum(n * _LOG_TWO[0], _LOGS[place][0])
    second, after_second = _sum(first, high)
    third, after_third = _sum(second, -0.5 * square)
    small = n * _LOG_TWO[1] + _LOGS[place][1] + low
    return *_fast_sum(third, after_first + after_second + after_third + small), 0.0


def _polynomial(x: Number, terms: tuple[float, ...]) -> Number:
    """The sum of terms[n] · xⁿ."""
    found: Number = terms[-1]
    for term in reversed(terms[:-1]):
        found = term + x * found
    return found


def _sum(a: Number, b: Number) -> tuple[Number, Number]:
    """The sum as the nearest float and what it lacks, exactly (Knuth)."""
    found = a + b
    other = found - a
    return found, (a - (found - other)) + (b - other)


def _fast_sum(a: Number, b: Number) -> tuple[Number, Number]:
    """The same where the first is the larger one or zero."""
    found = a + b
    return found, b - (found - a)


def _product(a: Number, b: Number) -> tuple[Number, Number]:
    """The product as the nearest float and what it lacks, exactly (Veltkamp, Dekker)."""
    found = a * b
    wide_a, wide_b = a * _SPLITTER, b * _SPLITTER
    top_a, top_b = wide_a - (wide_a - a), wide_b - (wide_b - b)
    low_a, low_b = a - top_a, b - top_b
    return found, ((top_a * top_b - found) + top_a * low_b + low_a * top_b) + low_a * low_b


def _nearest(x: Number) -> Number:
    return float(round(x)) if isinstance(x, float) else np.rint(x)


def _scaled(x: Number, n: Number) -> Number:
    """The product of x and 2ⁿ."""
    return math.ldexp(x, int(n)) if isinstance(n, float) else np.ldexp(x, n.astype(np.int32))


def _parted(x: Number) -> tuple[Number, Number]:
    """Part and n of x = part · 2ⁿ, the part between √½ and √2."""
    if isinstance(x, float):
        part, n = math.frexp(x)
        return (2.0 * part, n - 1.0) if part < _ROOT_OF_HALF else (part, float(n))
    parts, powers = np.frexp(x)
    small = parts < _ROOT_OF_HALF
    return np.where(small, 2.0 * parts, parts), powers - small * 1.0


def _two(value: Decimal, bits: int = 53) -> tuple[float, float]:
    """A number as the sum of two floats; the first of so few bits that its product with a small number is exact."""
    unit = Decimal(2) ** (math.frexp(float(value))[1] - bits)
    high = _EXACT.multiply(round(value / unit), unit)
    return float(high), float(_EXACT.subtract(value, high))


_LN2 = Decimal(2).ln(_EXACT)
_ROOT_OF_HALF = math.sqrt(0.5)
_FIRST, _LAST = 90, 181
"""Whole numbers from 128 · √½ to 128 · √2."""
_STEPS_IN_ONE = float(STEPS / _LN2)
_LOG_STEP = _two(_LN2 / STEPS, 34)
_LOG_TWO = _two(_LN2, 42)
_POWERS = _Table([_EXACT.exp(_EXACT.multiply(_LN2, Decimal(n) / STEPS)) for n in range(STEPS)])
_FACTOR_OF = [Decimal(round(8 * STEPS * STEPS / n)) / (8 * STEPS) for n in range(_FIRST, _LAST + 1)]
"""About 128 / n for each n, of 11 bits, exactly 1 at 128."""
_FACTORS = _Table(_FACTOR_OF)
_LOGS = _Table([-_EXACT.ln(factor) for factor in _FACTOR_OF])
_EXP_TERMS = tuple(1 / math.factorial(n) for n in range(2, 9))
_LOG_TERMS = tuple((-1) ** n / (n + 1) for n in range(2, 12))
_EXP = _Function(_exp, -707.0, 709.0, _EXACT.exp)
_LOG = _Function(_log, 2.0**-1021, 2.0**1023, _EXACT.ln)
_LOG1P = _Function(_log1p, -1.0 + 2.0**-53, 2.0**1022, lambda told: _EXACT.ln(_EXACT.add(1, told)))
