"""What the score says of a loan: a probability of default of any horizon, brought to a year."""

from dataclasses import replace

import pytest

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.policy import shipped
from models.rules.recommendation import Scored, score_lines
from models.rules.run import applicant, assess_rules
from models.score.kinds import PLEDGE
from models.score.scale import RenewalDays, scale_on
from tests.builders import NORMS
from tests.models.underwriting.base_firm import DAY, FIRM, complete
from tests.models.underwriting.test_figures import changed

YEARLY = scale_on(DAY, shipped(), PLEDGE)
TO_MATURITY = replace(YEARLY, horizon="maturity")
WATCHED = 122


def known(months: int) -> Known:
    """The base firm, asking for a loan of so many months."""
    case = Case(case="1", firm=FIRM, as_of=DAY, application="A1", bank=None, branch=None)
    rows = complete(changed(("applications", 0, {"term_months": months})))
    return as_known(Tables.from_rows(rows), [case], NORMS, shipped())


@pytest.mark.parametrize(("months", "days"), [(3, 213), (12, 487), (36, 1218)])
def test_a_probability_to_maturity_is_spread_over_term_and_watch(months: int, days: int) -> None:
    """What is not repaid at maturity is seen in default months later: a short loan's term alone makes no year."""
    scored = Scored(applicant(known(months), 0), 580.0, TO_MATURITY)
    whole = scored.whole(580.0)
    assert scored.days == days
    assert float(scored.pd(580.0)) == pytest.approx(1 - (1 - whole) ** (365.25 / days), abs=1e-6)
    lines = score_lines(scored)
    assert [round(float(scored.pd(line)), 4) for line in lines] == [0.1, 0.0462]


@pytest.mark.parametrize(("months", "days"), [(6, 183 + WATCHED), (12, 365 + 98 + WATCHED), (13, 396 + 60 + WATCHED)])
def test_renewals_that_the_model_follows_count_as_time(months: int, days: int) -> None:
    """A default that a renewal put off is counted, so the time until it counts as well, by the mean of such loans."""
    renewals = (RenewalDays(11, 0), RenewalDays(12, 98), RenewalDays(None, 60))
    scored = Scored(applicant(known(months), 0), 580.0, replace(TO_MATURITY, renewals=renewals))
    assert scored.days == days


def test_a_probability_of_a_year_stays_as_it_is() -> None:
    """A model that counts twelve months tells the year itself, whatever the term."""
    scored = Scored(applicant(known(3), 0), 580.0, YEARLY)
    assert scored.days is None
    assert float(scored.pd(580.0)) == pytest.approx(scored.whole(580.0), abs=1e-6)


def test_the_finding_tells_what_was_brought_to_a_year() -> None:
    """Who reads a yearly rate sees the probability and the days that it was made from."""
    found = {f.rule: f for f in assess_rules(known(3), 0, 600.0, scale=TO_MATURITY).findings}["score"]
    assert (found.outcome, found.answered) == ("pass", found)
    found = {f.rule: f for f in assess_rules(known(3), 0, 580.0, scale=TO_MATURITY).findings}["score"]
    assert (found.outcome, found.effect, found.observed.code) == (
        "fail",
        "refer",
        "finding.score.observed.score_to_maturity",
    )
    assert found.observed.facts["days"] == 3 * 30 + 1 + WATCHED
