"""A lake gives back what was written into it, and tells when it is not what it was."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.lake import Lake, LakeError, LakeWriter, Manifest, RowsRefused, frames_of, partition_of, register_part
from features.tables import TABLES
from tests.amount import law

DAY = date(2020, 1, 1)
MADE = Manifest("test", "CNY", 3, synthetic=True)


def firms(*names: str) -> pl.DataFrame:
    """One row per name, firm keys by place."""
    rows = [
        {"firm": f"row:{i}", "known_on": DAY, "source_kind": "typed", "legal_name": name}
        for i, name in enumerate(names)
    ]
    return frames_of({"firms": rows})["firms"]


def measures(firm: str, *values: float) -> pl.DataFrame:
    """Rows of one firm's measure."""
    return pl.DataFrame(
        {"firm": firm, "known_on": [DAY] * len(values), "source_kind": "typed", "measure": "tax", "value": values}
    )


def written(path: Path, *frames: pl.DataFrame) -> Lake:
    """A lake of measures."""
    with LakeWriter(path, MADE) as writer:
        for frame in frames:
            writer.add({"measures": frame})
    return Lake(path)


@settings(deadline=None)
@given(st.text(), st.integers(1, 50))
def test_a_partition_is_stable_and_in_range(firm: str, partitions: int):
    """The partition follows from the key alone."""
    assert 0 <= partition_of(firm, partitions) < partitions
    assert partition_of("row:1", 7) == 2


def test_rows_added_anyhow_come_back_by_partition_and_by_firm(tmp_path: Path):
    """Every row lies in its firm's partition, once, in the whole schema of its table."""
    lake = written(tmp_path, *(measures(f"row:{i}", 1.0, 2.0) for i in range(20)))
    parts = [lake.read(i).get("measures", pl.DataFrame()) for i in range(lake.partitions)]
    assert sum(p.height for p in parts) == 40
    for index, part in enumerate(parts):
        assert {partition_of(f, 3) for f in part["firm"]} == {index}
    assert lake.read_firm("row:7")["measures"]["value"].to_list() == [1.0, 2.0]
    assert lake.read_firm("row:none") == {}
    assert lake.read(0, tables=["firms"]) == {}
    assert lake.manifest.rows("measures") == 40


@law(20)
@given(st.permutations(range(6)))
def test_the_same_rows_make_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, order: list[int]):
    """Neither the order of rows nor how they were batched reaches the files."""
    whole = pl.concat([measures(f"row:{i % 3}", float(i)) for i in range(6)])
    first = written(tmp_path_factory.mktemp("a"), whole)
    second = written(tmp_path_factory.mktemp("b"), *(whole[i] for i in order))
    assert first.manifest == second.manifest


def test_a_partition_written_whole_equals_rows_added(tmp_path: Path):
    """Both ways of writing make the same lake."""
    frame = pl.concat([measures(f"row:{i}", 1.0) for i in range(9)])
    added = written(tmp_path / "added", frame)
    with LakeWriter(tmp_path / "whole", MADE) as writer:
        for index in range(3):
            own = [partition_of(f, 3) == index for f in frame["firm"]]
            writer.write(index, {"measures": frame.filter(own)})
    assert Lake(tmp_path / "whole").manifest.digest == added.manifest.digest


def test_a_firm_in_a_foreign_partition_is_refused(tmp_path: Path):
    """What is written under the wrong number would never be found again."""
    own = partition_of("row:1", 3)
    writer = LakeWriter(tmp_path, MADE)
    with pytest.raises(LakeError, match=f"row:1 belongs to partition {own}"):
        writer.write((own + 1) % 3, {"measures": measures("row:1", 1.0)})


def test_wrong_rows_are_refused_by_row_and_column(tmp_path: Path):
    """A lake holds no row that breaks the tables' rules."""
    with pytest.raises(RowsRefused, match="/measures/1/value"):
        LakeWriter(tmp_path, MADE).add({"measures": measures("row:1", 1.0, float("nan"))})


def test_a_lake_that_failed_half_way_is_no_lake(tmp_path: Path):
    """The manifest comes last."""
    with pytest.raises(RowsRefused), LakeWriter(tmp_path, MADE) as writer:
        writer.add({"firms": firms("A"), "measures": measures("row:1", float("nan"))})
    with pytest.raises(LakeError, match=r"has no manifest\.json"):
        Lake(tmp_path)


def test_a_lake_is_not_overwritten_unasked(tmp_path: Path):
    """Only `replace` lets a new lake take the place of an old one, and nothing of the old one stays."""
    written(tmp_path, measures("row:1", 1.0), measures("row:2", 1.0), measures("row:3", 1.0))
    with pytest.raises(LakeError, match="already holds a lake"):
        LakeWriter(tmp_path, MADE)
    with LakeWriter(tmp_path, MADE, replace=True) as writer:
        writer.add({"firms": firms("A")})
    assert list(tmp_path.rglob("*.parquet")) == [tmp_path / name for name in Lake(tmp_path).manifest.files]


def test_a_changed_file_is_named(tmp_path: Path):
    """`verify` finds one changed byte."""
    lake = written(tmp_path, measures("row:1", 1.0))
    lake.verify()
    (name,) = lake.manifest.files
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LakeError, match="part-"):
        lake.verify()


def test_what_lies_beside_the_tables_cannot_be_read(tmp_path: Path):
    """A world's truth in `_truth/` is out of reach."""
    lake = written(tmp_path, measures("row:1", 1.0))
    (tmp_path / "_truth").mkdir()
    measures("row:1", 9.0).write_parquet(tmp_path / "_truth" / "part-0000.parquet")
    assert all(set(lake.read(i, tables=["_truth", "measures"])) <= {"measures"} for i in range(3))
    lake.verify()


def test_a_partition_that_does_not_exist_is_an_error(tmp_path: Path):
    """A number out of range is told with the range."""
    with pytest.raises(LakeError, match="no partition 3: it has 3"):
        written(tmp_path, measures("row:1", 1.0)).read(3)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("acme", ["Acme", "ACME Tools", "The Acme"]),
        ("深圳", ["深圳示例科技有限公司"]),
        ("例科", ["深圳示例科技有限公司"]),
        (".*", []),
        ("  ", []),
    ],
)
def test_firms_are_found_by_part_of_a_name(tmp_path: Path, sought: str, found: list[str]):
    """Whole names first, then names that begin so; upper and lower case alike; the text is no pattern."""
    with LakeWriter(tmp_path, MADE) as writer:
        writer.add({"firms": firms("The Acme", "ACME Tools", "Acme", "深圳示例科技有限公司", "Other")})
    assert [firm.legal_name for firm in Lake(tmp_path).firms(sought)] == found


def test_a_lake_names_its_bank_and_one_that_names_none_is_written_as_ever(tmp_path: Path):
    """The name is part of what the lake is; without one the manifest says nothing of banks, so old digests hold."""
    with LakeWriter(tmp_path / "own", Manifest("test", "CNY", 3, synthetic=True, bank="bank-1")) as writer:
        writer.add({"firms": firms("one")})
    assert Lake(tmp_path / "own").manifest.bank == "bank-1"
    assert "bank" not in MADE.text()
    assert MADE.digest != Manifest("test", "CNY", 3, synthetic=True, bank="bank-1").digest


ROW = {"firm": "row:1", "known_on": DAY, "source": "somebody"}
ROWS = {
    "firms": {"legal_name": "one", "customer_since": DAY, "history": "told to the officer"},
    "coverage": {"about": "bureau", "complete": True},
    "statements": {"period_end": DAY, "months": 12, "scope": "parent", "basis": "cas", "revenue": 1},
    "whitelist_entries": {"list": "push", "decided_on": DAY, "admitted": True},
}


def test_common_is_what_a_register_says_in_public_columns():
    """Nobody else reads what was typed, what a report says, whose customer a firm is, or of whom a bank asked."""
    kinds = ("register", "typed", "bureau", "document")
    made = {table: [ROW | row | {"source_kind": kind} for kind in kinds] for table, row in ROWS.items()}
    made["coverage"].append(ROW | {"source_kind": "register", "about": "patents", "complete": True})
    found = register_part(frames_of(made))
    assert set(found) == {"firms", "whitelist_entries", "coverage"}
    assert {tuple(frame["source_kind"]) for frame in found.values()} == {("register",)}
    told = {n for frame in found.values() for n in frame.columns if frame[n].null_count() < frame.height}
    assert found["coverage"]["about"].to_list() == ["patents"]
    assert not told & {"customer_since", "history", "as_written"}
    assert {"legal_name", "source"} <= told


def test_no_table_of_a_banks_papers_is_common():
    """A table whose own columns are not public is a bank's, so that a new one is not read by all unless it says so."""
    own = {"applications", "loans", "bureau", "statements", "people", "guarantees", "evidence", "measures", "visits"}
    assert not [name for name in own if TABLES[name].common]
    for name, table in TABLES.items():
        public = [c for c in table.columns.values() if c.name in table.key and c.audience == "public"]
        assert not table.common or public or not table.key, name
