"""The patents that a firm held on the day and the state each was in: the intermediate that patent features share.

Held: the firm stands as holder in `holdings` on the day. In force: granted, not ended by its latest event (a
restoration undoes a lapse), term not over by the calendar, not more than the grace behind with its annual fees.
"""

from dataclasses import dataclass

import numpy as np

from features.arithmetic import over_positive
from features.arrays import Bools, Floats, Ints, run_ends
from features.asof import Known, derived
from features.days import plus_months, year_of
from features.grouped import Rows
from features.lazy import lazy
from features.tables import TABLES
from features.wipo import field_of

TERMS = ("patent_terms.invention", "patent_terms.utility_model", "patent_terms.design")
GRACE = "annual_fees.grace"
IN_FORCE = (*TERMS, GRACE)
FIELDS = 36  # the 35 fields, and 0 for none

_EVENTS = TABLES["patent_events"].columns["event"].choices
_ALIVE = ("granted", "restored")
_ENDED = ("lapsed", "expired", "abandoned", "refused", "invalidated")
_CITATIONS = "citations_mean"


@dataclass
class Portfolio:
    """Patents of each case by row of `known.patents`; everything here has one entry per such row."""

    known: Known
    rows: Rows

    @lazy
    def holdings(self) -> tuple[Bools, Bools]:
        """The rows of `holdings` in which the firm is the holder: at any time, and on the day."""
        rows, known = self.known.holdings, self.known
        own = rows.codes("holder") == known.firm[rows.case]
        return own, own & ~(rows.to_on <= known.as_of[rows.case])

    @lazy
    def _place_of_holding(self) -> Ints:
        rows = self.known.holdings
        return self.rows.find(rows.case, rows.codes("patent"), "patent")

    def _marked(self, mask: Bools) -> Bools:
        found = np.zeros(len(self.rows), dtype=bool)
        place = self._place_of_holding[mask]
        found[place[place >= 0]] = True
        return found

    @lazy
    def held(self) -> Bools:
        """Held by the firm on the day."""
        return self._marked(self.holdings[1])

    @lazy
    def ever_held(self) -> Bools:
        """Held by the firm on the day or before."""
        return self._marked(self.holdings[0])

    @lazy
    def bought(self) -> Bools:
        """Held on the day because it was bought."""
        return self._marked(self.holdings[1] & self.known.holdings.where("how", "bought"))

    @lazy
    def shared(self) -> Bools:
        """Held on the day together with others."""
        return self._marked(self.holdings[1] & (self.known.holdings.numbers("share") < 1))

    def held_since(self, days: Floats) -> Bools:
        """Bought on or after each case's day, and held on the day of the question."""
        rows = self.known.holdings
        late = rows.where("how", "bought") & (rows.from_on >= days[rows.case])
        return self._marked(self.holdings[1] & late)

    @lazy
    def invention(self) -> Bools:
        """An invention (application or patent)."""
        return self.rows.where("kind", "invention")

    @lazy
    def term_end(self) -> Floats:
        """The first day on which the term is over: the anniversary of filing, later by the compensation granted.

        NaN for utility models and designs of other offices, whose terms the policy does not state.
        """
        rows, known = self.rows, self.known
        invention, model, design = (known.policy(name).along(rows.filed_on) for name in TERMS)
        years = np.where(self.invention, invention, np.where(rows.where("kind", "utility_model"), model, design))
        elsewhere = (rows.codes("office") >= 0) & (rows.codes("office") != known.tables.words("office").code("CN"))
        years[elsewhere & ~self.invention] = np.nan
        return plus_months(rows.filed_on, 12 * years) + np.where(
            np.isnan(rows.term_adjustment_days), 0, rows.term_adjustment_days
        )

    @lazy
    def _status(self) -> tuple[Ints, Floats]:
        events = self.events
        code, day = np.full(len(self.rows), -1, dtype=np.int64), np.full(len(self.rows), np.nan)
        last = events.last(events.rows.where("event", *_ALIVE, *_ENDED))
        code[events.patent[last]] = events.rows.codes("event")[last]
        day[events.patent[last]] = events.rows.happened_on[last]
        return code, day

    def ended_by(self, *events: str) -> Bools:
        """The latest event that gives or takes the right is one of these."""
        wanted = np.zeros(len(_EVENTS) + 1, dtype=bool)
        wanted[[_EVENTS.index(e) for e in events]] = True
        found: Bools = wanted[self._status[0]]
        return found

    @property
    def status_since(self) -> Floats:
        """The day of the latest event that gives or takes the right; NaN where there is none."""
        return self._status[1]

    @lazy
    def granted(self) -> Bools:
        """Granted, whatever became of it."""
        found: Bools = ~np.isnan(self.rows.granted_on)
        found |= self.ended_by("granted", "restored", "lapsed", "expired", "invalidated")
        return found

    @lazy
    def ended(self) -> Bools:
        """Ended by its latest event, or its term is over."""
        over: Bools = self.term_end <= self.known.as_of[self.rows.case]
        ended: Bools = over | self.ended_by(*_ENDED)
        return ended

    @lazy
    def behind(self) -> Bools:
        """An annual fee was due by the day and is not paid."""
        return self.granted & ~self.ended & (self.rows.fees_paid_to < self.known.as_of[self.rows.case])

    @lazy
    def in_force(self) -> Bools:
        """Held on the day and in force."""
        known, case = self.known, self.rows.case
        grace = known.policy(GRACE).along(known.as_of)[case]
        paid = ~(plus_months(self.rows.fees_paid_to, grace) <= known.as_of[case])
        return self.held & self.granted & ~self.ended & paid

    @lazy
    def pending(self) -> Bools:
        """Held on the day, applied for and neither granted nor ended."""
        return self.held & ~self.granted & ~self.ended

    @lazy
    def field(self) -> Ints:
        """The technology field (1 to 35) of the main IPC symbol; 0 where it has none."""
        found: Ints = np.array(self.known.tables.words("ipc").map(field_of, 0), dtype=np.int64)[self.rows.codes("ipc")]
        return found

    @lazy
    def usual_citations(self) -> Floats:
        """The mean of the citations received by patents of the same field and filing year, by the norms."""
        year = year_of(self.rows.filed_on)
        known = ~np.isnan(year)
        label = np.where(known, self.field * 10_000 + np.where(known, year, 0), 0).astype(np.int64)
        labels, place = np.unique(label, return_inverse=True)
        value = self.known.norms.value
        means = [value(f"field:{n // 10_000}|year:{n % 10_000}", _CITATIONS) for n in labels.tolist()]
        return np.array(means, dtype=np.float64)[place]

    @lazy
    def citations(self) -> Floats:
        """Citations received, against the usual number of the same field and filing year."""
        return over_positive(self.rows.citations_received, self.usual_citations)

    @lazy
    def offices(self) -> Floats:
        """Offices in which the family has a member; NaN where it is not known."""
        words = self.known.tables.words("family_offices")
        numbers = np.array(words.map(lambda text: float(len(set(text.split(";")))), np.nan))
        found: Floats = numbers[self.rows.codes("family_offices")]
        return found

    @lazy
    def events(self) -> "Events":
        """The events of the patents."""
        return Events(self.known, self.rows)

    @lazy
    def pledged(self) -> Bools:
        """A pledge stands in the register."""
        return self.events.open("pledged", "pledge_released") > 0

    def by_field(self, mask: Bools) -> Floats:
        """How many patents of each technology field: one row per case, one column per field; column 0 holds none."""
        cells = self.rows.case[mask] * FIELDS + self.field[mask]
        found = np.bincount(cells, minlength=self.rows.cases * FIELDS).astype(np.float64)
        found = found.reshape(self.rows.cases, FIELDS)
        found[:, 0] = 0
        return found


class Events:
    """Rows of `patent_events`, grouped by patent in order of the days on which they took effect."""

    def __init__(self, known: Known, patents: Rows) -> None:
        self.rows = known.patent_events
        self._as_of = known.as_of
        place = patents.find(self.rows.case, self.rows.codes("patent"), "patent")
        self.known_patent = place >= 0
        self.patent = place
        self._patents = len(patents)

    def last(self, mask: Bools) -> Ints:
        """The last of the marked rows of each patent that has one."""
        marked = np.flatnonzero(mask & self.known_patent)
        return marked[run_ends(self.patent[marked])]

    def has(self, mask: Bools) -> Bools:
        """The patents that have a marked row."""
        found = np.zeros(self._patents, dtype=bool)
        found[self.patent[mask & self.known_patent]] = True
        return found

    def open(self, opening: str, *closing: str, until: bool = False) -> Floats:
        """How many of the opened are not yet closed, folded in order of days; never below zero.

        With `until`, what was opened to a last day before the day of the question is over.
        """
        rows = self.rows
        opens = rows.where("event", opening)
        if until:
            opens = opens & ~(rows.until < self._as_of[rows.case])
        marked = np.flatnonzero((opens | rows.where("event", *closing)) & self.known_patent)
        found = np.zeros(self._patents)
        if len(marked):
            patent = self.patent[marked]
            running = np.cumsum(np.where(opens[marked], 1.0, -1.0))
            ends = np.flatnonzero(run_ends(patent))
            starts = np.concatenate(([0], ends[:-1] + 1))
            before = np.concatenate(([0.0], running[ends[:-1]]))
            lowest = np.minimum.reduceat(running, starts) - before
            found[patent[ends]] = running[ends] - before - np.minimum(lowest, 0)
        return found


@derived
def portfolio(known: Known) -> Portfolio:
    """The patents of each case and their state."""
    return Portfolio(known, known.patents)
