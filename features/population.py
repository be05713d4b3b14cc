"""Makes the norms: how often patents of a field and age are cited, and what is usual for a feature among peers.

Two passes over the partitions of a lake, because a portfolio's citations are themselves measured against the first
pass. The citations are added up in whole numbers, so their means do not depend on how the lake is cut. They are counted
on the day of the norms and on the same day of each year before, because a case is compared with a count before its day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import product
from typing import TypeVar

import numpy as np
import polars as pl

from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.cores import Each
from features.encoded import Tables
from features.firm import industry
from features.matrix import matrix
from features.norms import NO_NORMS, Norm, Norms
from features.patent_holders import patent_holders
from features.patents import held_in_force
from features.percentiles import Population, statistics
from features.policy import Policy
from features.registry import CATALOGUE
from features.technology import AGES, CITATIONS, FIELDS, age_in_years, aged, technology_field

T = TypeVar("T")
Read = Callable[[int], Mapping[str, pl.DataFrame]]
"""Gives the frames of a partition."""
LEAST = 5
"""A median of fewer firms than this is not stated: it would tell about single firms."""
YEARS_BACK = 15
"""Years before the day of the norms for which citations are counted too; earlier cases have nothing to compare with."""

_ALL = "peers:all"
_CELLS = tuple(product(range(FIELDS), range(AGES)))


def peers_of(code: str) -> tuple[str, ...]:
    """The subjects that a firm of an industry is compared with, the nearest first: division, section, all."""
    return (f"peers:{code[:3]}", f"peers:{code[0]}", _ALL) if len(code) >= 3 else (f"peers:{code[0]}", _ALL)


@dataclass(frozen=True)
class Lot:
    """The partitions whose firms are counted, how one is read, and who works on them: `map`, or a pool's."""

    read: Read
    partitions: int
    each: Each = map

    def worked(self, work: Callable[[Mapping[str, pl.DataFrame]], T]) -> Iterator[T]:
        """What comes of the work on each partition, in their order."""
        return self.each(partial(_worked, work, self.read), range(self.partitions))


def _worked(work: Callable[[Mapping[str, pl.DataFrame]], T], read: Read, index: int) -> T:
    return work(read(index))


def make_norms(lot: Lot, as_of: date, policy: Policy) -> Norms:
    """Norms of all firms of a lake as known on a day; the same whoever works on the partitions."""
    patents = Norms.of(_of_patents(lot, as_of, policy))
    everything = (*patents.by_name.values(), *patents.earlier, *_medians(lot, as_of, policy, patents))
    return Norms.of(everything)


def _firms(frames: Mapping[str, pl.DataFrame]) -> list[str]:
    firms: set[str] = set()
    for frame in frames.values():
        firms.update(frame["firm"].unique())
    return sorted(firms)


def _known(tables: Tables, firms: Sequence[str], as_of: date, policy: Policy, norms: Norms = NO_NORMS) -> Known:
    return as_known(tables, [Case(firm, firm, as_of) for firm in firms], norms, policy)


def _of_patents(lot: Lot, as_of: date, policy: Policy) -> Iterable[Norm]:
    """Mean citations by field and age, and deciles; a patent with several holders counts with each."""
    least = int(policy("quality.least_population").on(as_of))
    days = [_years_before(as_of, back) for back in range(YEARS_BACK + 1)]
    citations, population = [CitationCount() for _ in days], Population()
    for counts, seen in lot.worked(partial(_patents_counted, days, policy)):
        for whole, part in zip(citations, counts, strict=True):
            whole.merge(part)
        population.merge(seen)
    for day, counted in zip(days, citations, strict=True):
        yield from counted.norms(day.isoformat(), least)
    yield from population.norms(as_of.isoformat(), least)


def _patents_counted(
    days: Sequence[date], policy: Policy, frames: Mapping[str, pl.DataFrame]
) -> tuple[list["CitationCount"], Population]:
    """The citations of a partition on each of the days, and its population on the first."""
    tables, firms = Tables.from_frames(frames), _firms(frames)
    citations, population = [CitationCount() for _ in days], Population()
    for place, (day, counted) in enumerate(zip(days, citations, strict=True)):
        known = _known(tables, firms, day, policy)
        counted.add(known)
        if not place:
            population.add(statistics(known), patent_holders(known).held)
        known.forget()
    return citations, population


def _years_before(day: date, years: int) -> date:
    """The same day of an earlier year; for 29 February the day before it."""
    before = day.year - years
    return date(before, 2, 28) if (day.month, day.day) == (2, 29) and years % 4 else day.replace(year=before)


class CitationCount:
    """Citations received by patents in force and how many patents there are, by field and age."""

    def __init__(self) -> None:
        self._received, self._patents = np.zeros((2, FIELDS, AGES), dtype=np.int64)

    def add(self, known: Known) -> None:
        """Count the patents held and in force."""
        received, age = known.patents.citations_received, age_in_years(known)
        told = (held_in_force(known) == 1) & ~np.isnan(received) & (age >= 0)
        cell = (technology_field(known)[told], age[told])
        np.add.at(self._received, cell, received[told].astype(np.int64))
        np.add.at(self._patents, cell, 1)

    def merge(self, other: "CitationCount") -> None:
        """Add what another counted."""
        self._received += other._received
        self._patents += other._patents

    def norms(self, known_on: str, least: int) -> Iterator[Norm]:
        """Mean citations by field and age, and of all fields by age; cells of fewer than `least` patents are left out.

        `known_on` is an ISO day.
        """
        fields = [(aged(field, age), self._received[field, age], self._patents[field, age]) for field, age in _CELLS]
        every = zip(self._received.sum(axis=0), self._patents.sum(axis=0), strict=True)
        whole = [(aged(None, age), received, patents) for age, (received, patents) in enumerate(every)]
        for subject, received, patents in (*fields, *whole):
            if patents >= least:
                yield Norm(subject, CITATIONS, int(received) / int(patents), int(patents), known_on)


def _medians(lot: Lot, as_of: date, policy: Policy, citations: Norms) -> Iterable[Norm]:
    """The median of every feature that is no category and not about an application, by group of peers."""
    names = [f.name for f in CATALOGUE.values() if not f.categories and f.family not in ("loan", "flag")]
    parts = list(lot.worked(partial(_compared, names, as_of, policy, citations)))
    if not parts:
        return []
    groups = [subjects for _, own in parts for subjects in own]
    return _of_groups(names, np.concatenate([values for values, _ in parts]), groups, as_of)


def _compared(
    names: Sequence[str], as_of: date, policy: Policy, citations: Norms, frames: Mapping[str, pl.DataFrame]
) -> tuple[Floats, list[tuple[str, ...]]]:
    """The features of a partition's firms (firms, names), and the groups of peers that each belongs to."""
    known = _known(Tables.from_frames(frames), _firms(frames), as_of, policy, citations)
    words = known.tables.words("industry").words
    groups = [peers_of(words[code]) if code >= 0 else (_ALL,) for code in industry(known).tolist()]
    values = np.asarray(matrix(known, names))
    known.forget()
    return values, groups


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
