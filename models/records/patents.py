"""Which patents a case is about, as places among the known rows of `patents`."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Ints
from features.lazy import lazy
from features.loan import offered
from features.patent_holders import patent_holders
from models.records.applicant import Applicant


@dataclass(frozen=True)
class PatentsOfCase:
    """The patents of one applicant; each property lists places in order of the rows."""

    a: Applicant

    def _places(self, mask: Bools) -> Ints:
        own = self.a.places("patents")
        found: Ints = own.start + np.flatnonzero(mask[own])
        return found

    @lazy
    def every(self) -> Ints:
        """Every patent that is known of the firm."""
        own = self.a.places("patents")
        return np.arange(own.start, own.stop)

    @lazy
    def offered(self) -> Ints:
        """Those offered with the application."""
        return self._places(offered(self.a.facts.known))

    @lazy
    def _held(self) -> Bools:
        return patent_holders(self.a.facts.known).held

    @lazy
    def judged(self) -> Ints:
        """Those offered with the application, else those that the firm holds; all where nobody asked who holds what."""
        if self.a.pledged_items:
            return self.offered
        return self._places(self._held) if self.a.asked("holdings") else self.every

    @lazy
    def valued(self) -> Ints:
        """Those held or offered; all where nobody asked who holds what."""
        if not self.a.asked("holdings"):
            return self.every
        return self._places(self._held | offered(self.a.facts.known))


def patents_of(a: Applicant) -> PatentsOfCase:
    """The patents of the applicant's case."""
    found: PatentsOfCase = a.once("patents", PatentsOfCase)
    return found
