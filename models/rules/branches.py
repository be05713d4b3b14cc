"""The branch of industry that a firm or a patent falls into, by tables of policy: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Ints
from features.firm import industry
from models.rules.firm_columns import FirmColumns


@dataclass(frozen=True)
class IndustryBranches:
    """The branch of each firm: a place in `names`, -1 where it is in none; `known`: whether its industry is known."""

    names: list[str]
    place: Ints
    known: Bools

    @property
    def found(self) -> Bools:
        """The firms that are in a branch."""
        found: Bools = self.known & (self.place >= 0)
        return found

    def name(self, place: int) -> str:
        """The branch of one firm, as a fact."""
        return self.names[int(self.place[place])]


def branch_of_industry(p: FirmColumns, table: str) -> IndustryBranches:
    """The first branch of a policy table (branch → industry codes) that each firm's industry falls into."""
    found: IndustryBranches = p.facts.once(lambda _: _branch_of_industry(p, table), f"branch by {table}")
    return found


def _branch_of_industry(p: FirmColumns, table: str) -> IndustryBranches:
    codes, words = industry(p.known), p.known.tables.words("industry")
    names: list[str] = []
    place = np.full(len(p), NOT_KNOWN, dtype=np.int64)
    for branches, on_day in p.periods(table):
        named = [(number, tuple(prefixes)) for number, prefixes in enumerate(branches.values(), len(names))]
        of_word = words.map(partial(_first, named), NOT_KNOWN)
        place = np.where(on_day, np.array(of_word)[codes], place)
        names += branches
    return IndustryBranches(names, place, codes >= 0)


def _first(named: Sequence[tuple[int, tuple[str, ...]]], industry: str) -> int:
    """The number of the first branch that an industry falls into; -1 if none."""
    return next((number for number, prefixes in named if industry.startswith(prefixes)), NOT_KNOWN)


def strategic_subclasses(branches: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The IPC subclasses of all strategic branches, by the policy's table (branch → subclasses)."""
    return frozenset(subclass for of in branches.values() for subclass in of)
