"""Makes a world and writes it as a lake, one partition after the other, so that memory is bounded by one partition."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import polars as pl

from features.arrays import Ints
from features.cores import Each
from features.frames import check_frame
from features.lake import LakeWriter, Manifest, PartFile, partition_of, whole
from training.world.bureau import bureau_frames
from training.world.committee import committee_frames, make_committee_decisions
from training.world.competing_risks import DEFAULTED
from training.world.credit_history import credit_history_frames
from training.world.days import NEVER
from training.world.economy import World
from training.world.filings import firm_frames, statement_frames
from training.world.firms import all_keys
from training.world.guarantees import GuaranteesGiven, guarantee_frames
from training.world.lending import SyntheticLending, make_lending
from training.world.loan_file import Book, loan_frames
from training.world.papers import paper_frames
from training.world.partition import make_partition
from training.world.patent_register import patent_frames
from training.world.people import people_frames
from training.world.performance import performance_frames
from training.world.purpose import purpose_frames
from training.world.rows import Frames, merged
from training.world.sales import sales_frames
from training.world.security import pledged_patents, security_frames
from training.world.truth import truth_frames, write_truth


@dataclass(frozen=True)
class PartitionRows:
    """One partition of a world: the rows of every table, and the truth that lies beside them."""

    index: int
    tables: Frames
    truth: Frames

    @property
    def loans(self) -> int:
        """Loans drawn."""
        return int(self.tables["loans"]["drawn_on"].count())

    @property
    def patents(self) -> int:
        """Patents that its firms filed and that were published."""
        return int(self.tables["patents"]["patent"].n_unique())


@dataclass(frozen=True)
class WrittenPartition:
    """A partition that was written: its files in the lake, its loans and patents."""

    files: Mapping[str, PartFile]
    loans: int
    patents: int


def partitions(world: World, only: Iterable[int] | None = None) -> Iterator[PartitionRows]:
    """Every partition of a world in order, or only some."""
    for index in range(world.partitions) if only is None else only:
        yield make_rows(world, index)


@lru_cache(1)
def _firms(world: World) -> tuple[pl.Series, Ints, Ints]:
    """The keys, regions and partitions of all firms of a world."""
    keys, regions = all_keys(world)
    return keys, regions, np.array([partition_of(key, world.partitions) for key in keys])


def make_rows(world: World, index: int) -> PartitionRows:
    """One partition of a world."""
    keys, regions, places = _firms(world)
    own = np.flatnonzero(places == index)
    partition = make_partition(world, index, keys.gather(own), regions[own])
    lending = make_lending(partition)
    book = Book.of(partition, lending)
    pledge, given = pledged_patents(partition, lending), GuaranteesGiven.of(partition)
    decisions = make_committee_decisions(partition)
    parts = [
        firm_frames(partition),
        statement_frames(partition, _failed(lending, len(own))),
        patent_frames(partition),
        loan_frames(partition, book),
        security_frames(partition, book, pledge),
        people_frames(partition),
        bureau_frames(partition, book, given),
        guarantee_frames(partition, book, given),
        sales_frames(partition, book),
        purpose_frames(partition, book),
        paper_frames(partition, book, pledge),
        performance_frames(partition, book),
        credit_history_frames(partition, lending),
        committee_frames(decisions, partition.sheet),
    ]
    tables = {name: whole(name, frame) for name, frame in merged(parts).items()}
    return PartitionRows(index, tables, truth_frames(book, decisions, partition.firms.keys))


def _failed(lending: SyntheticLending, firms: int) -> Ints:
    """The day on which each firm stopped paying, or NEVER."""
    day = np.full(firms, NEVER)
    bad = lending.outcome == DEFAULTED
    day[lending.firm[bad]] = lending.missed_on[bad]
    return day


def write_world(world: World, lake: Path, replace: bool = False, each: Each = map) -> Iterator[WrittenPartition]:
    """Write a world as a lake; yields each partition when it is written. `each` is `map`, or a pool's.

    The tables of the first partition are compared with the tables' rules row by row, those of the others are not: they
    are made by the same lines, and for millions of patents the comparison takes longer than the making.
    """
    facts = {"synthetic_world": asdict(world)}
    manifest = Manifest("synthetic world", "CNY", world.partitions, True, "pledgescore world", facts)
    with LakeWriter(lake, manifest, replace=replace, check=False) as writer:
        for part in each(partial(_written, world, writer), range(world.partitions)):
            writer.take(part.files)
            yield part


def _written(world: World, writer: LakeWriter, index: int) -> WrittenPartition:
    part = make_rows(world, index)
    if index == 0:
        _verify(part)
    files = writer.written(index, part.tables)
    write_truth(writer.path, index, part.truth)
    return WrittenPartition(files, part.loans, part.patents)


def _verify(part: PartitionRows) -> None:
    for table, frame in part.tables.items():
        if problems := check_frame(table, frame):
            raise AssertionError(f"the world made a row that no lake takes: {problems[0]}")
