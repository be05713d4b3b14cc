"""The patents that a case is about, as arrays to value: from their state, with why one carries nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isnan

import numpy as np
import numpy.typing as npt

from features import firm_figures as figures
from features.arrays import Bools, Floats, Ints, not_known
from features.asof import Known, derived
from features.lazy import lazy
from features.patent_events import EVENTS
from features.patent_holders import patent_holders
from features.patent_pledges import pledges
from features.patent_state import ENDED, PENDING, STATUS_NOT_KNOWN, PatentState, patent_state
from models.collateral.terms import Holder, Pool
from models.records.applicant import Applicant, Facts
from models.records.calendar import whole_months
from models.records.patents import patents_of

_YEAR = 365.2425


@dataclass(frozen=True)
class OfferedPatents:
    """Every patent that the firm holds or the application offers, to value; `offered` marks those that secure the loan.

    Where the application names none, all that the firm holds are taken to be offered. `at`: places among the known
    rows of `patents`; `last_day`: of each, its term's last day; None where policy states none.
    """

    facts: Facts
    at: Ints
    pool: Pool
    offered: Bools
    last_day: tuple[date | None, ...]

    def with_quality(self, score: Mapping[str, float]) -> "OfferedPatents":
        """The same with the patents' qualities, NaN where there is none."""
        quality = np.array([score.get(patent, np.nan) for patent in self.pool.patents], dtype=np.float64)
        return replace(self, pool=replace(self.pool, quality=quality))

    @lazy
    def secured(self) -> Pool:
        """Those that secure the loan."""
        return self.pool.only(self.offered.tolist())

    @lazy
    def encumbrances(self) -> dict[str, tuple[str, ...]]:
        """What burdens each patent offered, in the words of `pledge.encumbrance`."""
        burdens: _Burdens = self.facts.once(_burdens, "burdens")
        places = zip(self.pool.patents, self.at.tolist(), self.offered.tolist(), strict=True)
        return {patent: burdens.of(place) for patent, place, secures in places if secures}

    def months_left(self, patents: Collection[str], day: date) -> dict[str, int]:
        """Whole months from the day to the last day of the term, of some of the patents offered."""
        ends = zip(self.pool.patents, self.last_day, strict=True)
        return {patent: whole_months(day, last) for patent, last in ends if patent in patents and last is not None}


def offer(a: Applicant) -> OfferedPatents:
    """The patents of the applicant's case."""
    known, at = a.facts.known, patents_of(a).valued
    rows, state = known.patents, patent_state(known)
    as_of, last_day, words = state.as_of[at], state.last_day[at], known.tables.words("patent").words
    reasons: npt.NDArray[np.object_] = a.facts.once(_exclusion_reasons, "exclusion_reasons")
    patents = tuple(words[code] for code in rows.codes("patent")[at].tolist())
    pool = Pool(
        patents=patents,
        kind=rows.codes("kind")[at],
        age=(as_of - rows.filed_on[at]) / _YEAR,
        legal_life=np.fmax((last_day - as_of + 1) / _YEAR, 0.0),
        used=np.where(state.exclusively_licensed[at], 1.0, rows.in_use[at]),
        quality=not_known(len(at)),
        exclusion_reason=tuple(reasons[at].tolist()),
        uncertain=_status_or_term_not_known(state)[at] & (reasons[at] == ""),
    )
    named = a.pledged_items
    secures = np.array([not named or patent in named for patent in patents], dtype=bool)
    ends = tuple(None if isnan(day) else date.fromordinal(int(day)) for day in last_day.tolist())
    return OfferedPatents(a.facts, at, pool, secures, ends)


def _status_or_term_not_known(state: PatentState) -> Bools:
    """What may be in force is worth what nobody knows; so is what is in force until a day that nobody knows."""
    found: Bools = (state.status == STATUS_NOT_KNOWN) | np.isnan(state.last_day)
    return found


def _exclusion_reasons(facts: Facts) -> npt.NDArray[np.object_]:
    """Why each known patent is worth nothing on the day, or an empty text: the last reason written counts."""
    known = facts.known
    state, rows = patent_state(known), known.patents
    found = np.full(len(rows), "", dtype=object)
    found[(rows.in_use == 0) & ~state.exclusively_licensed] = "not_in_use"
    found[state.preservations.told == 1] = "frozen"
    found[state.status == PENDING] = "not_granted"
    found[state.status == ENDED] = "out_of_term"
    ended = state.ending.event >= 0
    found[ended] = np.array(EVENTS, dtype=object)[state.ending.event[ended]]
    return found


@dataclass(frozen=True)
class _Burdens:
    """What burdens each known patent of a batch: `holds` is (patents, names)."""

    names: tuple[str, ...]
    holds: Bools

    def of(self, place: int) -> tuple[str, ...]:
        """The names of one patent's burdens."""
        return tuple(name for name, holds in zip(self.names, self.holds[place].tolist(), strict=True) if holds)


def _burdens(facts: Facts) -> _Burdens:
    known = facts.known
    state, stand = patent_state(known), pledges(known)
    columns = {
        "pledged_to_us": stand.on(stand.ours),
        "pledged_to_another": stand.on(~stand.ours),
        "preserved": state.preservations.told == 1,
        "dispute": state.disputes.told == 1,
        "invalidation_pending": state.invalidations.told == 1,
        "invalidated_in_part": state.lost_in_part >= 0,
        "exclusive_licence": state.exclusively_licensed,
        "co_owned": patent_holders(known).shared,
        "register_not_seen": ~state.extracts.fresh,
    }
    return _Burdens(tuple(columns), np.stack(list(columns.values()), axis=1))


@derived
def _debt_ratio(known: Known) -> Floats:
    return figures.debt_ratio(known).value


def holder(a: Applicant) -> Holder:
    """What the applicant's rows say of the firm whose revenue rests on the patents."""
    profile, year, known = a.profile, a.year, a.facts.known
    ratio, age = _debt_ratio(known)[a.i], figures.days_since_foundation(known)[a.i] / _YEAR
    return Holder(
        industry=profile.industry if profile is not None else None,
        revenue=year.revenue if year is not None else None,
        high_tech_revenue=year.domestic_high_tech_revenue if year is not None else None,
        operating_profit=year.operating_profit if year is not None else None,
        rd_expense=year.rd_expense if year is not None else None,
        debt_ratio=None if np.isnan(ratio) else float(ratio),
        age=None if np.isnan(age) else float(age),
    )
