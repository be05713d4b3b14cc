"""Who holds which patent on the day, by the register's holdings: one entry per row of `known.patents`."""

import numpy as np

from features.arrays import Bools, Floats, Ints, run_ends
from features.asof import Known, derived
from features.lazy import lazy


class PatentHolders:
    """Holders on the day and before. Held: the firm of the case stands as holder in `holdings` on the day."""

    def __init__(self, known: Known) -> None:
        self.known, self.rows = known, known.holdings
        self._patents = known.patents

    @lazy
    def own(self) -> Bools:
        """The rows of `holdings` in which the firm is the holder, at any time."""
        return self.rows.of_case("holder", self.known.firm)

    @lazy
    def on_the_day(self) -> Bools:
        """The rows of `holdings` that hold on the day, whoever the holder is."""
        ended: Bools = self.rows.to_on <= self.known.as_of[self.rows.case]
        return ~ended

    @lazy
    def place(self) -> Ints:
        """The place among `known.patents` of each row of `holdings`; -1 where the patent is not known."""
        return self._patents.find(self.rows.case, self.rows.codes("patent"), "patent")

    def marked(self, mask: Bools) -> Bools:
        """The patents of the marked rows of `holdings`."""
        found = np.zeros(len(self._patents), dtype=bool)
        place = self.place[mask]
        found[place[place >= 0]] = True
        return found

    @lazy
    def held(self) -> Bools:
        """Held by the firm on the day."""
        return self.marked(self.own & self.on_the_day)

    @lazy
    def ever_held(self) -> Bools:
        """Held by the firm on the day or before."""
        return self.marked(self.own)

    @lazy
    def bought(self) -> Bools:
        """Held on the day because it was bought."""
        return self.marked(self.own & self.on_the_day & self.rows.where("how", "bought"))

    def bought_since(self, days: Floats) -> Bools:
        """Bought on or after each case's day, and held on the day of the question."""
        late = self.rows.where("how", "bought") & (self.rows.from_on >= days[self.rows.case])
        return self.marked(self.own & self.on_the_day & late)

    @lazy
    def origin_told(self) -> Bools:
        """Held on the day, and it is told how it was acquired."""
        return self.marked(self.own & self.on_the_day & (self.rows.codes("how") >= 0))

    @lazy
    def bought_on(self) -> Floats:
        """The first day of the holding by which the firm bought it; NaN where it did not."""
        found = np.full(len(self._patents), np.nan)
        bought = np.flatnonzero(self.own & self.on_the_day & self.rows.where("how", "bought") & (self.place >= 0))
        found[self.place[bought]] = self.rows.from_on[bought]
        return found

    @lazy
    def owners(self) -> Floats:
        """How many hold it on the day: 0 where none is named, at least two where a holder has less than the whole."""
        now = np.flatnonzero(self.on_the_day & (self.place >= 0))
        different = now[run_ends(self.place[now], self.rows.codes("holder")[now])] if len(now) else now
        count = np.bincount(self.place[different], minlength=len(self._patents)).astype(np.float64)
        part = self.marked(self.on_the_day & (self.rows.numbers("share") < 1))
        return np.where(part, np.maximum(count, 2.0), count)

    @lazy
    def shared(self) -> Bools:
        """Held on the day by several."""
        found: Bools = self.owners > 1
        return found


@derived
def patent_holders(known: Known) -> PatentHolders:
    """Who holds the patents of each case."""
    return PatentHolders(known)
