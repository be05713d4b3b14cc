"""Certificates of official titles: the latest of a kind, its last valid day, and whether it is held on the day."""

from datetime import date
from math import isnan

from features import firm_figures as figures
from models.records.applicant import Applicant
from models.records.columns import Record


def certificate(a: Applicant, title: str) -> Record | None:
    """The latest certificate of the kind."""
    places = a.facts.once(lambda facts: figures.certificate(facts.known, title), f"certificate {title}")
    place = int(places[a.i])
    return None if place < 0 else a.record("titles", place - a.places("titles").start)


def last_valid_day(a: Applicant, row: Record) -> date | None:
    """The certificate's last day: as stated, else by the usual validity of its kind; None where neither is known."""
    last = figures.certificate_last_day(a.facts.known)[row.place]
    return None if isnan(last) else date.fromordinal(int(last))


def held(a: Applicant, title: str) -> bool | None:
    """Whether a certificate of the kind is held on the day; None where the authority's list was not asked lately."""
    if certificate(a, title) is None and not a.asked("titles"):
        return None
    found = a.facts.once(lambda facts: figures.certificate_held(facts.known, title), f"held {title}")[a.i]
    return None if isnan(found) else bool(found)
