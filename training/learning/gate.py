"""What stands between a model and its use: enough events learned from and judged by. The self-test runs before."""

from features.errors import Fault, PledgeScoreError
from models.score.bundle import Bundle
from models.score.gate import shortfalls


class NotPromoted(PledgeScoreError):
    """A model may not become champion; says what it lacks, what is asked and what to do."""


def check(bundle: Bundle) -> None:
    """Raises `NotPromoted` where the bundle learned from or was judged by too few events."""
    found = shortfalls(bundle)
    if found:
        raise NotPromoted("not_promoted", model=bundle.name, faults=[Fault("", one.phrase) for one in found])
