"""Days of rights as columns: the calendar of one date after another gives the same."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.asof import Case, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.policy import shipped
from models.records.applicant import Facts
from models.records.calendar import add_months, add_years
from models.records.calendar import whole_months as whole_months_of_dates
from models.records.days import days, whole_months
from tests.builders import DAY, FIRM, told

dates = st.dates(date(1994, 1, 1), date(2026, 10, 30))


def ordinals(*of: date) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days as a column of numbers."""
    return np.array([day.toordinal() for day in of], dtype=np.float64)


@given(st.lists(st.tuples(dates, dates), min_size=1, max_size=9))
def test_whole_months_of_columns_are_those_of_dates(pairs: list[tuple[date, date]]) -> None:
    """Whole months between columns of days are those between the days one by one."""
    starts, ends = zip(*pairs, strict=True)
    assert whole_months(ordinals(*starts), ordinals(*ends)).tolist() == [whole_months_of_dates(*p) for p in pairs]


@given(dates, dates | st.just(date(2024, 2, 29)), st.sampled_from(("invention", "utility_model", "design")))
def test_a_fee_falls_due_on_the_first_anniversary_that_is_not_paid(filed: date, paid_to: date, kind: str) -> None:
    """The due day is the first anniversary on or after the day paid to, grace ends six months later; by law's terms."""
    row = {"patent": "CN1", "kind": kind, "filed_on": filed, "fees_paid_to": paid_to}
    tables = Tables.from_rows(told({"patents": [row]}))
    found = days(Facts(as_known(tables, [Case("c", FIRM, DAY)], NO_NORMS, shipped())))
    due = next(d for d in (add_years(filed, n) for n in range(60)) if d >= paid_to)
    assert found.fee_due.tolist() == [due.toordinal()]
    assert found.grace_ends.tolist() == [add_months(due, 6).toordinal()]
    years = shipped()(f"patent_terms.{kind}").on(filed)
    assert found.anniversary.tolist() == [add_years(filed, years).toordinal()]
