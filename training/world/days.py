"""Days as whole numbers since 1970-01-01, with calendar months added to many at once."""

from datetime import date

import numpy as np
import numpy.typing as npt

from features.arrays import Ints

NEVER = np.iinfo(np.int64).min
"""Stands for *no such day* and for any whole number that is not told."""

_EPOCH = date(1970, 1, 1).toordinal()


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    """One day as a number."""
    return date(year, month, of_month).toordinal() - _EPOCH


def as_date(number: int) -> date:
    """The calendar day of a number."""
    return date.fromordinal(int(number) + _EPOCH)


def add_months(days: Ints, months: Ints | int) -> Ints:
    """The same day of the month so many months later, or that month's last day where it is shorter."""
    month, place = _month_and_place(days)
    target = month + months
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    found: Ints = first + np.minimum(place, length - 1)
    return found


def month_end(days: Ints) -> Ints:
    """The last day of each day's month."""
    month, _ = _month_and_place(days)
    return (month + 1).astype("datetime64[D]").astype(np.int64) - 1


def year_of(days: Ints) -> Ints:
    """The calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def months_since_1970(days: Ints) -> Ints:
    """The number of whole calendar months before each day's month."""
    return _month_and_place(days)[0].astype(np.int64)


def _month_and_place(days: Ints) -> tuple[npt.NDArray[np.datetime64], Ints]:
    moment = np.asarray(days, dtype=np.int64).astype("datetime64[D]")
    month = moment.astype("datetime64[M]")
    return month, (moment - month.astype("datetime64[D]")).astype(np.int64)
