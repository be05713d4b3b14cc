"""The arrays that columns are: numbers, codes and flags, one entry per row."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Numbers, days (as `datetime.date.toordinal` counts) and flags (1 or 0); NaN is *not known*."""
Ints = npt.NDArray[np.int64]
"""Whole numbers, and codes of choices and texts; -1 is *not known*."""
Bools = npt.NDArray[np.bool_]
Encoded = Floats | Ints
"""A column of a table: numbers or codes."""

Places: TypeAlias = "slice[int, int, int]"
"""Neighbouring rows."""

NOT_KNOWN = -1


def not_known(size: int) -> Floats:
    """So many numbers that are not known; `numpy.full` takes three times as long for few."""
    found = np.empty(size)
    found.fill(np.nan)
    return found


def run_ends(*keys: Encoded) -> Bools:
    """Marks the last row of each run of rows that are alike in all keys; rows not known are alike."""
    ends = np.ones(len(keys[0]), dtype=bool)
    if len(ends) > 1:
        same = _equal(keys[0][1:], keys[0][:-1])
        for key in keys[1:]:
            same &= _equal(key[1:], key[:-1])
        np.logical_not(same, out=ends[:-1])
    return ends


def _equal(a: Encoded, b: Encoded) -> Bools:
    same: Bools = a == b
    if a.dtype == np.float64:
        same |= np.isnan(a) & np.isnan(b)
    return same
