"""Public records against each firm of a batch, by kind: the one open on the day, and the one removed of late."""

import numpy as np

from features.arithmetic import or_nothing
from features.arrays import NOT_KNOWN, Bools, Floats, Ints
from features.asof import Known, derived
from features.credit import of_the_firm
from features.tables import TABLES
from models.words.templates import SHIPPED

LISTINGS = tuple(SHIPPED.family("listing", "zh"))
"""Kinds of public records, by the templates that name them."""
REMOVED_MONTHS = "credit_exclusions.removed_months"
IN_ALL = ""
"""Stands for all kinds together, where it is said once that nobody asked."""
KINDS = (*LISTINGS, IN_ALL)
_EVENTS = TABLES["credit_events"].columns["event"].choices
_KIND_OF_EVENT = np.array([*(LISTINGS.index(one) if one in LISTINGS else NOT_KNOWN for one in _EVENTS), NOT_KNOWN])


class Listings:
    """Records of each of `KINDS`: (cases, kinds) arrays of places in `credit_events`; -1 where there is none.

    `open`: the first that is open on the day. `removed`: the last that was removed lately enough to be told.
    """

    def __init__(self, known: Known) -> None:
        rows, as_of = known.credit_events, known.as_of
        self._kind = _KIND_OF_EVENT[rows.codes("event")]
        self._own = of_the_firm(known) & (self._kind >= 0)
        self.not_lifted: Bools = self._own & ~(rows.lifted_on <= as_of[rows.case])
        since = known.months_before(known.policy(REMOVED_MONTHS).along(as_of))
        lifted = self._own & (rows.lifted_on <= as_of[rows.case]) & (rows.lifted_on > since[rows.case])
        self._rows, self._cases = rows, len(known)
        self.open = self._placed(np.flatnonzero(self.not_lifted)[::-1])
        self.removed = self._placed(np.flatnonzero(lifted))

    def _placed(self, places: Ints) -> Ints:
        """For each case and kind the last of the places."""
        found = np.full((self._cases, len(KINDS)), NOT_KNOWN, dtype=np.int64)
        found[self._rows.case[places], self._kind[places]] = places
        return found

    def amount(self, kind: str) -> tuple[Floats, Bools]:
        """What the open records of a kind come to in fen as far as it is told, and whether of some it is not."""
        rows = self._rows
        mask = self.not_lifted & (self._kind == LISTINGS.index(kind))
        return or_nothing(rows.total(rows.amount, mask)), rows.any(mask & np.isnan(rows.amount))


@derived
def listings(known: Known) -> Listings:
    """The public records of the firms of a batch."""
    return Listings(known)


@derived
def latest_tax_grade(known: Known) -> Ints:
    """The tax-credit grade of the latest year that is known, a place among the column's choices; -1 where none is."""
    rows = known.credit_events
    last = rows.last(rows.where("event", "tax_grade") & (rows.codes("grade") >= 0))
    return np.where(last >= 0, np.append(rows.codes("grade"), NOT_KNOWN)[last], NOT_KNOWN)
