"""Screening a lake: one row per firm and list with reasons, the same whatever is screened together, written whole."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import training.screen
from features.asof import Case, Tables, as_known
from features.lake import Lake
from features.matrix import matrix
from features.policy import shipped
from models.bundle import Bundle
from models.exam import work
from models.rules import applicant, lists, screen
from models.rules.whitelists import UnknownList
from tests.service.made import make_bundle
from tests.training.making import world
from training.commands import app
from training.screen import COLUMNS, BadOutput, chosen_lists, screened, sheet

DAY = date(2024, 6, 30)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A small synthetic world."""
    return world(tmp_path_factory.mktemp("lake"), loans=60)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A whitelist model."""
    return make_bundle(tmp_path_factory.mktemp("bundle"), "whitelist")


@pytest.fixture(scope="module")
def rows(lake: Lake, bundle: Bundle) -> pl.DataFrame:
    """All firms against all lists."""
    return pl.concat(screened(lake, lists(shipped()), bundle, shipped(), DAY))


def test_each_firm_has_one_row_per_list(lake: Lake, rows: pl.DataFrame) -> None:
    """No firm is left out, none stands twice, and no firm that was not yet known is there."""
    known = pl.concat(lake.read(i, ["firms"])["firms"] for i in range(lake.partitions)).filter(
        pl.col("known_on") <= DAY
    )
    assert set(rows["firm"]) == set(known["firm"])
    assert rows.select("firm", "list").is_duplicated().sum() == 0
    assert rows.height == known["firm"].n_unique() * len(lists(shipped()))


def test_a_row_says_what_the_list_says_of_the_firm_alone(lake: Lake, bundle: Bundle, rows: pl.DataFrame) -> None:
    """Outcome, probability and reasons are those of the firm read and screened by itself."""
    for row in rows.gather_every(17).iter_rows(named=True):
        tables = Tables.from_frames(lake.read_firm(row["firm"]))
        known = as_known(tables, [Case("x", row["firm"], DAY)], bundle.norms, shipped())
        admission = float(work(bundle.trees, matrix(known, bundle.features)).probability[0])
        found = screen(applicant(known, 0), row["list"], admission)
        assert (row["outcome"], row["admission"]) == (found.outcome, admission)
        assert row["why_not"] == "; ".join(f"{f.rule}={f.outcome}" for f in found.why_not)
        for finding in found.why_not:
            assert f"{finding.title.zh}：{finding.observed.zh}" in row["why_not_zh"]
            assert f"{finding.title.en}: {finding.observed.en}" in row["why_not_en"]


def test_it_matters_not_how_many_are_screened_together(
    lake: Lake, bundle: Bundle, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few firms at a time give the same rows, bit for bit."""
    monkeypatch.setattr(training.screen, "TOGETHER", 7)
    again = pl.concat(screened(lake, lists(shipped()), bundle, shipped(), DAY))
    assert again.equals(rows)


def test_without_a_model_nobody_passes_a_list_that_asks_for_it(lake: Lake) -> None:
    """The admission is unknown, which is no pass."""
    rows = pl.concat(screened(lake, ["push"], None, shipped(), DAY))
    assert "pass" not in rows["outcome"]
    assert rows["why_not"].str.contains("list_admission=unknown").all()


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
def test_the_command_writes_every_row(lake: Lake, tmp_path: Path, suffix: str) -> None:
    """Each format holds the heading and all rows; the account tells what was synthetic and how many passed."""
    bundle, out = tmp_path / "bundle", tmp_path / f"out{suffix}"
    make_bundle(bundle, "whitelist")
    words = ["screen", "--data", str(lake.path), "--list", "push", "--out", str(out), "--bundle", str(bundle)]
    done = CliRunner().invoke(app, [*words, "--as-of", DAY.isoformat()])
    assert done.exit_code == 0, done.output
    assert "SYNTHETIC" in done.output
    rows = _read(out)
    assert rows[0] == list(COLUMNS)
    assert len(rows) - 1 == len({row[0] for row in rows[1:]})
    assert {row[3] for row in rows[1:]} == {"push"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def _read(out: Path) -> list[list[object]]:
    if out.suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            return [list(row) for row in csv.reader(file)]
    if out.suffix == ".xlsx":
        from zipfile import ZipFile

        rows = ZipFile(out).read("xl/worksheets/sheet1.xml").decode().split("<row ")[1:]
        return [[_cell(cell) for cell in row.split("<c ")[1:]] for row in rows]
    frame = pl.read_parquet(out)
    return [frame.columns, *(list(row) for row in frame.rows())]


def _cell(told: str) -> str:
    return told.partition("<t>")[2].partition("</t>")[0]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    """A file takes its place only when all of it is written."""
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(AttributeError), sheet(out) as into:
        into.add("no frame")  # type: ignore[arg-type]
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    """What a spreadsheet would compute is written as a text."""
    row = dict.fromkeys(COLUMNS) | {"firm": "row:1", "legal_name": "=1+1"}
    with sheet(tmp_path / "out.csv") as into:
        into.add(pl.DataFrame([row], schema=COLUMNS))
    assert _read(tmp_path / "out.csv")[1][1] == "'=1+1"


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    """A list that nobody states and a file of another kind are refused; `all` is every list."""
    with pytest.raises(UnknownList, match="there is no list 'nobody'"):
        chosen_lists("nobody", shipped())
    assert chosen_lists("all", shipped()) == lists(shipped())
    with pytest.raises(BadOutput, match=r"\.parquet, \.csv, \.xlsx"), sheet(tmp_path / "out.docx"):
        pass
