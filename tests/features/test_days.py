"""Calendar months: the same day, or the month's last."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.days import plus_months, year_of

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def later(day: date, months: float) -> date:
    """One day so many months later."""
    return date.fromordinal(int(plus_months(np.array([float(day.toordinal())]), months)[0]))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2017, 9, 6), 120, date(2027, 9, 6)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(1968, 2, 29), 12, date(1969, 2, 28)),
    ],
)
def test_worked(day: date, months: int, expected: date) -> None:
    """Anniversaries, the leap day, month ends and days before 1970."""
    assert later(day, months) == expected


@given(DAYS, st.integers(-600, 600))
def test_month_and_day(day: date, months: int) -> None:
    """The month is that many months on; the day is the same, or smaller where the month is too short."""
    found = later(day, months)
    assert found.year * 12 + found.month == day.year * 12 + day.month + months
    assert found.day == day.day or (found.day < day.day and later(found, 0).replace(day=1) <= found)
    assert year_of(np.array([float(found.toordinal())]))[0] == found.year


def test_not_known_stays_not_known() -> None:
    """A day or a number of months that is not known leads to no day."""
    day = float(date(2026, 1, 1).toordinal())
    assert np.isnan(plus_months(np.array([np.nan, day]), np.array([12.0, np.nan]))).all()
    assert np.isnan(year_of(np.array([np.nan]))).all()
