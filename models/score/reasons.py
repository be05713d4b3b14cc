"""Contributions worded: every reason with its points, what was observed, and what is usual in the baseline.

All reasons of a list are measured from one baseline and compared with that baseline alone. Better or worse is said only
of a feature that declares which of more and less is a risk; where that would contradict the sign of the points, or too
few cases are known, the reason is worded without comparison.
"""

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import yaml

from features.arrays import Floats
from features.matrix import named
from features.registry import Feature
from models.score.baselines import Measured, better
from models.score.kind import Kind, Said
from models.score.reference_sample import Baseline

PRINCIPAL = 4
"""How many reasons that lower the score come first."""
LANGUAGES = ("zh", "en")
HELD = 100_000
"""Wordings kept ready; more than the features and baselines of a few bundles need."""
_CUT = "\0"
NOTHING_BESIDE: Said = {"zh": "", "en": ""}
Compared = dict[str, Any]
"""Beside an observed value: `of` what (`median`, or the share of cases with `yes`, the `same` or `unknown`), its
`value`, how the observed one stands to it (`relation`), `who` and how many (`n`)."""


class Ground(NamedTuple):
    """What an officer reads: one model reason. `points` in tenths exact; `observed` None is *not known*.

    `better`: whether more or less of it is better, None where neither is sure. `compared_to` None: no comparison is
    made. `reference`: the baseline, which is the answer's. A tuple, because one answer holds dozens.
    """

    code: str
    family: str
    direction: Literal["raises", "lowers"]
    says: Said
    observed: float | str | None
    unit: str
    better: Literal["more", "less"] | None
    compared_to: Compared | None
    points: float
    reference: str
    feature: str


@cache
def wordings() -> dict[str, Any]:
    """`reasons.yaml`: the topic of each reason code, names of units and of baselines, in both languages."""
    told: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "reasons.yaml").read_text(encoding="utf-8"))
    return told


@lru_cache(HELD)
def who(baseline: str) -> Said:
    """The cases of a baseline, by its name."""
    group, _, code = baseline.partition(":")
    return _filled(wordings()["baselines"][group], code=code)


def told_base(measured: Measured) -> dict[str, Any]:
    """The baseline of an answer: its name, whom it is the average of, how many they are, and their points."""
    name, said = measured.baseline.name, wordings()["base"]
    return {
        "points": measured.base / 10,
        "name": name,
        "meaning": {lang: said[lang].format(who=who(name)[lang]) for lang in LANGUAGES},
        "who": who(name),
        "n": measured.baseline.cases,
    }


def _filled(said: Mapping[str, str], **facts: object) -> Said:
    return {language: said[language].format(**facts) for language in LANGUAGES}


def grounds(
    kind: Kind, names: tuple[str, ...], values: Floats, measured: Measured, least: int, most: int | None = None
) -> list[Ground]:
    """The reasons of one case: the principal ones first, then the rest by size; the first so many where `most` is told.

    `values` lie in the order of `names`; `least`: of how many cases a value must be known to be compared with. The
    principal reasons are the four that lower the score most; a feature that moved nothing is no reason.
    """
    moved, tenths = measured.moved.tolist(), measured.tenths.tolist()
    order = [i for i in np.argsort(-np.abs(measured.moved), kind="stable").tolist() if moved[i] != 0.0]
    first = [i for i in order if moved[i] < 0][:PRINCIPAL]
    rest = [i for i in order if i not in first]
    sides, seen = better(kind.name, names).tolist(), values.tolist()
    return [
        _ground(kind, _Seen(named(names[i]), seen[i], sides[i]), _Moved(i, tenths[i], moved[i] > 0), measured, least)
        for i in (first + rest)[:most]
    ]


class _Seen(NamedTuple):
    """An observed value; `side`: +1 where more of the feature is better, -1 where less is, 0 where neither is sure."""

    feature: Feature
    value: float
    side: int


class _Moved(NamedTuple):
    """By how many tenths of a point the feature at a place moved the score, and whether it raised it."""

    place: int
    tenths: int
    raises: bool


def _ground(kind: Kind, seen: _Seen, by: _Moved, measured: Measured, least: int) -> Ground:
    feature = seen.feature
    usual, aside = None, NOTHING_BESIDE
    if not measured.contradictory[by.place]:
        usual, aside = _compared(seen, by.place, measured.baseline, least)
    moved, value = kind.raises if by.raises else kind.lowers, spoken(feature, seen.value)
    says = {}
    for lang, (before, between, after) in _wording(moved["zh"], moved["en"], feature.name).items():
        points = f"{abs(by.tenths) / 10:.1f}" if by.tenths else wordings()["below_a_tenth"][lang]
        says[lang] = f"{before}{points}{between}{value[lang]}{after}{aside[lang]}"
    return Ground(
        feature.reason,
        feature.family,
        "raises" if by.raises else "lowers",
        says,
        observed(feature, seen.value),
        feature.unit,
        "more" if seen.side > 0 else "less" if seen.side < 0 else None,
        usual,
        by.tenths / 10,
        measured.baseline.name,
        feature.name,
    )


def _compared(seen: _Seen, place: int, baseline: Baseline, least: int) -> tuple[Compared | None, Said]:
    """The value beside what is usual of the feature at that place, and its words; None where it is known of too few."""
    usual, unit = baseline.usual[place], seen.feature.unit
    if not baseline.cases:  # a bundle made before reference samples were kept
        return None, NOTHING_BESIDE
    if math.isnan(seen.value):
        return _worded("unknown", 1 - usual.known / baseline.cases, "equal", unit, (baseline.name, baseline.cases))
    if usual.known < least:
        return None, NOTHING_BESIDE
    among = (baseline.name, usual.known)
    if seen.feature.categories:
        return _worded("same", usual.shares.get(int(seen.value), 0.0), "equal", unit, among)
    of = "yes" if unit == "flag" else "median"
    return _worded(of, usual.value, _relation(seen, usual.value), unit, among)


@lru_cache(HELD)
def _worded(of: str, value: float, relation: str, unit: str, among: tuple[str, int]) -> tuple[Compared, Said]:
    """What is usual among so many cases of a baseline, as plain values and in words; most answers share it."""
    people, n = who(among[0]), among[1]
    amount = _amount(unit if of == "median" else "share", value)
    words = {
        lang: _aside(of, relation, lang).format(who=people[lang], value=amount[lang], n=f"{n:,}") for lang in LANGUAGES
    }
    return {"of": of, "value": value, "relation": relation, "who": people, "n": n}, words


def _relation(seen: _Seen, usual: float) -> str:
    """How a value stands to a usual one; what is written alike is told as equal."""
    unit = seen.feature.unit
    if seen.value == usual or (unit != "flag" and _figure(unit, seen.value) == _figure(unit, usual)):
        return "equal"
    above = seen.value > usual
    if seen.side:
        return "better" if above == (seen.side > 0) else "worse"
    return "above" if above else "below"


def observed(feature: Feature, value: float) -> float | str | None:
    """The value as an answer carries it: a category by its word, *not known* as None."""
    if math.isnan(value):
        return None
    if feature.categories:
        place = int(value)
        return feature.categories[place] if 0 <= place < len(feature.categories) else None
    return value


@lru_cache(HELD)
def _wording(moved_zh: str, moved_en: str, name: str) -> dict[str, tuple[str, str, str]]:
    """The sentence about a feature in each language, cut where its points and its value stand."""
    said, feature = wordings(), named(name)
    cut = {}
    for lang, moved in (("zh", moved_zh), ("en", moved_en)):
        seen = said["observed"][lang].format(name=getattr(feature, lang), value=_CUT)
        topic = said["codes"][feature.reason][lang]
        before, between, after = (moved.format(topic=topic, points=_CUT) + said["joint"][lang] + seen).split(_CUT)
        cut[lang] = (before, between, after)
    return cut


@cache
def _aside(of: str, relation: str, lang: str) -> str:
    said = wordings()
    return f"{said['aside'][lang]}{said['compared'][of][relation][lang]}"


def spoken(feature: Feature, value: float) -> Said:
    """A value as an officer reads it: shares in per cent, money in 万元 or ten thousands, categories by their word."""
    seen = observed(feature, value)
    if isinstance(seen, str):
        return {"zh": seen, "en": seen}
    if seen is None:
        unknown: Said = wordings()["unknown"]
        return unknown
    return _amount(feature.unit, seen)


def _amount(unit: str, seen: float) -> Said:
    if unit == "flag":
        flag: Said = wordings()["flags"][bool(seen)]
        return flag
    figure, (zh, en) = _figure(unit, seen), _unit(unit)
    return {"zh": figure + zh, "en": figure + en}


def _figure(unit: str, seen: float) -> str:
    """An amount without its unit, alike in both languages."""
    if unit == "share":
        return f"{seen:.1%}"
    if unit in ("minor unit", "log minor unit"):
        return f"{(math.exp(seen) if unit.startswith('log') else seen) / 1e6:,.2f}"
    return f"{seen:,.4g}"


@cache
def _unit(unit: str) -> tuple[str, str]:
    """How a unit is written behind a figure in Chinese and English."""
    if unit == "share":
        return "", ""
    said = wordings()["units"].get("minor unit" if unit == "log minor unit" else unit, {})
    return said.get("zh", f" {unit}"), said.get("en", f" {unit}")
