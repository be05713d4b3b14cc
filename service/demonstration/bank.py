"""Makes the demonstration bank where it was not made yet, and opens it to serve."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Connection, select

from features.lake import MANIFEST, Lake
from features.policy import load
from features.policy.parameters import SHIPPED
from service.access.accounts import Accounts
from service.access.roles import EVERYWHERE, UNBOUND, Caller, Reach
from service.access.tables import USERS, UserRecord
from service.application.state import AppState, Demonstration
from service.assessing.providers.lake import LakeFirms
from service.demonstration.applications import applications, busiest, considered, firms_held
from service.demonstration.conduct import Wait
from service.demonstration.history import lived
from service.demonstration.lakes import divide
from service.demonstration.lives import LoanLife
from service.demonstration.office import Office
from service.demonstration.people import BANKS, Seat, seats, staffed
from service.demonstration.witnessing import FundWitness
from service.edge.clock import SimulatedClock
from service.edge.database import fetch_all
from service.edge.settings import Settings
from service.firm_lists.listing import PushShown, pushes_listed
from service.ledger import ledger_settings, wrapping
from service.ledger.actors import COMMAND
from service.ledger.opening import open_database
from service.ledger.signing_keys import initialise
from service.ledger.turn import turn_of
from service.loan_files.queues import queues, steps_for, waiting
from service.web.app import close, open_state

POLICY = Path(__file__).parent / "policy"
BRANCHES = 3
"""Branches of a bank."""
DATABASE = "bank.db"
LAKES = "lakes"
"""The folder of what each bank brought itself."""


@dataclass(frozen=True)
class DemoYear:
    """From which day the history goes, and until when; the clock of the service goes on from there."""

    since: date
    until: datetime


@dataclass(frozen=True)
class MadeBank:
    """How many loan files there are, and the day on which the history ends."""

    files: int
    last: date


def demo_settings(home: Path, lake: Path) -> Settings:
    """The settings of the demonstration in its folder."""
    return Settings.from_environment(sign_in="required").model_copy(
        update={
            "database": f"sqlite:///{home / DATABASE}",
            "lakes": (lake, *(home / LAKES / bank for bank in BANKS)),
            "policy": POLICY,
            "keys": home / "keys",
            "fund_keys": (FundWitness(home / "fund").public,),
        }
    )


def divide_world(home: Path, lake: Path) -> None:
    """Write the lake of each bank where one is missing."""
    if not all((folder / MANIFEST).exists() for folder in demo_settings(home, lake).lakes):
        divide(Lake(lake), BANKS, home / LAKES)


def make_bank(home: Path, lake: Path, year: DemoYear, tick: Callable[[datetime], None]) -> MadeBank:
    """Enter the year, in a database beside the finished one, which it then becomes."""
    finished = demo_settings(home, lake)
    unfinished = home / f"{DATABASE}.unfinished"
    fund = FundWitness(home / "fund")
    for left in (finished.keys, fund.folder):
        rmtree(left, ignore_errors=True)
    for file in home.glob(f"{DATABASE}*"):
        file.unlink()
    fund.prepare()
    divide_world(home, lake)
    settings = finished.model_copy(update={"database": f"sqlite:///{unfinished}"})
    clock = SimulatedClock(datetime.combine(year.since, time(8), settings.zone))
    _make_keys(settings, clock)
    state = open_state(settings, clock)
    try:
        lives = _filled(state, clock, year, fund, tick)
    finally:
        close(state)
    unfinished.replace(home / DATABASE)
    return MadeBank(len([one for one in lives if one.state is not None]), clock().astimezone(settings.zone).date())


@dataclass(frozen=True)
class OpenedBank:
    """The bank that was made: its settings and clock, the seats that are offered, and the lists that were pushed."""

    settings: Settings
    clock: SimulatedClock
    seats: list[Seat]
    pushes: list[PushShown]

    @property
    def demonstration(self) -> Demonstration:
        """What the service has of it."""
        return Demonstration(self.clock, tuple(seat.account.name for seat in self.seats))


def open_bank(home: Path, lake: Path) -> OpenedBank:
    """The bank that was made; its clock goes on from the last entry."""
    settings = demo_settings(home, lake)
    divide_world(home, lake)
    engine = open_database(settings.database)
    try:
        wrapping.use(engine, settings.keys)
        with engine.connect() as connection:
            last = turn_of(connection).last
            if last is None:
                raise ValueError("the demonstration bank has no entries")
            accounts = Accounts(engine, load(SHIPPED, settings.policy or POLICY))
            today = last.astimezone(settings.zone).date()
            rows = fetch_all(connection, select(USERS), UserRecord)
            waits = {row.name: _waiting(connection, accounts.caller(row, last), today) for row in rows}
            found = seats(accounts.listed(UNBOUND), waits)
            pushes = pushes_listed(connection, Reach(frozenset(BANKS[:1])), today, 100)
    finally:
        engine.dispose()
    clock = SimulatedClock(last)
    clock.run()
    return OpenedBank(settings, clock, found, pushes)


def _waiting(connection: Connection, caller: Caller | None, today: date) -> int:
    """How much waits for somebody: files, or the warnings of whoever moves no file on but watches loans."""
    if caller is None:
        return 0
    files = waiting(connection, caller)
    watches = not steps_for(caller) and "watch" in caller.may
    return files + queues(connection, caller.reach, today).warnings.number if watches else files


def _make_keys(settings: Settings, clock: SimulatedClock) -> None:
    """The bank's wrapping and signing keys, the first of what is entered."""
    engine = open_database(settings.database)
    try:
        wrapping.make(settings.keys)
        wrapping.use(engine, settings.keys)
        ledger_settings.use(engine, ledger_settings.ledger_settings(settings, clock))
        initialise(engine, settings.keys, COMMAND)
    finally:
        engine.dispose()


def _filled(
    state: AppState, clock: SimulatedClock, year: DemoYear, fund: FundWitness, tick: Callable[[datetime], None]
) -> list[LoanLife]:
    lakes = [Lake(folder) for folder in state.settings.lakes]
    last = year.until.astimezone(state.settings.zone).date()
    found = applications(lakes[0], BANKS, year.since, last)
    branches = busiest(found, BRANCHES)
    chosen = considered([one for one in found if one.branch in branches[one.bank]], last)
    accounts, people = staffed(branches)
    founders = [one.name for one in accounts if one.role == "administrator" and one.place == EVERYWHERE]
    state.proposals.open_declared(accounts, (founders[0], founders[1]), COMMAND, clock())
    office = Office(state, clock, firms_held(LakeFirms(lakes, lambda: BANKS), chosen), people)

    def chores() -> Iterator[Wait]:
        """Now and then the ledger is signed, a month that is over is closed, and the fund countersigns."""
        while True:
            state.checkpoint_signer.look()
            fund.countersign(state)
            yield 8, 8

    return lived(office, chosen, year.until, chores(), tick)
