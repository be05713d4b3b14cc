"""Circles of guarantees: firms that stand in for each other secure nothing."""

from collections.abc import Iterable, Mapping

import numpy as np

from features.arrays import Bools
from features.asof import Known

_LINKS = 3
"""Guarantees that a circle is made of at the most."""


def circles(known: Known) -> Bools:
    """The cases whose firm stands in a circle of guarantees."""
    rows, firm = known.guarantees, known.firm
    guarantor, debtor = rows.codes("guarantor"), rows.codes("debtor")
    gives = rows.any((guarantor == firm[rows.case]) & (debtor >= 0) & (debtor != firm[rows.case]))
    found = np.zeros(len(known), dtype=bool)
    for case in np.flatnonzero(gives).tolist():
        own = rows.case == case
        edges: dict[int, set[int]] = {}
        for giver, owed in zip(guarantor[own].tolist(), debtor[own].tolist(), strict=True):
            edges.setdefault(giver, set()).add(owed if owed >= 0 else int(firm[case]))
        found[case] = _comes_back(edges, int(firm[case]))
    return found


def _comes_back(edges: Mapping[int, Iterable[int]], firm: int) -> bool:
    """Whether guarantees lead from the firm back to it within so many links."""
    reached = {one for one in edges.get(firm, ()) if one != firm}
    for _ in range(_LINKS - 1):
        following = {further for one in reached for further in edges.get(one, ())}
        if firm in following:
            return True
        reached |= following
    return False
