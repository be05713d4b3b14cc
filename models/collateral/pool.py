"""The patents that a case is about, as arrays to value: from the applicant's rights, with why one carries nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from features.arrays import Bools, Floats
from features.lazy import lazy
from models.collateral.terms import Holder, Pool
from models.records.applicant import Applicant
from models.records.calendar import whole_months
from models.records.days import Days, days
from models.records.right import Right, held_patents, known_rights

_YEAR = 365.2425


@dataclass(frozen=True)
class Offer:
    """Every patent that the firm holds or the application offers, to value; `offered` marks those that secure the loan.

    Where the application names none, all that the firm holds are taken to be offered. `rights`: those offered.
    """

    rights: tuple[Right, ...]
    pool: Pool
    offered: tuple[bool, ...]

    def with_quality(self, score: Mapping[str, float]) -> "Offer":
        """The same with the patents' qualities, NaN where there is none."""
        quality = np.array([score.get(patent, np.nan) for patent in self.pool.patents], dtype=np.float64)
        return replace(self, pool=replace(self.pool, quality=quality))

    @lazy
    def encumbrances(self) -> dict[str, tuple[str, ...]]:
        """What burdens each patent offered, in the words of `pledge.encumbrance`."""
        return {right.number: tuple(_encumbrances(right)) for right in self.rights}

    def months_left(self, patents: Collection[str], day: date) -> dict[str, int]:
        """Whole months from the day to the last day of the term, of some of the patents offered."""
        return {r.number: whole_months(day, r.last_day) for r in self.rights if r.number in patents}


def offer(a: Applicant) -> Offer:
    """The patents of the applicant's case."""
    every, offered = known_rights(a), a.pledged_items
    about = every.numbers if not a.asked("holdings") else offered.keys() | held_patents(a)
    patents = tuple(number for number in every.numbers if number in about)
    state = _State(a, patents)
    pool = Pool(
        patents=patents,
        kind=state.kind,
        age=(state.as_of - state.filed_on) / _YEAR,
        legal_life=np.maximum((state.last_day - state.as_of + 1) / _YEAR, 0.0),
        used=np.where(state.licensed, 1.0, state.in_use),
        quality=np.full(len(patents), np.nan),
        exclusion_reason=state.exclusion_reasons(),
    )
    secures = tuple(not offered or number in offered for number in patents)
    return Offer(tuple(every[n] for n, wanted in zip(patents, secures, strict=True) if wanted), pool, secures)


class _State:
    """The state of some of the applicant's patents on the day, as columns: by their own rows, and by their events.

    Only patents with events, or with compensation of their term, are looked at one by one.
    """

    def __init__(self, a: Applicant, patents: Sequence[str]) -> None:
        every = known_rights(a)
        rows, about = a.facts.known.patents, set(patents)
        kept = np.array([number in about for number in every.numbers], dtype=bool)
        self._at = np.arange(len(rows))[a.places("patents")][kept]
        self._days: Days = a.facts.once(days, "days")
        self.as_of, self.kind = float(a.as_of.toordinal()), rows.codes("kind")[self._at]
        self.filed_on, self.in_use = rows.filed_on[self._at], rows.in_use[self._at]
        self.granted, self.licensed = ~np.isnan(rows.granted_on[self._at]), np.zeros(len(patents), dtype=bool)
        self.overdue = self._overdue(rows.fees_paid_to[self._at])
        self.last_day = self._days.anniversary[self._at] - 1
        self.ended: dict[int, str] = {}
        self.frozen: list[int] = []
        one_by_one = (np.nan_to_num(rows.term_adjustment_days[self._at]) != 0) | np.isnan(self.last_day)
        for place, number in enumerate(patents):
            if one_by_one[place] or number in a.events:
                self._look_at(place, every[number])

    def _overdue(self, paid_to: Floats) -> Bools:
        """The grace for an annual fee is over, by the patents' own rows."""
        due, ends = self._days.fee_due[self._at], self._days.grace_ends[self._at]
        late: Bools = (self.as_of > paid_to) & (self.as_of > due) & (self.as_of > ends)
        return late

    def _look_at(self, place: int, right: Right) -> None:
        self.granted[place] = right.granted_on is not None
        self.licensed[place] = right.licensed is not None
        self.last_day[place] = right.last_day.toordinal()
        self.overdue[place] = right.fee_state == "over"
        if right.ending is not None:
            self.ended[place] = str(right.ending.event)
        if right.preserved is not None:
            self.frozen.append(place)

    def exclusion_reasons(self) -> tuple[str, ...]:
        """Why each patent is worth nothing on the day, or an empty text: the last reason written counts."""
        found = np.full(len(self.granted), "", dtype=object)
        found[(self.in_use == 0) & ~self.licensed] = "not_in_use"
        found[self.overdue] = "fees_overdue"
        found[self.frozen] = "frozen"
        found[self.last_day < self.as_of] = "out_of_term"
        for place, event in self.ended.items():
            found[place] = event
        found[~self.granted] = "not_granted"
        return tuple(found)


def _encumbrances(right: Right) -> list[str]:
    burdens = {
        "pledged_to_us": any(pledge.ours for pledge in right.pledges),
        "pledged_to_another": any(not pledge.ours for pledge in right.pledges),
        "preserved": right.preserved is not None,
        "dispute": right.disputed is not None,
        "invalidation_pending": right.attacked is not None,
        "invalidated_in_part": any(event.event == "invalidated_in_part" for event in right.events),
        "exclusive_licence": right.licensed is not None,
        "co_owned": len(right.holders) > 1,
        "register_not_seen": right.fresh_extract is None,
    }
    return [name for name, holds in burdens.items() if holds]


def holder(a: Applicant) -> Holder:
    """What the applicant's rows say of the firm whose revenue rests on the patents."""
    profile, year = a.profile, a.year
    founded = profile.founded_on if profile is not None else None
    return Holder(
        industry=profile.industry if profile is not None else None,
        revenue=year.revenue if year is not None else None,
        high_tech_revenue=year.domestic_high_tech_revenue if year is not None else None,
        operating_profit=year.operating_profit if year is not None else None,
        rd_expense=year.rd_expense if year is not None else None,
        debt_ratio=year.total_liabilities / year.total_assets
        if year is not None and year.total_assets and year.total_liabilities is not None
        else None,
        age=(a.as_of - founded).days / _YEAR if founded is not None else None,
    )
