"""Calendar months: the same day, or the month's last."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from features.asof import Case, as_known
from features.days import plus_months, whole_months, year_of
from features.encoded import Tables
from features.norms import NO_NORMS
from features.patent_state import patent_state
from features.policy import shipped
from models.records.calendar import add_months
from models.records.calendar import whole_months as whole_months_of_dates
from tests.builders import DAY, FIRM, told

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


DATES = st.dates(date(1994, 1, 1), date(2026, 10, 30))


def ordinals(*of: date) -> Floats:
    """Days as a column of numbers."""
    return np.array([day.toordinal() for day in of], dtype=np.float64)


@given(st.lists(st.tuples(DATES, DATES), min_size=1, max_size=9))
def test_whole_months_of_columns_are_those_of_dates(pairs: list[tuple[date, date]]) -> None:
    """Whole months between columns of days are those between the days one by one."""
    starts, ends = zip(*pairs, strict=True)
    assert whole_months(ordinals(*starts), ordinals(*ends)).tolist() == [whole_months_of_dates(*p) for p in pairs]


@settings(deadline=None)
@given(DATES, DATES | st.just(date(2024, 2, 29)), st.sampled_from(("invention", "utility_model", "design")))
def test_a_fee_falls_due_on_the_first_anniversary_that_is_not_paid(filed: date, paid_to: date, kind: str) -> None:
    """The due day is the first anniversary on or after the day paid to, grace ends six months later; by law's terms."""
    row = {"patent": "CN1", "kind": kind, "filed_on": filed, "fees_paid_to": paid_to}
    found = patent_state(
        as_known(Tables.from_rows(told({"patents": [row]})), [Case("c", FIRM, DAY)], NO_NORMS, shipped())
    )
    due = next(d for d in (add_months(filed, 12 * n) for n in range(60)) if d >= paid_to)
    assert found.annual_fees.due.tolist() == [due.toordinal()]
    assert found.annual_fees.grace_ends.tolist() == [add_months(due, 6).toordinal()]
    years = shipped()(f"patent_terms.{kind}").on(filed)
    assert found.last_day.tolist() == [add_months(filed, 12 * years).toordinal() - 1]
