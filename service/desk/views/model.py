"""A model as its page shows it: its gate, its calibration, how it was judged, and its card."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from markupsafe import Markup

from models.words.templates import SHIPPED
from service.assessing.models_shown import ModelFacts
from service.desk.charts import Calibrated, calibration
from service.desk.labels import DeskLabels


class JudgedFigure(msgspec.Struct, frozen=True):
    """A figure by which a model was judged, with its interval of 95%."""

    name: str
    value: float
    low: float
    high: float
    cases: int
    events: int


class _Judged(msgspec.Struct, frozen=True):
    """Of a card the figures, and what a model must not be used for."""

    figures: tuple[JudgedFigure, ...] = ()
    not_for: tuple[str, ...] = ()


def judged(model: ModelFacts) -> _Judged:
    """What its card says of that."""
    return msgspec.convert(model.card, _Judged)


def not_for(model: ModelFacts, say: DeskLabels) -> list[str]:
    """What a model must not be used for, by name."""
    return [say.name("not_for", one) for one in judged(model).not_for]


def calibration_chart(model: ModelFacts, say: DeskLabels) -> Markup:
    """The chart of what was said and what came, by grade; its title says in how many grades both agree."""
    rows = [
        Calibrated(one.grade, one.expected, one.observed, one.low, one.high, one.cases) for one in model.calibration
    ]
    inside = sum(row.low <= row.expected <= row.high for row in rows)
    return calibration(rows, say("calibration.title", inside=inside, of=len(rows)))


@dataclass(frozen=True)
class CardLine:
    """Something that the card says: where in it, and what."""

    name: str
    value: str


def card_lines(model: ModelFacts, say: DeskLabels) -> list[CardLine]:
    """The card without what stands above it: names joined by dots, values as they are."""
    shown = ("figures", "grades", "gate", "learned", "judged", "not_for", "features")
    rest = {name: value for name, value in model.card.items() if name not in shown}
    return [CardLine(name, value) for name, value in _flat("", rest, say)]


def _flat(place: str, value: object, say: DeskLabels) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and set(value) == {"code"}:
        yield place, SHIPPED.name(str(value["code"]), say.language)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(f"{place}.{name}" if place else str(name), one, say)
    elif isinstance(value, list):
        yield place, say("joint").join(str(one) for one in value)
    elif value is not None:
        yield place, f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
