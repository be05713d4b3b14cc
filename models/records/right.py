"""The state of one patent right on the day: granted, ended, paid for, held, pledged, frozen, attacked.

Events fold in the order of their days (a restoration undoes a lapse). A register extract outranks the gazette as it was
known on the extract's day, not what the gazette announces later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import Literal

from features.lazy import lazy
from features.policy import NotYetInForce
from models.records.applicant import Applicant
from models.records.calendar import whole_months, whole_years
from models.records.columns import Record
from models.records.days import GRACE, Days, days

ENDINGS = ("lapsed", "expired", "abandoned", "refused", "invalidated")
FeeState = Literal["paid", "grace", "over", "unknown"]


@dataclass(frozen=True)
class Pledge:
    """A pledge that stands on the register; `ceiling` is the collateral row of a maximum-amount pledge."""

    reference: str | None
    pledgee: str | None
    since: date | None
    ours: bool
    ceiling: Record | None


@dataclass(frozen=True)
class Right:
    """One patent as the applicant's rows show it."""

    a: Applicant
    patent: Record

    @lazy
    def number(self) -> str:
        """Office and application number."""
        return str(self.patent.patent)

    @lazy
    def events(self) -> list[Record]:
        """This patent's known events in the order of their days."""
        return self.a.events.get(self.number, [])

    @property
    def offered(self) -> Record | None:
        """The collateral row by which the application offers it."""
        return self.a.pledged_items.get(self.number)

    @lazy
    def granted_on(self) -> date | None:
        """The day of grant, None where it is not known to be granted."""
        if self.patent.granted_on is not None:
            return self.patent.granted_on  # type: ignore[no-any-return]
        return next((e.happened_on for e in self.events if e.event == "granted"), None)

    @lazy
    def compensation_days(self) -> int:
        """Days of term compensation that count: only for the kinds and grants that the law grants it to."""
        days = self.patent.term_adjustment_days or 0
        if not days or self.granted_on is None or self.patent.twin is not None:
            return 0
        try:
            kinds = self.a.policy("patent_terms.compensation").on(self.granted_on)
        except NotYetInForce:
            return 0
        return days if self.patent.kind in kinds else 0

    @lazy
    def last_day(self) -> date:
        """The last day of its term: the eve of the anniversary of filing, with compensation."""
        found = _day(self._days.anniversary[self.patent.place])
        if found is None:  # raises: the law knew no such right on the day of filing
            self.a.policy(f"patent_terms.{self.patent.kind}").on(self.patent.filed_on)
            raise AssertionError("a term that is in force has a last day")
        return found + timedelta(days=self.compensation_days - 1)

    @property
    def _days(self) -> Days:
        found: Days = self.a.facts.once(days, "days")
        return found

    @lazy
    def extract(self) -> Record | None:
        """The latest register extract, however old."""
        return next((e for e in reversed(self.events) if e.event == "register_extract"), None)

    @lazy
    def fresh_extract(self) -> Record | None:
        """The latest register extract if it may still be used."""
        seen = self.extract
        return seen if seen is not None and self.a.fresh(seen.happened_on, "register_extract") else None

    @lazy
    def ending(self) -> Record | None:
        """The event by which it ended, None where none stands."""
        ended: Record | None = None
        for event in self.events:
            if event.event in ENDINGS:
                ended = event
            elif event.event == "restored" or _overturned(event, ended):
                ended = None
        said = self.extract
        if ended is not None and said is not None and said.detail == "in_force" and ended.known_on <= said.happened_on:
            return None
        return ended

    @lazy
    def in_force(self) -> bool:
        """Whether it is known to be granted and not known to have ended."""
        return self.granted_on is not None and self.ending is None and self.last_day >= self.a.as_of

    @lazy
    def fee_due(self) -> date | None:
        """The next unpaid annual fee's day: the first anniversary of filing on or after the day paid to."""
        return _day(self._days.fee_due[self.patent.place])

    @lazy
    def grace_ends(self) -> date | None:
        """The last day on which the unpaid fee can still be paid."""
        self.a.value(GRACE)  # raises before the first
        return _day(self._days.grace_ends[self.patent.place])

    @lazy
    def fee_state(self) -> FeeState:
        """Paid, in the months of grace, beyond them, or not known."""
        paid_to = self.patent.fees_paid_to
        if paid_to is not None and self.a.as_of <= paid_to:  # the next fee is not due before that day
            return "paid"
        if self._extract_after_grace:
            return "paid"
        if self.fee_due is None or self.grace_ends is None:
            return "unknown"
        if self.a.as_of <= self.fee_due:
            return "paid"
        return "grace" if self.a.as_of <= self.grace_ends else "over"

    @property
    def _extract_after_grace(self) -> bool:
        seen = self.fresh_extract
        stands = seen is not None and seen.detail == "in_force"
        return bool(stands and self.grace_ends and seen and seen.happened_on > self.grace_ends)

    @property
    def patent_year_due(self) -> int | None:
        """The patent year whose fee is the next unpaid one."""
        return whole_years(self.patent.filed_on, self.fee_due) + 1 if self.fee_due else None

    def fee_with_lateness(self) -> int | None:
        """What the unpaid fee costs on the day, in the minor unit: the full fee and its late charge."""
        year = self.patent_year_due
        if year is None or self.fee_due is None:
            return None
        bands = self.a.value("annual_fees.tariff")[self.patent.kind]
        full = next((fee for first, last, fee in bands if first <= year <= last), None)
        shares = self.a.value("annual_fees.late_share_by_month")
        late = shares[min(whole_months(self.fee_due, self.a.as_of), len(shares) - 1)]
        return None if full is None else round(full * 100 * (1 + late))

    @lazy
    def holders(self) -> list[Record]:
        """Who holds it on the day by the register."""
        return [
            h for h in self.a.holdings.get(self.number, [])
            if h.from_on <= self.a.as_of and (h.to_on is None or h.to_on > self.a.as_of)
        ]  # fmt: skip

    @lazy
    def pledges(self) -> list[Pledge]:
        """The pledges that stand on the register, by its events and by our own records of registrations."""
        items = self.a.registrations.get(self.number, [])
        by_registration = {c.registration: c for c in items}
        standing = {
            e.reference: self._pledge(e.reference, e.party, e.happened_on, by_registration.get(e.reference))
            for e in _standing(self.events, "pledged", ("pledge_released",))
        }
        released = {e.reference for e in self.events if e.event == "pledge_released"}
        for c in items:
            if c.released_on is None and c.registration not in standing and c.registration not in released:
                standing[c.registration] = self._pledge(c.registration, c.pledgee, c.registered_on, c)
        return list(standing.values())

    def _pledge(self, reference: str | None, pledgee: str | None, since: date | None, row: Record | None) -> Pledge:
        ceiling = row if row is not None and row.maximum_amount is not None else None
        return Pledge(reference, pledgee, since, _same(pledgee, self.a.lender), ceiling)

    @lazy
    def preserved(self) -> Record | None:
        """The court's preservation or suspension that stands."""
        standing = _standing(self.events, "preserved", ("preservation_released",))
        return next((e for e in standing if e.until is None or e.until >= self.a.as_of), None)

    @lazy
    def attacked(self) -> Record | None:
        """The request for invalidation that is not decided."""
        closing = ("invalidated", "invalidated_in_part", "invalidation_rejected")
        return next(iter(_standing(self.events, "invalidation_requested", closing)), None)

    @lazy
    def disputed(self) -> Record | None:
        """The dispute that is not closed."""
        return next(iter(_standing(self.events, "dispute", ("dispute_closed",))), None)

    @lazy
    def licensed(self) -> Record | None:
        """The exclusive licence that stands."""
        standing = _standing(self.events, "licensed", ("licence_ended",))
        return next((e for e in standing if e.exclusive and (e.until is None or e.until >= self.a.as_of)), None)


def _day(ordinal: float) -> date | None:
    return None if isnan(ordinal) else date.fromordinal(int(ordinal))


def _same(party: str | None, bank: str | None) -> bool:
    """Whether a party of the register is the bank, which an application names without the kind of its key."""
    return party is not None and bank is not None and party.rpartition(":")[2] == bank.rpartition(":")[2]


def _overturned(event: Record, ended: Record | None) -> bool:
    return (
        event.event == "invalidation_rejected"
        and ended is not None
        and ended.event == "invalidated"
        and event.reference == ended.reference
    )


def _standing(events: Iterable[Record], opening: str, closing: tuple[str, ...]) -> list[Record]:
    """The opening events that no later closing event takes back; one without a reference takes back all before it."""
    standing: dict[str | None, Record] = {}
    for event in events:
        if event.event == opening:
            standing[event.reference] = event
        elif event.event in closing and event.reference is None:
            standing.clear()
        elif event.event in closing:
            standing.pop(event.reference, None)
            standing.pop(None, None)
    return list(standing.values())


class Rights:
    """Every patent that is known of the firm; most are never looked at one by one, so each is made when asked for."""

    def __init__(self, a: Applicant) -> None:
        self._a, self.numbers = a, a.column("patents", "patent")
        self._place = {number: place for place, number in enumerate(self.numbers)}
        self._made: dict[str, Right] = {}

    def __getitem__(self, number: str) -> Right:
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = Right(self._a, self._a.record("patents", self._place[number]))
        return found


def known_rights(a: Applicant) -> Rights:
    """Every patent that is known of the firm, by number."""
    found: Rights = a.once("rights", Rights)
    return found


def rights(a: Applicant) -> list[Right]:
    """The patents that the case is about: those offered with the application, else those that the firm holds."""
    every = known_rights(a)
    about = a.pledged_items or (held_patents(a) if a.asked("holdings") else every.numbers)
    return [every[number] for number in every.numbers if number in about]


def held_patents(a: Applicant) -> set[str]:
    """The numbers of the patents that the firm holds on the day by the register."""
    held: set[str] = a.once("held", _held_patents)
    return held


def _held_patents(a: Applicant) -> set[str]:
    rows = zip(*(a.column("holdings", name) for name in ("patent", "holder", "from_on", "to_on")), strict=True)
    return {
        patent
        for patent, holder, since, until in rows
        if holder == a.firm and since <= a.as_of and (until is None or until > a.as_of)
    }
