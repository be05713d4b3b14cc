"""Numbers with right check digits, made by the million: credit codes of firms and application numbers of patents."""

import numpy as np
import polars as pl

from features.arrays import Ints

_USCC = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_PATENT_WEIGHTS = np.array([2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5])
_SPREAD, _BODIES = 396_543_091, 31**6
"""Neighbouring firms get codes far apart: the factor shares no divisor with the number of bodies (a power of 31)."""
_BODY_START = "XX"
"""No real organisation code is known to begin so."""


def firm_keys(regions: Ints, first: int = 0) -> pl.Series:
    """Keys `uscc:…` of firms number `first`, `first + 1`, … first registered in six-digit `regions`; all different.

    The code is 91 (a company), the region, an organisation code with its check digit, and the code's own check digit.
    """
    numbers = (np.arange(first, first + len(regions)) * _SPREAD + 7) % _BODIES
    org = np.empty((len(regions), 8), dtype=np.int64)
    org[:, :2] = [_value(letter) for letter in _BODY_START]
    for place in range(6):
        org[:, 7 - place] = numbers // 31**place % 31
    digits = np.empty((len(regions), 18), dtype=np.int64)
    digits[:, 0], digits[:, 1] = 9, 1
    for place in range(6):
        digits[:, 7 - place] = regions // 10**place % 10
    digits[:, 8:16] = org
    digits[:, 16] = _org_check(org)
    digits[:, 17] = -(digits[:, :17] @ _USCC_WEIGHTS) % 31
    letters = _USCC[digits]
    codes = np.ascontiguousarray(letters).view(f"U{letters.shape[1]}").ravel()
    return pl.Series("firm", np.char.add("uscc:", codes))


def _value(letter: str) -> int:
    return int(np.flatnonzero(letter == _USCC)[0])


def _org_check(org: Ints) -> Ints:
    """The organisation code's check digit, whose letters count as in 0-9A-Z: X stands for ten."""
    plain = np.array([int(str(letter), 36) for letter in _USCC])
    check = (11 - plain[org] @ _ORG_WEIGHTS % 11) % 11
    return np.where(check == 10, _value("X"), check)


def patent_numbers(year: Ints, type_digit: Ints, serial: Ints) -> pl.Series:
    """Numbers like CN201910561574.9 from the year, the type digit (1, 2, 3) and a serial number below ten million."""
    digits = np.empty((len(year), 12), dtype=np.int64)
    for place in range(4):
        digits[:, 3 - place] = year // 10**place % 10
    digits[:, 4] = type_digit
    for place in range(7):
        digits[:, 11 - place] = serial // 10**place % 10
    check = digits @ _PATENT_WEIGHTS % 11
    whole = (year * 10 + type_digit) * 10**7 + serial
    marks = pl.Series(list("0123456789X"))
    return pl.select(
        pl.concat_str(pl.lit("CN"), pl.Series(whole).cast(pl.String), pl.lit("."), marks.gather(check)).alias("patent")
    ).to_series()
