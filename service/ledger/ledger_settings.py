"""What entering needs from outside: the clock, the zone of days and months, the policy that names funds and terms.

They are set once for an engine, as the keys of `wrapping.py` are, and found again from each connection of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Literal

from sqlalchemy import Connection, Engine

from features.policy import Policy, load, shipped
from features.policy.parameters import SHIPPED
from service.edge.clock import Clock, system_clock
from service.edge.settings import Settings
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
    read_policy: Callable[[], Policy] = shipped
    currency: str = "CNY"
    guard: MonotonicGuard = field(default_factory=MonotonicGuard)

    @property
    def kind_of_clock(self) -> Literal["real", "simulated"]:
        """What an opening entry says of the clock."""
        return "simulated" if self.simulated else "real"

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.read_policy()

    def day_of(self, at: str | datetime) -> date:
        """The day in the zone on which a moment, or the time of an entry, lies."""
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return moment.astimezone(self.zone).date()

    def funds(self, day: date) -> Mapping[str, frozenset[str]]:
        """The banks of each fund that policy knows on the day."""
        return {fund: frozenset(banks) for fund, banks in self.policy(FUNDS).on(day).items()}

    def was_of(self, fund: str, bank: str | None) -> bool:
        """Whether the bank was one of the fund's on any day."""
        return any(bank in told.get(fund, ()) for told in self.policy(FUNDS).values.values())

    def kept_years(self, day: date, *, lent: bool) -> int:
        """For how many years a loan file is kept after its last entry: of a loan, or of a question."""
        return int(self.policy("retention.loan" if lent else "retention.question").on(day))


def ledger_settings(settings: Settings, clock: Clock = system_clock, policy: Policy | None = None) -> LedgerSettings:
    """Those that a deployment states; its policy is read when it is needed, unless it is given."""

    @cache
    def own() -> Policy:
        return policy or (load(SHIPPED, settings.policy) if settings.policy else shipped())

    return LedgerSettings(clock, simulated=clock is not system_clock, zone=settings.zone, read_policy=own)


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
