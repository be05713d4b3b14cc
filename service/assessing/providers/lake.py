"""Firms looked up in lakes: the one place that says whose rows a bank reads. And the answer where there is no lake."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from features.lake import Frames, Lake, NamedFirm, register_part
from features.schema import Row
from features.standing import fact_of
from features.tables import TABLES
from service.access.roles import Place
from service.assessing.ports import Rows
from service.edge.errors import LakeOfNobody, NoLake, UnknownFirm

MOST_NAMED = 50
"""Firms that a search by name finds at most."""


@dataclass(frozen=True)
class Reading:
    """A lake as a bank reads it: whole, or only what public registers say."""

    lake: Lake
    whole: bool

    def firm(self, firm: str) -> Frames:
        """The rows of one firm."""
        return self._read(self.lake.read_firm(firm))

    def partition(self, index: int) -> Frames:
        """The rows of one partition."""
        return self._read(self.lake.read(index))

    def named(self, part: str) -> list[NamedFirm]:
        """Firms one of whose names contains the text."""
        return self.lake.firms(part, MOST_NAMED, registered=not self.whole)

    def _read(self, frames: Frames) -> Frames:
        return frames if self.whole else register_part(frames)


class LakeFirms:
    """The firms of lakes, for the bank that asks.

    A lake that names a bank is read by that bank alone. Of one that names none, every bank reads what public registers
    say; the rest is the one bank's that the service serves, where no other lake names a bank.

    `served`: the banks that the service serves, asked at each look-up that depends on it.
    """

    def __init__(self, lakes: Sequence[Lake], served: Callable[[], Collection[str]]) -> None:
        self._lakes, self._served = lakes, served
        self._divided = any(lake.manifest.bank for lake in lakes)

    def check_owned(self) -> None:
        """Raises `LakeOfNobody` where no lake says whose it is and the service serves several banks."""
        if not self._divided and len(self._served()) > 1:
            raise LakeOfNobody("lake_of_nobody", lake=_names(self._lakes))

    def readings(self, bank: str | None) -> list[Reading]:
        """What a bank (None: whoever is bound to none) reads, its own lakes last. Raises `LakeOfNobody`."""
        self.check_owned()
        shared = [Reading(lake, whole=not self._divided) for lake in self._lakes if not lake.manifest.bank]
        return shared + [Reading(lake, whole=True) for lake in self._lakes if lake.manifest.bank == (bank or None)]

    def rows(self, firm: str, bank: str | None) -> Rows:
        """Every row about the firm that the bank reads, what is not known left out.

        Raises `UnknownFirm`, `NoLake` where the bank reads no lake, or `LakeOfNobody`.
        """
        readings = self.readings(bank)
        if not readings:
            raise NoLake("no_lake_for_firm", firm=firm)
        found = joined([rows_of_frames(reading.firm(firm)) for reading in readings])
        if not found:
            raise UnknownFirm("unknown_firm", lake=_names([one.lake for one in readings]), firm=firm)
        return found

    def named(self, part: str, place: Place) -> Sequence[NamedFirm]:
        """Firms one of whose names contains the text, the best matches first; of a fund, those of registers alone.

        Whoever is bound to no bank and no fund finds those of every lake. Raises `LakeOfNobody`.
        """
        self.check_owned()
        found: dict[tuple[str, str], NamedFirm] = {}
        for reading in self._searched(place):
            for one in reading.named(part):
                known = found.get((one.firm, one.legal_name), one)
                found[one.firm, one.legal_name] = min(known, one, key=lambda named: named.known_on)
        sought = part.strip().lower()
        return sorted(found.values(), key=lambda one: _rank(one, sought))[:MOST_NAMED]

    def _searched(self, place: Place) -> Iterator[Reading]:
        for lake in self._lakes:
            if place.fund is not None or (self._divided and not lake.manifest.bank):
                yield from [] if lake.manifest.bank else [Reading(lake, whole=False)]
            elif not lake.manifest.bank or place.bank in {None, lake.manifest.bank}:
                yield Reading(lake, whole=True)


def rows_of_frames(frames: Mapping[str, pl.DataFrame]) -> Rows:
    """The rows of frames, what is not known left out."""
    return {table: [_known(row) for row in frame.iter_rows(named=True)] for table, frame in frames.items()}


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of one firm from several lakes: where a later one states a fact of the same day, its row stands."""
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return parts[0] if parts else {}
    found: Rows = {}
    for table in (name for name in TABLES if any(name in part for part in parts)):
        kept: list[Row] = []
        for own in (part.get(table, []) for part in parts):
            stated = {(fact_of(table, row), row["known_on"]) for row in own}
            kept = [row for row in kept if (fact_of(table, row), row["known_on"]) not in stated] + own
        found[table] = kept
    return found


def _rank(one: NamedFirm, sought: str) -> tuple[bool, bool, str, str]:
    """As a lake orders what it finds: the text itself, what begins with it, then by name."""
    name = one.legal_name.lower()
    return name != sought, not name.startswith(sought), one.legal_name, one.firm


def _names(lakes: Sequence[Lake]) -> str:
    return ", ".join(lake.manifest.name for lake in lakes)


def _known(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


class NoFirms:
    """Stands in where no lake was named: every look-up says so."""

    def rows(self, firm: str, bank: str | None) -> Rows:  # noqa: ARG002
        """Raises `NoLake`."""
        raise NoLake("no_lake_for_firm", firm=firm)

    def named(self, part: str, place: Place) -> Sequence[NamedFirm]:  # noqa: ARG002
        """Raises `NoLake`."""
        raise NoLake("no_lake", part=part)
