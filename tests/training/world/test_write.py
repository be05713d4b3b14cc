"""A world as a lake: valid, reproducible, and the same however its partitions are made."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.contradictions import count_contradictions
from features.cores import processes
from features.frames import check_frame
from features.lake import Lake, LakeError, partition_of
from features.tables import TABLES
from tests.training.world.conftest import SMALL
from training.world.economy import World, WorldRefused, sized
from training.world.truth import read_truth
from training.world.write import PartitionRows, partitions, write_world

NOT_MADE = {"outcomes", "forecasts"}
"""A world's labels come from performance and from lists; its banks ask for no monthly forecast."""


def test_every_table_is_made_and_every_row_is_valid(parts: list[PartitionRows]) -> None:
    """The rules that a bank's rows must meet hold for the world's."""
    assert set(TABLES) - NOT_MADE == set(parts[0].tables)
    for part in parts:
        for table, frame in part.tables.items():
            assert check_frame(table, frame) == [], table


def test_no_row_contradicts_another(parts: list[PartitionRows]) -> None:
    """One fact of one day is told once."""
    for part in parts:
        for table, frame in part.tables.items():
            assert count_contradictions(table, frame)[0] == 0, table


def test_rows_lie_in_their_firms_partition(parts: list[PartitionRows]) -> None:
    """Nothing about a firm lies elsewhere."""
    for part in parts:
        for table, frame in part.tables.items():
            places = {partition_of(firm, SMALL.partitions) for firm in frame["firm"].unique()}
            assert places <= {part.index}, table


def test_a_partition_does_not_depend_on_the_others(parts: list[PartitionRows]) -> None:
    """The last partition made without the first is the same, row by row."""
    alone = partitions(SMALL, only=[1])
    for part in alone:
        for table, frame in part.tables.items():
            assert_frame_equal(frame, parts[1].tables[table])
        assert_frame_equal(part.truth["part"], parts[1].truth["part"])


def test_another_seed_is_another_world(parts: list[PartitionRows]) -> None:
    """No firm of one world is in another."""
    other = next(iter(partitions(World(loans=100, firms=300, seed=8, partitions=2))))
    assert not set(other.tables["firms"]["firm"]) & set(parts[0].tables["firms"]["firm"])


def test_patent_numbers_are_unique_over_partitions(parts: list[PartitionRows]) -> None:
    """A patent that lies in two partitions would have two first holders."""
    first, second = (set(part.tables["patents"]["patent"].unique()) for part in parts)
    assert not first & second


def test_the_loans_are_as_many_as_asked(parts: list[PartitionRows]) -> None:
    """To within the last firm of each partition."""
    assert abs(sum(part.loans for part in parts) - SMALL.loans) <= 20


def test_books_balance_and_cash_flow_explains_cash(parts: list[PartitionRows]) -> None:
    """Assets are liabilities and equity to the fen in every statement, first or corrected."""
    books = parts[0].tables["statements"]
    assert (books["total_assets"] == books["total_liabilities"] + books["equity"]).all()
    parts_of_assets = pl.sum_horizontal("cash", "receivables", "inventory", "prepayments", "related_receivables")
    assert books.select((parts_of_assets <= pl.col("current_assets")).all()).item()
    assert books.select((pl.col("current_assets") + pl.col("fixed_assets") <= pl.col("total_assets")).all()).item()


def test_facts_come_late_and_some_are_corrected(parts: list[PartitionRows]) -> None:
    """Statements are known weeks after their period, and some are stated again."""
    books = parts[0].tables["statements"]
    assert (books["known_on"] - books["period_end"]).dt.total_days().min() >= 20  # type: ignore[operator]
    assert books.group_by("firm", "period_end", "months").len()["len"].max() == 2
    lapses = parts[0].tables["patent_events"].filter(pl.col("event") == "lapsed")
    assert (lapses["known_on"] - lapses["happened_on"]).dt.total_days().min() >= 200  # type: ignore[operator]


def test_every_shape_of_lending_occurs(parts: list[PartitionRows]) -> None:
    """All ways of repayment, renewals, declined, withdrawn, undrawn, prepaid, guaranteed, deferred, written off."""
    tables = {
        name: pl.concat([part.tables[name] for part in parts]) for name in ("applications", "loans", "performance")
    }
    asked, lent, months = tables["applications"], tables["loans"], tables["performance"]
    assert set(asked["repayment"]) == {"bullet", "instalments", "interest_first"}
    assert min(asked["declined_on"].count(), asked["withdrawn_on"].count()) > 0
    assert min(lent["drawn_on"].null_count(), lent["renews"].count()) > 0
    ways = set(months["settled_by"].drop_nulls())
    assert {"borrower", "renewal", "other_bank", "guarantor", "write_off", "sale_at_loss"} <= ways
    assert months["deferred"].any()
    assert months["restructured"].any()
    assert months.filter(pl.col("days_past_due") > 90)["recovered"].len() > 0


def test_a_lake_is_written_with_its_truth_out_of_reach(tmp_path: Path) -> None:
    """The lake says that it is synthetic; the truth lies beside the tables, one row per application."""
    world = sized(World(loans=200, partitions=2))
    written = list(write_world(world, tmp_path / "lake"))
    lake = Lake(tmp_path / "lake")
    assert lake.manifest.synthetic
    applications = [lake.read(index, ["applications"])["applications"] for index in range(len(written))]
    assert read_truth(lake.path).height == sum(part["application"].n_unique() for part in applications)
    assert not [name for name in lake.manifest.files if "truth" in name]
    with pytest.raises(LakeError, match="already holds a lake"):
        next(write_world(world, tmp_path / "lake"))


def test_processes_that_share_the_partitions_write_the_same_bytes(tmp_path: Path) -> None:
    """Tables and truth are what one process writes."""
    world = sized(World(loans=60, partitions=2))
    alone = list(write_world(world, tmp_path / "alone"))
    with processes(2) as pool:
        assert list(write_world(world, tmp_path / "shared", each=pool.map)) == alone
    told = [
        {path.relative_to(lake): path.read_bytes() for path in lake.rglob("*") if path.is_file()}
        for lake in (tmp_path / "alone", tmp_path / "shared")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (World(loans=100, mechanism="c"), "a or b"),  # type: ignore[arg-type]
        (World(loans=1000, firms=10), "--firms 1250"),
        (World(loans=100, first_year=2020, last_year=2020), "two years"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_to_ask_for(world: World, says: str) -> None:
    """The message names the option to change."""
    with pytest.raises(WorldRefused, match=says):
        sized(world)
