"""Contributions worded: every reason with its points, what was observed, and what is usual among which peers.

A wording says what raised or lowered the score and puts the peers' median beside the observed value. It never says
better or worse than peers: the points are measured from the base (the average of the training cases), not from them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from features.asof import Floats, Ints, Known
from features.matrix import named
from features.norms import Norm, Norms
from features.registry import Feature
from models.kind import Kind, Said

PRINCIPAL = 4
"""How many reasons that lower the score come first."""
REFERENCE = "base"
"""What the points of a model's reason are measured from: the answer's part `base`."""
LANGUAGES = ("zh", "en")
HELD = 100_000
"""Wordings kept ready; more than the features and norms of a few bundles need."""
_CUT = "\0"


@dataclass(frozen=True)
class Ground:
    """What an officer reads: one model reason. `points` in tenths exact; `observed` None is *not known*."""

    code: str
    family: str
    direction: Literal["raises", "lowers"]
    says: Said
    observed: float | str | None
    unit: str
    compared_to: dict[str, Any] | None
    points: float
    reference: str
    feature: str


@dataclass(frozen=True)
class Peers:
    """Whom a firm is compared with, nearest first: subjects of norms, each with its name in both languages."""

    subjects: tuple[tuple[str, Said], ...]

    def median(self, norms: Norms, feature: str, day: str) -> tuple[Norm, Said] | None:
        """The median of the nearest peers that have one known by the day (ISO)."""
        for subject, who in self.subjects:
            norm = norms.by_name.get((subject, f"median:{feature}"))
            if norm is not None and norm.known_on <= day:
                return norm, who
        return None


@cache
def wordings() -> dict[str, Any]:
    """`reasons.yaml`: the topic of each reason code, names of units and of peers, in both languages."""
    told: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "reasons.yaml").read_text(encoding="utf-8"))
    return told


def peers(known: Known) -> list[Peers]:
    """The peers of each case: its industry's division, then section, then all firms; by the code known on the day."""
    rows = known.firms
    place = rows.last()
    words = known.tables.words("industry").words
    codes = rows.industry if len(rows) else np.empty(0, dtype=np.int64)
    industry = [words[codes[p]] if p >= 0 and codes[p] >= 0 else "" for p in place]
    return [_peers(code) for code in industry]


@cache
def _peers(industry: str) -> Peers:
    said = wordings()["peers"]
    nearest = [industry[:3]] if len(industry) >= 3 else []
    groups = [(code, "division") for code in nearest] + [(code, "section") for code in [industry[:1]] if code]
    named_groups = [(f"peers:{code}", _filled(said[level], code=code)) for code, level in groups]
    return Peers((*named_groups, ("peers:all", said["all"])))


def _filled(said: Mapping[str, str], **facts: object) -> Said:
    return {language: said[language].format(**facts) for language in LANGUAGES}


def grounds(  # noqa: PLR0913, PLR0917  (a case's reasons are told from so much)
    kind: Kind,
    names: tuple[str, ...],
    values: Floats,
    tenths: Ints,
    moved: Floats,
    medians: "Medians",
    most: int | None = None,
) -> list[Ground]:
    """The reasons of one case: the principal ones first, then the rest by size.

    `values`, `tenths` (of a point, as shown) and `moved` (points, unrounded) lie in the order of `names`. The principal
    reasons are the four that lower the score most; a feature that moved nothing is no reason. `most`: give no more.
    """
    order = [int(i) for i in np.argsort(-np.abs(moved), kind="stable") if moved[i] != 0.0]
    first = [i for i in order if moved[i] < 0][:PRINCIPAL]
    rest = [i for i in order if i not in first]
    return [
        _ground(kind, named(names[i]), float(values[i]), int(tenths[i]), bool(moved[i] > 0), medians)
        for i in (first + rest)[:most]
    ]


@dataclass(frozen=True)
class Medians:
    """What is usual among a case's peers, on its day."""

    norms: Norms
    peers: Peers
    day: str

    def of(self, feature: str) -> tuple[Norm, Said] | None:
        """The nearest peers' median of a feature."""
        return self.peers.median(self.norms, feature, self.day)


def _ground(kind: Kind, feature: Feature, value: float, tenths: int, raises: bool, medians: Medians) -> Ground:
    # A category has no median.
    median = None if feature.categories else medians.of(feature.name)
    compared = {"value": median[0].value, "who": median[1], "n": median[0].n} if median else None
    moved = kind.raises if raises else kind.lowers
    return Ground(
        code=feature.reason,
        family=feature.family,
        direction="raises" if raises else "lowers",
        says={lang: _sentence(feature, moved, value, tenths, compared, lang) for lang in LANGUAGES},
        observed=observed(feature, value),
        unit=feature.unit,
        compared_to=compared,
        points=tenths / 10,
        reference=REFERENCE,
        feature=feature.name,
    )


def observed(feature: Feature, value: float) -> float | str | None:
    """The value as an answer carries it: a category by its word, *not known* as None."""
    if math.isnan(value):
        return None
    if feature.categories:
        place = int(value)
        return feature.categories[place] if 0 <= place < len(feature.categories) else None
    return value


def _sentence(
    feature: Feature, moved: Said, value: float, tenths: int, compared: dict[str, Any] | None, lang: str
) -> str:
    """What raised or lowered the score and by how much; what was observed and, where known, what is usual."""
    before, between, after = _wording(moved[lang], feature.reason, getattr(feature, lang), lang)
    points = f"{abs(tenths) / 10:.1f}" if tenths else wordings()["below_a_tenth"][lang]
    usual = _usual(feature.unit, compared["who"][lang], compared["value"], compared["n"], lang) if compared else ""
    return f"{before}{points}{between}{spoken(feature, value, lang)}{after}{usual}"


@lru_cache(HELD)
def _wording(moved: str, code: str, name: str, lang: str) -> tuple[str, str, str]:
    """The sentence about a feature, cut where its points and its value stand."""
    said = wordings()
    seen = said["observed"][lang].format(name=name, value=_CUT)
    whole = moved.format(topic=said["codes"][code][lang], points=_CUT) + said["joint"][lang] + seen
    before, between, after = whole.split(_CUT)
    return before, between, after


@lru_cache(HELD)
def _usual(unit: str, who: str, value: float, n: int, lang: str) -> str:
    """What is usual among peers."""
    said = wordings()
    usual: str = said["usual"][lang].format(who=who, value=_amount(unit, value, lang), n=f"{n:,}")
    return f"{said['aside'][lang]}{usual}"


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
