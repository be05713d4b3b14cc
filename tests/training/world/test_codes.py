"""Made-up numbers bear right check digits and never repeat."""

import numpy as np

from features.identifiers import check_firm_key, check_patent
from training.world.codes import firm_keys, patent_numbers


def test_firm_keys_are_valid_and_all_different() -> None:
    """Every made-up credit code passes the check that a real one must pass."""
    keys = firm_keys(np.resize(np.array([440300, 110100, 310100]), 5000), first=123)
    assert [key for key in keys if check_firm_key(key)] == []
    assert keys.n_unique() == 5000


def test_patent_numbers_are_valid() -> None:
    """Every made-up application number passes the check that a real one must pass."""
    serial = np.arange(0, 10_000_000, 3001)
    numbers = patent_numbers(np.resize([2004, 2019, 2026], len(serial)), np.resize([1, 2, 3], len(serial)), serial)
    assert [number for number in numbers if check_patent(number)] == []
    assert numbers.n_unique() == len(serial)


def test_a_known_number_is_reproduced() -> None:
    """201910561574.9 is a published application number."""
    made = patent_numbers(np.array([2019]), np.array([1]), np.array([561574]))
    assert made.to_list() == ["CN201910561574.9"]
