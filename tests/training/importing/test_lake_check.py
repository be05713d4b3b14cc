"""A check finds what is wrong in a lake and counts what is odd."""

import json
from datetime import date
from pathlib import Path

import polars as pl

from features.lake import LakeWriter, Manifest
from training.importing.lake_check import check_lake

DAY = date(2021, 5, 1)


def books(**items: int) -> dict[str, object]:
    """One set of yearly books."""
    made = {"firm": "row:1", "known_on": DAY, "source_kind": "document", "period_end": date(2020, 12, 31), "months": 12}
    return {**made, **items}


def lake_of(path: Path, *rows: dict[str, object], check: bool = True) -> Path:
    """A lake of statements in one partition."""
    from features.frames import polars_schema

    with LakeWriter(path, Manifest("t", "CNY", 1, synthetic=False), check=check) as writer:
        writer.add({"statements": pl.DataFrame(rows, schema=polars_schema("statements"))})
    return path


def test_a_sound_lake_is_counted(tmp_path: Path):
    """Rows, firms and the days of knowledge are told; nothing is wrong."""
    found = check_lake(lake_of(tmp_path, books(revenue=1), books(revenue=2) | {"known_on": date(2022, 1, 1)}))
    assert found.wrong == []
    count = found.tables["statements"]
    assert (count.rows, count.firms, count.first_known, count.last_known) == (2, 1, DAY, date(2022, 1, 1))


def test_odd_books_and_contradictions_are_counted(tmp_path: Path):
    """Two statements of one fact on one day, a repeated row, books that do not balance: odd, not wrong."""
    unbalanced = books(total_assets=10, total_liabilities=5, equity=4)
    found = check_lake(lake_of(tmp_path, books(revenue=1), books(revenue=2), books(revenue=2), unbalanced))
    assert found.wrong == []
    assert found.odd == {
        "statements: rows that contradict another of the same fact and day": 2,
        "statements: rows that repeat another": 1,
        "statements: books that do not balance": 1,
    }


def test_rows_against_the_rules_are_wrong(tmp_path: Path):
    """A lake that was written without its checks is found out."""
    found = check_lake(lake_of(tmp_path, books(total_assets=-1), check=False))
    assert len(found.wrong) == 1
    assert "total_assets" in found.wrong[0]


def test_a_changed_file_is_wrong(tmp_path: Path):
    """A file that is not the one that was written is told before its rows are read."""
    lake_of(tmp_path, books(revenue=1))
    (file,) = tmp_path.rglob("*.parquet")
    file.write_bytes(file.read_bytes() + b"\0")
    assert "is not the file" in check_lake(tmp_path).wrong[0]


def test_a_firm_in_a_foreign_partition_is_wrong(tmp_path: Path):
    """A manifest that claims another number of partitions is found out by the firms' places."""
    lake_of(tmp_path, books(revenue=1))
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "partitions": 7}), "utf-8")
    (problem,) = check_lake(tmp_path).wrong
    assert "lies in a partition that is not its own (row:1)" in problem
