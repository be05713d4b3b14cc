"""A worker in a process of its own, whose clock a test sets; the product has no switch that would."""

from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.sharedctypes import Synchronized, SynchronizedString
from multiprocessing.synchronize import Event

from service.edge.clock import system_clock
from service.edge.database import connect_to, in_turn
from service.ledger.append import append
from service.ledger.ledger_settings import LedgerSettings, use
from service.ledger.monotonic import MonotonicGuard
from service.ledger.turn import ClockWrong
from tests.service.ledger.tampering import draft

SPAWN: SpawnContext = get_context("spawn")


@dataclass
class ClockedWorker:
    """What the test and the process share: by how many seconds its clock is wrong, and what became of its entries."""

    url: str
    shift: "Synchronized[float]" = field(default_factory=lambda: SPAWN.Value("d", 0.0))
    acknowledged: "Synchronized[int]" = field(default_factory=lambda: SPAWN.Value("q", 0))
    refused: "Synchronized[int]" = field(default_factory=lambda: SPAWN.Value("q", 0))
    code: SynchronizedString = field(default_factory=lambda: SPAWN.Array("c", 40))
    """Of the last refusal."""
    stop: Event = field(default_factory=SPAWN.Event)

    def started(self) -> SpawnProcess:
        """The process, which enters without pause until it is stopped."""
        process = SPAWN.Process(target=_enter, args=(self,), daemon=True)
        process.start()
        return process


def _enter(shared: ClockedWorker) -> None:
    engine = connect_to(shared.url)
    clocked = LedgerSettings(lambda: system_clock() + timedelta(seconds=shared.shift.value), guard=MonotonicGuard())
    use(engine, clocked)
    while not shared.stop.wait(0.002):
        try:
            in_turn(engine, lambda connection: append(connection, [draft(2), draft(3)]))
        except ClockWrong as wrong:
            shared.code.value = wrong.as_faults()[0].code.encode()
            shared.refused.value += 1
        else:
            shared.acknowledged.value += 2
    engine.dispose()
