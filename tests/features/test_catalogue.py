"""The catalogue's page says what the functions say."""

from pathlib import Path

import pytest

from features.catalogue import page
from features.registry import CATALOGUE, feature

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_page_is_current() -> None:
    """docs/features.md is what the catalogue writes today; if not: `pledgescore data features`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_page_lists_every_feature() -> None:
    """Every feature has its row."""
    assert all(f"| `{name}` |" in page() for name in CATALOGUE)


def test_direction_without_a_reason_is_refused() -> None:
    """A feature cannot say that more is worse without saying why."""
    with pytest.raises(ValueError, match="why"):
        feature("firm", "firms", "day", "x", zh="某", en="some", direction=1)


def test_a_name_is_used_once() -> None:
    """A second feature of the same name is refused rather than put in the first one's place."""
    with pytest.raises(ValueError, match="staff"):
        feature("firm", "firms", "person", "size", zh="某", en="some")(CATALOGUE["staff"].compute)
