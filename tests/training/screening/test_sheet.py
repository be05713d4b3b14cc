"""Rows in parts become one file: each format whole, harmless in a spreadsheet, the same bytes however they lay."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

import training.screening.sheet
from training.screening.sheet import MOST_IN_A_SHEET, BadOutput, check_output, write

FORMATS = (".parquet", ".csv", ".xlsx")
ROWS = pl.DataFrame(
    {
        "firm": [f"row:{n}" for n in range(50)],
        "legal_name": ["=1+1", "-2", "@x", '"甲", 乙', "a-b", *["企业"] * 45],
        "as_of": [date(2024, 6, 30)] * 50,
        "admission": [0.1, None, *[1 / 3] * 48],
    }
)


def laid(folder: Path, *cuts: int) -> list[Path]:
    """The rows in parts, cut at these places."""
    folder.mkdir()
    paths, at = [], [0, *cuts, ROWS.height]
    for n, (start, end) in enumerate(pairwise(at)):
        paths.append(folder / f"part-{n}.parquet")
        ROWS.slice(start, end - start).write_parquet(paths[-1])
    return paths


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_holds_every_row(tmp_path: Path, suffix: str) -> None:
    """The heading and all rows in their order; nothing else is left behind."""
    out = tmp_path / f"out{suffix}"
    write(laid(tmp_path / "parts", 7, 7, 30), out, tmp_path / "beside")
    rows = read(out)
    assert rows[0] == ROWS.columns
    assert [row[0] for row in rows[1:]] == ROWS["firm"].to_list()
    assert not (tmp_path / "beside").exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However they lie in parts, and where a part ends within a group of rows."""
    monkeypatch.setattr(training.screening.sheet, "ROWS_PER_GROUP", 20)
    made = []
    for name, cuts in (("a", ()), ("b", (1, 2, 3)), ("c", (25, 25))):
        write(laid(tmp_path / name, *cuts), tmp_path / f"{name}{suffix}", tmp_path / "beside")
        made.append((tmp_path / f"{name}{suffix}").read_bytes())
    assert made[0] == made[1] == made[2]


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    """What a spreadsheet would compute is written as a text; numbers and other texts stay as they are."""
    write(laid(tmp_path / "parts"), tmp_path / "out.csv", tmp_path / "beside")
    rows = read(tmp_path / "out.csv")
    assert [row[1] for row in rows[1:6]] == ["'=1+1", "'-2", "'@x", '"甲", 乙', "a-b"]
    assert [row[3] for row in rows[1:4]] == ["0.1", "", repr(1 / 3)]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    """A file takes its place only when all of it is written."""
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(FileNotFoundError):
        write([tmp_path / "no.parquet"], out, tmp_path / "beside")
    assert out.read_text() == "before"


def test_what_cannot_be_written_is_refused_beforehand() -> None:
    """Another kind of file, and more rows than a sheet holds; any number goes into the other formats."""
    with pytest.raises(BadOutput, match=r"\.parquet, \.csv, \.xlsx"):
        check_output(Path("out.docx"), 1)
    with pytest.raises(BadOutput, match=r"holds 1,048,575: write \.parquet or \.csv"):
        check_output(Path("out.xlsx"), MOST_IN_A_SHEET + 1)
    check_output(Path("out.xlsx"), MOST_IN_A_SHEET)
    check_output(Path("out.csv"), MOST_IN_A_SHEET + 1)


def read(out: Path) -> list[list[str]]:
    """The file's cells as texts, the heading first."""
    if out.suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            return [list(row) for row in csv.reader(file)]
    if out.suffix == ".xlsx":
        rows = ZipFile(out).read("xl/worksheets/sheet1.xml").decode().split("<row ")[1:]
        return [[cell.partition("<t>")[2].partition("</t>")[0] for cell in row.split("<c ")[1:]] for row in rows]
    frame = pl.read_parquet(out)
    return [frame.columns, *(list(row) for row in frame.rows())]
