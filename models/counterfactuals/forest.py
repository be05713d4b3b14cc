"""A model's leaves and splits as arrays, to ask which leaves an applicant's changed features can still reach."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from features.arrays import Bools, Floats, Ints
from models.shap.trees import Booster, Missing, Path, Split, paths

_ZERO = 1e-35  # within this LightGBM reads a number as zero


class Forest:
    """A model's leaves as arrays: which leaf takes which steps, and what each split asks."""

    def __init__(self, booster: Booster) -> None:
        leaves = [leaf for tree in paths(booster) for leaf in tree]
        self.splits: list[Split] = list(dict.fromkeys(step.split for leaf in leaves for step in leaf.steps))
        self.values = np.array([leaf.value for leaf in leaves], dtype=np.float64)
        self.step_leaf, self.step_split, self.step_right = self._steps(leaves)
        self.feature = np.array([split.feature for split in self.splits], dtype=np.int64)
        self._threshold = np.array([split.threshold for split in self.splits], dtype=np.float64)
        self._missing = np.array([split.missing for split in self.splits], dtype=np.int64)
        self._default_left = np.array([split.default_left for split in self.splits], dtype=bool)
        self._categories = np.flatnonzero(self._missing == Missing.CATEGORY)

    def _steps(self, leaves: Sequence[Path]) -> tuple[Ints, Ints, Bools]:
        number = {split: place for place, split in enumerate(self.splits)}
        rows = [(i, number[step.split], step.right) for i, leaf in enumerate(leaves) for step in leaf.steps]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2].astype(bool)

    @cached_property
    def thresholds(self) -> dict[int, Floats]:
        """The thresholds of the numerical splits of each feature, ascending."""
        found: dict[int, set[float]] = {}
        for split in self.splits:
            if split.missing != Missing.CATEGORY:
                found.setdefault(split.feature, set()).add(split.threshold)
        return {feature: np.array(sorted(values)) for feature, values in found.items()}

    def goes_right(self, splits: Ints, values: Floats) -> Bools:
        """Whether values go to the right of their splits, as LightGBM reads them.

        `values` is (splits, k): k values of each split's feature.
        """
        missing, mode = np.isnan(values), self._missing[splits][:, None]
        absent = missing | ((mode == Missing.ZERO) & (np.abs(values) <= _ZERO))
        right = np.where(missing, 0.0, values) > self._threshold[splits][:, None]
        right = np.where(absent & (mode != Missing.PLAIN), ~self._default_left[splits][:, None], right)
        for place in np.flatnonzero(np.isin(splits, self._categories)):
            right[place] = ~_among(self.splits[splits[place]].categories, values[place])
        return np.asarray(right, dtype=bool)


def _among(categories: Sequence[int], values: Floats) -> Bools:
    """Whether each value is one of the categories, given as bits of 32-bit words."""
    known = ~np.isnan(values) & (values > -1)
    code = np.where(known, values, 0).astype(np.int64)
    words = np.array([*categories, 0], dtype=np.int64)
    bits: Bools = words[np.minimum(code // 32, len(categories))] >> (code % 32) & 1 == 1
    return known & bits
