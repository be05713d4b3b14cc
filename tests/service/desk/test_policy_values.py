"""Values of policy on the desk's page, also those of a bank's own that nobody foresaw."""

from collections.abc import Iterator
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from features.policy import Parameter
from service.desk.formats import number
from service.desk.labels import labels
from service.desk.views.policy import ValueShown, parameter_row

DAY = date(2026, 11, 20)
TEXTS = st.text("xyz/·", min_size=1, max_size=5)
ONES = TEXTS | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9) | st.booleans()
VALUES = st.recursive(ONES, lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXTS, part, max_size=4))


def stated(value: object) -> Iterator[str]:
    """The keys, texts and numbers within a value."""
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from stated(part)
    elif not isinstance(value, bool):
        yield number(value) if isinstance(value, int | float) else str(value)


def shown(value: ValueShown) -> Iterator[str]:
    """All that stands on the page."""
    yield value.text
    for line in value.lines:
        yield line.key
        yield from shown(line.value)


@settings(deadline=None)  # the first reads files
@given(VALUES, st.sampled_from(["day", "our own unit"]))
def test_nothing_of_a_value_is_lost(value: object, unit: str) -> None:
    """Every key, text and number of a value of any shape stands in what is shown, in both languages."""
    ours = Parameter("ours.limit", "Ours.", unit, DAY, "assumed", (), {DAY: value}, "unknown", "x.yaml", 1)
    for language in ("zh", "en"):
        told = "\n".join(shown(parameter_row(ours, value, labels(language)).value))
        assert [one for one in stated(value) if one not in told] == []


def test_figures_are_shown_with_their_unit() -> None:
    """Fen as amounts, shares in per cent, others with the unit; of a text in both languages one half."""
    values = {"RMB fen": (500_000_000, "500.00 万元"), "share": (0.0025, "0.25%"), "month": (12, "12 个月")}
    values |= {"flag": (False, "否"), "code": ("甲 · one", "甲")}
    for unit, (value, text) in values.items():
        ours = Parameter("ours.limit", "Ours.", unit, DAY, "assumed", (), {DAY: value}, "unknown", "x.yaml", 1)
        assert parameter_row(ours, value, labels("zh")).value == ValueShown(text)
