"""An import accounts for every row, and the same data make the same lake."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from features.lake import Lake, LakeError
from models.words.templates import SHIPPED
from training.importing.importing import Report, import_data
from training.importing.sources import SourceError

MAPPING = """
[lake]
name = "branch"
currency = "CNY"
partitions = 2

[sources.loans]
path = "loans.csv"
keep = [{ column = "state", not_in = ["draft"], because = "draft" }]

[unused]
loans = ["note"]

[[tables.applications]]
source = "loans"
source_kind = "document"
[tables.applications.fields]
firm = "row:{client}"
application = "{id}"
applied_on = { column = "asked", format = ["%Y-%m-%d", "%Y%m%d"] }
known_on = "applied_at"
amount = { column = "wan", factor = 1000000 }

[[tables.credit_events]]
source = "loans"
source_kind = "register"
when_known = ["happened_on"]
[tables.credit_events.fields]
firm = "row:{client}"
happened_on = "sued"
event = { constant = "lawsuit" }
known_on = { after = "happened_on", days = 30 }

[[tables.credit_events]]
source = "loans"
source_kind = "register"
when_known = ["happened_on"]
[tables.credit_events.fields]
firm = "row:{client}"
happened_on = "blacklisted"
event = { constant = "dishonest_debtor" }
known_on = "blacklisted"

[[tables.measures]]
source = "loans"
source_kind = "bureau"
each_column = ["score_*"]
[tables.measures.fields]
firm = "row:{client}"
known_on = "applied_at"
[tables.measures.each]
size = { column = "size", codes = ["S", "M"], otherwise = "missing" }
"""
LOANS = """id,client,asked,applied_at,wan,state,note,extra,sued,blacklisted,score_a,score_b,size
1,A,2020-01-31,2020-02-01,1.5,open,x,1,2021-01-01,2021-06-01,7,,S
2,A,20200301,2020-03-01,0.00000049,open,x,1,,,8,1,XL
3,B,2020-05-05,2020-05-01,3,open,x,1,,,1,1,M
4,C,2020-05-05,2020-05-06,much,open,x,1,,,,,M
5,D,2020-05-05,2020-05-06,3,draft,x,1,,,1,1,M
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Source files beside their mapping."""
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "loans.csv").write_text(LOANS, "utf-8")
    return tmp_path


def imported(folder: Path, out: str = "lake") -> tuple[Report, Lake]:
    """The report and the lake of an import."""
    report = import_data(folder / "mapping.toml", folder / out, environ={})
    return report, Lake(folder / out)


def test_every_row_is_written_left_out_or_refused(folder: Path):
    """Rows read are rows written, left out, empty and refused, in every block of the mapping."""
    report, lake = imported(folder)
    assert report.sources["loans"].rows == 5
    assert report.sources["loans"].left_out == {"draft": 1}
    by = [(b.table, b.read, b.empty, b.refused, b.written) for b in report.blocks]
    assert by == [
        ("applications", 4, 0, 2, 2),
        ("credit_events", 4, 3, 0, 1),
        ("credit_events", 4, 3, 0, 1),
        ("measures", 4, 4, 0, 8),
    ]
    assert sum(lake.manifest.rows(t) for t in ("applications", "credit_events", "measures")) == report.written == 12


def test_refused_rows_are_written_with_reason_and_source(folder: Path):
    """A text that is no amount and a day after its own knowledge: each with its row number and the source row."""
    imported(folder)
    with (folder / "lake" / "refused.csv").open(encoding="utf-8") as file:
        refused = list(csv.DictReader(file))
    assert [(r["row"], r["column"], r["reason"]) for r in refused] == [
        ("3", "applied_on", "lies after known_on: nothing is known before it happened, check both days"),
        (
            "4",
            "amount",
            f"cannot be read as {SHIPPED.name('column.money', 'en')}",
        ),
    ]
    assert json.loads(refused[1]["source_row"])["client"] == "C"


def test_amounts_days_and_events_arrive(folder: Path):
    """Ten thousand yuan become fen, either date format is read, and one source row makes two events."""
    _, lake = imported(folder)
    rows = lake.read_firm("row:A")
    assert rows["applications"].select("applied_on", "amount").rows() == [
        (date(2020, 1, 31), 1_500_000),
        (date(2020, 3, 1), 0),
    ]
    assert rows["credit_events"].select("event", "known_on").rows() == [
        ("lawsuit", date(2021, 1, 31)),
        ("dishonest_debtor", date(2021, 6, 1)),
    ]
    assert set(rows["measures"].select("measure", "value").rows()) == {
        ("score_a", 7.0), ("score_a", 8.0), ("score_b", 1.0), ("size", 0.0),
    }  # fmt: skip


def test_what_is_unmapped_unknown_rounded_or_assumed_is_told(folder: Path):
    """The written report says which columns nothing reads, which values were in no list, and what was assumed."""
    report, lake = imported(folder)
    told = json.loads((folder / "lake" / "import-report.json").read_text("utf-8"))
    assert told["sources"]["loans"]["unmapped"] == ["extra"]
    assert told["sources"]["loans"]["declared_unused"] == ["note"]
    assert told["blocks"][3]["unknown"] == {"size": {"XL": 1}}
    assert told["blocks"][0]["rounded"] == {"amount": 1}
    assert report.assumed_known_on == pytest.approx(1 / 12)
    assert lake.manifest.facts == {"share_assumed_known_on": report.assumed_known_on}


def test_the_same_files_make_the_same_lake(folder: Path):
    """Two imports differ in no byte."""
    first, second = (imported(folder, out)[1] for out in ("one", "two"))
    assert first.manifest == second.manifest
    assert (folder / "one" / "import-report.json").read_bytes() == (folder / "two" / "import-report.json").read_bytes()


def test_a_column_that_is_not_there_is_told(folder: Path):
    """A mapping that names a column which the file lacks stops with the columns that it has, and leaves no lake."""
    (folder / "loans.csv").write_text(LOANS.replace("applied_at", "applied"), "utf-8")
    with pytest.raises(SourceError, match="has no column 'applied_at': it has id, client"):
        imported(folder)
    with pytest.raises(LakeError, match="is no lake"):
        Lake(folder / "lake")


def test_a_source_read_only_by_a_query_is_counted(folder: Path):
    """Files that only feed a query stand in the report as well, with what the query does not speak of."""
    text = MAPPING.partition("[[tables.applications]]")[0].replace('[unused]\nloans = ["note"]', "")
    text += """
[sources.clients]
sql = "SELECT client, COUNT(*) AS loans FROM loans WHERE state = 'open' GROUP BY client ORDER BY client"

[[tables.measures]]
source = "clients"
source_kind = "document"
each_column = ["loans"]
[tables.measures.fields]
firm = "row:{client}"
known_on = { constant = 2020-12-31 }
"""
    (folder / "mapping.toml").write_text(text, "utf-8")
    report, _ = imported(folder)
    assert report.sources["loans"].rows == 5
    assert "wan" in report.sources["loans"].unmapped
    assert "state" not in report.sources["loans"].unmapped
    assert report.written == 3
