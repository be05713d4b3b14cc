"""What a reader must know beside the score: warnings about the inputs, each with its figure."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import isnan
from typing import Any

import numpy as np

from features.arrays import Floats
from features.asof import Known
from features.matrix import named
from models.score.bundle import Bundle
from models.score.kind import Said
from models.score.reasons import LANGUAGES, spoken, wordings

Notice = dict[str, Any]
"""`code`, `says` (zh, en) and what it is about: `feature` or `period_end`, `figure` and `unit` where there is one."""


def notices(known: Known, bundle: Bundle, numbers: Floats) -> list[list[Notice]]:
    """The warnings of each case; `numbers` is the (n, f) feature matrix in the bundle's order."""
    found: list[list[Notice]] = [[] for _ in known.cases]
    asked, held = known.asked("holdings"), known.holdings.any()
    for place, noted in enumerate(found):
        if bundle.synthetic:
            noted.append(_notice("synthetic"))
        if not held[place]:
            noted.append(_notice("no_patents" if asked[place] else "patents_not_asked"))
        noted.extend(_strange(bundle, numbers[place].tolist()))
    for place, notice in _unbalanced(known):
        found[place].append(notice)
    return found


def _strange(bundle: Bundle, values: Sequence[float]) -> Iterator[Notice]:
    """Values of a kind or size that no training case had: the trees answer, but learned nothing there."""
    for name, value in zip(bundle.features, values, strict=True):
        seen, feature = bundle.seen[name], named(name)
        if isnan(value):
            continue
        if feature.categories:
            if int(value) not in seen.categories:
                inside = 0 <= value < len(feature.categories)
                code = "category_not_learned" if inside else "category_not_in_map"
                yield _notice(code, feature=name, name=feature, value=value)
        elif not seen.least <= value <= seen.most:
            yield _notice("outside_training", feature=name, name=feature, value=value)


def _unbalanced(known: Known) -> Iterator[tuple[int, Notice]]:
    """Books whose two sides differ, with the difference: by rounding it is harmless, and the reader decides."""
    rows = known.statements
    if not len(rows):
        return
    gap = rows.total_assets - rows.total_liabilities - rows.equity
    for row in np.flatnonzero(~np.isnan(gap) & (gap != 0)):
        day = date.fromordinal(int(rows.period_end[row])).isoformat()
        yield (
            int(rows.case[row]),
            _notice("books_unbalanced", period_end=day, figure=float(gap[row]), unit="minor unit"),
        )


def _notice(code: str, **about: Any) -> Notice:
    feature = about.pop("name", None)
    facts: dict[str, Said] = {lang: {k: str(v) for k, v in about.items()} for lang in LANGUAGES}
    if feature is not None:
        for lang in LANGUAGES:
            facts[lang] |= {"name": getattr(feature, lang), "value": spoken(feature, about["value"])[lang]}
    if "figure" in about:
        for lang in LANGUAGES:
            facts[lang]["figure"] = f"{about['figure'] / 100:,.2f}"
    said = wordings()["notices"][code]
    return {"code": code, "says": {lang: said[lang].format(**facts[lang]) for lang in LANGUAGES}, **about}
