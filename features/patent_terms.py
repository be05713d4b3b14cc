"""What follows from a patent's own rows by the calendar: the last day of its term, and its annual fees.

Nothing here looks at events. Days are ordinals, one entry per row of `known.patents`; NaN is *not known*.
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats
from features.asof import Known, derived
from features.days import months_begun, plus_months, whole_months
from features.tables import TABLES

KINDS = TABLES["patents"].columns["kind"].choices
TERMS = tuple(f"patent_terms.{kind}" for kind in KINDS)
COMPENSATION = "patent_terms.compensation"
GRACE = "annual_fees.grace"


@dataclass(frozen=True)
class PatentTerm:
    """The protection of each patent by the calendar.

    `last_day`: the eve of the anniversary of filing that ends it, with compensation; NaN where policy states no term:
    before the law knew the kind, and for utility models and designs of other offices. `compensation`: days of term
    compensation that count. `denied`: days are told that the law does not grant.
    """

    last_day: Floats
    compensation: Floats
    denied: Bools


def term(known: Known, granted_on: Floats) -> PatentTerm:
    """The terms of all patents; compensation only for the kinds and grants that the law grants it to."""
    rows = known.patents
    years = np.stack([known.policy(name).along(rows.filed_on) for name in TERMS])
    years = years[rows.codes("kind"), np.arange(len(rows))]
    years[~chinese(known) & ~rows.where("kind", "invention")] = np.nan
    told = np.nan_to_num(rows.term_adjustment_days)
    compensation = np.where(_compensable(known, granted_on), told, 0.0)
    last_day = plus_months(rows.filed_on, 12 * years) - 1 + compensation
    return PatentTerm(last_day, compensation, (told > 0) & (compensation == 0))


@derived
def chinese(known: Known) -> Bools:
    """The patents of the Chinese register: by their office or, where that is not told, by their number."""
    rows, words = known.patents, known.tables.words("patent")
    by_number: Bools = words.mapped(_of_china, False) == 1.0
    office = rows.codes("office")
    return np.where(office >= 0, office == known.tables.words("office").code("CN"), by_number[rows.codes("patent")])


def _of_china(number: str) -> bool:
    return number.startswith("CN")


def _compensable(known: Known, granted_on: Floats) -> Bools:
    """Whether the law grants term compensation: by kind and day of grant, never where a twin was filed that day."""
    rows = known.patents
    found = np.zeros(len(rows), dtype=bool)
    for kinds, on_day in known.policy(COMPENSATION).periods(granted_on):
        found |= on_day & rows.where("kind", *kinds)
    return found & (rows.codes("twin") < 0)


@dataclass(frozen=True)
class AnnualFees:
    """The annual fees of each patent by its own rows.

    A fee year that holds the day to which the fees are paid counts as paid: `due` is the first anniversary of filing on
    or after that day, on which the next fee falls due; `odd` marks those paid to a day that is no anniversary.
    `grace_ends`: the last day on which the fee can still be paid. `late_month`: 0 until it is due, then 1, 2, …; the
    last day of a month belongs to it.
    """

    due: Floats
    grace_ends: Floats
    late_month: Floats
    odd: Bools


def annual_fees(known: Known) -> AnnualFees:
    """The next annual fee of all patents."""
    rows = known.patents
    filed, paid_to, as_of = rows.filed_on, rows.fees_paid_to, known.as_of[rows.case]
    years = np.floor(whole_months(filed, paid_to) / 12)
    due = plus_months(filed, 12 * years)
    due = np.where(due >= paid_to, due, plus_months(filed, 12 * years + 12))
    grace = known.policy(GRACE).along(known.as_of)[rows.case]
    return AnnualFees(due, plus_months(due, grace), months_begun(due, as_of), due > paid_to)
