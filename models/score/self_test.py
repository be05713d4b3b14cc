"""The self-test: real cases that a bundle carries and must answer bit for bit from raw rows before it may serve.

It goes the whole way: rows, what was known, features, margin, contributions, probability, points. So whatever changed
underneath (a feature, a library, a processor) is noticed before an answer leaves, and the refusal names it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec
import numpy as np

from features.arrays import Floats, Ints
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.matrix import matrix
from features.norms import Norms
from features.policy import Parameter, Policy
from features.schema import Row
from features.tables import TABLES
from models.score.scale import Calibration, Scale, probability
from models.shap.bits import digits
from models.shap.contributions import explain
from models.shap.trees import Booster

RawRows = dict[str, list[Row]]
"""Rows of raw tables by table name, days as `datetime.date`."""


@dataclass(frozen=True)
class Trees:
    """What turns a feature matrix into an answer: the part of a bundle that the self-test covers."""

    booster: Booster
    features: tuple[str, ...]
    calibration: Calibration
    scale: Scale
    norms: Norms


@dataclass(frozen=True)
class Worked:
    """Every number on the way from margin to score: one row per case."""

    matrix: Floats
    margin: Floats
    contributions: Floats
    base: float
    log_odds: Floats
    probability: Floats
    points: Floats


def work(trees: Trees, numbers: Floats) -> Worked:
    """The answer in numbers to an (n, f) feature matrix."""
    margin, contributions, base = explain(trees.booster, numbers)
    log_odds = trees.calibration.log_odds(margin)
    return Worked(numbers, margin, contributions, base, log_odds, probability(log_odds), trees.scale.points(log_odds))


@dataclass(frozen=True)
class SelfTest:
    """Cases, the raw rows of their firms, and the expected numbers as 16 hex digits, a list over the cases each."""

    cases: tuple[Case, ...]
    rows: RawRows
    features: dict[str, list[str]]
    contributions: dict[str, list[str]]
    results: dict[str, list[str]]

    def to_json(self) -> dict[str, object]:
        """Plain JSON values, days as text."""
        rows = {
            table: [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in rows]
            for table, rows in self.rows.items()
        }
        cases = [vars(c) | {"as_of": c.as_of.isoformat()} for c in self.cases]
        return {
            "cases": cases,
            "rows": rows,
            "features": self.features,
            "contributions": self.contributions,
            "results": self.results,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> "SelfTest":
        """The self-test as `to_json` wrote it."""
        read = msgspec.convert(told, cls)
        return replace(read, rows={name: [_typed(name, row) for row in rows] for name, rows in read.rows.items()})


def _typed(table: str, row: Row) -> Row:
    columns = TABLES[table].columns
    return {k: date.fromisoformat(v) if columns[k].kind == "day" and v is not None else v for k, v in row.items()}


@dataclass(frozen=True)
class ReadPolicy(Policy):
    """A policy that remembers the names of the parameters that were asked for."""

    asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, policy: Policy) -> "ReadPolicy":
        """The same policy, remembering."""
        return cls(policy.parameters, policy.overrides)

    def __call__(self, name: str) -> Parameter:
        """The parameter of that name, which is remembered. Raises `PolicyError`."""
        self.asked.add(name)
        return super().__call__(name)


def sit(cases: Sequence[Case], rows: RawRows, trees: Trees, policy: Policy) -> SelfTest:
    """The self-test with the answers that are given now."""
    known = as_known(Tables.from_rows(rows), cases, trees.norms, policy)
    worked = work(trees, _numbers(known, trees))
    return SelfTest(
        tuple(cases),
        rows,
        _columns(trees.features, worked.matrix),
        _columns(trees.features, worked.contributions),
        {name: _digits(getattr(worked, name)) for name in ("margin", "probability", "points")}
        | {"base": [digits(worked.base)] * len(cases)},
    )


def _numbers(known: Known, trees: Trees) -> Floats:
    return matrix(known, trees.features)


def _columns(names: Iterable[str], numbers: Floats) -> dict[str, list[str]]:
    return {name: _digits(numbers[:, place]) for place, name in enumerate(names)}


def _digits(values: Floats) -> list[str]:
    return [digits(float(v)) for v in values]


def differences(self_test: SelfTest, again: SelfTest) -> list[str]:
    """What is not the same to the last bit, the features first, because all else follows from them."""
    return [
        f"{what} {name} of case {case.case}"
        for what, part in (("feature", "features"), ("contribution of", "contributions"), ("result", "results"))
        for name, expected in getattr(self_test, part).items()
        for case, one, other in zip(self_test.cases, expected, getattr(again, part)[name], strict=True)
        if one != other
    ]


def choose(numbers: Floats, margin: Floats, most: int = 24) -> Ints:
    """Row numbers of the cases to examine, out of an (n, f) matrix and its margins, in order.

    Every feature is not missing in one of them, other than 0 in one and missing in one, where the data allow; the least
    risky, the middle and the most risky case are among them.
    """
    told = np.hstack([~np.isnan(numbers), np.nan_to_num(numbers) != 0.0, np.isnan(numbers)])
    order = np.argsort(margin, kind="stable")
    chosen = {int(order[0]), int(order[len(order) // 2]), int(order[-1])}
    open_ = told.any(axis=0) & ~told[sorted(chosen)].any(axis=0)
    while open_.any() and len(chosen) < most:
        best = int(np.argmax(told[:, open_].sum(axis=1)))
        chosen.add(best)
        open_ &= ~told[best]
    # What the greedy choice left over: first a value, then one that is not 0, then its absence.
    for column in np.flatnonzero(open_):
        chosen.add(int(np.argmax(told[:, column])))
    return np.array(sorted(chosen), dtype=np.int64)
