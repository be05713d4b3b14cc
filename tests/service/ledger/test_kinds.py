"""Kinds of entries are reserved once, each with its leaves, and the page of the format tells them."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.ledger.canonical import float_text
from service.ledger.entry_contents import AssessmentRef, EntryContent, fields, type_name
from service.ledger.kinds import COUNTED, FOR_EVERY_FUND, Kind
from service.ledger.reserved_kinds import RESERVED
from service.ledger.written_kinds import WRITTEN, ClosureEntry, DecisionEntry
from service.proofs.kind_table import BEGIN, END, kind_table

PAGE = Path(__file__).parents[3] / "docs" / "format.md"


def test_every_kind_is_declared_once() -> None:
    """A kind is written by this version or reserved for a later one, never both; an assessment's leaves are its own."""
    written = [content.KIND for content in WRITTEN]
    assert len(set(written)) == len(written)
    assert not set(written) & set(RESERVED)
    assert set(Kind) - set(written) - set(RESERVED) == {Kind.ASSESSMENT}
    assert set(Kind) >= FOR_EVERY_FUND | COUNTED


def test_the_page_tells_all_of_them() -> None:
    """`docs/format.md` holds what `pledgescore ledger kinds` prints."""
    page = PAGE.read_text("utf-8")
    told = page[page.index(BEGIN) : page.index(END) + len(END)]
    assert told == kind_table(), "run: pledgescore ledger kinds"


@pytest.mark.parametrize("content", WRITTEN, ids=lambda one: one.KIND)
def test_no_leaf_is_declared_to_hold_a_float(content: type[EntryContent]) -> None:
    """Each leaf has a type that the page explains, an audience and a meaning; a float has no type."""
    for one in fields(content):
        assert not re.search(r"float(?!64)", one.type)
        assert one.audience in {"public", "fund", "bank", "person"}
        assert one.meaning
    with pytest.raises(KeyError):
        type_name(msgspec.inspect.type_info(float))


def test_a_content_is_read_back_from_its_leaves() -> None:
    """Every field is a leaf, null where nothing is said; a rate is the number that it was."""
    given: dict[str, Any] = {"closed_on": "2026-11-20", "outcome": "repaid", "by": "李明", "loss": 0}
    made = ClosureEntry(assessment=AssessmentRef("a", "0" * 64), **given)
    body = {pointer: msgspec.json.decode(text) for pointer, text in made.leaves().items()}
    assert set(body) == {f"/{name}" for name in ClosureEntry.__struct_fields__}
    assert ClosureEntry.from_leaves(body) == made
    assert made.to_dict() == given | {"assessment": {"id": "a", "seal": "0" * 64}, "days_late": 0}
    told = dict.fromkeys(DecisionEntry.__struct_fields__) | {"rate": float_text(0.0435)}
    assert DecisionEntry(**told).to_dict() == {"rate": 0.0435}
