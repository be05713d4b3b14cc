"""Every reason code is worded in both languages, without taking sides."""

import re

import numpy as np
import pytest

import features.catalogue  # noqa: F401  (importing it enters every feature)
from features.registry import CATALOGUE
from models.score.kinds import KINDS
from models.score.reasons import LANGUAGES, spoken, wordings


@pytest.mark.parametrize("code", sorted({f.reason for f in CATALOGUE.values()} | {"measure"}))
def test_every_reason_code_is_worded(code: str) -> None:
    """A code has a topic in Chinese and English."""
    topic = wordings()["codes"][code]
    assert set(topic) == set(LANGUAGES)
    assert re.search(r"[\u4e00-\u9fff]", topic["zh"])
    assert re.search(r"[A-Za-z]", topic["en"])


def test_no_wording_is_left_over() -> None:
    """A code that no feature gives is not worded."""
    assert set(wordings()["codes"]) == {f.reason for f in CATALOGUE.values()} | {"measure"}


def test_no_topic_judges() -> None:
    """A topic says neither better nor worse, so that the sign of the points cannot contradict it."""
    judging = re.compile(r"better|worse|good|bad|strong|weak|high |low |优于|劣于|高于|低于|较好|较差|良好", re.I)
    for topic in wordings()["codes"].values():
        assert not judging.search(topic["zh"] + " " + topic["en"]), topic


@pytest.mark.parametrize("kind", KINDS)
def test_frames_say_what_moved(kind: str) -> None:
    """Raising and lowering are worded apart, with the points, in both languages."""
    what = KINDS[kind]
    for lang in LANGUAGES:
        up, down = (frame[lang].format(topic="T", points="1.5") for frame in (what.raises, what.lowers))
        assert up != down
        assert "1.5" in up
        assert "1.5" in down


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_feature_can_be_spoken(name: str) -> None:
    """A value of every feature, and its absence, can be said in both languages."""
    for value in (0.0, 1.0, np.nan):
        for lang in LANGUAGES:
            assert spoken(CATALOGUE[name], value)[lang]
