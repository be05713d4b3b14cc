"""Calendar arithmetic on columns of days: legal terms are calendar months and years, not multiples of 365.25 days."""

from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DAY_OF_1970 = date(1970, 1, 1).toordinal()


def plus_months(days: Floats, months: Floats | float) -> Floats:
    """The same day of the month so many months later (earlier if negative), or that month's last day if it has none.

    Days are ordinals; NaN where the day or the number of months is not known.
    """
    months = np.asarray(months, dtype=np.float64)
    known = ~(np.isnan(days) | np.isnan(months))
    day = (np.where(known, days, _DAY_OF_1970).astype(np.int64) - _DAY_OF_1970).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    target = month + np.where(known, months, 0).astype("timedelta64[M]")
    same_day = target.astype("datetime64[D]") + (day - month)
    last_day = (target + 1).astype("datetime64[D]") - 1
    return np.where(known, np.minimum(same_day, last_day).astype(np.int64) + _DAY_OF_1970, np.nan)


def year_of(days: Floats) -> Floats:
    """The calendar year of each day; NaN where it is not known."""
    return _since_1970(days, "datetime64[Y]") + 1970


def month_of(days: Floats) -> Floats:
    """The calendar month of each day, counted from January 1970; NaN where it is not known."""
    return _since_1970(days, "datetime64[M]")


def _since_1970(days: Floats, unit: str) -> Floats:
    known = ~np.isnan(days)
    day = (np.where(known, days, _DAY_OF_1970).astype(np.int64) - _DAY_OF_1970).astype("datetime64[D]")
    return np.where(known, day.astype(unit).astype(np.int64), np.nan)


def whole_months(start: Floats, end: Floats) -> Floats:
    """How many whole months lie between two days; 0 where the end does not come later, NaN where one is not known."""
    months = month_of(end) - month_of(start)
    return np.maximum(months - (plus_months(start, months) > end), 0.0)


def months_begun(due: Floats, day: Floats) -> Floats:
    """In which month after a due day a day lies: 0 up to the due day, then 1, 2 and so on.

    The last day of a month belongs to it: a month after 3 June ends with 3 July. NaN where a day is not known.
    """
    return np.where(day > due, whole_months(due, day - 1) + 1, np.where(np.isnan(due), np.nan, 0.0))
