"""What rules about patents read: columns over all known patents of a batch, one for one applicant as for a nation.

Every column has one entry per row of `known.patents`; NaN and -1 are *not known*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isnan

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Encoded, Floats, Ints, not_known
from features.days import plus_months
from features.lazy import lazy
from features.loan import secures
from features.patent_holders import PatentHolders, patent_holders
from features.patent_pledges import Pledges, pledges
from features.patent_state import PatentState, patent_state
from features.phrase import Fact
from features.policy.parameters import PolicyValue
from features.tables import TABLES
from models.records.applicant import Applicant, Facts
from models.rules.finding import Proof

FactColumn = Callable[[int], Fact | date]
"""A fact of the patent at a place, decoded when a finding is made of it."""
_SOURCE_KINDS = TABLES["patents"].columns["source_kind"].choices


@dataclass(frozen=True)
class EvidenceColumn:
    """The latest paper about one fact of each patent: its place in `evidence`, and whether it still counts.

    `yes`: 1 where a paper that counts says yes, 0 where it says otherwise, NaN where none was seen or it is too old.
    """

    place: Ints
    fresh: Bools
    yes: Floats


class PatentColumns:
    """The columns of a batch. `loan_due`: a maturity that takes the place of those that follow from the terms asked."""

    def __init__(self, facts: Facts, loan_due: date | None = None) -> None:
        self.facts, self.known, self._loan_due = facts, facts.known, loan_due
        self.rows = self.known.patents
        self.state: PatentState = patent_state(self.known)
        self.case, self.as_of = self.rows.case, self.state.as_of
        self.applicants = [facts.of(case) for case in range(len(self.known))]

    def __len__(self) -> int:
        return len(self.rows)

    # --- of the case -------------------------------------------------------------------------------------------------

    def a(self, place: int) -> Applicant:
        """The applicant whose case the patent belongs to."""
        return self.applicants[int(self.case[place])]

    def param(self, name: str) -> Floats:
        """A number of policy on the day of each patent's case; NaN before its first value."""
        return self.known.policy(name).along(self.known.as_of)[self.case]

    def periods(self, name: str) -> list[tuple[PolicyValue, Bools]]:
        """Each value of a parameter that is in force on one of the days, with the patents for which it is."""
        return [(value, days[self.case]) for value, days in self.known.policy(name).periods(self.known.as_of)]

    def in_force(self, name: str) -> Bools:
        """Whether a parameter has a value on the day of each patent's case."""
        found: Bools = self.as_of >= self.known.policy(name).first_days[0]
        return found

    @lazy
    def due(self) -> Floats:
        """The day on which the loan asked for matures."""
        if self._loan_due is not None:
            return np.full(len(self), float(self._loan_due.toordinal()))
        applications = self.known.applications
        place = applications.find(np.arange(len(self.known)), self.known.application, "application")
        return plus_months(self.known.as_of, applications.at("term_months", place))[self.case]

    # --- of the patent -----------------------------------------------------------------------------------------------

    @property
    def holders(self) -> PatentHolders:
        """Who holds the patents."""
        return patent_holders(self.known)

    @property
    def pledges(self) -> Pledges:
        """The pledges that stand on the patents."""
        return pledges(self.known)

    def number(self, place: int) -> str:
        """Office and application number."""
        return str(self.known.tables.words("patent").words[self.rows.codes("patent")[place]])

    @lazy
    def offered_row(self) -> Ints:
        """The place in `collateral` of the row by which the application offers the patent; -1 where none does."""
        rows = self.known.collateral
        item = self.rows.find(rows.case, rows.codes("item"), "patent")
        found = np.full(len(self), NOT_KNOWN, dtype=np.int64)
        offers = np.flatnonzero(secures(self.known) & rows.where("kind", "patent") & (item >= 0))
        found[item[offers]] = offers
        return found

    @lazy
    def pledgor(self) -> Ints:
        """Who pledges, as a code of firms: named with the patent that is offered, else the firm; -1 where not named."""
        own = self.known.firm[self.case]
        if not (self.offered_row >= 0).any():
            return own
        return np.where(self.offered_row >= 0, self.known.collateral.codes("pledgor")[self.offered_row], own)

    def holder_names(self, place: int) -> tuple[str, ...]:
        """Who holds the patent on the day."""
        rows, words = self.holders.rows, self.known.tables.words("firm").words
        of = np.flatnonzero(self.holders.on_the_day & (self.holders.place == place))
        return tuple(dict.fromkeys(words[code] for code in rows.codes("holder")[of].tolist()))

    @lazy
    def stale_since(self) -> Floats:
        """The first day on which each patent's extract can no longer be used."""
        return self.state.extracts.on + self.param("freshness_days.register_extract") + 1

    def evidence(self, fact: str) -> EvidenceColumn:
        """The latest paper about a fact of each patent."""
        rows = self.known.evidence
        place = np.full(len(self), NOT_KNOWN, dtype=np.int64)
        about = np.flatnonzero(rows.codes("fact") == self.known.tables.words("fact").code(fact))
        patent = self.rows.find(rows.case[about], rows.codes("subject")[about], "patent")
        place[patent[patent >= 0]] = about[patent >= 0]
        if not (place >= 0).any():
            return EvidenceColumn(place, place >= 0, not_known(len(self)))
        age, expires = self.as_of - at(rows.seen_on, place), at(rows.expires_on, place)
        lasting = np.where(np.isnan(expires), age <= self.param("freshness_days.evidence"), expires >= self.as_of)
        fresh = (place >= 0) & lasting
        said = at(rows.codes("answer"), place) == self.known.tables.words("answer").code("yes")
        return EvidenceColumn(place, fresh, np.where(fresh, said, np.nan))

    # --- facts of findings -------------------------------------------------------------------------------------------

    def day(self, days: Floats) -> FactColumn:
        """A column of days as a fact."""
        return lambda place: as_day(days[place])

    def count(self, numbers: Floats) -> FactColumn:
        """A column of whole numbers as a fact."""
        return lambda place: None if isnan(numbers[place]) else int(numbers[place])

    def word(self, codes: Ints, domain: str) -> FactColumn:
        """A column of coded texts as a fact."""
        words = self.known.tables.words(domain).words
        return lambda place: words[codes[place]] if codes[place] >= 0 else None

    def answer(self, seen: EvidenceColumn) -> FactColumn:
        """What a paper says, as a fact."""
        word = self.word(self.known.evidence.codes("answer"), "answer")
        return lambda place: word(int(seen.place[place])) or ""

    def seen_on(self, seen: EvidenceColumn) -> FactColumn:
        """The day on which a paper was seen, as a fact."""
        return lambda place: as_day(self.known.evidence.seen_on[seen.place[place]])

    def register(self, place: int) -> Proof:
        """The register extract where one is known, else the gazette."""
        on = as_day(self.state.extracts.on[place])
        return Proof("gazette") if on is None else Proof("register_extract", on, self.a(place).age(on))

    def paper(self, seen: EvidenceColumn) -> Callable[[int], Proof]:
        """The paper about a fact."""
        return lambda place: self._proof("evidence", int(seen.place[place]), "seen_on", place)

    def row(self, place: int) -> Proof:
        """The patent's own row."""
        return self._proof("patents", place, "known_on", place)

    def _proof(self, table: str, row: int, day: str, place: int) -> Proof:
        rows, words = self.known.rows(table), self.known.tables.words("source").words
        source, seen_on = int(rows.codes("source")[row]), as_day(rows.numbers(day)[row])
        assert seen_on is not None
        named = words[source] if source >= 0 else _SOURCE_KINDS[int(rows.codes("source_kind")[row])]
        return Proof(named, seen_on, self.a(place).age(seen_on))


def as_day(ordinal: float) -> date | None:
    """A day, None where it is not known."""
    return None if isnan(ordinal) else date.fromordinal(int(ordinal))


def at(values: Encoded, place: Ints) -> Floats:
    """The values at some places; NaN where the place is -1."""
    return np.where(place >= 0, values[place], np.nan) if len(values) else not_known(len(place))


def first_of(places: Ints, patent: Ints, patents: int) -> Ints:
    """Per patent the first of the places that belong to it; -1 where none does. `patent`: that of each place."""
    found = np.full(patents, NOT_KNOWN, dtype=np.int64)
    found[patent[::-1]] = places[::-1]
    return found
