"""How figures are written."""

from hypothesis import example, given
from hypothesis import strategies as st

from models.words.formats import figure_text, written_alike

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.floats(-2e-3, 2e-3)


@given(st.sampled_from(("share", "minor unit", "ratio", "day")), NUMBERS, NUMBERS | NEAR, st.booleans())
@example("share", 0.1005, 0.0009999, True)
@example("minor unit", 5e3, 9999.0, True)
@example("ratio", 0.99995, 5.4e-4, True)
@example("day", 9.9995, 5e-4, True)
@example("share", 1.797693134862316e306, 1.7976931348623163e306, False)
def test_what_is_written_alike_is_told_without_writing_what_lies_apart(
    unit: str, one: float, other: float, beside: bool
) -> None:
    """Two values are alike where their texts are; a value near another, by a small step or share of it, as well."""
    for second in (other, one + other * (abs(one) if unit == "ratio" else 1.0) if beside else one):
        assert written_alike(unit, one, second) == (figure_text(unit, one) == figure_text(unit, second))
