"""What is concluded of a whitelist question beside its score: for each list, why the firm is on it or why not."""

from dataclasses import dataclass
from typing import Any

from features.asof import Known
from features.policy import Policy
from models.rules import Listed, applicant, lists, screen
from models.rules.bilingual import listed_told


@dataclass(frozen=True)
class Standing:
    """What every list of the policy says of one firm."""

    lists: tuple[Listed, ...]
    policy: Policy

    def answer(self) -> dict[str, Any]:
        """The part `lists`: each with its outcome, all its findings, and the rules that keep the firm off it."""
        return {"lists": [listed_told(one, self.policy) for one in self.lists]}


def standing(known: Known, place: int, admission: float) -> Standing:
    """What the lists say of the firm of case `place`; `admission` is the whitelist model's probability."""
    a = applicant(known, place)
    return Standing(tuple(screen(a, name, admission) for name in lists(known.policy)), known.policy)
