"""The state of every patent on the day of its case: the one road from raw rows to what is in force, ended or not known.

Features, rules, values and lists read this and nothing else. Every column has one entry per row of `known.patents`.

A register extract outranks what gazette and fees showed by the day on which it was drawn, not what is announced later:
events known by that day, in all that the extract speaks of, and a fee whose months of grace were over by then. An
extract that is too old says nothing any more; where only it speaks against an older announcement, the state is not
known. A right that was granted, of which nobody tells that it ended and whose fees are not long overdue, is in force as
far as is known; whether the register was asked lately is told beside it (`register_seen`).
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Floats, Ints, not_known
from features.asof import Known, derived
from features.lazy import lazy
from features.lookups import asked_lately
from features.patent_events import (
    DISPUTE,
    EVENTS,
    INVALIDATION,
    LICENCE,
    PLEDGE,
    PRESERVATION,
    EventColumns,
    Matter,
    patent_events,
)
from features.patent_terms import COMPENSATION, GRACE, TERMS, AnnualFees, PatentTerm, annual_fees, term
from features.tables import TABLES

STATUSES = ("in_force", "ended", "pending", "not_known")
IN_FORCE, ENDED, PENDING, STATUS_NOT_KNOWN = range(4)
FEES = ("paid", "grace", "over", "not_known")
PAID, IN_GRACE, GRACE_OVER, FEES_NOT_KNOWN = range(4)
FEES_SOURCES = ("extract", "fees")
"""What can decide the fees: the register extract, or what was paid."""
EXTRACT, BY_FEES = range(2)

EXTRACT_FRESH = "freshness_days.register_extract"
STATE = (*TERMS, COMPENSATION, GRACE, EXTRACT_FRESH)
"""The policies that the status of a patent follows from."""

ENDINGS = ("lapsed", "expired", "abandoned", "refused", "invalidated")
_UNDONE_BY_GRANT = ("lapsed", "expired", "abandoned", "refused")
SAYS_IN_FORCE, SAYS_UNENCUMBERED = "in_force", "unencumbered"
"""Words in an extract's `detail`: the right stands; nothing is entered against it."""
STATES_IN_FORCE = ("in_force", "fees_overdue", "invalidated_in_part", "suspended", "pledged")
"""What an extract states as the status of a right that stands, whatever else is entered against it."""


@dataclass(frozen=True)
class Extracts:
    """The latest register extract of each patent; places of event rows, -1 where none is known.

    `on`: the day on which it was drawn. `fresh`: it may still be used. `in_force`, `unencumbered`: what it says, by the
    status that it states or by its words. `ended`: the event by which the right ended; -1 for none.
    """

    place: Ints
    on: Floats
    fresh: Bools
    in_force: Bools
    unencumbered: Bools
    ended: Ints
    status: Ints

    def states(self, *statuses: str) -> Bools:
        """The patents whose extract states one of these as their status."""
        wanted = np.zeros(len(EXTRACT_STATUSES) + 1, dtype=bool)
        wanted[[EXTRACT_STATUSES.index(status) for status in statuses]] = True
        found: Bools = wanted[self.status]
        return found


@dataclass(frozen=True)
class Ending:
    """The event by which each patent ended: its code (-1 where none stands), day of effect, and day it was known."""

    event: Ints
    on: Floats
    known_on: Floats


@dataclass(frozen=True)
class EventStanding:
    """What stands on patents: places of event rows, ascending, and per patent 1, 0, or NaN where it is not known."""

    places: Ints
    told: Floats


class PatentState:
    """The columns of the state, each computed when it is first read."""

    def __init__(self, known: Known) -> None:
        self.known, self.rows = known, known.patents
        self.as_of: Floats = known.as_of[self.rows.case]

    @property
    def events(self) -> EventColumns:
        """The events of the patents."""
        return patent_events(self.known)

    # --- the extract and the register ------------------------------------------------------------------------------

    @lazy
    def extracts(self) -> Extracts:
        """The latest register extract of each patent, however old."""
        events = self.events
        place = events.last(events.where("register_extract"))
        on, detail = _at(events.rows.happened_on, place), _at(events.rows.codes("detail"), place)
        fresh = self.as_of - on <= self.known.policy(EXTRACT_FRESH).along(self.as_of)
        said = self.known.tables.words("detail").map(_words, NO_WORDS)
        code = np.where(np.isnan(detail), -1, detail).astype(np.int64)
        stated = _at(events.rows.codes("extract_status"), place)
        status = np.where(np.isnan(stated), NOT_KNOWN, stated).astype(np.int64)
        by_words = np.array([_ending_of(words) for words in said])[code]
        return Extracts(
            place, on, fresh,
            np.where(status < 0, np.array([SAYS_IN_FORCE in words for words in said])[code], _STANDS[status]),
            np.array([SAYS_UNENCUMBERED in words for words in said])[code],
            np.where(status < 0, by_words, _ENDED_AS[status]), status,
        )  # fmt: skip

    @lazy
    def register_seen(self) -> Bools:
        """Whether the register was asked lately: of all patents of the firm, or of this one by a fresh extract."""
        return self.firm_asked | self.extracts.fresh

    @lazy
    def firm_asked(self) -> Bools:
        """Whether the register was asked lately about all patents of the firm."""
        found: Bools = asked_lately(self.known, "patent_events")[self.rows.case]
        return found

    def _outranked(self, rows: Bools, silenced: Bools) -> Bools:
        """Those of the event rows that were known by the day of an extract which speaks against them."""
        events = self.events
        found = np.zeros(len(events), dtype=bool)
        if not silenced.any():
            return found
        at = np.flatnonzero(rows)
        patent = events.patent[at]
        found[at] = silenced[patent] & (events.rows.known_on[at] <= self.extracts.on[patent])
        return found

    # --- the right -------------------------------------------------------------------------------------------------

    @lazy
    def granted_on(self) -> Floats:
        """The day of grant; NaN where it is not known."""
        events = self.events
        told = events.where("granted")
        if not told.any():
            return self.rows.granted_on
        first = np.full(len(self.rows), NOT_KNOWN, dtype=np.int64)
        places = np.flatnonzero(told)[::-1]
        first[events.patent[places]] = places
        return np.where(np.isnan(self.rows.granted_on), _at(events.rows.happened_on, first), self.rows.granted_on)

    @lazy
    def granted(self) -> Bools:
        """Granted, whatever became of it: by its day, by an event that only a right meets, or by the extract."""
        met = self.events.has(self.events.where("restored", "lapsed", "expired", "invalidated"))
        found: Bools = ~np.isnan(self.granted_on) | met | self.extracts.in_force
        return found

    @lazy
    def term(self) -> PatentTerm:
        """The term by the calendar."""
        return term(self.known, self.granted_on)

    @lazy
    def last_day(self) -> Floats:
        """The last day of the term; NaN where policy does not state it."""
        return self.term.last_day

    @lazy
    def ending(self) -> Ending:
        """The event by which each patent ended and which no extract outranks."""
        return self._ending(self._outranked(self.events.where(*ENDINGS), self.extracts.in_force))

    def _ending(self, without: Bools) -> Ending:
        events, rows = self.events, self.events.rows
        says = np.zeros(len(events), dtype=bool)
        says[self.extracts.place[self.extracts.ended >= 0]] = True
        last = events.last(events.where(*_UNDONE_BY_GRANT, "restored", "granted") & ~without | says)
        undone = events.where("restored", "granted")[last] if len(events) else np.zeros(len(last), dtype=bool)
        last = np.where((last < 0) | undone, NOT_KNOWN, last)
        gone = (last >= 0) & ~(_at(rows.happened_on, last) < self.granted_on)
        last = np.where(gone, last, NOT_KNOWN)
        last = self._invalidated(last, without)
        event = np.where(last >= 0, _at(rows.codes("event"), last), NOT_KNOWN).astype(np.int64)
        by_extract = (last >= 0) & (last == self.extracts.place)
        event = np.where(by_extract, self.extracts.ended, event)
        return Ending(event, _at(rows.happened_on, last), _at(rows.known_on, last))

    def _invalidated(self, last: Ints, without: Bools) -> Ints:
        """`last`, with the invalidation of those wholly invalidated, which acts back and which no restoration undoes.

        A later rejection under the same reference overturns it.
        """
        events = self.events
        wholly = np.flatnonzero(events.where("invalidated") & ~without)
        if not len(wholly):
            return last
        reference = events.rows.codes("reference")
        rejected = np.flatnonzero(events.where("invalidation_rejected"))
        overturned = dict(zip(zip(events.patent[rejected].tolist(), reference[rejected].tolist(), strict=True),
                              rejected.tolist(), strict=True))  # fmt: skip
        found = last.copy()
        for place in wholly.tolist():
            patent = int(events.patent[place])
            if overturned.get((patent, int(reference[place])), NOT_KNOWN) < place:
                found[patent] = place
        return found

    # --- fees ------------------------------------------------------------------------------------------------------

    @lazy
    def annual_fees(self) -> AnnualFees:
        """The next annual fee by the patents' own rows."""
        return annual_fees(self.known)

    @lazy
    def _alive_after_grace(self) -> Bools:
        """A fresh extract says in force that was drawn after the months of grace: the fee was paid in time."""
        said = self.extracts
        found: Bools = said.fresh & said.in_force & (said.on > self.annual_fees.grace_ends)
        return found

    @lazy
    def fees(self) -> Ints:
        """Of a granted right, its annual fees: places in `FEES`."""
        own = self.annual_fees
        found = np.where(self.as_of <= own.grace_ends, IN_GRACE, GRACE_OVER)
        found = np.where(self.as_of <= own.due, PAID, found)
        found = np.where(np.isnan(own.grace_ends), FEES_NOT_KNOWN, found)
        found = np.where(self._alive_after_grace, PAID, found)
        return np.where(self._stated_in_grace, IN_GRACE, found)

    @lazy
    def _stated_in_grace(self) -> Bools:
        """A fresh extract states that fees are overdue, and no row that became known later tells of a payment."""
        said = self.extracts
        paid_since = (self.annual_fees.due > self.as_of) & (self.rows.known_on > said.on)
        found: Bools = said.fresh & said.states("fees_overdue") & ~paid_since
        return found

    @lazy
    def fees_source(self) -> Ints:
        """What decided the fees: places in `FEES_SOURCES`."""
        return np.where(self._alive_after_grace | self._stated_in_grace, EXTRACT, BY_FEES)

    @lazy
    def behind(self) -> Bools:
        """A right that has not ended of which an annual fee was due by the day and is not known to be paid."""
        late: Bools = (self.fees == IN_GRACE) | (self.fees == GRACE_OVER)
        found: Bools = self.granted & (self.status != ENDED) & late
        return found

    # --- the status ------------------------------------------------------------------------------------------------

    @lazy
    def doubted(self) -> Bools:
        """An announced ending stands against an extract that is too old to be used."""
        said = self.extracts
        stale = said.in_force & ~said.fresh
        if not stale.any():
            return stale
        announced = self._ending(np.zeros(len(self.events), dtype=bool)).event >= 0
        return np.asarray(stale & announced & (self.ending.event < 0))

    @lazy
    def status(self) -> Ints:
        """In force, ended, pending or not known: places in `STATUSES`."""
        seen_alive = self.extracts.fresh & self.extracts.in_force
        unsure = (self.fees == GRACE_OVER) | (np.isnan(self.last_day) & ~seen_alive)
        found = np.where(self.granted, np.where(unsure, STATUS_NOT_KNOWN, IN_FORCE), PENDING)
        found = np.where(self.doubted, STATUS_NOT_KNOWN, found)
        return np.where((self.ending.event >= 0) | (self.last_day < self.as_of), ENDED, found)

    @lazy
    def in_force(self) -> Floats:
        """1 for a right in force, 0 for one that is ended or pending, NaN where it is not known."""
        return np.choose(self.status, (1.0, 0.0, 0.0, np.nan))

    def ended_as(self, *events: str) -> Bools:
        """The rights and applications that ended by one of these events."""
        wanted = np.zeros(len(EVENTS) + 1, dtype=bool)
        wanted[[EVENTS.index(event) for event in events]] = True
        found: Bools = wanted[self.ending.event]
        return found

    # --- what stands on it -----------------------------------------------------------------------------------------

    def _standing(self, matter: Matter, without: Bools | None = None) -> EventStanding:
        """What stands of a matter, with the openings of `without` (patents) passed over."""
        events, said = self.events, self.extracts
        outranked = self._outranked(events.where(matter.opening), said.unencumbered)
        of_none = np.zeros(len(events), dtype=bool) if without is None else events.of_patent(without)
        passed_over = outranked | of_none
        places = events.standing(matter, passed_over)
        if (stated := self._stated_without_event(matter, places)).any():
            places = events.standing(matter, passed_over, stated)
        told = np.where(self.known.asked("patent_events")[self.rows.case], 0.0, np.nan)
        told[said.fresh] = 0.0
        if (doubted := outranked & ~of_none & ~events.of_patent(said.fresh)).any():
            told[events.patent[events.standing(matter, passed_over & ~doubted)]] = np.nan
        told[events.patent[places]] = 1.0
        return EventStanding(places, told)

    def _stated_without_event(self, matter: Matter, places: Ints) -> Bools:
        """The rows of extracts that state what the matter is about, of patents on which no event tells that it stands.

        An extract of any age: what it states stands until it is told to be over.
        """
        events, said = self.events, self.extracts
        found = np.zeros(len(events), dtype=bool)
        status = _STATED_AS.get(matter)
        if status is not None:
            stated = said.states(status)
            stated[events.patent[places]] = False
            found[said.place[stated]] = True
        return found

    @lazy
    def lost_in_part(self) -> Ints:
        """Per patent the event by which it last lost claims, or the extract that states it; -1 where there is none."""
        events, said = self.events, self.extracts
        found = events.last(events.where("invalidated_in_part"))
        return np.where((found < 0) & said.states("invalidated_in_part"), said.place, found)

    @lazy
    def licences(self) -> EventStanding:
        """The licences that stand."""
        return self._standing(LICENCE)

    @lazy
    def exclusive_licences(self) -> Ints:
        """The places of the licences that stand and are exclusive."""
        found: Ints = self.licences.places[self.events.rows.exclusive[self.licences.places] == 1]
        return found

    @lazy
    def exclusively_licensed(self) -> Bools:
        """Whether an exclusive licence stands."""
        found = np.zeros(len(self.rows), dtype=bool)
        found[self.events.patent[self.exclusive_licences]] = True
        return found

    @lazy
    def preservations(self) -> EventStanding:
        """The preservations and suspensions by a court that stand."""
        return self._standing(PRESERVATION)

    @lazy
    def invalidations(self) -> EventStanding:
        """The requests for invalidation that are not decided; none of a right that was wholly invalidated."""
        return self._standing(INVALIDATION, self.ended_as("invalidated"))

    @lazy
    def disputes(self) -> EventStanding:
        """The disputes that are not closed."""
        return self._standing(DISPUTE)

    @lazy
    def registered_pledges(self) -> EventStanding:
        """The pledges that stand by the register's own events; `features.patent_pledges` adds our records of them."""
        return self._standing(PLEDGE)


def _at(values: Floats | Ints, place: Ints) -> Floats:
    """The values at some places; NaN where the place is -1."""
    return np.where(place >= 0, values[place], np.nan) if len(values) else not_known(len(place))


NO_WORDS: frozenset[str] = frozenset()
EXTRACT_STATUSES = TABLES["patent_events"].columns["extract_status"].choices
_STANDS = np.array([*(status in STATES_IN_FORCE for status in EXTRACT_STATUSES), False])
_ENDED_AS = np.array([*(EVENTS.index(one) if one in ENDINGS else NOT_KNOWN for one in EXTRACT_STATUSES), NOT_KNOWN])
_STATED_AS = {PRESERVATION: "suspended", PLEDGE: "pledged"}
"""The status of an extract that states that a matter stands."""


def _words(detail: str) -> frozenset[str]:
    return frozenset(word.strip() for word in detail.split(";"))


def _ending_of(words: frozenset[str]) -> int:
    return next((EVENTS.index(event) for event in ENDINGS if event in words), NOT_KNOWN)


@derived
def patent_state(known: Known) -> PatentState:
    """The state of the patents of each case."""
    return PatentState(known)
