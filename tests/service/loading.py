"""Several processes of the service on one database under the load of many clients, and what the ledger then holds."""

import http.client
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from service.assessing.assessment_index import KEYS
from service.edge.database import connect_to
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.outer import outer_of
from service.ledger.signed_checkpoints import hold_against
from service.ledger.signing_keys import make_key, public_key
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from tests.service.crashing import Service
from tests.service.made import offering

FIRMS = 499
"""Firms that are asked about, again and again, by whatever process: their answers list each other."""
AGAIN = 8
"""Every so many questions one is posted once more, to another process."""
PATIENCE = 60.0
"""Seconds that a client goes on asking for an answer that was refused."""


@dataclass(frozen=True)
class Acknowledged:
    """An answer that a client was given: its id, its Idempotency-Key, and how long it took, seconds."""

    id: str
    key: str
    seconds: float


@dataclass
class Load:
    """What the clients were told: answers, refusals by status, and what should not have been."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    replayed: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.acknowledged) / self.seconds


@dataclass(frozen=True)
class Found:
    """What stands in the ledger: acknowledged answers found once, assessments that verify, checkpoints that agree."""

    once: int
    verified: int
    checkpoints: int
    faults: list[str]


@contextmanager
def services(database: str, bundle: Path, keys: Path, number: int) -> Iterator[list[Service]]:
    """So many processes of the service on one database, that sign with one key."""
    make_key(keys)
    running = [Service(database, bundle, keys=keys)]  # a file is made by the first
    try:
        running += [Service(database, bundle, keys=keys) for _ in range(number - 1)]
        yield running
    finally:
        for one in running:
            one.kill()


def load(running: Sequence[Service], clients: int, seconds: float, patents: int = 50) -> Load:
    """So many clients of each process ask without pause; what was refused is asked again under its key."""
    told, questions, end = Load(), count(), time.monotonic() + seconds
    body = orjson.dumps(offering(0, patents, min(4, patents)))
    began = time.monotonic()
    with ThreadPoolExecutor(len(running) * clients) as askers:
        every = [
            askers.submit(Client([*running[place:], *running[:place]], told, body).ask_until, end, questions)
            for place in range(len(running))
            for _ in range(clients)
        ]
        told.faults += [f"a client broke off: {error!r}" for one in every if (error := one.exception()) is not None]
    told.seconds = time.monotonic() - began
    return told


class Client:
    """Asks one process, keeping its connection, and every so often another one for what was answered already."""

    def __init__(self, processes: Sequence[Service], told: Load, body: bytes) -> None:
        self.own, self.other = to(processes[0]), processes[1 % len(processes)]
        self.told, self.body = told, body

    def ask_until(self, end: float, questions: Iterator[int]) -> None:
        """Ask one question after another."""
        while time.monotonic() < end:
            self._ask(next(questions))
        self.own.close()

    def _ask(self, number: int) -> None:
        key, body = f"question-{number}", self.body.replace(b'"row:0"', b'"row:%d"' % (number % FIRMS))
        began = time.monotonic()
        while True:
            status, answer, _ = posted(self.own, body, key)
            if status == 201:
                break
            self.told.refused[status] += 1
            if status != 503 or time.monotonic() - began > PATIENCE:
                self.told.faults.append(f"{key}: {status} {answer[:200]!r}")
                return
        self.told.acknowledged.append(Acknowledged(orjson.loads(answer)["id"], key, time.monotonic() - began))
        if number % AGAIN == 0:
            self._again(key, body, answer)

    def _again(self, key: str, body: bytes, answer: bytes) -> None:
        with closing(to(self.other)) as connection:  # a new one: the service closes what is idle for some seconds
            status, again, replayed = posted(connection, body, key)
        if status == 503:
            self.told.refused[status] += 1
        elif (status, again, replayed) != (201, answer, True):
            self.told.faults.append(f"{key}: not the stored answer, {status}, replayed: {replayed}")
        else:
            self.told.replayed += 1


def to(process: Service) -> http.client.HTTPConnection:
    """A connection to one process, not yet opened."""
    return http.client.HTTPConnection("127.0.0.1", process.port, timeout=90)


def posted(connection: http.client.HTTPConnection, body: bytes, key: str) -> tuple[int, bytes, bool]:
    """The status, the body, and whether it says that it was given before."""
    connection.request("POST", "/v1/assessments", body, {"Idempotency-Key": key})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers.get("Idempotent-Replayed") == "true"


@contextmanager
def signing(running: Sequence[Service], every: float) -> Iterator[list[dict[str, Any]]]:
    """Checkpoints signed meanwhile by one process after another, as an auditor would keep them."""
    kept: list[dict[str, Any]] = []
    stopped = threading.Event()

    def sign() -> None:
        for turn in count():
            if stopped.wait(every):
                return
            with closing(to(running[turn % len(running)])) as connection:
                connection.request("POST", "/v1/ledger/checkpoints")
                answer = connection.getresponse()
                told = orjson.loads(answer.read())
            if answer.status == 201:
                kept.append(told)

    signer = threading.Thread(target=sign)
    signer.start()
    try:
        yield kept
    finally:
        stopped.set()
        signer.join()


def found(
    database: str, acknowledged: Sequence[Acknowledged], checkpoints: Sequence[dict[str, Any]], keys: Path
) -> Found:
    """Every entry read, every seal and root computed anew, every answer's list of earlier ones compared."""
    engine = connect_to(database)
    faults, held = [], Counter[str]()
    before: dict[str, list[str]] = defaultdict(list)
    with engine.connect() as connection:
        wanted = entries_with_keys().where(ENTRIES.c.kind == Kind.ASSESSMENT.value).order_by(ENTRIES.c.seq)
        for entry in connection.execute(wanted.execution_options(yield_per=100)):
            answer = orjson.loads(content_of(connection, entry).answer or b"")
            mine, of_firm = before[answer["case"]["firm"]], outer_of(entry).firm
            if of_firm is None or of_firm.n != len(mine) + 1:
                faults.append(f"entry {entry.seq} counts {of_firm}, there are {len(mine)} earlier answers")
            held[answer["id"]] += 1
            mine.append(answer["id"])
    with engine.connect() as connection:
        chain = verify(connection)
        tree = hold_against(connection, checkpoints, [public_key(keys / "public.pem")])
        others = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.kind != Kind.ASSESSMENT.value)
        beside = connection.execute(others).scalar_one()
        used = connection.execute(select(func.count()).select_from(KEYS)).scalar_one()
    engine.dispose()
    faults += [f"entry {one.bad_seq}: {one.fault}" for one in (chain, tree) if one.bad_seq or one.fault]
    if not used == held.total() == len({one.key for one in acknowledged}):
        faults.append(f"{held.total()} answers entered under {used} keys, {len(acknowledged)} acknowledged")
    once = sum(held[one.id] == 1 for one in acknowledged)
    return Found(once, chain.verified - beside, tree.checkpoints - len(checkpoints), faults)
