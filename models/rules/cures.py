"""What cures a finding, as policy tells it: what to do, where, in how many days, for which fee."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from features.policy import Policy
from models.records.applicant import Applicant
from models.rules.finding import Cure, Says


def cure(a: Applicant, name: str, fee: int | None = None) -> Cure:
    """The cure `cures.NAME`; `fee` in the minor unit where it was computed for the case."""
    stated = a.of_the_day(_Cures)[name]
    return stated if fee is None else replace(stated, fee=fee)


class _Cures(dict[str, Cure]):
    """The cures of one day by name, each made once."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__()
        self._policy, self._day = policy, day

    def __missing__(self, name: str) -> Cure:
        found = self[name] = _stated(self._policy(f"cures.{name}").on(self._day))
        return found


def _stated(told: Mapping[str, Any]) -> Cure:
    fee = told.get("fee")
    return Cure(
        what=Says(told["zh"], told["en"]),
        where=Says(told["where_zh"], told["where_en"]),
        days=told.get("days"),
        fee=None if fee is None else fee * 100,
    )
