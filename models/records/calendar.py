"""Legal terms are calendar months and years, never days divided by 365.25."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later (or earlier), or that month's last day where it is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if day.day <= 28:  # every month has it
        return date(year, month, day.day)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def whole_months(start: date, end: date) -> int:
    """How many whole months lie between two days; 0 where the end does not come later."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months - (add_months(start, months) > end))
