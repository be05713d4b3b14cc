"""Contributions as reasons: each with its points, what was observed, and what is usual in the baseline; no sentence.

All reasons of a list are measured from one baseline and compared with that baseline alone. Better or worse is said only
of a feature that declares which of more and less is a risk; where that would contradict the sign of the points, or too
few cases are known, no comparison is made.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from features.arrays import Floats, Ints
from features.matrix import named
from features.registry import Feature
from models.score.baselines import Measured, better
from models.score.kind import ModelKind
from models.score.reference_sample import Baseline
from models.words.formats import written_alike

PRINCIPAL = 4
"""How many reasons that lower the score come first."""
Relation = Literal["better", "worse", "above", "below", "equal"]


class Compared(msgspec.Struct, frozen=True):
    """What is usual among `n` cases of the baseline: a median, or the share of cases with yes, the same, or unknown.

    `relation`: how the observed value stands to it; what is written alike is equal.
    """

    of: Literal["median", "yes", "same", "unknown"]
    value: float
    relation: Relation
    n: int


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason of the score. The first four are the principal ones.

    `code`: what it is about. `points`: to a tenth, exactly. `observed`: None is *not known*, a category is its word.
    `better`: whether more or less of the feature is better, None where neither is sure. `compared_to`: None where no
    comparison is made.
    """

    feature: str
    code: str
    direction: Literal["raises", "lowers"]
    points: float
    observed: float | str | None
    better: Literal["more", "less"] | None = None
    compared_to: Compared | None = None


class Base(msgspec.Struct, frozen=True):
    """The baseline that the points of all reasons are measured from: base and reasons sum to the score exactly.

    `name`: `training`, or a group of the reference sample such as `sector:C39`, of `n` cases.
    """

    name: str
    n: int
    points: float


def base_of(measured: Measured) -> Base:
    """The baseline that a case was measured from."""
    return Base(measured.baseline.name, measured.baseline.cases, measured.base / 10)


def reasons_of(
    kind: ModelKind, names: tuple[str, ...], values: Floats, measured: Measured, least: int, most: int | None = None
) -> list[Reason]:
    """The reasons of one case: the principal ones first, then the rest by size; the first so many if `most` is given.

    `values` (f,) lie in the order of `names`; `least`: of how many cases a value must be known to be compared with. The
    principal reasons are the four that lower the score most; a feature that moved nothing is no reason.
    """
    moved, tenths = measured.moved.tolist(), measured.tenths.tolist()
    sides, seen = better(kind.name, names).tolist(), values.tolist()
    found = []
    for place in _order(measured.order, moved)[:most]:
        of = _Seen(named(names[place]), seen[place], sides[place])
        compared = None if measured.contradictory[place] else _compared(of, place, measured.baseline, least)
        found.append(_reason(of, moved[place] > 0, tenths[place], compared))
    return found


def _order(by_size: Ints, values: Sequence[float]) -> list[int]:
    order = [i for i in by_size.tolist() if values[i] != 0.0]
    first = [i for i in order if values[i] < 0][:PRINCIPAL]
    return first + [i for i in order if i not in first]


class _Seen(NamedTuple):
    """An observed value; `side`: +1 where more of the feature is better, -1 where less is, 0 where neither is sure."""

    feature: Feature
    value: float
    side: int


def _reason(of: _Seen, raises: bool, tenths: int, compared: Compared | None) -> Reason:
    return Reason(
        feature=of.feature.name,
        code=of.feature.reason,
        direction="raises" if raises else "lowers",
        points=tenths / 10,
        observed=observed(of.feature, of.value),
        better="more" if of.side > 0 else "less" if of.side < 0 else None,
        compared_to=compared,
    )


def _compared(of: _Seen, place: int, baseline: Baseline, least: int) -> Compared | None:
    """The value beside what is usual of the feature at that place; None where it is known of too few."""
    usual = baseline.usual[place]
    if not baseline.cases:  # a bundle made before reference samples were kept
        return None
    if math.isnan(of.value):
        return Compared("unknown", 1 - usual.known / baseline.cases, "equal", baseline.cases)
    if usual.known < least:
        return None
    if of.feature.categories:
        return Compared("same", usual.shares.get(int(of.value), 0.0), "equal", usual.known)
    kind: Literal["yes", "median"] = "yes" if of.feature.unit == "flag" else "median"
    return Compared(kind, usual.value, _relation(of, usual.value), usual.known)


def _relation(of: _Seen, usual: float) -> Relation:
    """How a value stands to a usual one; what is written alike is equal."""
    unit = of.feature.unit
    if of.value == usual or (unit != "flag" and written_alike(unit, of.value, usual)):
        return "equal"
    above = of.value > usual
    if of.side:
        return "better" if above == (of.side > 0) else "worse"
    return "above" if above else "below"


def observed(feature: Feature, value: float) -> float | str | None:
    """The value as an answer carries it: a category by its word, *not known* as None."""
    if math.isnan(value):
        return None
    if feature.categories:
        place = int(value)
        return feature.categories[place] if 0 <= place < len(feature.categories) else None
    return value
