"""No feature rots: asked years earlier or later about the same business, each says the same."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
import pytest

import features.catalogue  # noqa: F401  (enters every feature)
from features.policy import shipped
from features.registry import CATALOGUE
from training.realism.stationary import MOVED_BY_LAW, FeatureMove, move_of, moves
from training.world.economy import World, sized
from training.world.write import partitions

AROUND, YEARS = date(2020, 6, 30), (2014, 2017, 2020, 2023, 2026)


@pytest.fixture(scope="module")
def found() -> Mapping[str, FeatureMove]:
    """How every feature that is a number moves over twelve years, by name."""
    parts = list(partitions(sized(World(loans=1200, seed=5))))
    frames = {name: pl.concat([part.tables[name] for part in parts]) for name in parts[0].tables}
    names = [feature.name for feature in CATALOGUE.values() if not feature.categories]
    return {move.name: move for move in moves(frames, AROUND, YEARS, names, shipped())}


def test_no_feature_moves_with_the_calendar(found: Mapping[str, FeatureMove]) -> None:
    """Medians stay within a fifth of the spread and shares unknown within three points, where no law moved them."""
    strays = {name for name, move in found.items() if not move.stays}
    assert strays <= set(MOVED_BY_LAW), {name: found[name] for name in strays}


def test_what_the_law_moved_did_move(found: Mapping[str, FeatureMove]) -> None:
    """The list of exceptions holds none that is none."""
    assert all(found[name].of_spread > 0 for name in MOVED_BY_LAW)


def test_citations_are_known_and_near_what_is_usual(found: Mapping[str, FeatureMove]) -> None:
    """They are compared with patents of their age, so that nobody has a thousand times as many."""
    citations = found["citations_to_expected"]
    assert all(0.2 < median < 2 for median in citations.medians.values())
    assert max(citations.unknown.values()) < 0.15


@pytest.mark.parametrize(
    "rotten", [{2014: [1.0, 2.0, 3.0], 2020: [2.0, 3.0, 4.0]}, {2014: [1.0, 2.0, 3.0], 2020: [1.0, 2.0, np.nan]}]
)
def test_a_feature_that_moves_is_seen(rotten: dict[int, list[float]]) -> None:
    """A median that moves by its whole spread, and a third that is no longer known."""
    assert not move_of("rotten", {year: np.array(values) for year, values in rotten.items()}).stays
    assert move_of("sound", {year: np.array([1.0, 2.0, 3.0]) for year in (2014, 2020)}).stays
