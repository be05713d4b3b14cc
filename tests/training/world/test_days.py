"""Calendar months added to days as numbers."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.days import plus_months
from training.world.days import add_months, as_date, day, month_end, year_of


def test_the_last_day_of_a_short_month_stands_in() -> None:
    """A month after 31 January is the last of February."""
    assert as_date(add_months(np.array([day(2020, 1, 31)]), 1)[0]) == date(2020, 2, 29)


def test_the_end_of_a_month_is_in_the_month() -> None:
    """Also in December."""
    assert as_date(month_end(np.array([day(2021, 12, 5)]))[0]) == date(2021, 12, 31)
    assert year_of(np.array([day(1969, 12, 31)]))[0] == 1969


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(-200, 400))
def test_months_are_added_as_features_add_them(start: date, months: int) -> None:
    """The world counts legal terms as the product does."""
    ours = as_date(add_months(np.array([day(start.year, start.month, start.day)]), months)[0])
    assert ours.toordinal() == plus_months(np.array([float(start.toordinal())]), float(months))[0]
