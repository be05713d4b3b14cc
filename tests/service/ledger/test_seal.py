"""The format of the ledger: it never changes, and another implementation comes to the same bytes."""

import json
import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ledger.canonical import canonical, float_of, float_text, time_text
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.seal import FirstFormHeader, body_root, body_text
from tests.service.ledger import plain

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "ledger" / "vectors.json").read_text(encoding="utf-8"))

texts = st.text(st.characters(codec="utf-8"))
wholes = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | wholes | floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda v: repr(v["value"])[:30])
def test_a_value_has_the_frozen_text(vector: dict[str, Any]) -> None:
    """Each frozen value is written as it was when the format was fixed."""
    assert canonical(vector["value"]).decode() == vector["canonical"]


@pytest.mark.parametrize("entry", VECTORS["entries"], ids=lambda e: e["kind"])
def test_an_entry_has_the_frozen_root_and_seal(entry: dict[str, Any]) -> None:
    """Each frozen entry still has its body, its root and its seal."""
    kept = {pointer: canonical(value) for pointer, value in json.loads(entry["body"]).items()}
    assert body_text(kept).decode() == entry["body"]
    sent = (entry["answer"] or "").encode()
    leaves = kept | (answer_leaves(sent, json.loads(sent), cut_of(kept)) if sent else {})
    assert body_root(leaves, bytes.fromhex(entry["secret"])) == entry["root"]
    named = {name: entry[name] for name in ("suite", "before", "seq", "at", "actor", "kind", "root")}
    assert FirstFormHeader(**named).seal == entry["seal"]


@given(values)
def test_any_value_is_written_as_the_plain_implementation_writes_it(value: Any) -> None:
    """Whatever JSON can carry, both implementations give the same bytes."""
    assert canonical(value) == plain.canonical(value)


@given(st.dictionaries(texts.map("/{}".format), values, min_size=1, max_size=20), st.binary(min_size=32, max_size=32))
def test_any_body_has_the_root_of_the_plain_implementation(body: dict[str, Any], secret: bytes) -> None:
    """HMAC, leaf order and tree agree with their definitions for any number of leaves."""
    leaves = {pointer: canonical(value) for pointer, value in body.items()}
    assert body_root(leaves, secret) == plain.root(body, secret)


@given(values)
def test_what_an_answer_says_is_sealed_as_a_reader_of_it_reads_it(value: Any) -> None:
    """The leaves made from the answer before it is written are those of the bytes that left."""
    sent = orjson.dumps({"part": value})
    assert answer_leaves(sent, {"part": value}) == answer_leaves(sent, orjson.loads(sent))


@given(floats)
def test_a_float_is_read_back_bit_for_bit(number: float) -> None:
    """Sixteen hex digits carry every finite float64, the sign of zero too."""
    assert float_text(float_of(float_text(number))) == float_text(number)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 2**53 + 1])
def test_what_json_cannot_carry_is_refused(number: float) -> None:
    """No entry can hold a number that another reader would read as something else."""
    with pytest.raises(ValueError, match=r"JSON can carry|beyond"):
        canonical({"a": [number]})


def test_days_and_times_have_one_text() -> None:
    """A day is ISO; a time is UTC with microseconds whatever zone it came in; a time without one is refused."""
    moment = datetime(2026, 11, 20, 16, 0, tzinfo=timezone(timedelta(hours=8)))
    assert canonical([date(2026, 11, 20), moment]) == b'["2026-11-20","2026-11-20T08:00:00.000000Z"]'
    assert time_text(moment) == time_text(moment.astimezone(UTC))
    with pytest.raises(ValueError, match="zone"):
        canonical(moment.replace(tzinfo=None))


def test_one_leaf_more_or_less_is_another_root() -> None:
    """A leaf cannot be added, dropped, renamed or moved without changing the root."""
    secret = os.urandom(32)
    leaves = {f"/rows/patents/{i}/public": canonical({"n": i}) for i in range(9)}
    renamed = {pointer.replace("/8/", "/9/"): value for pointer, value in leaves.items()}
    moved = dict(zip(leaves, reversed(leaves.values()), strict=True))
    fewer = dict(list(leaves.items())[:-1])
    assert len({body_root(body, secret) for body in (leaves, renamed, moved, fewer)}) == 4
