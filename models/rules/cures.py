"""What cures a finding: the words stand in a template, policy tells who does it, in how many days, for which fee."""

from datetime import date

import msgspec

from features.phrase import Fact
from features.policy import Policy
from models.records.applicant import Applicant
from models.rules.finding import Cure
from models.words.templates import phrase


def cure(a: Applicant, name: str, fee: int | None = None, **facts: Fact) -> Cure:
    """The cure `cures.NAME` on the day; `fee` in fen where it was computed for the case, `facts` of its template."""
    found = a.of_the_day(_Cures)[name]
    if fee is None and not facts:
        return found
    return Cure(
        name, found.office, found.days, found.fee if fee is None else fee, phrase(f"cure.{name}", **facts).facts
    )


class _StatedCure(msgspec.Struct, frozen=True):
    """A cure as policy states it: the office, how many days it takes, and its fee in yuan."""

    office: str | None = None
    days: int | None = None
    fee: int | None = None


class _Cures(dict[str, Cure]):
    """The cures of one day by name, each read once."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__()
        self._policy, self._day = policy, day

    def __missing__(self, name: str) -> Cure:
        stated = msgspec.convert(self._policy(f"cures.{name}").on(self._day), _StatedCure)
        fee = None if stated.fee is None else stated.fee * 100
        found = self[name] = Cure(name, stated.office, stated.days, fee)
        return found
