"""Calendar arithmetic on columns of days: legal terms are calendar months and years, not multiples of 365.25 days."""

from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DAY_OF_1970 = date(1970, 1, 1).toordinal()
_DAYS, _MONTHS, _YEARS = (np.dtype(f"datetime64[{unit}]") for unit in "DMY")


def plus_months(days: Floats, months: Floats | float) -> Floats:
    """The same day of the month so many months later (earlier if negative), or that month's last day if it has none.

    Days are ordinals; NaN where the day or the number of months is not known.
    """
    known = ~np.isnan(days + months)
    if not known.all():
        found = np.where(known, days, _DAY_OF_1970)
        return np.where(known, plus_months(found, np.where(known, months, 0)), np.nan)
    day = days.astype(np.int64) - _DAY_OF_1970
    month = day.view(_DAYS).astype(_MONTHS).view(np.int64)
    target = month + (months.astype(np.int64) if isinstance(months, np.ndarray) else int(months))
    same_day = _first_day(target) + (day - _first_day(month))
    last_day = _first_day(target + 1) - 1
    return (np.minimum(same_day, last_day) + _DAY_OF_1970).astype(np.float64)


def _first_day(month: Ints) -> Ints:
    """The first day of each month; both are counted from January 1970."""
    return month.view(_MONTHS).astype(_DAYS).view(np.int64)


def year_of(days: Floats) -> Floats:
    """The calendar year of each day; NaN where it is not known."""
    return _since_1970(days, _YEARS) + 1970


def month_of(days: Floats) -> Floats:
    """The calendar month of each day, counted from January 1970; NaN where it is not known."""
    return _since_1970(days, _MONTHS)


def _since_1970(days: Floats, unit: "np.dtype[np.datetime64]") -> Floats:
    known = ~np.isnan(days)
    day = np.where(known, days, _DAY_OF_1970).astype(np.int64) - _DAY_OF_1970
    return np.where(known, day.view(_DAYS).astype(unit).view(np.int64), np.nan)


def whole_months(start: Floats, end: Floats) -> Floats:
    """How many whole months lie between two days; 0 where the end does not come later, NaN where one is not known."""
    months = month_of(end) - month_of(start)
    return np.maximum(months - (plus_months(start, months) > end), 0.0)


def months_begun(due: Floats, day: Floats) -> Floats:
    """In which month after a due day a day lies: 0 up to the due day, then 1, 2 and so on.

    The last day of a month belongs to it: a month after 3 June ends with 3 July. NaN where a day is not known.
    """
    return np.where(day > due, whole_months(due, day - 1) + 1, np.where(np.isnan(due), np.nan, 0.0))
