"""Makes the demonstration bank where it was not made yet, and opens it to serve."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from shutil import rmtree

from sqlalchemy import func, select

from features.lake import Lake
from features.policy import load
from features.policy.parameters import SHIPPED
from service.access.accounts import Accounts
from service.access.roles import EVERYWHERE, UNBOUND
from service.application.state import AppState, Demonstration
from service.assessing.loan_file_index import LOAN_FILES
from service.demonstration.applications import applications, busiest, firms_held
from service.demonstration.history import lived
from service.demonstration.lives import LoanLife, Wait
from service.demonstration.office import Office
from service.demonstration.people import BANKS, seats, staffed
from service.demonstration.witnessing import FundWitness
from service.edge.clock import SimulatedClock
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.actors import COMMAND
from service.ledger.opening import open_database
from service.ledger.signing_keys import initialise
from service.ledger.turn import turn_of
from service.web.app import close, open_state

POLICY = Path(__file__).parent / "policy"
BRANCHES = 3
"""Branches of a bank."""
DATABASE = "bank.db"


@dataclass(frozen=True)
class DemoYear:
    """From which day the history goes, and until when; the clock of the service goes on from there."""

    since: date
    until: datetime


def demo_settings(home: Path, lake: Path) -> Settings:
    """The settings of the demonstration in its folder."""
    return Settings.from_environment(sign_in="required").model_copy(
        update={
            "database": f"sqlite:///{home / DATABASE}",
            "lake": lake,
            "policy": POLICY,
            "keys": home / "keys",
            "fund_keys": (FundWitness(home / "fund").public,),
        }
    )


def make_bank(home: Path, lake: Path, year: DemoYear, tick: Callable[[datetime], None]) -> list[LoanLife]:
    """Enter the year, in a database beside the finished one, which it then becomes; what became of each application."""
    finished = demo_settings(home, lake)
    unfinished = home / f"{DATABASE}.unfinished"
    fund = FundWitness(home / "fund")
    for left in (finished.keys, fund.folder):
        rmtree(left, ignore_errors=True)
    for file in home.glob(f"{DATABASE}*"):
        file.unlink()
    fund.prepare()
    settings = finished.model_copy(update={"database": f"sqlite:///{unfinished}"})
    clock = SimulatedClock(datetime.combine(year.since, time(8), settings.zone))
    _make_keys(settings, clock)
    state = open_state(settings, clock)
    try:
        lives = _filled(state, clock, year, fund, tick)
    finally:
        close(state)
    unfinished.replace(home / DATABASE)
    return lives


def open_bank(home: Path, lake: Path) -> tuple[Settings, Demonstration]:
    """The settings of the bank that was made, and its clock, which goes on from the last entry."""
    settings = demo_settings(home, lake)
    engine = open_database(settings.database)
    try:
        wrapping.use(engine, settings.keys)
        with engine.connect() as connection:
            last = turn_of(connection).last
            busiest_first = (
                select(LOAN_FILES.c.branch).where(LOAN_FILES.c.bank == BANKS[0]).group_by(LOAN_FILES.c.branch)
            )
            branch = connection.execute(busiest_first.order_by(func.count().desc()).limit(1)).scalar_one_or_none()
        offered = seats(Accounts(engine, load(SHIPPED, settings.policy or POLICY)).listed(UNBOUND), branch)
    finally:
        engine.dispose()
    if last is None:
        raise ValueError("the demonstration bank has no entries")
    clock = SimulatedClock(last)
    clock.run()
    return settings, Demonstration(clock, offered)


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
    lake = Lake(state.settings.lake or Path())
    last = year.until.astimezone(state.settings.zone).date()
    found = applications(lake, BANKS, year.since, last)
    branches = busiest(found, BRANCHES)
    chosen = [one for one in found if one.branch in branches[one.bank]]
    accounts, people = staffed(branches)
    founders = [one.name for one in accounts if one.role == "administrator" and one.place == EVERYWHERE]
    state.proposals.open_declared(accounts, (founders[0], founders[1]), COMMAND, clock())
    office = Office(state, clock, firms_held(lake, [one.firm for one in chosen]), people)

    def chores() -> Iterator[Wait]:
        """Now and then the ledger is signed, a month that is over is closed, and the fund countersigns."""
        while True:
            state.checkpoint_signer.look()
            fund.countersign(state)
            yield 8, 8

    return lived(office, chosen, year.until, chores(), tick)
