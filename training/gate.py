"""What stands between a model and its use: enough events learned from and judged by. The exam is sat before this."""

from dataclasses import dataclass

from features.errors import PledgeScoreError
from models.bundle import Bundle


class NotPromoted(PledgeScoreError):
    """A model may not become champion; says what it lacks, what is asked and what to do."""


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


def check(bundle: Bundle) -> None:
    """Raises `NotPromoted` where the bundle learned from or was judged by too few events."""
    found = shortfalls(bundle)
    if found:
        raise NotPromoted(
            f"{bundle.name} is not promoted: {'; '.join(map(str, found))}. With so few every figure is uncertain: "
            'wait for more outcomes, pool loans with other lenders, or watch loans for longer (horizon = "maturity"); '
            "a lower minimum is a change of the plan that its reader must defend"
        )
