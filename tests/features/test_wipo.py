"""Technology fields: all 35 stand in the table, and symbols find theirs."""

from collections import Counter

import pytest

from features.wipo import NO_FIELD, field_of, fields


def test_there_are_35_fields_of_five_sectors() -> None:
    """The table has the fields 1 to 35 in five sectors, and no prefix belongs to two fields."""
    assert list(fields()) == list(range(1, 36))
    assert len({f.sector for f in fields().values()}) == 5
    prefixes = Counter(prefix for f in fields().values() for prefix in f.prefixes)
    assert [p for p, n in prefixes.items() if n > 1] == []


@pytest.mark.parametrize(
    ("symbol", "field"),
    [
        ("H04L9/32", 4),
        ("H04N19/00", 2),
        ("H04N1/00", 3),
        ("H04N21/20", 4),
        ("G01N33/50", 11),
        ("G01N1/10", 10),
        ("G01N", 10),
        ("A61K8/00", 14),
        ("A61K31/00", 16),
        ("B01D53/00", 24),
        ("H01M10/05", 1),
        ("B01D", 23),
        ("A01A1/00", NO_FIELD),
        ("", NO_FIELD),
    ],
)
def test_symbol_finds_its_field(symbol: str, field: int) -> None:
    """A main group decides where the subclass is divided; an unknown symbol belongs to no field."""
    assert field_of(symbol) == field
