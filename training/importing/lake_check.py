"""Is a lake what it says it is, and what is in it: hashes, rules of every row, firms in their partitions, odd books.

What is *wrong* breaks a rule that training and serving rely on. What is *odd* may be right, and is counted for a person
to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from features.contradictions import count_contradictions
from features.errors import refusal_phrase
from features.frames import check_frame
from features.lake import Lake, LakeError, partition_of
from features.row_checks import RowProblem
from features.tables import TABLES
from models.words.output import text, told

SHOWN = 20


@dataclass
class TableCount:
    """What a table holds over all partitions."""

    rows: int = 0
    firms: int = 0
    first_known: date | None = None
    last_known: date | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Count one partition's rows."""
        days = [d for d in (self.first_known, self.last_known, frame["known_on"].min(), frame["known_on"].max()) if d]
        self.first_known, self.last_known = min(days), max(days)  # type: ignore[assignment]
        self.rows += frame.height
        self.firms += frame["firm"].n_unique()


@dataclass
class Check:
    """What was found in a lake."""

    name: str
    currency: str
    synthetic: bool
    tables: dict[str, TableCount] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    odd: dict[str, int] = field(default_factory=dict)

    def notice(self, what: str, number: int) -> None:
        """Count something odd."""
        if number:
            self.odd[what] = self.odd.get(what, 0) + number


def check_lake(path: Path, show: bool = False) -> Check:
    """Read a whole lake, one partition at a time. Raises `LakeError` where there is none."""
    from rich.console import Console
    from rich.progress import track

    lake = Lake(path)
    manifest = lake.manifest
    check = Check(manifest.name, manifest.currency, manifest.synthetic)
    try:
        lake.verify()
    except LakeError as fault:
        check.wrong.append(text(fault.phrase))
        return check
    parts = track(range(lake.partitions), told("checking"), console=Console(stderr=True), disable=not show)
    for index in parts:
        for table, frame in lake.read(index).items():
            check.tables.setdefault(table, TableCount()).add(frame)
            wrong = _wrong(table, frame, index, lake.partitions)
            check.wrong += [_wrong_row(index, problem) for problem in wrong]
            _notice(check, table, frame)
    check.tables = {name: check.tables[name] for name in TABLES if name in check.tables}
    return check


def _wrong(table: str, frame: pl.DataFrame, index: int, partitions: int) -> Iterator[RowProblem]:
    yield from check_frame(table, frame, most=SHOWN)
    for firm in frame["firm"].drop_nulls().unique().sort():
        if partition_of(firm, partitions) != index:
            yield RowProblem(table, None, "firm", firm, refusal_phrase("row_partition"))


def _wrong_row(partition: int, problem: RowProblem) -> str:
    told_so = text(problem.phrase)
    place = problem.fault.pointer or "/"
    if problem.value:
        return told("row_wrong_value", partition=partition, place=place, why=told_so, value=problem.value)
    return told("row_wrong", partition=partition, place=place, why=told_so)


def _notice(check: Check, table: str, frame: pl.DataFrame) -> None:
    contradict, repeat = count_contradictions(table, frame)
    check.notice(told("rows_contradict", table=table), contradict)
    check.notice(told("rows_repeat", table=table), repeat)
    if table == "statements":
        gap = pl.col("total_assets") - pl.col("total_liabilities") - pl.col("equity")
        check.notice(told("books_unbalanced"), frame.filter(gap != 0).height)
