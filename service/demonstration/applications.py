"""The applications that the demonstration's banks get: those of the world's last year at a few branches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from features.lake import Lake, NamedFirm
from service.access.roles import Place
from service.assessing.ports import Rows
from service.assessing.providers.lake import LakeFirms, Reading, joined, rows_of_frames
from service.edge.errors import UnknownFirm


@dataclass(frozen=True)
class DemoApplication:
    """An application of the world: who asks which branch for how much (fen), for how many months, on which day."""

    id: str
    firm: str
    bank: str
    branch: str
    applied_on: date
    amount: int
    term_months: int


@dataclass(frozen=True)
class HeldFirms:
    """Rows of firms as banks read them, read from the lakes at once; by bank and firm."""

    held: Mapping[tuple[str | None, str], Rows]

    def rows(self, firm: str, bank: str | None) -> Rows:
        """Every row about the firm that the bank may read. Raises `UnknownFirm`."""
        if (bank, firm) not in self.held:
            raise UnknownFirm("unknown_firm", lake=str(bank), firm=firm)
        return {table: [dict(row) for row in own] for table, own in self.held[bank, firm].items()}

    def named(self, part: str, place: Place) -> Sequence[NamedFirm]:  # noqa: ARG002
        """Nobody is looked up by name here."""
        return []


def applications(lake: Lake, banks: Sequence[str], since: date, until: date) -> list[DemoApplication]:
    """What firms of the first partitions asked the banks for between two days, in order of days."""
    asked = pl.concat([lake.read(index, ["applications"])["applications"] for index in _partitions(lake)])
    wanted = asked.filter(
        pl.col("applied_on").is_between(since, until)
        & pl.col("bank").is_in(list(banks))
        & (pl.col("known_on") <= pl.col("applied_on"))
        & (pl.col("amount") > 0)
    )
    columns = ("firm", "bank", "branch", "applied_on", "amount", "term_months")
    rows = wanted.unique("application", keep="first").sort("applied_on", "application").iter_rows(named=True)
    return [DemoApplication(row["application"], **{name: row[name] for name in columns}) for row in rows]


PARTITIONS = 5
"""Partitions of the lake whose firms apply."""
ApplicationKind = tuple[str, bool]
"""What the first answer comes to (`advise_against` where nothing can be lent); whether its conditions can be met."""
MIX: Mapping[ApplicationKind, tuple[int, int]] = {
    ("recommend", True): (12, 10), ("recommend", False): (0, 2),
    ("refer", True): (8, 10), ("refer", False): (0, 2),
    ("advise_against", True): (2, 1), ("advise_against", False): (1, 1),
}  # fmt: skip
"""Applications that each bank gets: so many in the course of the year, and so many of late."""
RECENT = timedelta(days=60)
"""What came so shortly before the end is of late: most of it is under way then."""
STEPS = (4, 2)
"""Of those that came before, and of those of late, one in so many is looked at."""


def considered(found: Sequence[DemoApplication], until: date) -> list[DemoApplication]:
    """Of applications in order of days some, more of those of late."""
    earlier, late = STEPS
    before = len([one for one in found if one.applied_on < until - RECENT])
    return [*found[:before:earlier], *found[before::late]]


def mixed(found: Sequence[tuple[DemoApplication, ApplicationKind]], until: date) -> list[DemoApplication]:
    """Of applications with their kinds those that a bank gets, in order of days."""
    chosen: list[DemoApplication] = []
    for bank in dict.fromkeys(one.bank for one, _ in found):
        for kind, (before, late) in MIX.items():
            own = [one for one, its in found if (one.bank, its) == (bank, kind)]
            recent = [one for one in own if one.applied_on >= until - RECENT]
            chosen += [*_spread(own[: len(own) - len(recent)], before), *_spread(recent, late)]
    return sorted(chosen, key=lambda one: (one.applied_on, one.id))


def _spread(ordered: Sequence[DemoApplication], number: int) -> list[DemoApplication]:
    """So many of them, evenly over their days; all where they are fewer."""
    if len(ordered) <= number:
        return list(ordered)
    return [ordered[place * len(ordered) // number] for place in range(number)]


def busiest(found: Sequence[DemoApplication], branches: int) -> dict[str, list[str]]:
    """The branches with most applications by bank."""
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        own = counts.setdefault(one.bank, {})
        own[one.branch] = own.get(one.branch, 0) + 1
    return {
        bank: sorted(sorted(own, key=lambda branch: (-own[branch], branch))[:branches])
        for bank, own in sorted(counts.items())
    }


def firms_held(firms: LakeFirms, asked: Sequence[DemoApplication]) -> HeldFirms:
    """What the banks that are asked know of whoever asks, read a partition at a time."""
    wanted = sorted({(one.bank, one.firm) for one in asked})
    held: dict[tuple[str | None, str], Rows] = {}
    for bank in dict.fromkeys(bank for bank, _ in wanted):
        own = [firm for of, firm in wanted if of == bank]
        parts = [_by_firm(reading, own) for reading in firms.readings(bank)]
        held |= {(bank, firm): joined([part.get(firm, {}) for part in parts]) for firm in own}
    return HeldFirms(held)


def _by_firm(reading: Reading, firms: Sequence[str]) -> dict[str, Rows]:
    """The rows of firms of those partitions, by firm."""
    found: dict[str, dict[str, pl.DataFrame]] = {}
    for index in _partitions(reading.lake):
        for table, frame in reading.partition(index).items():
            own = frame.filter(pl.col("firm").is_in(list(firms)))
            for (firm,), rows in own.partition_by("firm", as_dict=True).items():
                found.setdefault(str(firm), {})[table] = rows
    return {firm: rows_of_frames(frames) for firm, frames in found.items()}


def _partitions(lake: Lake) -> range:
    return range(min(PARTITIONS, lake.partitions))
