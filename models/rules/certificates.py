"""Certificates of official titles: whether one is held on the day."""

from math import isnan

import numpy as np

from features.arrays import Floats
from features.asof import Known
from features.firm_figures import certificate, certificate_held
from features.lookups import asked_lately
from models.records.applicant import Applicant


def held_titles(known: Known, *titles: str) -> Floats:
    """Whether certificates are held on the day: 1, 0, or NaN where the list was not asked lately; (cases, titles)."""
    not_asked = (certificate(known, *titles) < 0) & ~asked_lately(known, "titles")[:, None]
    return np.where(not_asked, np.nan, certificate_held(known, *titles))


def held(a: Applicant, title: str) -> bool | None:
    """The same of one firm; None where that is not known."""
    found = a.facts.once(lambda facts: held_titles(facts.known, title), f"held {title}")[a.i, 0]
    return None if isnan(found) else bool(found)
