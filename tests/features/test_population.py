"""Norms: counted by hand on a small population, and the same however the lake is cut."""

from datetime import date
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np

from features.asof import Case
from features.cores import processes
from features.encoded import Tables
from features.lake import frames_of
from features.matrix import build
from features.norms import Norm, Norms
from features.policy import shipped
from features.population import LEAST, Lot, make_norms, peers_of
from features.technology import AGES, CITATIONS, aged
from tests.builders import RowsByTable, make_rows, patent_numbers

DAY = date(2026, 11, 22)


def norms_of(*partitions: RowsByTable) -> Norms:
    """The norms of partitions given as rows."""
    frames = [frames_of(part) for part in partitions]
    return make_norms(Lot(frames.__getitem__, len(frames)), DAY, shipped())


TOLD = {"firm": "row:1", "known_on": date(2020, 1, 1), "source_kind": "register"}


def cited(filed_on: date, citations: list[int], of: str = "row:1") -> dict[str, list[dict[str, Any]]]:
    """Inventions of digital communication of one firm: granted, fees paid, cited so often as known in 2020."""
    numbers = patent_numbers(len(citations))
    right = {"kind": "invention", "ipc": "H04L9/32", "granted_on": filed_on, "fees_paid_to": date(2040, 1, 1)}
    patents = [
        TOLD | right | {"firm": of, "patent": n, "filed_on": filed_on, "citations_received": c}
        for n, c in zip(numbers, citations, strict=True)
    ]
    holdings = [TOLD | {"firm": of, "patent": n, "holder": of, "from_on": filed_on} for n in numbers]
    about = [TOLD | {"firm": of, "about": name, "complete": True} for name in ("holdings", "patents", "patent_events")]
    return {"patents": patents, "holdings": holdings, "coverage": about}


def test_citations_are_the_mean_of_field_and_age() -> None:
    """Thirty inventions in force of digital communication, cited twice or four times: usual are 3 at each age."""
    norms = norms_of(cited(date(2018, 5, 1), [2, 4] * 15))
    counted = {day.year: found for day, found in norms.counts(CITATIONS).items()}
    assert min(counted) == 2020, "in 2019 nothing was known"
    assert counted[2022] == {"field:4|age:4": 3.0, "age:4": 3.0}
    assert counted[2026] == {"field:4|age:8": 3.0, "age:8": 3.0}
    assert norms.by_name["field:4|age:8", CITATIONS].n == 30
    assert Norms.from_json(norms.to_json()).digest == norms.digest, "every count is kept"


def test_few_patents_say_nothing_about_their_field() -> None:
    """Fewer patents of an age than a population needs: none is stated, so that one patent is not its own measure."""
    assert not norms_of(cited(date(2018, 5, 1), [2, 4])).counts(CITATIONS)


def test_a_case_is_compared_with_the_last_count_before_its_day() -> None:
    """Usual are 3 citations by the count of 2021 and 30 by that of 2024: a case between sees 3."""
    usual = ((3.0, "2021-01-01"), (30.0, "2024-01-01"))
    norms = Norms.of(Norm(aged(None, age), CITATIONS, mean, 100, on) for mean, on in usual for age in range(AGES))
    rows = cited(date(2010, 5, 1), [6])
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2023, 12, 31), date(2024, 1, 1)]
    cases = [Case(str(day), "row:1", day) for day in days]
    found = build(cases, Tables.from_rows(rows), ["citations_to_expected"], norms, shipped())[:, 0]
    np.testing.assert_array_equal(found, [np.nan, 2.0, 2.0, 0.2])


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


def test_who_works_on_the_partitions_does_not_matter() -> None:
    """One after the other here, or each in a process of its own: the same norms."""
    frames = [frames_of(cited(date(2018, 5, 1), [2, 4] * 15, of=f"row:{n}")) for n in (1, 2)]
    shipped().held(DAY, lambda policy, day: MappingProxyType({}))  # what was computed from policy stays in its process
    with processes(2) as pool:
        shared = make_norms(Lot(frames.__getitem__, 2, pool.map), DAY, shipped())
    assert shared == make_norms(Lot(frames.__getitem__, 2), DAY, shipped())


def test_how_the_lake_is_cut_does_not_matter() -> None:
    """One partition or one for each firm: the same norms."""
    for seed in range(3):
        rows = make_rows(Random(seed), firms=4)
        firms = sorted({row["firm"] for found in rows.values() for row in found})
        parts = [{table: [r for r in found if r["firm"] == firm] for table, found in rows.items()} for firm in firms]
        assert norms_of(*parts).to_json() == norms_of(rows).to_json()
