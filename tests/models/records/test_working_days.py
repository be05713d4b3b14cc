"""Due days by the calendar of the State Council: holidays, worked weekends, and years that are not published yet."""

from datetime import date

import pytest

from features.policy import shipped
from models.records.working_days import DueDay, Period, WorkingDays

TODAY = date(2026, 9, 24)
CALENDAR = WorkingDays(shipped(), TODAY)


@pytest.mark.parametrize(
    ("since", "n", "end"),
    [
        ("2026-09-24", 10, "2026-10-15"),  # over Mid-Autumn and National Day; Saturday 10-10 is worked
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before the Spring Festival is worked
        ("2026-02-14", 1, "2026-02-24"),  # nine days off
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-04-30", 3, "2026-05-08"),  # Labour Day, with 05-09 worked after it
        ("2026-09-18", 1, "2026-09-20"),  # a worked Sunday
        ("2026-01-01", 1, "2026-01-04"),
    ],
)
def test_working_days_go_over_holidays(since: str, n: int, end: str) -> None:
    """The day from which the period runs is not counted."""
    due = CALENDAR.due(date.fromisoformat(since), Period(n, "working"))
    assert due == DueDay(date.fromisoformat(end), provisional=False)


@pytest.mark.parametrize(
    ("since", "period", "end", "provisional"),
    [
        ("2026-09-16", Period(15, "natural"), "2026-10-08", False),  # ends on National Day
        ("2026-11-20", Period(15, "natural"), "2026-12-07", False),  # ends on a Saturday
        ("2026-11-19", Period(15, "natural"), "2026-12-04", False),
        ("2026-06-30", Period(3, "month"), "2026-09-30", False),
        ("2026-08-31", Period(6, "month"), "2027-03-01", True),  # the month's last day, a Sunday
        ("2026-12-30", Period(5, "working"), "2027-01-06", True),
    ],
)
def test_other_periods_end_on_a_working_day(since: str, period: Period, end: str, provisional: bool) -> None:
    """One that ends on a day off moves on; one that reaches a year that is not published is provisional."""
    assert CALENDAR.due(date.fromisoformat(since), period) == DueDay(date.fromisoformat(end), provisional)


def test_a_given_day_moves_to_the_next_that_is_worked() -> None:
    """A fee day in the holidays is due behind them."""
    assert CALENDAR.on(date(2026, 10, 3)) == DueDay(date(2026, 10, 8), provisional=False)
    assert CALENDAR.on(date(2027, 5, 3)).provisional
