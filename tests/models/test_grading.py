"""The grade among all, and how it came out where the model was judged."""

from dataclasses import asdict, replace

import pytest

from models.score.bundle import Bundle
from models.score.grading import GradeRecord, Grading, gradings
from tests.models.making import made_bundle
from training.learning.metrics import GradeLine

LINE = GradeLine("3", 200, 4, 0.018, 0.02, 0.0055, 0.0504, 0.8, 1.0)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """A small bundle in memory."""
    return made_bundle()[0]


def test_the_card_tells_how_a_grade_came_out(bundle: Bundle) -> None:
    """Of the grade that was seen what the training kept of it, of any other nothing, and of each its place."""
    found = gradings(replace(bundle, card={"grades": [asdict(LINE)]}))
    assert found["3"] == Grading(3, 10, GradeRecord(200, 4, 0.018, 0.02, 0.0055, 0.0504))
    assert found["10"] == Grading(10, 10, None)


def test_a_bundle_that_kept_nothing_says_so(bundle: Bundle) -> None:
    """A bundle made before grades were kept on its card answers without them."""
    assert all(one.judged is None for one in gradings(bundle).values())
