"""The population for patent quality: deciles by field and year, exact and in any order."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.percentiles import FLAGS, GROWTH, NUMBERS, Population, Statistics, deciles, statistics
from features.policy import shipped
from tests.amount import law

FIRM = "row:1"


def observed(claims: list[float], field: int = 13, year: int = 2015) -> Statistics:
    """Patents of which the claims alone are known."""
    n = len(claims)
    nothing = {name: np.full(n, np.nan) for name in (*NUMBERS, *FLAGS)}
    return Statistics(
        tuple(f"CN{i}" for i in range(n)),
        np.full(n, field),
        np.full(n, year),
        np.full(n, 2026 - year),
        nothing | {"claims": np.array(claims)},
    )


def everything(found: Statistics) -> np.ndarray:  # type: ignore[type-arg]
    """A mask that keeps all."""
    return np.ones(len(found.patents), dtype=bool)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_a_decile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[int]) -> None:
    """At least d tenths lie at or below the decile, and fewer below it."""
    seen = {float(v): values.count(v) for v in values}
    for tenth, found in zip(range(1, 10), deciles(seen.items()), strict=True):
        assert 10 * sum(v <= found for v in values) >= tenth * len(values)
        assert 10 * sum(v < found for v in values) < tenth * len(values)


@law(40)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=30), st.randoms())
def test_partitions_may_be_counted_in_any_order(claims: list[int], chance: object) -> None:
    """Counting patents one by one or together gives the same norms."""
    whole = Population()
    whole.add(observed([float(c) for c in claims]), np.ones(len(claims), dtype=bool))
    parts = Population()
    for claim in sorted(claims):
        parts.add(observed([float(claim)]), np.ones(1, dtype=bool))
    assert list(whole.norms("2026-01-01")) == list(parts.norms("2026-01-01"))


def test_norms_are_told_for_field_and_year_field_year_and_all() -> None:
    """Each population has its deciles with the number of patents that they rest on."""
    found = Population()
    for field, year, claims in ((13, 2015, 5.0), (13, 2016, 7.0), (2, 2015, 9.0)):
        found.add(observed([claims], field, year), np.ones(1, dtype=bool))
    norms = {(n.subject, n.statistic): n for n in found.norms("2026-01-01")}
    assert norms["field:13|year:2015", "claims_p50"].value == 5.0
    assert norms["field:13", "claims_p90"].value == 7.0
    assert norms["year:2015", "claims_p10"].value == 5.0
    assert norms["patents:all", "claims_p50"].n == 3
    assert norms["patents:all", "patents"].value == 3.0


def test_the_growth_of_a_field_is_ranked_among_the_fields() -> None:
    """A field whose filings doubled over the years that can be seen ranks above one that halved."""
    found = Population()
    for field, year, n in ((1, 2021, 5), (1, 2024, 10), (2, 2021, 10), (2, 2024, 5), (3, 2025, 99)):
        one = observed([1.0] * n, field, year)
        found.add(one, everything(one))
    norms = {n.subject: n.value for n in found.norms("2026-06-30") if n.statistic == GROWTH}
    assert norms == {"field:1": 75.0, "field:2": 25.0}


def known(day: date = date(2026, 11, 20)) -> Known:
    """Two firms with a patent each; the first is licensed and was upheld."""
    base = {"known_on": date(2020, 1, 1), "source_kind": "register", "source": "s"}
    patents = [
        base | {"firm": firm, "patent": f"CN{i}", "kind": "invention", "filed_on": date(2015, 3, 1), "office": "CN"}
        | {"granted_on": date(2017, 5, 5), "ipc": "H04L9/32", "further_ipc": "G06F21/00;H04L9/08", "claims": 9}
        | {"family_offices": "CN;US", "family_size": 2, "in_use": True}
        for i, firm in enumerate(("row:1", "row:2"))
    ]  # fmt: skip
    events = [
        base | {"firm": "row:1", "patent": "CN0", "happened_on": date(2019, 1, 1), "event": event, "reference": event}
        for event in ("licensed", "invalidation_rejected", "award")
    ]  # fmt: skip
    holdings = [
        base | {"firm": firm, "patent": f"CN{i}", "holder": firm, "from_on": date(2015, 3, 1)}
        for i, firm in enumerate(("row:1", "row:2"))
    ]
    tables = Tables.from_rows({"patents": patents, "patent_events": events, "holdings": holdings})
    return as_known(tables, [Case("a", "row:1", day), Case("b", "row:2", day)], NO_NORMS, shipped())


def test_statistics_say_what_the_rows_and_events_show() -> None:
    """Counts from the row, symbols of all classes, whole years left, flags from events; unasked events are unknown."""
    found = statistics(known())
    first = {name: values[0] for name, values in found.values.items()}
    assert (found.patents[0], found.year[0], found.field[0]) == ("CN0", 2015, 4)
    assert (first["claims"], first["ipc_symbols"], first["family_offices"], first["remaining_life"]) == (9, 3, 2, 8)
    assert [first[name] for name in ("examined", "upheld", "licensed", "award", "in_use")] == [1] * 5
    assert np.isnan(first["citations_made"])
    assert np.isnan(found.values["licensed"][1])
