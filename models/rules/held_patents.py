"""How many of the patents that a firm holds in force are of a sort: from what is known, between two numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

import numpy as np

from features.arithmetic import only
from features.arrays import Floats
from features.asof import Known
from features.lookups import asked_lately
from features.patent_holders import patent_holders
from features.patents import held_in_force, inventions, portfolio_told
from models.records.applicant import Applicant, Facts
from models.rules.criteria import both_true, high_value_of


@dataclass(frozen=True)
class CountRange:
    """A number that lies from `least` to `most`; one number where all is known."""

    least: int
    most: int

    @property
    def told(self) -> int | None:
        """The number; None where it is not known."""
        return self.least if self.least == self.most else None

    def at_least(self, limit: int) -> bool | None:
        """Whether the number reaches a limit; None where that is not known."""
        return True if self.least >= limit else False if self.most < limit else None


def _inventions(known: Known) -> Floats:
    return np.where(inventions(known), held_in_force(known), 0.0)


def _own(known: Known) -> Floats:
    holders = patent_holders(known)
    original = holders.own & holders.on_the_day & holders.rows.where("how", "original")
    return np.where(holders.marked(original), _inventions(known), 0.0)


SORTS: dict[str, Callable[[Facts], Floats]] = {
    "patents_in_force": lambda facts: held_in_force(facts.known),
    "inventions_in_force": lambda facts: _inventions(facts.known),
    "own_inventions": lambda facts: _own(facts.known),
    "industrialised_inventions": lambda facts: both_true(_inventions(facts.known), facts.known.patents.in_use),
    "high_value_inventions": lambda facts: both_true(_inventions(facts.known), high_value_of(facts).any_met),
}
"""Per known patent 1 where it is held in force and of the sort, 0 where it is not, NaN where that is not known."""


@dataclass(frozen=True)
class HeldCounts:
    """How many each firm holds, from `least` to `most`; NaN where nobody asked who holds what, or nothing is told."""

    least: Floats
    most: Floats


def held_counts(facts: Facts, sort: str) -> HeldCounts:
    """How many patents of a sort each firm of the batch holds."""
    found: HeldCounts = facts.once(lambda facts: _held_counts(facts, sort), f"held {sort}")
    return found


def _held_counts(facts: Facts, sort: str) -> HeldCounts:
    known, flags = facts.known, SORTS[sort](facts)
    told = portfolio_told(known) & asked_lately(known, "patents") & asked_lately(known, "holdings")
    least = only(told, known.patents.count(flags == 1))
    return HeldCounts(least, least + known.patents.count(np.isnan(flags)))


def held_count(a: Applicant, sort: str) -> CountRange | None:
    """How many one firm holds; None where that is not known."""
    found = held_counts(a.facts, sort)
    least, most = float(found.least[a.i]), float(found.most[a.i])
    return None if isnan(least) else CountRange(int(least), int(most))
