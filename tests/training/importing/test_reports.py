"""Files of offices that once were refused or did harm, each imported as it should be; skipped where they do not lie."""

import csv
import json
from pathlib import Path

import pytest

from features.lake import Lake
from features.text_files import harmless
from tests.beside import BESIDE
from training.importing.importing import REFUSED, Report, import_data
from training.importing.sources import SourceError

REPORTS = BESIDE / "cases" / "reports"
there = pytest.mark.skipif(not REPORTS.exists(), reason="../shared/cases/reports is not there")
NUMBER = "CN201910561574.9"


def imported(name: str, out: Path) -> Report:
    """The account of a report's import."""
    return import_data(REPORTS / name / "m.toml", out, environ={})


@there
def test_23_numbers_and_classes_are_read_as_offices_write_them(tmp_path: Path) -> None:
    """ZL, bare, full width, small letters; IPC with blanks and versions, a Locarno class; what was written is kept."""
    imported("23_import_numbers", tmp_path / "lake")
    patents = Lake(tmp_path / "lake").read(0)["patents"]
    assert patents["patent"].to_list().count(NUMBER) == 12
    assert set(patents["ipc"].drop_nulls()) == {"H04N19/00"}
    assert patents["locarno"].drop_nulls().to_list() == ["14-02"]
    written = [json.loads(text) for text in patents["as_written"].drop_nulls()]
    assert {"patent": "ZL 2019 1 0561574.9"} in written
    assert {"ipc": "H04N19/00(2014.01)I"} in written
    refused = refused_rows(tmp_path / "lake")
    told = {row["value"] for row in refused if row["table"] == "patents"}
    assert told == {"'2.01911E+12'", "'CN109999999B'", "'PCT/CN2019/080561'"}


@there
def test_24_no_refused_cell_is_a_formula(tmp_path: Path) -> None:
    """Every cell that a spreadsheet may take for a formula is quoted, and the file is marked as UTF-8."""
    imported("24_refused_formula", tmp_path / "lake")
    assert (tmp_path / "lake" / REFUSED).read_bytes().startswith(b"\xef\xbb\xbf")
    rows = refused_rows(tmp_path / "lake")
    assert {row["value"] for row in rows} >= {"'=1+1", "'+cmd|' /C calc'!A0", "'-2+3", "'＝2+3", "'@x"}
    assert all(harmless(cell) == cell for row in rows for cell in row.values())


def refused_rows(lake: Path) -> list[dict[str, str]]:
    """The rows that were refused."""
    with (lake / REFUSED).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


MAPPING = """
[lake]
name = "t"
currency = "CNY"
partitions = 1
[sources.books]
path = "books.csv"
{encoding}
[[tables.statements]]
source = "books"
source_kind = "document"
[tables.statements.fields]
firm = "uscc:{{企业}}"
known_on = {{ constant = "2024-05-01" }}
period_end = "期末"
revenue = {{ column = "营业收入", factor = 1000000 }}
"""
BOOKS = '企业,期末,营业收入\n91350100M000100Y43,2023-12-31,1234.56\n91350100M000100Y43,2022-12-31,"1,234.56 万元"\n'


def written(folder: Path, encoding: str, told: str = "") -> Path:
    """A mapping over books in an encoding; `told` is what the mapping says of it."""
    (folder / "books.csv").write_bytes(BOOKS.encode(encoding))
    mapping = folder / "m.toml"
    mapping.write_bytes(MAPPING.format(encoding=f'encoding = "{told}"' if told else "").encode("utf-8-sig"))
    return mapping


@pytest.mark.parametrize(("encoding", "told"), [("utf-8", ""), ("utf-8-sig", ""), ("gbk", "gbk"), ("utf-16", "utf-16")])
def test_an_encoding_that_is_told_is_read(tmp_path: Path, encoding: str, told: str) -> None:
    """Books in each usual encoding; an amount that carries its unit is read by that, others by the mapping's factor."""
    report = import_data(written(tmp_path, encoding, told), tmp_path / "lake", environ={})
    assert report.refused == 0
    assert Lake(tmp_path / "lake").read(0)["statements"]["revenue"].to_list() == [1_234_560_000] * 2


@pytest.mark.parametrize(("encoding", "named"), [("gbk", "GBK"), ("utf-16", "UTF-16")])
def test_an_encoding_that_is_not_told_is_named(tmp_path: Path, encoding: str, named: str) -> None:
    """A file that is not UTF-8 is refused with what it may be and where to say so."""
    with pytest.raises(SourceError, match=named):
        import_data(written(tmp_path, encoding), tmp_path / "lake", environ={})
