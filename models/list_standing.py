"""What is concluded of a whitelist question beside its score: for each list, why the firm is on it or why not."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from features.asof import Known
from models.rules import Finding, Listed, applicant, lists, screen
from models.rules.finding import Outcome
from models.rules.whitelists import Kind


class ListAnswer(msgspec.Struct, frozen=True):
    """What a list says of the firm: `pass` only where no gate fails or is unknown; `why_not` names those that do.

    `name`: what the policy of the list calls it, in Chinese and English.
    """

    list: str
    kind: Kind
    name: Mapping[str, str]
    outcome: Outcome
    findings: tuple[Finding, ...]
    why_not: tuple[str, ...]


@dataclass(frozen=True)
class ListStanding:
    """What every list of the policy says of one firm."""

    lists: tuple[Listed, ...]

    @property
    def answers(self) -> tuple[ListAnswer, ...]:
        """Each list with its outcome, its findings, and the rules that keep the firm off it."""
        return tuple(
            ListAnswer(
                one.list,
                one.kind,
                one.name,
                one.outcome,
                tuple(finding.answered for finding in one.findings),
                tuple(finding.rule for finding in one.why_not),
            )
            for one in self.lists
        )


def standing(known: Known, place: int, admission: float) -> ListStanding:
    """What the lists say of the firm of case `place`; `admission` is the whitelist model's probability."""
    a = applicant(known, place)
    return ListStanding(tuple(screen(a, name, admission) for name in lists(known.policy)))
