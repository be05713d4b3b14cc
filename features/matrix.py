"""From rows to numbers: the only road, for one applicant as for a nation."""

from collections.abc import Sequence

import numpy as np

import features.catalogue  # noqa: F401  (importing it enters every feature)
from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.errors import PledgeScoreError
from features.measures import measure_feature
from features.norms import Norms
from features.policy import Policy
from features.registry import CATALOGUE, Feature


class UnknownFeature(PledgeScoreError):
    """A plan or a bundle names a feature that this version does not know."""


def named(name: str) -> Feature:
    """The feature of that name; `measure:NAME` is the latest value of a measure.

    Raises `UnknownFeature`.
    """
    found = CATALOGUE.get(name)
    if found is not None:
        return found
    if name.startswith("measure:"):
        return measure_feature(name.removeprefix("measure:"))
    raise UnknownFeature("unknown_feature", feature=name)


def build(cases: Sequence[Case], tables: Tables, names: Sequence[str], norms: Norms, policy: Policy) -> Floats:
    """The feature matrix: float64, one row per case, one column per name; NaN is *not known*."""
    return matrix(as_known(tables, cases, norms, policy), names)


def matrix(known: Known, names: Sequence[str]) -> Floats:
    """The feature matrix of what is known, for a caller that needs the rows as well.

    Columns are contiguous (one feature after the other), because that is how they are made and explained.
    """
    columns = np.empty((len(names), len(known)), dtype=np.float64)
    for place, name in enumerate(names):
        columns[place] = named(name).compute(known)
    return columns.T
