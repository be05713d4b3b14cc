"""One command: both servers one after the other on the same trees, the same machine and the same number of connections.

    python -m benchmarks.serving [--seconds 10] [--connections 8] [--kind pledge|whitelist]

Ours answers complete assessments: rows in, features from 50 patents, probability, reasons, findings, values, limit and
advice on the four that are offered (kind whitelist: what each list says instead), entry committed with
synchronous=FULL. MLflow answers the bare score from ready
features. One server process each.
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.bundle import Bundle
from models.kind import KindName
from tests.service.made import learned_matrix, make_bundle, offering

TREES, APPLICANTS, PATENTS, OFFERED = 300, 64, 50, 4
"""Of 50 patents held four are offered: as many as a registration had on average (SIPO, 168 registrations of 2009)."""
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Run:
    """What one server did: answers a second, latencies and processor time per answer in ms, peak memory in MiB."""

    name: str
    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    failed: int


def main() -> None:
    """Measure both and print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--connections", type=int, default=8)
    asked.add_argument("--only", choices=("ours", "mlflow"))
    asked.add_argument("--kind", choices=("pledge", "whitelist"), default="pledge")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in compare(Path(folder), told.connections, told.seconds, told.only, told.kind):
            print(line)


def compare(
    folder: Path, connections: int, seconds: float, only: str | None = None, kind: KindName = "pledge"
) -> Iterator[str]:
    """The lines of the report."""
    bundle = make_bundle(folder / "bundle", kind, trees=TREES)
    runs = []
    if only != "mlflow":
        ours, stages = measure_ours(folder, connections, seconds, kind)
        runs.append(ours)
    if only != "ours":
        runs.append(measure_mlflow(folder, bundle, connections, seconds))
    yield f"{TREES} trees of 16 leaves, {len(bundle.features)} features; {connections} connections, {seconds:g} s each"
    yield "| server | answers/s | p50 ms | p99 ms | CPU ms per answer | peak MiB | failed |"
    yield "|---|---|---|---|---|---|---|"
    for run in runs:
        times = f"{run.rate:.0f} | {run.p50:.1f} | {run.p99:.1f} | {run.cpu:.1f}"
        yield f"| {run.name} | {times} | {run.memory:.0f} | {run.failed} |"
    if only != "mlflow":
        yield "time of ours by stage: " + ", ".join(f"{name} {share:.2f} ms" for name, share in stages.items())
    if len(runs) == 2:
        ours, theirs = runs
        rate, burnt = ours.rate / theirs.rate, theirs.cpu / ours.cpu
        yield f"ours answers {rate:.2f} times as many, at {burnt:.2f} times less processor time each"


def measure_ours(folder: Path, connections: int, seconds: float, kind: KindName) -> tuple[Run, dict[str, float]]:
    """Our service, started as the README says, and its milliseconds per assessment in each stage."""
    bodies = [json.dumps(offering(seed, PATENTS, OFFERED, kind=kind), ensure_ascii=False) for seed in range(APPLICANTS)]
    environment = {
        "PLEDGESCORE_BUNDLE": str(folder / "bundle"),
        "PLEDGESCORE_DATABASE": f"sqlite:///{folder / 'ledger.db'}",
    }
    command = [sys.executable, "-m", "pledgescore", "serve", "--without-sign-in"]
    with serving(command, environment, "/readyz") as (port, process):
        run = measured(
            f"pledgescore: complete assessments, {kind}",
            port,
            "/v1/assessments",
            bodies,
            folder,
            connections,
            seconds,
            process,
        )
        return run, _stages(port)


def measure_mlflow(folder: Path, bundle: Bundle, connections: int, seconds: float) -> Run:
    """`mlflow models serve` of the same booster, one worker, with the signature that lets missing values in."""
    import mlflow.lightgbm
    import pandas as pd
    from mlflow.models import infer_signature

    columns = bundle.booster.feature_name()
    _, matrix = learned_matrix()
    signature = infer_signature(pd.DataFrame(matrix, columns=columns), np.zeros(1))
    mlflow.lightgbm.save_model(bundle.booster, folder / "mlflow", pip_requirements=["lightgbm"], signature=signature)
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in matrix[:APPLICANTS]]
    bodies = [json.dumps({"dataframe_split": {"columns": columns, "data": [row]}}) for row in rows]
    beside = str(Path(sys.executable).parent)
    command = [f"{beside}/mlflow", "models", "serve", "-m", str(folder / "mlflow"), "--env-manager", "local", "-w", "1"]
    # MLflow starts its web server through a shell, by name.
    with serving(command, {"PATH": f"{beside}:{os.environ['PATH']}"}, "/health") as (port, process):
        return measured(
            "mlflow models serve: bare score", port, "/invocations", bodies, folder, connections, seconds, process
        )


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str], ready: str) -> Iterator[tuple[int, int]]:
    """A server process on a free port, ended afterwards; gives port and process id."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"http://{HOST}:{port}{ready}", process)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{url} did not answer")


def measured(  # noqa: PLR0913, PLR0917
    name: str, port: int, path: str, bodies: Sequence[str], folder: Path, connections: int, seconds: float, process: int
) -> Run:
    """One run of the load generator, in its own process."""
    (folder / "bodies").write_text("\n".join(bodies), encoding="utf-8")
    command = ["-m", "benchmarks.serving.load", HOST, port, path, connections, seconds, folder / "bodies"]
    before = _cpu_seconds(process)
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=True)
    burnt = _cpu_seconds(process) - before
    told: dict[str, Any] = json.loads(done.stdout)
    latencies = np.array(told["latencies"]) * 1e3
    failed = sum(count for status, count in told["statuses"].items() if not status.startswith("2"))
    p50, p99 = (float(ms) for ms in np.percentile(latencies, [50, 99]))
    return Run(name, len(latencies) / seconds, p50, p99, burnt / told["sent"] * 1e3, _peak(process), failed)


def _members(process: int) -> Iterator[Path]:
    """The process and its children, as folders of /proc."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == process:
                yield folder


def _cpu_seconds(process: int) -> float:
    """The processor time that a process and its children have used."""
    ticks = 0
    for folder in _members(process):
        with suppress(OSError):
            ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak(process: int) -> float:
    """The peak resident memory of a process and its children together, MiB."""
    found = 0.0
    for folder in _members(process):
        with suppress(OSError, IndexError):
            found += int(re.findall(r"VmHWM:\s+(\d+)", (folder / "status").read_text())[0]) / 1024
    return found


def _stages(port: int) -> dict[str, float]:
    """Milliseconds per recorded assessment in each stage, from the service's own figures."""
    text = urllib.request.urlopen(f"http://{HOST}:{port}/metrics").read().decode()
    seconds = re.findall(r'pledgescore_stage_seconds_sum\{stage="(\w+)"\} (\S+)', text)
    count = sum(float(n) for n in re.findall(r"pledgescore_assessments_total\{[^}]*\} (\S+)", text))
    batches = re.findall(r"pledgescore_batch_size_(sum|count) (\S+)", text)
    sums = {name: float(value) for name, value in batches}
    return {name: float(total) / count * 1e3 for name, total in seconds} | {"batch": sums["sum"] / sums["count"]}


if __name__ == "__main__":
    main()
