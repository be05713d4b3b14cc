"""The patents that a case is about, as arrays to value: from the applicant's rights, with why one carries nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from features.asof import Floats
from features.lazy import lazy
from models.rules.applicant import Applicant
from models.rules.calendar import whole_months
from models.rules.right import Right, held_patents, known_rights
from models.valuation import KINDS, Holder, Pool

_YEAR = 365.2425


@dataclass(frozen=True)
class Offer:
    """Every patent that the firm holds or the application offers; `offered` marks those that secure the loan.

    Where the application names none, all that the firm holds are taken to be offered.
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
        rows = zip(self.rights, self.offered, strict=True)
        return {right.number: tuple(_encumbrances(right)) for right, offered in rows if offered}

    def months_left(self, patents: Collection[str], day: date) -> dict[str, int]:
        """Whole months from the day to the last day of the term, of some of the patents."""
        return {r.number: whole_months(day, r.last_day) for r in self.rights if r.number in patents}


def offer(a: Applicant) -> Offer:
    """The patents of the applicant's case."""
    offered = a.pledged_items
    every = known_rights(a).values()
    asked = a.asked("holdings")
    held = held_patents(a)
    rights = tuple(r for r in every if r.number in offered or not asked or r.number in held)
    pool = Pool(
        patents=tuple(r.number for r in rights),
        kind=np.array([KINDS.index(r.patent.kind) for r in rights], dtype=np.int64),
        age=np.array([(a.as_of - r.patent.filed_on).days / _YEAR for r in rights], dtype=np.float64),
        legal_life=np.array([_life(r) for r in rights], dtype=np.float64),
        used=_used(rights),
        quality=np.full(len(rights), np.nan),
        nothing=tuple(_nothing(r) for r in rights),
    )
    return Offer(rights, pool, tuple(not offered or r.number in offered for r in rights))


def _life(right: Right) -> float:
    """Years to the last day in force, that day included."""
    return max(((right.last_day - right.a.as_of).days + 1) / _YEAR, 0.0)


def _used(rights: tuple[Right, ...]) -> Floats:
    """Worked in a product, or licensed to one who works it."""
    told = {True: 1.0, False: 0.0, None: np.nan}
    return np.array([1.0 if r.licensed is not None else told[r.patent.in_use] for r in rights], dtype=np.float64)


def _nothing(right: Right) -> str:
    """Why the patent is worth nothing on the day, or an empty text."""
    if right.granted_on is None:
        return "not_granted"
    if right.ending is not None:
        return str(right.ending.event)
    if right.last_day < right.a.as_of:
        return "out_of_term"
    if right.preserved is not None:
        return "frozen"
    if right.fee_state == "over":
        return "fees_overdue"
    return "not_in_use" if right.patent.in_use is False and right.licensed is None else ""


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
