"""Makes the norms: how often patents of a field and year are cited, and what is usual for a feature among peers.

Two passes over the partitions of a lake, because a portfolio's citations are themselves measured against the first
pass. The citations are added up in whole numbers, so their means do not depend on how the lake is cut.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.days import year_of
from features.encoded import Tables
from features.firm import industry
from features.matrix import matrix
from features.norms import NO_NORMS, Norm, Norms
from features.patent_holders import patent_holders
from features.percentiles import Population, statistics
from features.policy import Policy
from features.registry import CATALOGUE
from features.technology import technology_field

Partitions = Callable[[], Iterable[Mapping[str, pl.DataFrame]]]
LEAST = 5
"""A median of fewer firms than this is not stated: it would tell about single firms."""

_ALL = "peers:all"


def peers_of(code: str) -> tuple[str, ...]:
    """The subjects that a firm of an industry is compared with, the nearest first: division, section, all."""
    return (f"peers:{code[:3]}", f"peers:{code[0]}", _ALL) if len(code) >= 3 else (f"peers:{code[0]}", _ALL)


def make_norms(partitions: Partitions, as_of: date, policy: Policy) -> Norms:
    """Norms of all firms of a lake as known on a day.

    `partitions()` yields the frames of one partition after the other, each time it is called.
    """
    citations = _citations(partitions, as_of, policy)
    return Norms.of([*citations.by_name.values(), *_medians(partitions, as_of, policy, citations)])


def _known(frames: Mapping[str, pl.DataFrame], as_of: date, policy: Policy, norms: Norms) -> Known:
    tables = Tables.from_frames(frames)
    firms: set[str] = set()
    for frame in frames.values():
        firms.update(frame["firm"].unique())
    return as_known(tables, [Case(firm, firm, as_of) for firm in sorted(firms)], norms, policy)


def _citations(partitions: Partitions, as_of: date, policy: Policy) -> Norms:
    """Of patents by field and filing year, mean citations and deciles; one with several holders counts with each."""
    received: dict[tuple[int, int], int] = defaultdict(int)
    patents: dict[tuple[int, int], int] = defaultdict(int)
    population = Population()
    for frames in partitions():
        known = _known(frames, as_of, policy, NO_NORMS)
        population.add(statistics(known), patent_holders(known).held)
        rows, field, year = known.patents, technology_field(known), year_of(known.patents.filed_on)
        told = ~(np.isnan(rows.citations_received) | np.isnan(year)) & patent_holders(known).ever_held
        cell = field[told] * 10_000 + year[told].astype(np.int64)
        cells, place = np.unique(cell, return_inverse=True)
        for label, total, number in zip(
            cells.tolist(),
            np.bincount(place, rows.citations_received[told], len(cells)).tolist(),
            np.bincount(place, minlength=len(cells)).tolist(),
            strict=True,
        ):
            received[divmod(label, 10_000)] += int(total)
            patents[divmod(label, 10_000)] += number
    means = [
        Norm(f"field:{field}|year:{year}", "citations_mean", received[field, year] / number, number, as_of.isoformat())
        for (field, year), number in patents.items()
    ]
    least = int(policy("quality.least_population").on(as_of))
    return Norms.of([*means, *population.norms(as_of.isoformat(), least)])


def _medians(partitions: Partitions, as_of: date, policy: Policy, citations: Norms) -> Iterable[Norm]:
    """The median of every feature that is no category and not about an application, by group of peers."""
    names = [f.name for f in CATALOGUE.values() if not f.categories and f.family not in ("loan", "flag")]
    values: list[Floats] = []
    groups: list[tuple[str, ...]] = []
    for frames in partitions():
        known = _known(frames, as_of, policy, citations)
        words = known.tables.words("industry").words
        groups += [peers_of(words[code]) if code >= 0 else (_ALL,) for code in industry(known).tolist()]
        values.append(np.asarray(matrix(known, names)))
    if not values:
        return []
    return _of_groups(names, np.concatenate(values), groups, as_of)


def _of_groups(names: Sequence[str], values: Floats, groups: list[tuple[str, ...]], as_of: date) -> list[Norm]:
    members: dict[str, list[int]] = defaultdict(list)
    for firm, subjects in enumerate(groups):
        for subject in subjects:
            members[subject].append(firm)
    found = []
    for subject in sorted(members):
        of_group = values[members[subject]]
        for place, name in enumerate(names):
            told = of_group[:, place]
            told = told[~np.isnan(told)]
            if len(told) >= LEAST:
                found.append(Norm(subject, f"median:{name}", float(np.median(told)), len(told), as_of.isoformat()))
    return found
