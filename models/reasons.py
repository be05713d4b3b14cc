"""Contributions worded: every reason with its points, what was observed, and what is usual in the baseline.

All reasons of a list are measured from one baseline and compared with that baseline alone. Better or worse is said only
of a feature that declares which of more and less is a risk; where that would contradict the sign of the points, or too
few cases are known, the reason is worded without comparison.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from features.asof import Floats
from features.matrix import named
from features.registry import Feature
from models.kind import Kind, Said
from models.measuring import Measured, better
from models.panel import Baseline

PRINCIPAL = 4
"""How many reasons that lower the score come first."""
LANGUAGES = ("zh", "en")
HELD = 100_000
"""Wordings kept ready; more than the features and baselines of a few bundles need."""
_CUT = "\0"
Compared = dict[str, Any]
"""Beside an observed value: `of` what (`median`, or the share of cases with `yes`, the `same` or `unknown`), its
`value`, how the observed one stands to it (`relation`), `who` and how many (`n`)."""


@dataclass(frozen=True)
class Ground:
    """What an officer reads: one model reason. `points` in tenths exact; `observed` None is *not known*.

    `better`: whether more or less of it is better, None where neither is sure. `compared_to` None: no comparison is
    made. `reference`: the baseline, which is the answer's.
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
    moved = measured.moved.tolist()
    order = [i for i in np.argsort(-np.abs(measured.moved), kind="stable").tolist() if moved[i] != 0.0]
    first = [i for i in order if moved[i] < 0][:PRINCIPAL]
    rest = [i for i in order if i not in first]
    sides = better(kind.name, names).tolist()
    return [
        _ground(kind, _Seen(named(names[i]), float(values[i]), sides[i]), i, measured, least)
        for i in (first + rest)[:most]
    ]


@dataclass(frozen=True)
class _Seen:
    """An observed value; `side`: +1 where more of the feature is better, -1 where less is, 0 where neither is sure."""

    feature: Feature
    value: float
    side: int


def _ground(kind: Kind, seen: _Seen, place: int, measured: Measured, least: int) -> Ground:
    tenths, raises = int(measured.tenths[place]), bool(measured.moved[place] > 0)
    usual = None if measured.contradictory[place] else _compared(seen, place, measured.baseline, least)
    moved = kind.raises if raises else kind.lowers
    return Ground(
        code=seen.feature.reason,
        family=seen.feature.family,
        direction="raises" if raises else "lowers",
        says={lang: _sentence(seen, moved, tenths, usual, lang) for lang in LANGUAGES},
        observed=observed(seen.feature, seen.value),
        unit=seen.feature.unit,
        better="more" if seen.side > 0 else "less" if seen.side < 0 else None,
        compared_to=usual,
        points=tenths / 10,
        reference=measured.baseline.name,
        feature=seen.feature.name,
    )


def _compared(seen: _Seen, place: int, baseline: Baseline, least: int) -> Compared | None:
    """The value beside what is usual of the feature at that place; None where it is known of too few."""
    if not baseline.cases:
        return None
    usual, people = baseline.usual[place], who(baseline.name)
    if math.isnan(seen.value):
        share = 1 - usual.known / baseline.cases
        return {"of": "unknown", "value": share, "relation": "equal", "who": people, "n": baseline.cases}
    if usual.known < least:
        return None
    if seen.feature.categories:
        share = usual.shares.get(int(seen.value), 0.0)
        return {"of": "same", "value": share, "relation": "equal", "who": people, "n": usual.known}
    of = "yes" if seen.feature.unit == "flag" else "median"
    return {"of": of, "value": usual.value, "relation": _relation(seen, usual.value), "who": people, "n": usual.known}


def _relation(seen: _Seen, usual: float) -> str:
    """How a value stands to a usual one; what is written alike is told as equal."""
    unit = seen.feature.unit
    if seen.value == usual or (unit != "flag" and _amount(unit, seen.value, "en") == _amount(unit, usual, "en")):
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


def _sentence(seen: _Seen, moved: Said, tenths: int, usual: Compared | None, lang: str) -> str:
    """What raised or lowered the score and by how much; what was observed and, where known, what is usual."""
    feature = seen.feature
    before, between, after = _wording(moved[lang], feature.reason, getattr(feature, lang), lang)
    points = f"{abs(tenths) / 10:.1f}" if tenths else wordings()["below_a_tenth"][lang]
    beside = _beside(feature.unit, usual, lang) if usual else ""
    return f"{before}{points}{between}{spoken(feature, seen.value, lang)}{after}{beside}"


@lru_cache(HELD)
def _wording(moved: str, code: str, name: str, lang: str) -> tuple[str, str, str]:
    """The sentence about a feature, cut where its points and its value stand."""
    said = wordings()
    seen = said["observed"][lang].format(name=name, value=_CUT)
    whole = moved.format(topic=said["codes"][code][lang], points=_CUT) + said["joint"][lang] + seen
    before, between, after = whole.split(_CUT)
    return before, between, after


def _beside(unit: str, usual: Compared, lang: str) -> str:
    """What is usual in the baseline, and how the observed value stands to it."""
    said = _aside(usual["of"], usual["relation"], lang)
    amount = _amount(unit if usual["of"] == "median" else "share", usual["value"], lang)
    return said.format(who=usual["who"][lang], value=amount, n=f"{usual['n']:,}")


@cache
def _aside(of: str, relation: str, lang: str) -> str:
    said = wordings()
    return f"{said['aside'][lang]}{said['compared'][of][relation][lang]}"


def spoken(feature: Feature, value: float, language: str) -> str:
    """A value as an officer reads it: shares in per cent, money in 万元 or ten thousands, categories by their word."""
    seen = observed(feature, value)
    if isinstance(seen, str):
        return seen
    return str(wordings()["unknown"][language]) if seen is None else _amount(feature.unit, seen, language)


def _amount(unit: str, seen: float, language: str) -> str:
    said = wordings()
    if unit == "share":
        return f"{seen:.1%}"
    if unit in ("minor unit", "log minor unit"):
        amount = math.exp(seen) if unit.startswith("log") else seen
        return f"{amount / 1e6:,.2f}{said['units']['minor unit'][language]}"
    if unit == "flag":
        return str(said["flags"][bool(seen)][language])
    return f"{seen:,.4g}{said['units'].get(unit, {}).get(language, f' {unit}')}"
