"""Screens every firm of a lake against lists: one row per firm and list, with why it is on it and why not.

A partition at a time and in it a few firms at a time, so that memory does not grow with the lake.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import polars as pl

from features.asof import Case, Known, Tables, as_known
from features.errors import PledgeScoreError
from features.lake import Lake
from features.matrix import matrix
from features.norms import NO_NORMS
from features.policy import Policy
from models.bundle import Bundle
from models.exam import work
from models.rules import Finding, Listed, applicant, lists, screen
from models.rules.whitelists import UnknownList

TOGETHER = 1000
"""Firms looked at together."""
MOST_IN_A_SHEET = 1_048_575
"""Rows below the heading that a sheet of a spreadsheet can hold."""

COLUMNS: dict[str, type[pl.DataType]] = {
    "firm": pl.String, "legal_name": pl.String, "as_of": pl.Date, "list": pl.String, "list_kind": pl.String,
    "outcome": pl.String, "admission": pl.Float64, "why_not": pl.String,
    "why_zh": pl.String, "why_not_zh": pl.String, "cautions_zh": pl.String,
    "why_en": pl.String, "why_not_en": pl.String, "cautions_en": pl.String,
}  # fmt: skip
"""Of a screened row. `outcome`: pass, fail, unknown or not_applicable; `admission`: the whitelist model's probability;
`why_not`: the rules that keep the firm off the list, each with its outcome."""


class BadOutput(PledgeScoreError):
    """The rows cannot be written as that file."""


def chosen_lists(name: str, policy: Policy) -> list[str]:
    """The list of that name, or `all`. Raises `UnknownList`."""
    stated = lists(policy)
    if name == "all":
        return stated
    if name not in stated:
        raise UnknownList(f"there is no list {name!r}: there are {', '.join(stated)}, and all")
    return [name]


def screened(
    lake: Lake, names: Sequence[str], bundle: Bundle | None, policy: Policy, day: date
) -> Iterator[pl.DataFrame]:
    """The rows (`COLUMNS`) of each firm of the lake known by the day, a few firms at a time.

    Without a bundle nobody's admission is known, and a list that asks for it passes nobody.
    """
    for index in range(lake.partitions):
        frames = lake.read(index)
        tables = Tables.from_frames(frames)
        firms = _firms(frames, day)
        for start in range(0, len(firms), TOGETHER):
            cases = [Case(firm, firm, day) for firm in firms[start : start + TOGETHER]]
            known = as_known(tables, cases, bundle.norms if bundle else NO_NORMS, policy)
            yield pl.DataFrame(list(_rows(known, names, bundle)), schema=COLUMNS, orient="row")


def count_firms(lake: Lake, day: date) -> int:
    """How many firms will be screened."""
    return sum(len(_firms(lake.read(index, ["firms"]), day)) for index in range(lake.partitions))


def _firms(frames: dict[str, pl.DataFrame], day: date) -> list[str]:
    if "firms" not in frames:
        return []
    return frames["firms"].filter(pl.col("known_on") <= day)["firm"].unique().sort().to_list()


def _rows(known: Known, names: Sequence[str], bundle: Bundle | None) -> Iterator[tuple[Any, ...]]:
    admissions = work(bundle.trees, matrix(known, bundle.features)).probability.tolist() if bundle else None
    for place in range(len(known)):
        a, admission = applicant(known, place), admissions[place] if admissions else None
        legal_name = a.profile.legal_name if a.profile else None
        for name in names:
            yield (a.firm, legal_name, a.as_of, *_of_list(screen(a, name, admission), admission))


def _of_list(found: Listed, admission: float | None) -> tuple[Any, ...]:
    why = [f for f in found.findings if f.outcome == "pass"]
    cautions = [f for f in found.findings if f.open and f.effect == "caution"]
    codes = "; ".join(f"{f.rule}={f.outcome}" for f in found.why_not)
    said = (_said(part, zh) for zh in (True, False) for part in (why, found.why_not, cautions))
    return (found.list, found.kind, found.outcome, admission, codes, *said)


def _said(findings: Iterable[Finding], zh: bool) -> str:
    """The findings in one language: what was seen and, where it falls short, what is asked."""
    if zh:
        return "；".join(
            f"{f.title.zh}：{f.observed.zh}" + (f"（要求{f.required.zh}）" if f.open else "") for f in findings
        )
    return "; ".join(
        f"{f.title.en}: {f.observed.en}" + (f" (required: {f.required.en})" if f.open else "") for f in findings
    )


class Sheet(Protocol):
    """Where rows are written to, a frame at a time."""

    def add(self, frame: pl.DataFrame) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Finish the file."""


@contextmanager
def sheet(out: Path) -> Iterator[Sheet]:
    """A file of rows, Parquet, CSV or Excel by its name; it takes its place whole when the block ends well.

    Raises `BadOutput`.
    """
    if out.suffix not in _SHEETS:
        raise BadOutput(f"{out}: rows are written as {', '.join(_SHEETS)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        beside = Path(folder) / out.name
        into = _SHEETS[out.suffix](beside)
        try:
            yield into
        finally:
            into.close()
        beside.replace(out)


class _Parquet:
    """Parts, which are put together without being held in memory."""

    def __init__(self, path: Path) -> None:
        self._path, self._parts = path, path.parent / "parts"
        self._parts.mkdir()
        self._count = 0

    def add(self, frame: pl.DataFrame) -> None:
        frame.write_parquet(self._parts / f"{self._count:06d}.parquet")
        self._count += 1

    def close(self) -> None:
        if not self._count:
            pl.DataFrame(schema=COLUMNS).write_parquet(self._path)
            return
        pl.scan_parquet(self._parts / "*.parquet").sink_parquet(self._path)


class _Csv:
    """UTF-8 with the mark by which spreadsheets know it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(COLUMNS)

    def add(self, frame: pl.DataFrame) -> None:
        self._rows.writerows([_harmless(cell) for cell in row] for row in frame.iter_rows())

    def close(self) -> None:
        self._file.close()


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


class _Excel:
    """One sheet, written row by row."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        told = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), told)
        self._sheet = self._book.add_worksheet("screening")
        self._sheet.write_row(0, 0, COLUMNS, self._book.add_format({"bold": True}))
        self._sheet.freeze_panes(1, 1)
        self._sheet.autofilter(0, 0, 0, len(COLUMNS) - 1)
        self._count = 0

    def add(self, frame: pl.DataFrame) -> None:
        if self._count + frame.height > MOST_IN_A_SHEET:
            raise BadOutput(f"an Excel sheet holds {MOST_IN_A_SHEET:,} rows: write .parquet or .csv")
        days = frame.with_columns(pl.col("as_of").cast(pl.String))
        for row in days.iter_rows():
            self._count += 1
            self._sheet.write_row(self._count, 0, row)

    def close(self) -> None:
        self._book.close()


_SHEETS: dict[str, Callable[[Path], Sheet]] = {".parquet": _Parquet, ".csv": _Csv, ".xlsx": _Excel}
