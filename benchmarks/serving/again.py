"""One firm asked again and again: whether its 2,001st assessment costs what its second does, in bytes and time.

The second assessments are those of many firms with the same facts and different keys; the others those of one of them.
"""

import gzip
import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.checkouts import Checkout
from benchmarks.serving.servers import HOST, Inputs, Running, Server, ours

TIMES, TOGETHER = 2_000, 100
"""How often the firm is asked before, and how many assessments each figure is the mean of."""
BYTES, TIME = 1.02, 1.10
"""What the later may cost, of what the second does."""


@dataclass(frozen=True)
class Cost:
    """The mean cost of an assessment: bytes of the answer, of it gzipped, of database; ms of processor time."""

    answer: float
    zipped: float
    database: float
    cpu: float


def asked(running: Running, path: str, body: str) -> bytes:
    """The answer to one question. Raises `RuntimeError` where it is none."""
    request = urllib.request.Request(
        f"http://{HOST}:{running.port}{path}", body.encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as fault:
        raise RuntimeError(f"{path}: {fault.code}: {fault.read()[:500]!r}") from None


def database_bytes(server: Server) -> int:
    """The bytes of a server's SQLite that are in use, with all that is committed."""
    with sqlite3.connect(server.environment["PLEDGESCORE_DATABASE"].removeprefix("sqlite:///")) as connection:
        used, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (used - free) * size


def cost(server: Server, running: Running, bodies: Sequence[str]) -> Cost:
    """The mean cost of these questions, asked one after the other."""
    before, burnt = database_bytes(server), running.cpu_seconds()
    answers = [asked(running, server.path, body) for body in bodies]
    after, spent = database_bytes(server), running.cpu_seconds() - burnt
    many = len(bodies)
    return Cost(
        sum(map(len, answers)) / many,
        sum(len(gzip.compress(answer)) for answer in answers) / many,
        (after - before) / many,
        spent / many * 1e3,
    )


def renamed(body: str, firm: str) -> str:
    """The same question about a firm of another key."""
    old: str = json.loads(body)["firm"]
    return body.replace(json.dumps(old), json.dumps(firm))


def again(checkout: Checkout, inputs: Inputs, times: int) -> Iterator[tuple[str, Cost]]:
    """The cost of a second assessment, and of one after so many."""
    server = replace(ours(checkout, inputs), name="again")
    server = replace(
        server, environment={**server.environment, "PLEDGESCORE_DATABASE": f"sqlite:///{server.folder}/again.db"}
    )
    body = server.bodies[0]
    with server.running() as running:
        clones = [renamed(body, f"row:{10_000 + number}") for number in range(TOGETHER)]
        for _ in range(2):  # what is read and compiled at first is then no part of the cost
            asked(running, server.path, renamed(body, "row:9999"))
        for clone in clones:
            asked(running, server.path, clone)
        yield "second", cost(server, running, clones)
        for _ in range(times - 2):
            asked(running, server.path, clones[0])
        yield f"{times + 1:,}st", cost(server, running, [clones[0]] * TOGETHER)


def section(checkouts: Sequence[Checkout], inputs: Inputs, times: int, command: str) -> Iterator[str]:
    """The page's section."""
    yield "## One firm asked again and again"
    yield ""
    yield f"`{command}`. Means of {TOGETHER} complete answers, one after the other, on SQLite: the second assessment of"
    yield f"firms with the same facts, and those of one of them from the {times + 1:,}st on."
    yield ""
    yield "| commit | assessment | answer, bytes | gzip, bytes | database, bytes | CPU ms | bytes, ratio | CPU |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for checkout in checkouts:
        first: Cost | None = None
        for name, told in again(checkout, inputs, times):
            first = first or told
            figures = f"{told.answer:,.0f} | {told.zipped:,.0f} | {told.database:,.0f} | {told.cpu:.1f}"
            share = max(told.answer / first.answer, told.database / first.database)
            yield f"| {checkout.name} | {name} | {figures} | {share:.3f} | {told.cpu / first.cpu:.2f} |"
    yield ""
    yield f"Asked for: at most {BYTES} in bytes and {TIME} in processor time."
