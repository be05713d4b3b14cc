"""What is sealed of the rows: every known value once, under its audience, in canonical form."""

import json
from collections import Counter
from datetime import date
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from features.columns import AUDIENCES
from features.tables import TABLES
from service.assessing.input_digests import input_digests
from service.assessing.leaves import row_leaves, rows_of
from service.ledger.canonical import canonical
from tests.amount import law
from tests.builders import make_rows


@law(100)
@given(st.integers(0, 2**32 - 1))
def test_leaves_are_canonical_and_hold_every_value_under_its_audience(seed: int) -> None:
    """Each leaf is the canonical object of one audience's columns: of a table, or of a row where it is of persons."""
    leaves = row_leaves(make_rows(Random(seed)))
    for pointer, leaf in leaves.items():
        _, _, table, *place, audience = pointer.split("/")
        told, columns = json.loads(leaf), TABLES[table].columns
        assert leaf == canonical(told)
        assert {columns[name].audience for name in told} == {audience}
        assert bool(place) == (table in {"people", "person_bureau", "guarantees", "visits"})
        assert place or len({len(values) for values in told.values()}) == 1
    assert {pointer.rsplit("/", 1)[1] for pointer in leaves} <= set(AUDIENCES)


@law(100)
@given(st.integers(0, 2**32 - 1))
def test_rows_are_read_back_from_their_leaves(seed: int) -> None:
    """What was sealed is what is read again, to the last bit of every number, whatever order it came in."""
    rows = {table: own for table, own in make_rows(Random(seed)).items() if own}
    known = {table: [{n: v for n, v in row.items() if v is not None} for row in own] for table, own in rows.items()}
    shuffled = {table: Random(seed).sample(own, len(own)) for table, own in rows.items()}
    for given_rows in (rows, shuffled):
        found = rows_of({pointer: json.loads(leaf) for pointer, leaf in row_leaves(given_rows).items()})
        assert {table: _counted(own) for table, own in found.items()} == {t: _counted(own) for t, own in known.items()}


def _counted(rows: list[dict[str, Any]]) -> Counter[bytes]:
    return Counter(repr(sorted(row.items())).encode() for row in rows)


@law(100)
@given(st.integers(0, 2**32 - 1))
def test_the_order_in_which_rows_come_changes_no_digest(seed: int) -> None:
    """What tells which inputs changed does not take another order of the same rows for a change."""
    rows = make_rows(Random(seed))
    shuffled = {table: Random(seed).sample(own, len(own)) for table, own in rows.items()}
    assert input_digests(row_leaves(shuffled)) == input_digests(row_leaves(rows))


def test_the_order_of_rows_tells_nothing_that_is_hidden() -> None:
    """Of persons in one role the order is that in which they came, not that of their hashes."""
    told = {"known_on": date(2026, 11, 1), "source_kind": "register", "role": "controller"}
    for first, second in (("a", "b"), ("b", "a")):
        leaves = row_leaves({"people": [{**told, "person": f"person:{name}"} for name in (first, second)]})
        assert json.loads(leaves["/rows/people/0/person"])["person"] == f"person:{first}"
