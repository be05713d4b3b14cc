"""Charts as SVG: pure functions from figures to a picture whose numbers stand as text, by classes alone.

Every amount is written exactly as the answer's; where a bar would be cut, it is marked as cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markupsafe import Markup, escape

from service.desk.formats import wan

_CUT = 2.0
"""Bars end at so many times the amount that is asked or the least, whichever is more."""


def _pattern(kind: str) -> str:
    stripe = f'<path class="stripe {kind}" d="M0 6L6 0"/>'
    return f'<pattern id="hatch-{kind}" width="6" height="6" patternUnits="userSpaceOnUse">{stripe}</pattern>'


PATTERNS = Markup(
    '<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>'
    f"{_pattern('lowers')}{_pattern('default')}</defs></svg>"
)
"""The stripes of what lowers and of values on default: once in a page, so that colour is never alone."""


@dataclass(frozen=True)
class Bound:
    """A bound of the limit: its name, fen (None: not known), and whether it is the one that binds, or what is asked."""

    name: str
    fen: int | None
    binds: bool = False
    asked: bool = False


def bounds(rows: Sequence[Bound], unknown: str, title: str) -> Markup:
    """Bars of the bounds, the least first; those that are not known last, without a bar."""
    known = sorted((row for row in rows if row.fen is not None), key=lambda row: (row.fen or 0, not row.binds))
    order = [*known, *(row for row in rows if row.fen is None)]
    least = max(0, known[0].fen or 0) if known else 0
    asked = next((row.fen or 0 for row in known if row.asked), 0)
    widest = max((row.fen or 0 for row in known), default=0)
    end = min(widest, int(_CUT * max(least, asked))) if max(least, asked) > 0 else widest
    left, step = 150, 24
    most = _room(492 - left, 236, [_told(row) for row in known])
    parts = []
    for place, row in enumerate(order):
        y = place * step
        parts.append(_text(left - 8, y + 16, row.name, f"end{' strong' if row.binds else ' dim'}"))
        if row.fen is None:
            parts.append(_text(left + 4, y + 16, unknown, "dim"))
            continue
        width = 0.0 if end <= 0 else most * min(max(row.fen, 0), end) / end
        kind = "least" if row.binds else "asked" if row.asked else "other"
        parts.append(f'<rect class="{kind}" x="{left}" y="{y + 5}" width="{width:.1f}" height="13"/>')
        if row.fen > end > 0:
            x = left + width - 10
            parts += [f'<path class="cut" d="M{x + d:.1f} {y + 20}l4 -17"/>' for d in (0, 5)]
        parts.append(_text(left + width + 6, y + 16, _told(row), "strong" if row.binds else ""))
    if known and known[0].binds and end > 0:
        x = left + most * least / end
        parts.append(f'<path class="line" d="M{x:.1f} 0V{len(order) * step}"/>')
    return _svg(492, max(1, len(order)) * step, title, parts)


def _told(row: Bound) -> str:
    return f"{wan(row.fen)}{' ◀' if row.binds else ''}"


def grade_strip(grades: Sequence[str], own: str, title: str) -> Markup:
    """The grades beside each other, the own one filled."""
    width = min(21.0, 200 / max(1, len(grades)))
    parts = []
    for place, grade in enumerate(grades):
        x, mine = place * width, " own" if grade == own else ""
        parts.append(f'<rect class="grade{mine}" x="{x:.1f}" y="0" width="{width - 1:.1f}" height="17"/>')
        parts.append(_text(x + (width - 1) / 2, 13, grade, f"middle axis{mine}"))
    return _svg(round(width * len(grades)), 18, title, parts)


@dataclass(frozen=True)
class Step:
    """A step of the waterfall, in tenths of a point: from where to where."""

    since: int
    until: int


def steps(base: float, parts: Sequence[float]) -> tuple[list[Step], int]:
    """Where each part begins and ends, in tenths; the last end is the score."""
    ends = list(accumulate((round(part * 10) for part in parts), initial=round(base * 10)))
    return [Step(since, until) for since, until in pairwise(ends)], ends[-1]


def waterfall_bar(step: Step, low: int, high: int, title: str) -> Markup:
    """One row of the waterfall on the scale from `low` to `high`; what lowers is hatched."""
    width, height = 250, 28
    span = max(1, high - low)

    def place(tenths: int) -> float:
        return (tenths - low) / span * (width - 6) + 3

    left, right = sorted((place(step.since), place(step.until)))
    kind = "raises" if step.until >= step.since else "lowers"
    bar = f'<rect class="{kind}" x="{left:.1f}" y="8" width="{max(1.0, right - left):.1f}" height="12"/>'
    hang = "".join(
        f'<path class="hang" d="M{place(at):.1f} {a}V{b}"/>' for at, a, b in ((step.since, 0, 8), (step.until, 20, 28))
    )
    return _svg(width, height, title, [hang, bar])


def waterfall_mark(tenths: int, low: int, high: int, title: str) -> Markup:
    """Where base or score stand on the same scale."""
    x = (tenths - low) / max(1, high - low) * 244 + 3
    return _svg(250, 28, title, [f'<rect class="total" x="{x - 1.5:.1f}" y="5" width="3" height="18"/>'])


@dataclass(frozen=True)
class Spread:
    """A row of the chart of values, in fen: a range with its middle, or one point."""

    name: str
    point: int | None = None
    low: int | None = None
    high: int | None = None
    on_default: bool = False


def ranges(rows: Sequence[Spread], title: str) -> Markup:
    """Ranges from P10 to P90 with a stroke at P50, and diamonds for single figures; never stacked."""
    figures = [one for row in rows for one in (row.point, row.low, row.high) if one is not None]
    top = max(max(figures, default=1), 1)
    left, step = 190, 30
    most = _room(720 - left, 430, [wan(row.point) for row in rows])
    axis = _axis(top, most)
    parts = []
    for mark in axis:
        x = left + most * mark / top
        parts.append(f'<path class="rule" d="M{x:.1f} 0V{len(rows) * step}"/>')
        parts.append(_text(x, len(rows) * step + 14, f"{mark / 1e6:,.0f}", "middle axis"))
    for place, row in enumerate(rows):
        y = place * step
        parts.append(_text(left - 10, y + 19, row.name, "end dim"))
        end = float(left)
        if row.low is not None and row.high is not None:
            x, width = left + most * row.low / top, most * (row.high - row.low) / top
            kind = "range default" if row.on_default else "range"
            parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y + 9}" width="{max(1.0, width):.1f}" height="13"/>')
            end = x + width
        if row.point is not None:
            x = left + most * row.point / top
            shape = f"M{x:.1f} {y + 6}V{y + 25}" if row.low is not None else _diamond(x, y + 15)
            kind = "middle" if row.low is not None else "point"
            parts.append(f'<path class="{kind}" d="{shape}"/>')
            end = max(end, x + (0 if row.low is not None else 5))
        parts.append(_text(end + 7, y + 19, wan(row.point), ""))
    return _svg(720, len(rows) * step + 20, title, parts)


@dataclass(frozen=True)
class Calibrated:
    """A grade in the chart of calibration: what was said, what came with its interval (shares), and how many cases."""

    grade: str
    expected: float
    observed: float
    low: float
    high: float
    cases: int


def calibration(rows: Sequence[Calibrated], title: str) -> Markup:
    """Of each grade a dash for what was said, a dot for what came, a bar for its interval; the cases below."""
    left, step, height = 48, 56, 180
    top = max([0.01, *(max(row.high, row.expected) for row in rows)])
    parts = []

    def y_of(share: float) -> float:
        return height - (height - 10) * min(share, top) / top

    for mark in (0, top / 4, top / 2, 3 * top / 4, top):
        parts.append(f'<path class="rule" d="M{left} {y_of(mark):.1f}H{left + step * len(rows)}"/>')
        parts.append(_text(left - 6, y_of(mark) + 4, f"{mark:.1%}", "end axis"))
    for place, row in enumerate(rows):
        x = left + step * place + step / 2
        bar = height - y_of(row.high - row.low)
        parts.append(f'<rect class="range" x="{x - 5:.1f}" y="{y_of(row.high):.1f}" width="10" height="{bar:.1f}"/>')
        parts.append(f'<path class="middle" d="M{x - 14:.1f} {y_of(row.expected):.1f}h28"/>')
        parts.append(f'<path class="point" d="{_diamond(x, round(y_of(row.observed)))}"/>')
        parts.append(_text(x, height + 18, row.grade, "middle strong"))
        parts.append(_text(x, height + 34, f"{row.cases:,}", "middle axis"))
    return _svg(left + step * max(1, len(rows)) + 8, height + 42, title, parts)


def legend(kind: str, text: str) -> Markup:
    """What a filling means."""
    square = f'<rect class="{kind}" x="1" y="1" width="12" height="10"/>'
    picture = f'<svg viewBox="0 0 14 12" aria-hidden="true">{square}</svg>'
    return Markup(f'<span class="legend">{picture}{escape(text)}</span>')


_DIGIT = 7.5
"""The most that a digit of a chart is wide."""


def _room(within: int, most: int, told: Sequence[str]) -> int:
    """How long a bar may be so that the longest figure behind it still stands in the picture."""
    return min(most, int(within - 12 - _DIGIT * max(map(len, told), default=0)))


def _axis(top: int, width: int) -> list[int]:
    """At most five round marks from nought to the top, fewer where their figures would touch."""
    many = min(5.0, width / (_DIGIT * (len(f"{top / 1e6:,.0f}") + 2)))
    step, place = 1_000_000, 0
    while top / step > many:
        step = step * (2 if place % 3 != 1 else 5) // (1 if place % 3 != 1 else 2)
        place += 1
    return list(range(0, top + 1, step))


def _diamond(x: float, y: int) -> str:
    return f"M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"


_ANCHORS: Mapping[str, str] = {"end": "end", "middle": "middle"}


def _text(x: float, y: float, text: str, kinds: str) -> str:
    names = kinds.split()
    anchor = next((f' text-anchor="{_ANCHORS[one]}"' for one in names if one in _ANCHORS), "")
    shown = " ".join(one for one in names if one not in _ANCHORS)
    kind = f' class="{shown}"' if shown else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{anchor}{kind}>{escape(text)}</text>'


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> Markup:
    inside = "".join(parts)
    return Markup(
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )
