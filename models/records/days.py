"""The days that follow from patents' own rows, as columns over all patents of a batch: terms, and fees that are due.

What events change is added by `right.py`, which reads these columns: a batch of fifty patents costs little more than
one.
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from features.days import month_of, plus_months
from features.tables import TABLES
from models.records.applicant import Facts

_KINDS = TABLES["patents"].columns["kind"].choices
GRACE = "annual_fees.grace"


@dataclass(frozen=True)
class Days:
    """Day ordinals, one entry per known patent row; NaN where not known, or where policy states no term.

    `anniversary`: of filing, the first day after the term without compensation. `fee_due`: the first anniversary of
    filing on or after the day to which the fees are paid. `grace_ends`: the last day on which that fee can be paid.
    """

    anniversary: Floats
    fee_due: Floats
    grace_ends: Floats


def days(facts: Facts) -> Days:
    """The days of all patents of a batch."""
    known, rows = facts.known, facts.known.patents
    filed, paid_to = rows.filed_on, rows.fees_paid_to
    terms = np.stack([known.policy(f"patent_terms.{kind}").along(filed) for kind in _KINDS])
    anniversary = plus_months(filed, 12 * terms[rows.codes("kind"), np.arange(len(rows))])
    years = np.floor(whole_months(filed, paid_to) / 12)
    due = plus_months(filed, 12 * years)
    due = np.where(due >= paid_to, due, plus_months(filed, 12 * years + 12))
    grace = known.policy(GRACE).along(known.as_of)[rows.case]
    return Days(anniversary, due, plus_months(due, grace))


def whole_months(start: Floats, end: Floats) -> Floats:
    """How many whole months lie between two days; 0 where the end does not come later."""
    months = month_of(end) - month_of(start)
    return np.maximum(months - (plus_months(start, months) > end), 0.0)
