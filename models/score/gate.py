"""Whether a model learned from, and was judged by, as many events as its own plan asked for when it was trained."""

from dataclasses import dataclass

from features.errors import refusal_phrase
from features.phrase import Phrase
from models.score.bundle import Bundle


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
    gate, found = bundle.card["gate"], []
    for where, part, key in (("learning", "learned", "least_events"), ("judgement", "judged", "least_test_events")):
        told = bundle.card[part]
        rarer = min(told["events"], told["cases"] - told["events"])
        if rarer < gate[key]:
            found.append(Shortfall(where, rarer, gate[key], f"gate.{key}"))
    return found
