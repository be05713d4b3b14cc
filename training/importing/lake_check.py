"""Is a lake what it says it is, and what is in it: hashes, rules of every row, firms in their partitions, odd books.

What is *wrong* breaks a rule that training and serving rely on. What is *odd* may be right, and is counted for a person
to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from features.errors import refusal_phrase
from features.lake import Lake, LakeError, partition_of
from features.schema import RowProblem, check_frame
from features.tables import TABLES

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
    told = lake.manifest
    check = Check(told.name, told.currency, told.synthetic)
    try:
        lake.verify()
    except LakeError as fault:
        check.wrong.append(str(fault))
        return check
    parts = track(range(lake.partitions), "checking", console=Console(stderr=True), disable=not show)
    for index in parts:
        for table, frame in lake.read(index).items():
            check.tables.setdefault(table, TableCount()).add(frame)
            wrong = _wrong(table, frame, index, lake.partitions)
            check.wrong += [f"partition {index}, {problem.text('en')}" for problem in wrong]
            _notice(check, table, frame)
    check.tables = {name: check.tables[name] for name in TABLES if name in check.tables}
    return check


def _wrong(table: str, frame: pl.DataFrame, index: int, partitions: int) -> Iterator[RowProblem]:
    yield from check_frame(table, frame, most=SHOWN)
    for firm in frame["firm"].drop_nulls().unique().sort():
        if partition_of(firm, partitions) != index:
            yield RowProblem(table, None, "firm", firm, refusal_phrase("row_partition"))


def _notice(check: Check, table: str, frame: pl.DataFrame) -> None:
    key = ["firm", *TABLES[table].key, "known_on"]
    different = frame.unique().select(key)
    check.notice(
        f"{table}: rows that contradict another of the same fact and day", different.height - different.unique().height
    )
    check.notice(f"{table}: rows that repeat another", frame.height - different.height)
    if table == "statements":
        gap = pl.col("total_assets") - pl.col("total_liabilities") - pl.col("equity")
        check.notice("statements: books that do not balance", frame.filter(gap != 0).height)
