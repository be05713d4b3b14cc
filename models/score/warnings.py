"""What a reader must know beside the score: warnings about the inputs, each a code with its facts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isnan

import msgspec
import numpy as np

from features.arrays import Floats
from features.asof import Known
from features.identifiers import check_firm_key
from features.matrix import named
from features.phrase import Fact, Phrase
from features.registry import Feature
from models.score.bundle import Bundle, Seen
from models.score.phrases import figure
from models.words.templates import phrase


class CaseWarning(msgspec.Struct, frozen=True, omit_defaults=True):
    """A warning about one case. `feature`: the one that it is about; `facts` fill the template `warning.CODE`."""

    code: str
    feature: str | None = None
    facts: Mapping[str, Fact] = {}

    @property
    def phrase(self) -> Phrase:
        """What it says."""
        about = {} if self.feature is None else {"feature": self.feature}
        return phrase(f"warning.{self.code}", **about, **self.facts)


def warnings_of(known: Known, bundle: Bundle, numbers: Floats) -> list[list[CaseWarning]]:
    """The warnings of each case; `numbers` is the (n, f) feature matrix in the bundle's order."""
    found: list[list[CaseWarning]] = [[] for _ in known.cases]
    asked, held = known.asked("holdings"), known.holdings.any()
    told = known.firms.any() | known.statements.any()
    for place, noted in enumerate(found):
        if bundle.synthetic:
            noted.append(CaseWarning("synthetic"))
        if not told[place]:
            noted.append(CaseWarning("nothing_known"))
        if not held[place]:
            noted.append(CaseWarning("no_patents" if asked[place] else "patents_not_asked"))
        if check_firm_key(known.cases[place].firm) is not None:
            noted.append(CaseWarning("uscc_check_digit"))
        noted.extend(_strange(bundle, numbers[place].tolist()))
    for place, warning in _unbalanced(known):
        found[place].append(warning)
    return found


def _strange(bundle: Bundle, values: Sequence[float]) -> Iterator[CaseWarning]:
    """Values of a kind or size that no training case had: the trees answer, but learned nothing there."""
    outside: list[tuple[float, str, float]] = []
    for name, value in zip(bundle.features, values, strict=True):
        seen, feature = bundle.seen[name], named(name)
        if isnan(value):
            continue
        if feature.categories:
            yield from _new_category(feature, value, seen)
        elif not seen.least <= value <= seen.most:
            outside.append((_beyond(seen, value), name, value))
    if outside:
        yield _outside(outside)


def _new_category(feature: Feature, value: float, seen: Seen) -> Iterator[CaseWarning]:
    if int(value) in seen.categories:
        return
    if 0 <= value < len(feature.categories):
        word = feature.categories[int(value)]
        yield CaseWarning("category_not_learned", feature.name, {"value": figure(feature.name, word)})
    else:
        yield CaseWarning("category_not_in_map", feature.name)


def _outside(outside: Sequence[tuple[float, str, float]]) -> CaseWarning:
    """One warning for all values outside the training range: it names the farthest and counts the others.

    The others are not named, because what is told of a feature is hidden with it from those who may not see it.
    """
    _, name, value = max(outside, key=lambda found: found[0])
    said: dict[str, Fact] = {"value": figure(name, value)}
    if further := len(outside) - 1:
        return CaseWarning("outside_training_together", name, said | {"further": further})
    return CaseWarning("outside_training", name, said)


def _beyond(seen: Seen, value: float) -> float:
    """How many widths of the training range a value lies outside of it."""
    return max(seen.least - value, value - seen.most) / ((seen.most - seen.least) or 1e-9)


def _unbalanced(known: Known) -> Iterator[tuple[int, CaseWarning]]:
    """Books whose two sides differ, with the difference in fen: by rounding it is harmless, and the reader decides."""
    rows = known.statements
    if not len(rows):
        return
    gap = rows.total_assets - rows.total_liabilities - rows.equity
    for row in np.flatnonzero(~np.isnan(gap) & (gap != 0)):
        day = date.fromordinal(int(rows.period_end[row])).isoformat()
        yield int(rows.case[row]), CaseWarning("books_unbalanced", None, {"period_end": day, "gap": int(gap[row])})
