"""exp, log and log1p are the float nearest to the true value, one by one and in columns, and without libm."""

from collections.abc import Callable
from decimal import Context, Decimal

import numpy as np
import pytest

from features import elementary
from features.arrays import Floats
from features.elementary import exp, log, log1p

DIGITS = Context(prec=50, Emax=999_999, Emin=-999_999, traps=[])
MORE = Context(prec=400, Emax=999_999, Emin=-999_999, traps=[])
"""So many digits that 1 + any float of these tests is exact."""
CASES = 34_000


def _exponents(chance: np.random.Generator) -> Floats:
    """Arguments of exp: usual, wide, small, and those whose result lies just beside the middle of two floats."""
    middles = 1 + (2 * chance.integers(1, 2**20, 2_000) + 1) * 2.0**-53
    hard = [float(DIGITS.ln(Decimal(1) + Decimal(int(n)) * Decimal(2) ** -53)) for n in (middles - 1) * 2**53]
    return np.concatenate(
        [chance.normal(0, 3, CASES - 12_000), chance.uniform(-745, 709.7, 8_000), chance.normal(0, 1e-9, 2_000), hard]
    )


def _positive(chance: np.random.Generator) -> Floats:
    """Arguments of log: of every size, near 1, and those whose result lies just beside the middle of two floats."""
    middles = chance.uniform(300, 700, 2_000)
    middles += np.spacing(middles) / 2
    hard = [float(DIGITS.exp(Decimal(m) + Decimal(float(np.spacing(m))) / 2)) for m in middles]
    return np.concatenate(
        [
            np.exp(chance.normal(0, 3, CASES - 12_000)),
            np.ldexp(chance.uniform(0.5, 1, 6_000), chance.integers(-1074, 1024, 6_000).astype(np.int32)),
            1 + chance.normal(0, 1e-3, 4_000),
            hard,
        ]
    )


def _beside_one(chance: np.random.Generator) -> Floats:
    """Arguments of log1p: the exponentials that a softplus takes, small ones of both signs, and large ones."""
    small = np.ldexp(chance.uniform(-1, 1, 6_000), chance.integers(-120, 0, 6_000).astype(np.int32))
    large = np.exp(chance.uniform(0, 700, 2_000))
    return np.concatenate([np.exp(-np.exp(chance.normal(0, 1.5, CASES - 8_000))), small, large])


ALL: dict[str, tuple[Callable[[Floats], Floats], Callable[[np.random.Generator], Floats], Callable[[str], Decimal]]] = {
    "exp": (exp, _exponents, DIGITS.exp),
    "log": (log, _positive, DIGITS.ln),
    "log1p": (log1p, _beside_one, lambda value: DIGITS.ln(MORE.add(1, value))),
}


@pytest.mark.parametrize("name", ALL)
def test_every_value_is_the_nearest_float(name: str) -> None:
    """Of 102,000 arguments, hard ones among them, none is a bit off what 50 digits say, alone or in a column."""
    function, arguments, digits = ALL[name]
    values = arguments(np.random.default_rng(2026))
    found = function(values)
    true = np.array([float(digits(Decimal(value))) for value in values.tolist()])
    assert values[found != true].tolist() == []
    few = values[::97]
    assert [float(function(np.array(value))) for value in few.tolist()] == function(few).tolist() == true[::97].tolist()


def test_ends_of_the_range() -> None:
    """Not a number stays that, what is too large is infinite, what is too small is 0, and 0 has no logarithm."""
    ends = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 710.0, -746.0, 5e-324, -1.0, -2.0])
    for values in (ends, np.resize(ends, 100)):
        for ours, theirs in ((exp, np.exp), (log, np.log), (log1p, np.log1p)):
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(ours(values), theirs(values))


def test_shape_is_kept() -> None:
    """A number, a row, a table and nothing come back in their shape."""
    for shape in ((), (3,), (2, 3), (0,), (40, 2)):
        assert exp(np.zeros(shape)).shape == log(np.ones(shape)).shape == log1p(np.zeros(shape)).shape == shape


def test_nothing_is_asked_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transcendental function of numpy or libm has a part in it, so that no processor can change a bit."""
    values = np.linspace(0.1, 5, 100)
    before = [function(values) for function in (exp, log, log1p)]
    for name in ("exp", "log", "log1p", "expm1", "exp2", "log2", "power"):
        monkeypatch.delattr(np, name)
    for name in ("exp", "log", "log1p", "expm1", "pow", "log2"):
        monkeypatch.delattr(elementary.math, name)
    for function, expected in zip((exp, log, log1p), before, strict=True):
        assert function(values).tobytes() == expected.tobytes()
        assert function(values[:3]).tobytes() == expected[:3].tobytes()
