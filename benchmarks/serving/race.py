"""Servers under load, in turns: answers a second, latencies, and processor time per answer, and how they compare."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.checkouts import THIS
from benchmarks.serving.servers import HOST, OFFERED, PATENTS, Running, Server
from features.arrays import Floats
from tests.proofs._page import this_machine

LONE, MANY = 1, 64
"""The numbers of connections that are compared."""


@dataclass(frozen=True)
class Run:
    """What a server did in one turn: answers a second, latencies and processor time per answer in ms.

    `memory`: peak of the processes so far in MiB. `stages`: ms per assessment in each stage, of ours alone.
    """

    server: Server
    connections: int
    turn: int
    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    failed: int
    stages: dict[str, float]


def race(
    servers: Sequence[Server], connections: Sequence[int], seconds: float, turns: int, folder: Path
) -> Iterator[Run]:
    """Every server under each number of connections, turn by turn; all run all the while, and wait when not asked."""
    with ExitStack() as kept:
        running = [(server, kept.enter_context(server.running())) for server in servers]
        for turn in range(turns):
            for many in connections:
                for server, process in running:
                    yield measured(server, process, many, seconds, folder, turn)


def measured(server: Server, running: Running, connections: int, seconds: float, folder: Path, turn: int = 0) -> Run:
    """One run of the load generator, in its own process."""
    json_sent = {"Content-Type": "application/json"}
    asked = [{"method": "POST", "path": server.path, "headers": json_sent, "body": body} for body in server.bodies]
    cpu, stages = running.cpu_seconds(), running.stages()
    told = loaded(running, asked, connections, seconds, folder)
    burnt, after = running.cpu_seconds() - cpu, running.stages()
    p50, p99 = (float(ms) for ms in np.percentile(told.latencies, [50, 99]))
    return Run(
        server,
        connections,
        turn,
        len(told.latencies) / seconds,
        p50,
        p99,
        burnt / told.sent * 1e3,
        running.memory("VmHWM"),
        told.failed,
        _per_assessment(stages, after),
    )


@dataclass(frozen=True)
class Loaded:
    """What a load generator saw: latencies in ms, how many it sent, and how many answers were no success."""

    latencies: Floats
    sent: int
    failed: int


def loaded(
    running: Running, asked: Sequence[Mapping[str, object]], connections: int, seconds: float, folder: Path
) -> Loaded:
    """Ask a server so much in turn, by a process of its own."""
    (folder / "sent").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    arguments = (HOST, running.port, connections, seconds, folder / "sent")
    command = [sys.executable, "-m", "benchmarks.serving.load", *map(str, arguments)]
    done = subprocess.run(command, cwd=THIS.root, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    failed = sum(count for status, count in told["statuses"].items() if not status.startswith("2"))
    return Loaded(np.array(told["latencies"]) * 1e3, told["sent"], failed)


def _per_assessment(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Milliseconds per assessment in each stage between two readings, and the mean size of a batch."""
    if not after:
        return {}
    spent = {name: value - before.get(name, 0.0) for name, value in after.items()}
    many, batches = spent.pop("sum"), spent.pop("count")
    if not many or not batches:
        return {}
    return {name: value / many * 1e3 for name, value in spent.items()} | {"batch": many / batches}


@dataclass(frozen=True)
class Bound:
    """What the ratio of two servers is asked to be: of `measure`, under so many connections, with `processes` each."""

    measure: str
    connections: int
    most: float | None = None
    least: float | None = None

    def told(self, ratio: float) -> str:
        """The bound, and whether it is met."""
        met = ratio <= self.most if self.most is not None else ratio >= (self.least or 0.0)
        asked = f"at most {self.most}" if self.most is not None else f"at least {self.least}"
        return f"{asked}: {'met' if met else '**missed**'}"


def compared(runs: Sequence[Run], one: Server, other: Server, bound: Bound) -> str:
    """The ratio of two servers: its median over the turns, the least and the most."""

    def figures(of: Server) -> list[float]:
        return [float(getattr(r, bound.measure)) for r in runs if r.server is of and r.connections == bound.connections]

    ratios = [a / b for a, b in zip(figures(one), figures(other), strict=True)]
    if not ratios:
        return ""
    what = {"cpu": "processor time per answer", "p50": "median latency", "rate": "answers a second"}[bound.measure]
    middle = median(ratios)
    return (
        f"| {what}, {bound.connections} connections | {_who(one)} | {_who(other)} | {middle:.2f} "
        f"| {min(ratios):.2f} to {max(ratios):.2f} | {bound.told(middle)} |"
    )


def _who(server: Server) -> str:
    return f"{server.name.partition(':')[0]}, {server.processes} process{'es' if server.processes > 1 else ''}"


def comparisons(runs: Sequence[Run]) -> Iterator[str]:
    """Every comparison that the servers of a race allow."""
    servers = list({id(run.server): run.server for run in runs}.values())
    ours = [server for server in servers if server.name.startswith(f"pledgescore {THIS.name}:")]
    yield "| what | of | to | ratio, median | least to most | asked |"
    yield "|---|---|---|---:|---|---|"
    for mine in ours:
        for other in servers:
            bounds: list[Bound] = []
            if other.processes == mine.processes:
                if other.name.startswith("mlflow"):
                    bounds = [Bound("rate", MANY, least=3.0)]
                elif other.name.startswith("plain"):
                    bounds = [Bound("rate", MANY, least=0.6)]
                elif other not in ours:
                    bounds = [Bound("cpu", MANY, most=0.45), Bound("p50", LONE, most=0.6)]
            elif other in ours and mine.processes == 2 * other.processes:
                bounds = [Bound("rate", MANY, least=1.4)]
            yield from filter(None, (compared(runs, mine, other, bound) for bound in bounds))


def section(runs: Sequence[Run], title: str, command: str, trees: str) -> Iterator[str]:
    """The page's section."""
    yield f"## {title}"
    yield ""
    yield f"`{command}`, on {this_machine()}; load at the end {os.getloadavg()[0]:.1f}. {trees} Servers take turns"
    yield f"under each number of connections. Ours: {PATENTS} patents, {OFFERED} offered, entry committed"
    yield "(synchronous=FULL). Medians over the turns; *CPU* holds all processes of a server; peak: of them together."
    yield ""
    yield "| server | processes | connections | answers/s | p50 ms | p99 ms | CPU ms per answer | peak MiB | failed |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for key in dict.fromkeys((id(run.server), run.connections) for run in runs):
        own = [run for run in runs if (id(run.server), run.connections) == key]
        rate, p50, p99, cpu = (median(getattr(run, name) for run in own) for name in ("rate", "p50", "p99", "cpu"))
        yield (
            f"| {own[0].server.name} | {own[0].server.processes} | {own[0].connections} | {rate:.0f} | {p50:.1f} "
            f"| {p99:.1f} | {cpu:.2f} | {max(run.memory for run in own):.0f} | {sum(run.failed for run in own)} |"
        )
    yield ""
    yield from comparisons(runs)
    yield ""
    for run in runs:
        if run.stages and run.turn == max(other.turn for other in runs):
            told = ", ".join(f"{name} {value:.2f}" for name, value in run.stages.items())
            yield f"{_who(run.server)} by stage, {run.connections} connections, ms per assessment: {told}."
