"""The examples fit the product as it is: mappings and plans are read, and the real files import whole."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from features.lake import Lake
from tests.beside import BESIDE
from training.importing.importing import Report, import_data
from training.importing.mapping import read_mapping
from training.learning.plan import read

EXAMPLES = Path(__file__).parents[2] / "examples"
REAL = BESIDE / "data"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/mapping.toml"))


Imported = Callable[[str], tuple[Report, Lake]]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """An example's lake made from the real files, once; skips where they are not at hand."""

    @cache
    def made(name: str) -> tuple[Report, Lake]:
        out = tmp_path_factory.mktemp(name)
        return import_data(EXAMPLES / name / "mapping.toml", out, REAL / name, environ={}), Lake(out)

    def found(name: str) -> tuple[Report, Lake]:
        if not (REAL / name).is_dir():
            pytest.skip(f"the real data set {name} is not shipped; see examples/{name}/README.md")
        return made(name)

    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_example_has_a_page_and_can_be_read(name: str):
    """A mapping, at least one plan that names it, and a page beside them."""
    read_mapping(EXAMPLES / name / "mapping.toml")
    plans = [read(path) for path in (EXAMPLES / name).glob("plan*.toml")]
    assert plans
    assert {plan.mapping for plan in plans} == {"mapping.toml"}
    assert all(split.floor for plan in plans for split in plan.split)
    assert (EXAMPLES / name / "README.md").read_text("utf-8").startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_real_files_import_whole(name: str, imported: Imported):
    """No row of a real file is refused, and no column is left without a word."""
    report, lake = imported(name)
    assert report.refused == 0
    assert [source.unmapped for source in report.sources.values()] == [[]] * len(report.sources)
    assert lake.manifest.rows("outcomes") > 0


def test_leaking_columns_reach_no_table(imported: Imported):
    """Of the guaranteed loans nothing that was written after the outcome is imported, under whatever name."""
    report, lake = imported("sba_loans")
    leaks = {"term", "chg_off_date", "chg_off_prin_gr", "balance_gross", "disbursement_date", "disbursement_gross"}
    assert leaks <= set(report.sources["loans"].declared_unused)
    assert set(lake.read(0)) == {"firms", "applications", "measures", "outcomes"}
    assert lake.read(0)["applications"]["term_months"].null_count() == lake.read(0)["applications"].height


def test_a_firm_without_a_patent_row_has_unknown_patents(imported: Imported):
    """In the joined data a missing patent row is unknown: no measure says zero for it."""
    _, lake = imported("us_firms")
    measures = lake.read(0)["measures"]
    with_patents = set(measures.filter(measures["measure"] == "patents_granted_so_far")["firm"])
    assert 0 < len(with_patents) < lake.read(0)["firms"].height
    assert (measures.filter(measures["measure"] == "patents_granted_so_far")["value"] > 0).all()


def test_a_year_s_amounts_are_exact(imported: Imported):
    """65.07600000000001 million dollars are 6,507,600,000 cents."""
    _, lake = imported("us_firms")
    books = lake.read_firm("cik:20")["statements"]
    assert books["cost_of_sales"][0] == 6_507_600_000
    assert str(books["period_end"][0]) == "2005-12-31"
    assert str(books["known_on"][0]) == "2006-03-31"
