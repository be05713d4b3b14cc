"""Norms: counted by hand on a small population, and the same however the lake is cut."""

from datetime import date
from random import Random

import polars as pl

from features.frames import polars_schema
from features.norms import Norms
from features.policy import shipped
from features.population import LEAST, make_norms, peers_of
from tests.builders import RowsByTable, make_rows, patent_numbers

DAY = date(2026, 11, 22)


def norms_of(*partitions: RowsByTable) -> Norms:
    """The norms of partitions given as rows."""
    frames = [
        {t: pl.DataFrame(rows, schema=polars_schema(t)) for t, rows in part.items() if rows} for part in partitions
    ]
    return make_norms(lambda: iter(frames), DAY, shipped())


def test_citations_are_the_mean_of_field_and_year() -> None:
    """Two patents of digital communication of 2018 with 3 and 6 citations: usual are 4.5."""
    numbers = patent_numbers(3)
    told = {"firm": "row:1", "known_on": date(2020, 1, 1), "source_kind": "register"}
    patents = [
        told
        | {"patent": n, "kind": "invention", "ipc": "H04L9/32", "filed_on": date(year, 5, 1), "citations_received": c}
        for n, year, c in zip(numbers, (2018, 2018, 2019), (3, 6, 7), strict=True)
    ]
    holdings = [told | {"patent": n, "holder": "row:1", "from_on": date(2019, 6, 1)} for n in numbers]
    norms = norms_of({"patents": patents, "holdings": holdings})
    assert norms.value("field:4|year:2018", "citations_mean") == 4.5
    assert norms.by_name["field:4|year:2018", "citations_mean"].n == 2
    assert norms.value("field:4|year:2019", "citations_mean") == 7.0


def test_medians_of_peers() -> None:
    """The median is over the firms of the group for which it is known; a group that is too small is not stated."""
    told = {"known_on": date(2020, 1, 1), "source_kind": "register"}
    firms = [told | {"firm": f"row:{n}", "industry": "C3921", "staff": 10 * n} for n in range(1, LEAST + 1)]
    firms += [told | {"firm": "row:90", "industry": "I65", "staff": 1000}, told | {"firm": "row:91", "industry": "C39"}]
    norms = norms_of({"firms": firms})
    assert norms.value("peers:C39", "median:staff") == 30.0
    assert norms.by_name["peers:C39", "median:staff"].n == 5
    assert norms.value("peers:all", "median:staff") == 35.0
    assert norms.value("peers:I65", "median:staff") != norms.value("peers:I65", "median:staff")


def test_peers_from_near_to_far() -> None:
    """A firm is compared with its division, then its section, then all."""
    assert peers_of("C3921") == ("peers:C39", "peers:C", "peers:all")
    assert peers_of("C") == ("peers:C", "peers:all")


def test_how_the_lake_is_cut_does_not_matter() -> None:
    """One partition or one for each firm: the same norms."""
    for seed in range(5):
        rows = make_rows(Random(seed), firms=4)
        firms = sorted({row["firm"] for found in rows.values() for row in found})
        parts = [{table: [r for r in found if r["firm"] == firm] for table, found in rows.items()} for firm in firms]
        assert norms_of(*parts).to_json() == norms_of(rows).to_json()
