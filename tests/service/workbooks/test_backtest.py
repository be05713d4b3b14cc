"""Old files: what would have been advised then, beside how they came out; gaps are told and stop nothing."""

import csv
import weakref
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

import pledgescore
from service.assessing.stages import Gathered
from service.assessing.story import Assessor
from service.edge.settings import Settings
from service.ledger.opening import open_database
from service.ledger.tables import ENTRIES
from service.web.app import assessor_for
from service.workbooks import backtest
from service.workbooks.backtest import old_files
from service.workbooks.reading import Workbook
from service.workbooks.template import write_workbook
from tests.service.made import applicant, offering

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
Asked = dict[str, Any]


def with_outcome(body: Asked, bad: bool | None) -> Asked:
    """The question with its outcome, known a year later."""
    if bad is not None:
        body["rows"]["outcomes"] = [
            {
                "known_on": "2027-11-20",
                "source_kind": "typed",
                "case": body["case"],
                "as_of": body["as_of"],
                "label": bad,
            }
        ]
    return body


def thirty() -> list[Asked]:
    """Thirty files, of which ten have gaps: no books, no patents, no report, no application, an empty day."""
    found = [with_outcome(offering(seed, case=f"H{seed:02}"), seed % 3 == 0) for seed in range(1, 31)]
    gaps = ("statements", "patents", "bureau", "applications", "firms", "collateral", "holdings", "credit_events")
    for place, table in enumerate(gaps):
        del found[place]["rows"][table]
    found[8]["rows"] = {}
    del found[9]["as_of"]
    found[10]["rows"].pop("outcomes")
    return found


@pytest.fixture
def settings(tmp_path: Path, bundle: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service's settings in the environment."""
    database = tmp_path / "ledger.db"
    database.write_bytes(prepared.read_bytes())
    monkeypatch.setenv("PLEDGESCORE_BUNDLE", str(bundle))
    monkeypatch.setenv("PLEDGESCORE_DATABASE", f"sqlite:///{database}")
    return Settings.from_environment()


def workbook(tmp_path: Path, asked: list[Asked]) -> Path:
    """The questions as a workbook."""
    out = tmp_path / "old.xlsx"
    write_workbook(out, "zh", "0" * 64, asked)
    return out


def test_thirty_old_files_with_gaps_make_a_table(tmp_path: Path, settings: Settings) -> None:
    """Every file stands in the table, those without a day or their application with the reason; nothing is recorded."""
    out = tmp_path / "table.csv"
    done = CliRunner().invoke(pledgescore.app, ["backtest", str(workbook(tmp_path, thirty())), "--out", str(out)])
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    assert "30 old files, of which 3 could not be assessed" in done.output
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [row["File"] for row in rows] == [f"H{seed:02}" for seed in range(1, 31)]
    assert [row["File"] for row in rows if row["Why not assessed"]] == ["H04", "H09", "H10"]
    assert rows[3]["Why not assessed"].startswith("申请!D6 ")
    assert {row["Outcome"] for row in rows} == {"bad", "good", "not known"}
    assert all(row["Advice then"] for row in rows if row["File"] not in ("H09", "H10", "H04"))
    with open_database(settings.database).connect() as connection:
        before = connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one()
    assert before == 0


def test_nothing_later_is_read(tmp_path: Path, settings: Settings) -> None:
    """Bad news of the next year changes no advice; it is counted as known later."""
    clean = [offering(7, case="A"), offering(7, case="B")]
    news = {"known_on": "2027-05-01", "source_kind": "bureau", "queried_on": "2027-05-01", "non_performing": 5}
    clean[1] = deepcopy(clean[1])
    clean[1]["firm"] = "row:8"
    for table, rows in clean[1]["rows"].items():
        for row in rows:
            row |= {name: "row:8" for name in ("holder", "pledgor") if row.get(name) == "row:7"}
            assert table
    clean[1]["rows"]["bureau"].append(news)
    engine = open_database(settings.database)
    with Workbook(workbook(tmp_path, clean)) as read, assessor_for(engine, settings, lambda: NOW) as assessor:
        one, other = old_files(read, assessor, NOW)
    assert (one.advice, one.amount, one.pd) == (other.advice, other.amount, other.pd)
    assert (one.later, other.later) == (0, 1)


def test_memory_does_not_grow_with_the_files(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of files that are assessed a few at a time no more are held at once, however many follow; each is counted."""
    monkeypatch.setattr(backtest, "TOGETHER", 4)
    engine = open_database(settings.database)
    seen: list[weakref.ref[Gathered]] = []
    held: list[int] = []
    with assessor_for(engine, settings, lambda: NOW) as assessor:
        answers = assessor.assess

        def assess(gathered: Any) -> Any:
            seen.extend(map(weakref.ref, gathered))
            held.append(sum(one() is not None for one in seen))
            return answers(gathered)

        monkeypatch.setattr(Assessor, "assess", staticmethod(assess))
        book = workbook(tmp_path, [applicant(seed, 1, case=f"M{seed}") for seed in range(1, 25)])
        counts = backtest.Counts()
        with Workbook(book) as read:
            assert sum(1 for _ in counts.seen(old_files(read, assessor, NOW))) == 24
    assert counts.files == 24 == sum(by.total() for by in counts.by_advice.values()) + counts.refused
    assert len(seen) == 24
    assert max(held) <= 8
