"""Certificates of official titles: the latest of a kind, its last valid day, and whether it is held on the day."""

from datetime import date

from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.records.columns import Record


def last_valid_day(a: Applicant, row: Record) -> date | None:
    """The certificate's last day: as stated, else by the usual validity of its kind; None where neither is known."""
    if row.valid_until is not None:
        return row.valid_until  # type: ignore[no-any-return]
    months = a.value("title_validity.months").get(row.title)
    return date.fromordinal(add_months(row.issued_on, months).toordinal() - 1) if months is not None else None


def certificate(a: Applicant, title: str) -> Record | None:
    """The latest certificate of the kind."""
    rows = [r for r in a.rows("titles") if r.title == title and r.issued_on <= a.as_of]
    return rows[-1] if rows else None


def held(a: Applicant, title: str) -> bool | None:
    """Whether a certificate of the kind is held on the day; None where the authority's list was not asked."""
    row = certificate(a, title)
    if row is None:
        return False if a.asked("titles") else None
    if row.revoked_on is not None and row.revoked_on <= a.as_of:
        return False
    until = last_valid_day(a, row)
    return None if until is None else until >= a.as_of
