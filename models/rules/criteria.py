"""The criteria of a high-value invention, each a test of all patents, by the version of the definition in force.

A test gives 1 where the criterion is met, 0 where it is not, NaN where that is not known; one entry per known patent.
"""

from collections.abc import Callable

import numpy as np

from features.arrays import Floats, not_known
from features.days import plus_months
from features.lazy import lazy
from models.records.applicant import Facts
from models.rules.branches import strategic_subclasses
from models.rules.patent_columns import PatentColumns

CRITERIA = "high_value.criteria"
_PLEDGED = "high_value.pledge_amount"


def strategic(p: PatentColumns) -> Floats:
    """In a strategic emerging industry: as told with a paper, else by the coarse IPC mapping."""
    told, ipc = p.evidence("strategic_field"), p.rows.codes("ipc")
    found = np.full(len(p), np.nan)
    words = p.known.tables.words("ipc").words
    for branches, on_day in p.periods("strategic_industries.ipc_subclasses"):
        strategic_ones = strategic_subclasses(branches)
        lies_in = np.array([*(float(word[:4] in strategic_ones) for word in words), np.nan])
        found = np.where(on_day, lies_in[ipc], found)
    return np.where(told.answered, told.says("in_field"), found)


def granted_abroad(p: PatentColumns) -> Floats:
    """A family member is a granted right abroad; an application is not."""
    return p.rows.granted_abroad


def maintained(p: PatentColumns) -> Floats:
    """Maintained for more than so many years, counted from filing (an assumption)."""
    years = p.param("high_value.maintained_over_years")
    return np.where(np.isnan(years), np.nan, plus_months(p.rows.filed_on, 12 * years) < p.as_of)


def pledged_high(p: PatentColumns) -> Floats:
    """Pledged for a relatively high amount; no threshold is published, so a bank must state one."""
    if _PLEDGED not in p.known.policy.parameters:
        return not_known(len(p))
    least, events = p.param(_PLEDGED) * 100, p.state.events
    high = events.where("pledged") & (events.rows.amount >= np.append(least, np.nan)[events.patent])
    return np.where(p.state.firm_asked & ~np.isnan(least), events.has(high).astype(np.float64), np.nan)


def awarded(p: PatentColumns) -> Floats:
    """Won a national science prize or a China patent award."""
    events = p.state.events
    won = events.has(events.where("award"))
    return np.where(won | p.state.firm_asked, won.astype(np.float64), np.nan)


TESTS: dict[str, Callable[[PatentColumns], Floats]] = {
    "strategic_industry": strategic,
    "overseas_family": granted_abroad,
    "maintained": maintained,
    "pledge_amount": pledged_high,
    "award": awarded,
}


class HighValue:
    """Which patents are high-value inventions, each criterion tested when it is first asked for.

    `counts`: (criteria, patents), whether the definition of the patent's day holds the criterion.
    """

    def __init__(self, p: PatentColumns) -> None:
        self.p = p
        self._met: dict[str, Floats] = {}
        self.counts = {name: np.zeros(len(p), dtype=bool) for name in TESTS}
        for names, on_day in p.periods(CRITERIA):
            for name in names:
                self.counts[name] |= on_day

    def met(self, name: str) -> Floats:
        """One criterion, of all patents."""
        if name not in self._met:
            self._met[name] = TESTS[name](self.p)
        return self._met[name]

    @lazy
    def any_met(self) -> Floats:
        """1 where a criterion of the day is met, 0 where none is, NaN where that is not known."""
        found = np.where(self.p.in_force(CRITERIA), 0.0, np.nan)
        for name in TESTS:
            found = np.where(self.counts[name], either_true(found, self.met(name)), found)
        return found

    @lazy
    def told(self) -> Floats:
        """1 for an invention in force that meets a criterion, 0 for any other patent, NaN where that is not known."""
        state = np.where(self.p.rows.where("kind", "invention"), self.p.state.in_force, 0.0)
        return both_true(state, self.any_met)


def either_true(first: Floats, second: Floats) -> Floats:
    """1 where one is 1, 0 where both are 0, else NaN."""
    return np.where((first == 1) | (second == 1), 1.0, first + second)


def both_true(first: Floats, second: Floats) -> Floats:
    """0 where one is 0, 1 where both are 1, else NaN."""
    return np.where((first == 0) | (second == 0), 0.0, first * second)


def high_value_of(facts: Facts) -> HighValue:
    """The high-value inventions of a batch."""
    found: HighValue = facts.once(lambda facts: HighValue(PatentColumns(facts)), "high_value")
    return found
