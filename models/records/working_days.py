"""When something falls due: periods in working days, natural days or months, by the calendar that policy states.

The day from which a period runs is not counted. A period in natural days or months that ends on a day off moves to the
next working day. A year that is not published yet follows the week, and what falls due in it is provisional.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

import msgspec

from features.policy import Policy
from models.records.calendar import add_months

CALENDAR = "calendar.years"
_SATURDAY = 5


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many working days, natural days or months."""

    n: int
    unit: Literal["working", "natural", "month"]


class DueDay(NamedTuple):
    """A day until the end of which something is in time; `provisional`: its year's calendar is not published yet."""

    day: date
    provisional: bool


class WorkingDays:
    """The working days as policy knows them on a day."""

    def __init__(self, policy: Policy, today: date) -> None:
        years: Mapping[str, Mapping[str, list[str]]] = policy(CALENDAR).on(today)
        self.known = frozenset(map(int, years))
        self._rest = _days(years, "rest")
        self._worked = _days(years, "worked")

    def is_working(self, day: date) -> bool:
        """Whether the day is worked; of a year that is not published, by the week."""
        return day in self._worked or (day.weekday() < _SATURDAY and day not in self._rest)

    def due(self, since: date, period: Period) -> DueDay:
        """The last day of a period that runs from a day."""
        match period.unit:
            case "working":
                end = self._working(since, period.n)
            case "natural":
                end = self._moved(since + timedelta(days=period.n))
            case "month":
                end = self._moved(add_months(since, period.n))
        return DueDay(end, not self.known.issuperset(range(since.year, end.year + 1)))

    def on(self, day: date) -> DueDay:
        """A day that is given, moved to the next working day where it is off."""
        return DueDay(found := self._moved(day), found.year not in self.known)

    def _working(self, since: date, n: int) -> date:
        day = since
        for _ in range(n):
            day = self._moved(day + timedelta(days=1))
        return day

    def _moved(self, day: date) -> date:
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


def _days(years: Mapping[str, Mapping[str, list[str]]], which: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"{year}-{day}") for year, told in years.items() for day in told[which])
