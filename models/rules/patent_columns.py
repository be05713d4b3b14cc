"""What rules about patents read: columns over all known patents of a batch, one for one applicant as for a nation.

Every column has one entry per row of `known.patents`; NaN and -1 are *not known*.
"""

from collections.abc import Callable
from datetime import date

import numpy as np

from features.arrays import NOT_KNOWN, Floats, Ints
from features.days import plus_months
from features.lazy import lazy
from features.loan import secures
from features.patent_holders import PatentHolders, patent_holders
from features.patent_pledges import Pledges, pledges
from features.patent_state import PatentState, patent_state
from models.records.applicant import Facts
from models.rules.batch_columns import BatchColumns, EvidenceColumn, FactColumn, as_day
from models.rules.finding import Proof


class PatentColumns(BatchColumns):
    """The columns of the known patents. `loan_due`: a maturity in place of those that follow from the terms asked."""

    def __init__(self, facts: Facts, loan_due: date | None = None) -> None:
        super().__init__(facts, facts.known.patents.case)
        self._loan_due, self.rows = loan_due, self.known.patents
        self.state: PatentState = patent_state(self.known)

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

    def subject(self, place: int) -> str:
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
        return self.evidence_at(fact, place)

    # --- facts of findings -------------------------------------------------------------------------------------------

    def note(self, seen: EvidenceColumn) -> FactColumn:
        """What else a paper says, as a fact."""
        word = self.word(self.known.evidence.codes("note"), "note")
        return lambda place: word(int(seen.place[place]))

    def answer_text(self, seen: EvidenceColumn) -> FactColumn:
        """A paper's answer in its own words, as a fact."""
        word = self.word(self.known.evidence.codes("answer"), "answer")
        return lambda place: word(int(seen.place[place]))

    def seen_on(self, seen: EvidenceColumn) -> FactColumn:
        """The day on which a paper was seen, as a fact."""
        return lambda place: as_day(self.known.evidence.seen_on[seen.place[place]])

    def register(self, place: int) -> Proof:
        """The register extract where one is known, else the gazette."""
        on = as_day(self.state.extracts.on[place])
        return Proof("gazette") if on is None else Proof("register_extract", on, self.a(place).age(on))

    def paper(self, seen: EvidenceColumn) -> Callable[[int], Proof]:
        """The paper about a fact."""
        return lambda place: self.proof("evidence", int(seen.place[place]), "seen_on", place)

    def row(self, place: int) -> Proof:
        """The patent's own row."""
        return self.proof("patents", place, "known_on", place)


def first_of(places: Ints, patent: Ints, patents: int) -> Ints:
    """Per patent the first of the places that belong to it; -1 where none does. `patent`: that of each place."""
    found = np.full(patents, NOT_KNOWN, dtype=np.int64)
    found[patent[::-1]] = places[::-1]
    return found
