"""One command: the servers one after another on the same trees, the same machine and the same connections.

    python -m benchmarks.serving [--seconds 10] [--connections 1 8 64 256] [--kind pledge|whitelist]
    python -m benchmarks.serving --requests 200000 [--kind pledge|whitelist]

Writes its section of docs/benchmarks.md. Ours answers complete assessments: rows in, features from 50 patents,
probability, reasons, findings, values, limit and advice on the four that are offered (kind whitelist: what each list
says instead), entry committed with synchronous=FULL. MLflow answers the bare score, the plain application score and
contributions, both from ready features. One server process each. `--requests` measures the memory of ours instead:
after a tenth of so many requests and after all of them, about firms with three patents.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import page
from benchmarks.serving.servers import HOST, OFFERED, PATENTS, Running, Server, mlflow, ours, plain
from models.score.kind import KindName
from tests.proofs._page import this_machine
from tests.service.made import make_bundle

TREES = 300
CONNECTIONS = (1, 8, 64, 256)


@dataclass(frozen=True)
class Run:
    """What a server did under so many connections: answers a second, latencies and processor time per answer in ms.

    `memory`: peak of the process so far in MiB. `stages`: ms per assessment in each stage, of ours alone.
    """

    name: str
    connections: int
    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    failed: int
    stages: dict[str, float]


def race(servers: Sequence[Server], connections: Sequence[int], seconds: float, folder: Path) -> Iterator[Run]:
    """Every server, started once, under each number of connections in turn."""
    for server in servers:
        with server.running() as running:
            for many in connections:
                yield measured(server, running, many, seconds, folder)


def measured(server: Server, running: Running, connections: int, seconds: float, folder: Path) -> Run:
    """One run of the load generator, in its own process."""
    (folder / "bodies").write_text("\n".join(server.bodies), encoding="utf-8")
    arguments = (HOST, running.port, server.path, connections, seconds, folder / "bodies")
    command = [sys.executable, "-m", "benchmarks.serving.load", *map(str, arguments)]
    cpu, stages = running.cpu_seconds(), running.stages()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    burnt, after = running.cpu_seconds() - cpu, running.stages()
    told: dict[str, Any] = json.loads(done.stdout)
    latencies = np.array(told["latencies"]) * 1e3
    failed = sum(count for status, count in told["statuses"].items() if not status.startswith("2"))
    p50, p99 = (float(ms) for ms in np.percentile(latencies, [50, 99]))
    return Run(
        server.name,
        connections,
        len(latencies) / seconds,
        p50,
        p99,
        burnt / told["sent"] * 1e3,
        running.memory("VmHWM"),
        failed,
        _per_assessment(stages, after),
    )


def _per_assessment(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Milliseconds per assessment in each stage between two readings, and the mean size of a batch."""
    if not after:
        return {}
    spent = {name: value - before.get(name, 0.0) for name, value in after.items()}
    many, batches = spent.pop("sum"), spent.pop("count")
    return {name: value / many * 1e3 for name, value in spent.items()} | {"batch": many / batches}


def grown(folder: Path, kind: KindName, requests: int) -> tuple[float, float]:
    """The resident memory of ours in MiB after a tenth of so many requests, and after all of them.

    A firm is asked about ten times: an answer lists the earlier ones, and would grow with more.
    """
    server, read = ours(folder, kind, patents=3, offered=3, applicants=requests // 10), []
    with server.running() as running:
        for most in (requests / 10, requests):
            while (answered := int(running.stages().get("sum", 0.0))) < most:
                start = answered % len(server.bodies)
                turned = replace(server, bodies=[*server.bodies[start:], *server.bodies[:start]])
                measured(turned, running, 64, 20.0, folder)
            read.append(running.memory())
    return read[0], read[1]


def ratios(runs: Sequence[Run]) -> Iterator[str]:
    """How many times as many answers ours gives as each other server, by number of connections."""
    by_name: dict[str, dict[int, Run]] = {}
    for run in runs:
        by_name.setdefault(run.name, {})[run.connections] = run
    mine, *others = by_name.values()
    for other in others:
        name = next(iter(other.values())).name
        told = ", ".join(f"{mine[many].rate / run.rate:.2f} ({many})" for many, run in other.items())
        yield f"Ours over *{name}*, answers a second (connections): {told}."


def section(runs: Sequence[Run], kind: KindName, seconds: float) -> Iterator[str]:
    """The page's section."""
    yield f"## Serving, {kind}"
    yield ""
    yield f"`python -m benchmarks.serving --kind {kind}`, on {this_machine()};"
    yield f"load at the end {os.getloadavg()[0]:.1f}."
    yield f"{TREES} trees of 16 leaves; one server process each; {seconds:g} s each after a warm-up."
    yield f"Ours: {PATENTS} patents, {OFFERED} offered, entry committed (synchronous=FULL). Peak: of the process."
    yield ""
    yield "| server | connections | answers/s | p50 ms | p99 ms | CPU ms per answer | peak MiB | failed |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for run in runs:
        times = f"{run.rate:.0f} | {run.p50:.1f} | {run.p99:.1f} | {run.cpu:.1f}"
        yield f"| {run.name} | {run.connections} | {times} | {run.memory:.0f} | {run.failed} |"
    yield ""
    yield from ratios(runs)
    yield ""
    for run in runs:
        if run.stages:
            told = ", ".join(f"{name} {value:.2f}" for name, value in run.stages.items())
            yield f"Ours by stage, {run.connections} connections, ms per assessment (batch: how many together): {told}."


def memory(requests: int, kind: KindName, folder: Path) -> Iterator[str]:
    """The section on how memory grows with the requests answered."""
    make_bundle(folder / "bundle", kind, trees=TREES)
    early, late = grown(folder, kind, requests)
    yield f"## Serving, memory, {kind}"
    yield ""
    yield f"`python -m benchmarks.serving --kind {kind} --requests {requests}`, on {this_machine()}."
    yield "Complete assessments of firms with three patents, each asked about ten times; 64 connections, one process,"
    yield "SQLite."
    yield ""
    yield f"Resident: {early:.0f} MiB after {requests // 10:,} requests, {late:.0f} MiB after {requests:,}"
    yield f"({late / early - 1:+.1%}; asked for: within 5%)."


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    asked.add_argument("--kind", choices=("pledge", "whitelist"), default="pledge")
    asked.add_argument("--requests", type=int, help="measure the memory after so many requests instead")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if told.requests:
            lines = list(memory(told.requests, told.kind, folder))
        else:
            bundle = make_bundle(folder / "bundle", told.kind, trees=TREES)
            servers = [ours(folder, told.kind), mlflow(folder, bundle), plain(folder, bundle)]
            lines = list(section(list(race(servers, told.connections, told.seconds, folder)), told.kind, told.seconds))
    print("\n".join(lines))
    page.write("\n".join(lines))


if __name__ == "__main__":
    main()
