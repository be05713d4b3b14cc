"""What is sealed of the rows: every known value once, under its audience, in canonical form."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from features.columns import AUDIENCES
from features.tables import TABLES
from service.assessing.leaves import row_leaves, rows_of
from service.ledger.canonical import canonical, float_of
from tests.builders import make_rows


@given(st.integers(0, 2**32 - 1))
def test_leaves_are_canonical_and_hold_every_value_under_its_audience(seed: int) -> None:
    """Each leaf is the canonical object of one audience's columns, and together they are the row."""
    rows = make_rows(Random(seed))
    leaves = row_leaves(rows)
    for table, own in rows.items():
        columns = TABLES[table].columns
        for place, row in enumerate(own):
            found = {}
            for audience in AUDIENCES:
                leaf = leaves.pop(f"/rows/{table}/{place}/{audience}", None)
                wanted = {name: value for name, value in row.items() if columns[name].audience == audience}
                assert leaf == (canonical(wanted) if wanted else None)
                found |= json.loads(leaf) if leaf else {}
            numbers = {name for name in row if columns[name].kind == "number"}
            assert {name: float_of(found[name]) for name in numbers} == {name: row[name] for name in numbers}
    assert not leaves


@given(st.integers(0, 2**32 - 1))
def test_rows_are_read_back_from_their_leaves(seed: int) -> None:
    """What was sealed is what is read again, to the last bit of every number."""
    rows = {table: own for table, own in make_rows(Random(seed)).items() if own}
    known = {table: [{n: v for n, v in row.items() if v is not None} for row in own] for table, own in rows.items()}
    body = {pointer: json.loads(leaf) for pointer, leaf in row_leaves(rows).items()}
    assert rows_of(body) == known
