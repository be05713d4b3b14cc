"""One Dask worker against two, in turns."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.checkouts import THIS
from benchmarks.screening.runs import screened, world
from tests.proofs._page import this_machine

PAIRED, PORTS = (8_000, 16), (28786, 28787)
"""Firms and partitions that workers are compared on, and where their schedulers listen."""


def section(worlds: Path, models: Path, folder: Path, count: int) -> Iterator[str]:
    """The page's section."""
    yield "## Screening by workers"
    yield ""
    yield f"`python -m benchmarks.screening --only workers`, on {this_machine()};"
    yield f"load at the start {os.getloadavg()[0]:.1f}."
    yield from pairs(worlds, models, folder, count)


def pairs(worlds: Path, models: Path, folder: Path, count: int) -> Iterator[str]:
    """One worker against two, in turns; each cluster screens once unmeasured, since a worker reads the models once."""
    (firms, partitions), ratios = PAIRED, []
    lake, _ = world(THIS, worlds, firms, partitions)
    outs = [folder / f"{workers}.parquet" for workers in (1, 2)]
    with cluster(PORTS[0], 1) as one, cluster(PORTS[1], 2) as two:
        for turn in range(count + 1):
            first, second = (
                screened(THIS, lake, models, out, "--scheduler", at).screening
                for at, out in zip((one, two), outs, strict=True)
            )
            if turn:
                ratios.append(first / second)
    same = outs[0].read_bytes() == outs[1].read_bytes()
    yield (
        f"Two Dask workers, each on its own core with one thread of data frames, against one, {firms:,} firms in "
        f"{partitions} partitions: "
        f"{statistics.median(ratios):.2f} times the rate (median of {count} paired runs, {min(ratios):.2f} to "
        f"{max(ratios):.2f}; asked for: 1.6); the files are {'the same' if same else 'NOT the same'} bytes."
    )


@contextmanager
def cluster(port: int, workers: int) -> Iterator[str]:
    """A scheduler with so many workers, each on its own core with one thread of data frames; gives its address."""
    address = f"tcp://127.0.0.1:{port}"
    alone = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    with ExitStack() as running:
        scratch = running.enter_context(tempfile.TemporaryDirectory())
        worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", scratch]
        running.enter_context(_process(scheduler, alone))
        for core in range(workers):
            running.enter_context(_process(["taskset", "--cpu-list", str(core), *worker, "--no-dashboard"], alone))
        yield address


@contextmanager
def _process(words: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
