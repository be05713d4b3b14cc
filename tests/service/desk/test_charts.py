"""Charts read back from their SVG: the numbers are the answer's to the last digit, and nothing leaves the picture."""

import re
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from service.desk.charts import Bound, Spread, bounds, ranges, steps, waterfall_bar
from service.desk.formats import points, wan
from service.desk.labels import labels
from service.desk.views.answer import bounds_chart, values_chart

LARGEST = 2**53 - 1
"""The largest amount that a table takes, in fen."""
AMOUNTS = st.one_of(st.sampled_from((0, 1, 999_999, 10**6, LARGEST)), st.integers(0, LARGEST))
UNKNOWN = "无法测算"
DIGIT = 7.5


def texts_of(svg: str) -> list[tuple[float, str, str]]:
    """Each text of a chart: where it stands, its classes, and what it says."""
    found = ElementTree.fromstring(svg).iter("text")
    return [(float(one.get("x", "0")), one.get("class") or "", one.text or "") for one in found]


def rects_of(svg: str) -> list[dict[str, str]]:
    """The bars of a chart."""
    return [dict(one.attrib) for one in ElementTree.fromstring(svg).iter("rect")]


def inside(svg: str) -> bool:
    """Whether every bar and every figure that begins at its place ends within the picture."""
    width = float(ElementTree.fromstring(svg).get("width", "0"))
    told = [x + DIGIT * len(text) for x, _, text in texts_of(svg) if re.fullmatch(r"[\d,.]+( ◀)?", text)]
    bars = [float(one["x"]) + float(one["width"]) for one in rects_of(svg)]
    return all(end <= width for end in bars + told)


@given(st.lists(st.one_of(st.none(), AMOUNTS), min_size=1, max_size=7), st.integers(0, 6))
def test_bounds_are_written_to_the_last_digit(found: list[int | None], asked: int) -> None:
    """Of nothing, nought, unknown and the largest amount: each figure once, the least first, unknown ones last."""
    known = [one for one in found if one is not None]
    least = found.index(min(known)) if known else -1
    rows = [Bound(f"b{n}", fen, n == least, n == asked) for n, fen in enumerate(found)]
    svg = bounds(rows, UNKNOWN, "title")
    told = [text for _, _, text in texts_of(svg) if not text.startswith("b")]
    right = [wan(one) for one in sorted(known)] + [UNKNOWN] * (len(found) - len(known))
    assert [text.removesuffix(" ◀") for text in told] == right
    assert [text.endswith("◀") for text in told] == [bool(known), *[False] * (len(found) - 1)]
    widths = [float(one["width"]) for one in rects_of(svg)]
    assert widths == sorted(widths)
    assert inside(svg)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS).map(sorted), min_size=1, max_size=5))
def test_values_are_written_to_the_last_digit(found: list[list[int]]) -> None:
    """Each middle as it is, its range on one scale with the others, and nothing beyond the picture."""
    svg = ranges([Spread(f"v{n}", middle, low, high) for n, (low, middle, high) in enumerate(found)], "title")
    told = [text for x, kind, text in texts_of(svg) if kind == "" and not text.startswith("v")]
    assert told == [wan(middle) for _, middle, _ in found]
    assert inside(svg)


@given(st.floats(300, 900), st.lists(st.floats(-99, 99), min_size=1, max_size=12))
def test_steps_of_the_waterfall_follow_each_other(base: float, parts: list[float]) -> None:
    """Each begins where the one before ended; together they end at the score, to a tenth of a point."""
    told = [round(part, 1) for part in parts]
    found, end = steps(round(base, 1), told)
    assert [one.since for one in found[1:]] == [one.until for one in found[:-1]]
    assert points(end / 10) == points(round(base * 10) / 10 + sum(round(part * 10) for part in told) / 10)
    low, high = min(one.since for one in found) - 9, max(one.until for one in found) + 9
    assert all('class="raises"' in waterfall_bar(one, low, high, "t") for one in found if one.until >= one.since)


def limit(amount: int | None, **amounts: int | None) -> dict[str, Any]:
    """An answer that holds a limit alone."""
    known = {name: fen for name, fen in amounts.items() if fen is not None}
    binding = min(known, key=lambda name: known[name]) if amount is not None else None
    unknown = [name for name, fen in amounts.items() if fen is None]
    return {"limit": {"amount": amount, "binding": binding, "bounds": known, "unknown": unknown}}


def test_the_title_of_the_bounds_tells_the_result() -> None:
    """The limit and what sets it; where a bound is unknown, that there is no limit."""
    say = labels("zh")
    assert "无法" in str(bounds_chart(limit(None, need=None, asked=10**8), say)).partition("</title>")[0]
    for amount in (0, LARGEST):
        told = str(bounds_chart(limit(amount, need=amount, asked=LARGEST), say))
        assert wan(amount) in told.partition("</title>")[0]


def test_values_that_are_not_known_leave_no_row() -> None:
    """What nobody appraised has no row; without any value there is no chart; nought is a value."""
    say = labels("zh")
    assert values_chart({}, say) is None
    chart = str(values_chart({"pledge": {"carries": 0, "basis": {"confirmed": LARGEST}}}, say))
    assert [text for _, kind, text in texts_of(chart) if kind == ""] == [wan(LARGEST), wan(0)]
