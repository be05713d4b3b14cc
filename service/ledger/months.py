"""Days and months of the ledger's zone, as spans of the times that entries carry; of form 1, those of UTC."""

from datetime import date, datetime, time, timedelta, tzinfo

from service.ledger.canonical import time_text

IN_UTC = "-utc"
"""Ends the name of the month in UTC that an opening entry closed."""


def month_of(at: str, zone: tzinfo) -> str:
    """The month of an entry's time in the zone: YYYY-MM."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m")


def minute_of(at: str, zone: tzinfo) -> str:
    """An entry's time as the clock in the zone showed it, to the minute."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def span(period: str, zone: tzinfo) -> tuple[str, str]:
    """From which time of an entry on a month (YYYY-MM) or a day (YYYY-MM-DD) lasts in the zone, and until before which.

    Raises `ValueError` for a text that is neither.
    """
    first = date.fromisoformat(period if len(period) > 7 else f"{period}-01")
    after = first + timedelta(days=1) if len(period) > 7 else (first + timedelta(days=31)).replace(day=1)
    return _begins(first, zone), _begins(after, zone)


def offset_text(zone: tzinfo) -> str:
    """A zone as its offset from UTC: `+08:00`."""
    text = datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def _begins(day: date, zone: tzinfo) -> str:
    return time_text(datetime.combine(day, time(), zone))
