"""What entering needs from outside: the clock, the zone of days and months, the policy that names funds and terms.

They are set once for an engine, as the keys of `wrapping.py` are, and found again from each connection of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache

from sqlalchemy import Connection, Engine

from features.policy import Policy, shipped
from service.edge.clock import Clock, system_clock
from service.ledger.monotonic import MonotonicGuard

FUNDS = "funds.banks"
_OPTION = "ledger"


@dataclass(frozen=True)
class LedgerSettings:
    """The settings of a ledger; `guard` watches that its clock does not run away.

    Times of a simulated clock are taken as they are given; the opening entry says which clock it was.
    """

    clock: Clock = system_clock
    simulated: bool = False
    zone: tzinfo = timezone(timedelta(hours=8))
    policy: Policy = field(default_factory=shipped)
    currency: str = "CNY"
    guard: MonotonicGuard = field(default_factory=MonotonicGuard)

    def day(self, moment: datetime) -> date:
        """Which day it is in the zone."""
        return moment.astimezone(self.zone).date()

    def funds(self, day: date) -> Mapping[str, frozenset[str]]:
        """The banks of each fund that policy knows on the day."""
        return {fund: frozenset(banks) for fund, banks in self.policy(FUNDS).on(day).items()}

    def kept_years(self, day: date, *, lent: bool) -> int:
        """For how many years a loan file is kept after its last entry: of a loan, or of a question."""
        return int(self.policy("retention.loan" if lent else "retention.question").on(day))


def use(engine: Engine, settings: LedgerSettings) -> None:
    """Let what is entered through the engine follow the settings."""
    engine.update_execution_options(**{_OPTION: settings})


def settings_of(bound: Connection | Engine) -> LedgerSettings:
    """The settings of an engine, or of a connection of it."""
    found = bound.get_execution_options().get(_OPTION) or _usual()
    assert isinstance(found, LedgerSettings)
    return found


@cache
def _usual() -> LedgerSettings:
    return LedgerSettings()
