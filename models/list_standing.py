"""What is concluded of a whitelist question beside its score: for each list, why the firm is on it or why not."""

from dataclasses import dataclass
from typing import Any

from features.asof import Known
from models.rules import Listed, applicant, lists, screen


@dataclass(frozen=True)
class Standing:
    """What every list of the policy says of one firm."""

    lists: tuple[Listed, ...]

    def answer(self) -> dict[str, Any]:
        """The part `lists`: each with its outcome, all its findings, and the rules that keep the firm off it."""
        return {"lists": [one.to_json() | {"why_not": [finding.rule for finding in one.why_not]} for one in self.lists]}


def standing(known: Known, place: int, admission: float) -> Standing:
    """What the lists say of the firm of case `place`; `admission` is the whitelist model's probability."""
    a = applicant(known, place)
    return Standing(tuple(screen(a, name, admission) for name in lists(known.policy)))
