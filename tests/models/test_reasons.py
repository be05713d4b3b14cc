"""Every reason, warning and value has its words in both languages, without taking sides."""

import re
from typing import get_args

import numpy as np
import pytest

import features.catalogue  # noqa: F401  (importing it enters every feature)
from features.phrase import LANGUAGES, Phrase
from features.registry import CATALOGUE
from models.need.result import FigureUnit
from models.score.kinds import KINDS
from models.score.phrases import base_phrase, figure, meaning, moved_phrase, say_reason, usual_phrase
from models.score.reasons import Base, Compared, Reason, observed
from models.score.reference_sample import AGAINST, TRAINING
from models.score.warnings import CaseWarning
from models.words.templates import SHIPPED, say

BASE = Base("sector:C39", 1_234, 560.0)


def reason(feature: str, value: float, points: float = 1.5, compared: Compared | None = None) -> Reason:
    """A reason about a feature."""
    told = CATALOGUE[feature]
    return Reason(
        feature, told.reason, "raises" if points >= 0 else "lowers", points, observed(told, value), None, compared
    )


@pytest.mark.parametrize("code", sorted({f.reason for f in CATALOGUE.values()} | {"measure"}))
def test_every_reason_code_is_worded(code: str) -> None:
    """A code has a topic in Chinese and English."""
    assert re.search(r"[\u4e00-\u9fff]", SHIPPED.name(f"topic.{code}", "zh"))
    assert re.search(r"[A-Za-z]", SHIPPED.name(f"topic.{code}", "en"))


_OF_THE_NEED = set(get_args(FigureUnit)) - {"money", "share"}
"""Units of the steps by which a need for money is told."""


def test_no_wording_is_left_over() -> None:
    """A code that no feature gives is not worded, and no unit, class or category that no feature has."""
    assert set(SHIPPED.family("topic", "zh")) == {f.reason for f in CATALOGUE.values()} | {"measure"}
    units = {f.unit.replace(" ", "_") for f in CATALOGUE.values()} | {"own"} | _OF_THE_NEED
    told = {code.partition(".")[2] for code in SHIPPED.texts["zh"] if code.startswith("unit.")}
    assert told == units - {"minor_unit"}
    valued = {code.split(".")[1] for code in SHIPPED.texts["zh"] if code.startswith("value.")}
    assert valued <= units | set(CATALOGUE)


def test_no_topic_judges() -> None:
    """A topic says neither better nor worse, so that the sign of the points cannot contradict it."""
    judging = re.compile(r"better|worse|good|bad|strong|weak|high |low |优于|劣于|高于|低于|较好|较差|良好", re.I)
    for language in LANGUAGES:
        for topic in SHIPPED.family("topic", language).values():
            assert not judging.search(topic), topic


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_says_what_moved(kind: str, language: str) -> None:
    """Raising and lowering are worded apart, with the points; what is less than a tenth is said to be that."""
    told = {
        points: say_reason(SHIPPED, KINDS[kind], reason("staff", 12.0, points), BASE, language)  # type: ignore[arg-type]
        for points in (12.5, -12.5, 0.0)
    }
    assert len(set(told.values())) == 3
    assert "12.5" in told[12.5]
    assert "12.5" in told[-12.5]
    assert "-12.5" not in told[-12.5]
    assert "0.1" in told[0.0]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_value_of_a_feature_can_be_said(name: str) -> None:
    """A value of every feature, its absence, and each comparison are worded in both languages, with no code in it."""
    of = CATALOGUE[name]
    compared: list[Compared | None] = [Compared("unknown", 0.25, "equal", 30), None]
    if of.categories:
        compared.append(Compared("same", 0.25, "equal", 30))
    else:
        kind = "yes" if of.unit == "flag" else "median"
        compared += [Compared(kind, 0.5, relation, 30) for relation in ("better", "worse", "above", "below", "equal")]  # type: ignore[arg-type]
    for value in (0.0, 1.0, np.nan):
        for beside in compared:
            one = reason(name, value, compared=beside)
            for language in LANGUAGES:
                said = [say(moved_phrase(KINDS["pledge"], one), language)]
                if beside is not None:
                    said.append(say(usual_phrase(name, beside, BASE.name), language))
                assert all(said)
                for _ in range(2):  # the second time from what is held
                    joined = say_reason(SHIPPED, KINDS["pledge"], one, BASE, language)
                    assert joined == SHIPPED.name("joint", language).join(said)
    for place, word in enumerate(of.categories):
        said = say(Phrase("unit.own", {"figure": None}), "zh"), SHIPPED.name(f"value.{of.unit}.{word}", "zh")
        assert said[1] != f"value.{of.unit}.{word}", place


def test_classes_and_grades_are_words() -> None:
    """Nobody reads a class or a grade as a number; a median that lies between two of them stays one."""
    phrases = {
        name: (
            moved_phrase(KINDS["pledge"], reason(name, value)),
            usual_phrase(name, Compared("median", 0.5, "above", 30), BASE.name),
        )
        for name, value in (("tax_grade", 3.0), ("worst_class", 1.0), ("size_class", 2.0))
    }
    assert say(phrases["tax_grade"][0], "zh").endswith("最近纳税信用等级：A 级")
    assert say(phrases["worst_class"][0], "zh").endswith("关注")
    assert say(phrases["size_class"][0], "en").endswith("medium")
    assert "0.5" in say(phrases["tax_grade"][1], "zh")


def test_money_is_written_by_language_and_currency() -> None:
    """To a hundred yuan, in ten thousands in Chinese; in dollars where the lake's money is dollars."""
    code = next(name for name, of in CATALOGUE.items() if of.unit == "minor unit")
    told = Phrase("warning.outside_training", {"feature": code, "value": figure(code, 123_456_789.0)})
    assert "123.46 万元" in say(told, "zh")
    assert "RMB 1,234,600" in say(told, "en")
    assert "1,234,600 美元" in say(told, "zh", "USD")


def test_baselines_and_meanings_are_worded() -> None:
    """Every group that reasons are measured from, and every horizon of every kind."""
    for name in (TRAINING, *(f"{group}:C39" if group.endswith("sector") else group for group in AGAINST)):
        assert all(say(base_phrase(Base(name, 1, 0.0)), language) for language in LANGUAGES)
    for kind in KINDS.values():
        assert all(say(meaning(kind, horizon), language) for horizon in kind.horizons for language in LANGUAGES)


def test_every_warning_is_worded() -> None:
    """A warning about the inputs says what it is about; a value of an unknown category is not said."""
    value = {"value": figure("staff", 12.0)}
    for warning in (
        CaseWarning("synthetic"),
        CaseWarning("no_patents"),
        CaseWarning("patents_not_asked"),
        CaseWarning("category_not_in_map", "sector"),
        CaseWarning("category_not_learned", "sector", {"value": figure("sector", "C")}),
        CaseWarning("outside_training", "staff", value),
        CaseWarning("books_unbalanced", None, {"period_end": "2025-12-31", "gap": 100}),
    ):
        assert all(say(warning.phrase, language) for language in LANGUAGES)
