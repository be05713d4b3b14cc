"""Whether a model learned from, and was judged by, as many events as its own plan asked for when it was trained."""

from dataclasses import dataclass

import msgspec

from features.errors import refusal_phrase
from features.phrase import Phrase
from models.score.bundle import Bundle


class CountedCases(msgspec.Struct, frozen=True):
    """How many cases there were, and how many of them with the event."""

    cases: int
    events: int

    @property
    def rarer(self) -> int:
        """How many cases had the rarer outcome."""
        return min(self.events, self.cases - self.events)


class GatedCard(msgspec.Struct, frozen=True):
    """Of a bundle's card the minima of its plan, and what it learned from and was judged by."""

    gate: dict[str, int]
    learned: CountedCases
    judged: CountedCases


@dataclass(frozen=True)
class Shortfall:
    """A number of events below its minimum. Events are counted of the rarer outcome."""

    where: str
    events: int
    least: int
    plan_key: str

    @property
    def phrase(self) -> Phrase:
        """What falls short, as a refusal says it."""
        return refusal_phrase(
            "too_few_events", where=self.where, events=self.events, least=self.least, key=self.plan_key
        )


def shortfalls(bundle: Bundle) -> list[Shortfall]:
    """In what a bundle falls short of the minimum that its plan stated when it was trained."""
    card, found = msgspec.convert(bundle.card, GatedCard), []
    for where, part, key in (
        ("learning", card.learned, "least_events"),
        ("judgement", card.judged, "least_test_events"),
    ):
        if part.rarer < card.gate[key]:
            found.append(Shortfall(where, part.rarer, card.gate[key], f"gate.{key}"))
    return found
