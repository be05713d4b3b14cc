"""JSON piece by piece: the same values as a parser finds, and nothing is built of what is refused."""

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.assessing.requests import AT_ONCE, read_applicant
from service.edge.errors import InvalidRequest, NotJson, Refused
from service.edge.json_pieces import LARGEST, Pieces, PieceTooLong
from tests.service.made import applicant

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FAULTY: dict[str, Callable[[], bytes]] = {
    "rows": lambda: b'{"as_of":"2026-11-20","firm":"row:1","rows":{"patents":[' + b"{}      ," * 10**6 + b"{}]}}",
    "tables": lambda: b'{"rows":{' + b",".join(b'"x%d":[]' % n for n in range(10**6)) + b"}}",
    "members": lambda: b"{" + b",".join(b'"x%d":[]' % n for n in range(10**6)) + b"}",
    "columns": lambda: b'{"rows":{"patents":[{' + b",".join(b'"x%d":0' % n for n in range(10**6)) + b"}]}}",
    "few bytes": lambda: b'{"rows":{"patents":[' + b",".join([b"{}"] * (AT_ONCE // 4)) + b"]}}",
    "deep": lambda: b'{"rows":{"patents":[' + b"[" * 10**7,
    "deep from the first": lambda: b"[" * 10**7,
    "a text without end": lambda: b'{"rows":{"patents":["' + b'\\"' * 10**6,
    "a list": lambda: b"[" + b"{}," * 10**6 + b"{}]",
}  # fmt: skip


def told(pieces: Pieces) -> Any:
    """A value, each of whose members and items was taken by itself."""
    if pieces.opening == b"{":
        return {name: told(pieces) for name in pieces.members()}
    if pieces.opening == b"[":
        return [told(pieces) for _ in pieces.items()]
    return json.loads(pieces.checked())


@given(ANY, st.sampled_from((None, 1)), st.booleans())
def test_a_walk_finds_what_a_parser_finds(value: Any, indent: int | None, ascii_alone: bool) -> None:
    """Any value, however it is spaced and escaped; and taken whole it is its own text."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_alone).encode()
    walk, whole = Pieces(b" " + text + b"\n"), Pieces(text)
    assert told(walk) == value
    walk.end()
    assert whole.checked(len(text)) == text


@given(st.binary(max_size=40) | st.text('{}[]",:0a\\ \n', max_size=40).map(str.encode))
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """Whatever bytes there are: a walk to the end succeeds where a parser does (or a name comes twice), else not."""
    walk = Pieces(text)
    try:
        value = told(walk)
        walk.end()
    except (NotJson, PieceTooLong, ValueError):
        return
    assert value == json.loads(text)


@pytest.mark.parametrize("faulty", FAULTY)
def test_at_the_first_hundred_faults_reading_ends(faulty: str) -> None:
    """A million faults are as many as a hundred and one: what is behind them is neither told nor built."""
    body = FAULTY[faulty]()
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refused:
            read_applicant(body)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 80 * LARGEST  # of one piece, as Python values
    if isinstance(refused.value, InvalidRequest):
        assert refused.value.code == "invalid_request_more"
        assert len(refused.value.faults) in (1, 100)


def test_a_large_question_reads_as_a_small_one() -> None:
    """Over the size from which it is read row by row: the same rows, the same faults, the same duplicates."""
    small = applicant(1, patents=20)
    large = json.dumps(small, indent=200).encode()
    assert len(large) > AT_ONCE
    assert read_applicant(large) == read_applicant(json.dumps(small).encode())
    small["rows"]["patents"][3]["kind"] = "发明"
    small["rows"]["holdings"][2]["share"] = 7
    small["surplus"] = small["rows"]["nowhere"] = []
    found = []
    for indent in (None, 200):
        with pytest.raises(InvalidRequest) as wrong:
            read_applicant(json.dumps(small, indent=indent).encode())
        found.append([(one.pointer, one.code) for one in wrong.value.faults])
    assert found[0] == found[1]
    assert {pointer for pointer, _ in found[0]} == {"/rows/holdings/2/share", "/rows/nowhere", "/surplus"}


def test_a_member_twice_is_told_where_it_stands() -> None:
    """In a row as in the question, by line and column of what was sent."""
    with pytest.raises(NotJson) as twice:
        read_applicant(b'{"as_of": "2026-11-20",\n "rows": {"patents": [{"a": 1,\n  "a": 2}]}}')
    assert (twice.value.code, twice.value.facts) == ("json_twice", {"member": "a", "line": "3", "column": "7"})
