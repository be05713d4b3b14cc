"""Whatever a source is, it gives batches of texts with row numbers."""

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.importing.mapping import SourceRule
from training.importing.sources import SourceError, open_sources

ROWS = [("1", "甲", "0.10"), ("2", None, "2.5")]
CSV = "id,name,amount\n1,甲,0.10\n2,,2.5\n"
ARFF = """% note
@relation 'r'
@attribute id numeric
@ATTRIBUTE 'name' string
@attribute amount numeric

@data
1,甲,0.10
2,?,2.5
"""


def rows(folder: Path, environ: dict[str, str] | None = None, **rule: Any) -> list[tuple[str | None, ...]]:
    """All rows of one source without their numbers, which must count from 1."""
    source = open_sources({"s": SourceRule(**rule)}, folder, environ or {})["s"]
    frame = pl.concat(source.batches())
    assert frame["row"].to_list() == [str(n) for n in range(1, frame.height + 1)]
    return frame.select("id", "name", "amount").rows()


def test_csv_plain_and_gzipped_keeps_every_digit(tmp_path: Path):
    """Nothing is guessed about types: 0.10 stays a text; an empty text is not known."""
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert rows(tmp_path, path="a.csv") == ROWS
    assert rows(tmp_path, path="b.csv.gz") == ROWS


def test_other_encodings_and_separators(tmp_path: Path):
    """A file in GB 18030 with semicolons is read as well."""
    (tmp_path / "a.csv").write_bytes(CSV.replace(",", ";").encode("gb18030"))
    assert rows(tmp_path, path="a.csv", separator=";", encoding="gb18030") == ROWS


def test_arff_plain_and_gzipped(tmp_path: Path):
    """Attribute names, quoted or not, become columns; a question mark is not known."""
    (tmp_path / "a.arff").write_text(ARFF, "utf-8")
    (tmp_path / "b.arff.gz").write_bytes(gzip.compress(ARFF.encode()))
    assert rows(tmp_path, path="a.arff") == ROWS
    assert rows(tmp_path, path="b.arff.gz") == ROWS


def test_parquet(tmp_path: Path):
    """Typed columns become texts without losing a digit."""
    frame = pl.DataFrame({"id": [1, 2], "name": ["甲", None], "amount": [0.1, 2.5]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert rows(tmp_path, path="a.parquet") == [("1", "甲", "0.1"), ("2", None, "2.5")]


def test_a_glob_reads_files_in_order_of_name(tmp_path: Path):
    """Several files are one source, with running row numbers."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.csv").write_text(f"id,name,amount\n{name},x,1\n")
    assert [r[0] for r in rows(tmp_path, path="*.csv")] == ["a", "b"]


def test_a_database_by_url(tmp_path: Path):
    """A SQL query by URL gives rows; the URL may come from the environment."""
    with sqlite3.connect(tmp_path / "bank.db") as bank:
        bank.execute("CREATE TABLE loans (id INTEGER, name TEXT, amount TEXT)")
        bank.executemany("INSERT INTO loans VALUES (?, ?, ?)", [(1, "甲", "0.10"), (2, None, "2.5")])
    bank.close()
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    assert rows(tmp_path, url=url, sql="SELECT * FROM loans ORDER BY id") == ROWS
    assert rows(tmp_path, {"BANK": url}, url_from="BANK", sql="SELECT * FROM loans ORDER BY id") == ROWS


def test_a_password_is_never_shown(tmp_path: Path):
    """Reports and errors name a database without its password."""
    source = open_sources({"s": SourceRule(url="nosuch://u:secret@h/d", sql="SELECT 1")}, tmp_path, {})["s"]
    with pytest.raises(Exception, match="nosuch") as error:
        list(source.batches())
    assert "secret" not in str(error.value)
    assert isinstance(error.value, SourceError)


def test_a_query_over_other_sources(tmp_path: Path):
    """SQL over sources named before: joins, windows and sums."""
    (tmp_path / "a.csv").write_text("id,name,amount\n1,甲,0.10\n1,甲,0.2\n")
    rules = {
        "a": SourceRule(path="a.csv"),
        "total": SourceRule(sql="SELECT id, SUM(CAST(amount AS DOUBLE)) AS paid FROM a GROUP BY id"),
    }
    (batch,) = open_sources(rules, tmp_path, {})["total"].batches()
    assert batch["id"].to_list() == ["1"]
    assert float(batch["paid"][0]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"path": "none.csv"}, "there is no file none.csv"),
        ({"path": "text.arff"}, "no line @data"),
        ({"sql": "SELECT * FROM nothing"}, "cannot be read"),
        ({"url_from": "BANK", "sql": "SELECT 1"}, "set the environment variable BANK"),
        ({"url": "sqlite:///none/none.db", "sql": "SELECT 1"}, "unable to open database"),
        ({"path": "text.parquet"}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_traceback(tmp_path: Path, rule: dict[str, str], said: str):
    """Every way in which a source fails is an error for a person."""
    for kind in ("arff", "parquet"):
        (tmp_path / f"text.{kind}").write_text("nothing")
    with pytest.raises(SourceError, match=said):
        list(open_sources({"s": SourceRule(**rule)}, tmp_path, {})["s"].batches())
