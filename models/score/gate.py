"""Whether a model learned from, and was judged by, as many events as its own plan asked for when it was trained."""

from dataclasses import dataclass

from models.score.bundle import Bundle


@dataclass(frozen=True)
class Shortfall:
    """A number of events below its minimum. Events are counted of the rarer outcome."""

    where: str
    events: int
    least: int
    plan_key: str

    def __str__(self) -> str:
        return f"{self.events} events in {self.where}, the plan's least is {self.least} ({self.plan_key})"


def shortfalls(bundle: Bundle) -> list[Shortfall]:
    """In what a bundle falls short of the minimum that its plan stated when it was trained."""
    gate, found = bundle.card["gate"], []
    for where, part, key in (("learning", "learned", "least_events"), ("judgement", "judged", "least_test_events")):
        told = bundle.card[part]
        rarer = min(told["events"], told["cases"] - told["events"])
        if rarer < gate[key]:
            found.append(Shortfall(where, rarer, gate[key], f"gate.{key}"))
    return found
