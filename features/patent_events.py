"""Events of patents, folded in the order of the days on which they took effect: what came last, and what still stands.

Nothing here weighs one source against another: `features.patent_state` does.
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Ints, run_ends
from features.asof import Known, derived
from features.tables import TABLES

EVENTS = TABLES["patent_events"].columns["event"].choices


@dataclass(frozen=True)
class Matter:
    """What one event opens and others close; `bounded` where it is over after its last day, closed or not."""

    opening: str
    closing: tuple[str, ...]
    bounded: bool = False


PLEDGE = Matter("pledged", ("pledge_released",))
LICENCE = Matter("licensed", ("licence_ended",), bounded=True)
PRESERVATION = Matter("preserved", ("preservation_released",), bounded=True)
INVALIDATION = Matter("invalidation_requested", ("invalidated", "invalidated_in_part", "invalidation_rejected"))
DISPUTE = Matter("dispute", ("dispute_closed",))


class EventColumns:
    """Rows of `patent_events`, in order of case, patent and day; `patent` is each row's place among `known.patents`.

    Rows about a patent of which no row is known have the place -1 and are never found.
    """

    def __init__(self, known: Known) -> None:
        self.rows = known.patent_events
        self.patent = known.patents.find(self.rows.case, self.rows.codes("patent"), "patent")
        self.placed: Bools = self.patent >= 0
        self._as_of, self._patents = known.as_of, len(known.patents)

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, *events: str) -> Bools:
        """The rows that tell of one of these events, of patents that are known."""
        found: Bools = self.rows.where("event", *events) & self.placed
        return found

    def of_patent(self, marked: Bools) -> Bools:
        """The rows that tell of a marked patent."""
        found: Bools = np.append(marked, False)[self.patent]
        return found

    def last(self, mask: Bools) -> Ints:
        """Per patent the place of its last marked row; -1 where it has none."""
        found = np.full(self._patents, NOT_KNOWN, dtype=np.int64)
        marked = np.flatnonzero(mask & self.placed)
        found[self.patent[marked]] = marked  # the last assignment wins, and places ascend
        return found

    def has(self, mask: Bools) -> Bools:
        """The patents that have a marked row."""
        found = np.zeros(self._patents, dtype=bool)
        found[self.patent[mask & self.placed]] = True
        return found

    def standing(self, matter: Matter, without: Bools | None = None, also: Bools | None = None) -> Ints:
        """The places of the openings that stand on the day, ascending.

        `without` marks openings to pass over, `also` further rows that open without a reference.

        A closing with a reference closes what was opened under it. Otherwise it closes the oldest opening that has no
        reference; a closing without a reference closes, failing that, the oldest that has one. So one release never
        frees two pledges.
        """
        opens = self.where(matter.opening)
        if without is not None:
            opens &= ~without
        if also is not None:
            opens |= also
        if not opens.any():
            return np.empty(0, dtype=np.int64)
        marked = np.flatnonzero(opens | self.where(*matter.closing))
        found = self._not_closed(marked, opens[marked])
        if matter.bounded:
            found = found[~(self.rows.until[found] < self._as_of[self.rows.case[found]])]
        return found

    def _not_closed(self, marked: Ints, opens: Bools) -> Ints:
        reference = self.rows.codes("reference")[marked]
        named = reference >= 0
        under = self.patent[marked] * (reference.max(initial=0) + 1) + reference
        own = np.flatnonzero(named)
        own = own[np.argsort(under[own], kind="stable")]
        last = own[run_ends(under[own])] if len(own) else own
        stands = np.zeros(len(marked), dtype=bool)
        stands[last] = opens[last]
        stands |= ~named & opens
        loose = ~opens & (~named | self._without_opening(under, own, opens))
        if loose.any():
            self._close_oldest(marked, stands, loose, named)
        return marked[stands]

    @staticmethod
    def _without_opening(under: Ints, own: Ints, opens: Bools) -> Bools:
        """The rows with a reference before which nothing was opened under it; `own`: those rows by reference."""
        found = np.zeros(len(under), dtype=bool)
        if not len(own):
            return found
        ends = run_ends(under[own])
        start = np.concatenate(([True], ends[:-1]))
        opened = np.cumsum(opens[own])
        before: Ints = opened[start] - opens[own][start]  # opened under the references before
        found[own] = opened - before[np.cumsum(start) - 1] == 0
        return found

    def _close_oldest(self, marked: Ints, stands: Bools, loose: Bools, named: Bools) -> None:
        """Takes away, for each closing that no reference ties to an opening, the oldest opening that it may close."""
        patent = self.patent[marked]  # ascends, as the rows do
        for closing in np.flatnonzero(loose).tolist():
            first = int(np.searchsorted(patent, patent[closing]))
            before = first + np.flatnonzero(stands[first:closing])
            candidates = before[~named[before]]
            if not len(candidates) and not named[closing]:
                candidates = before
            if len(candidates):
                stands[candidates[0]] = False


@derived
def patent_events(known: Known) -> EventColumns:
    """The events of the patents of each case."""
    return EventColumns(known)
