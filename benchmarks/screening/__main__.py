"""One command: synthetic worlds of several sizes made and screened with reasons, and the same by one and two workers.

    python -m benchmarks.screening [--only sizes|workers] [--sizes 5000 50000 500000] [--worlds FOLDER] [--pairs 5]

Writes its sections of docs/benchmarks.md. Each run is the command `pledgescore`, in a process of its own whose peak
memory is told. Worlds that lie in FOLDER are used again. The norms that a lake's own models would bring are left out:
looking a norm up costs the same whatever it is.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.page import write
from features.lake import Lake
from features.policy import shipped
from models.score.bundle import load
from models.score.kind import KindName
from tests.proofs._page import this_machine
from tests.service.made import make_bundle

TREES, DAY, LIST = 300, "2024-06-30", "push"
PATENTS = 1.95
"""Against the published mean per firm: 40 patents each, 20 million for 500,000 firms."""
KINDS: tuple[KindName, ...] = ("whitelist", "pledge")
FORMATS, EACH_FORMAT = (".parquet", ".csv", ".xlsx"), 50_000
"""Files that a screening writes, and the size of world that is written as each of them; the others as the first."""
PAIRED, PORTS = (8_000, 16), (28786, 28787)
"""Firms and partitions that workers are compared on, and where their schedulers listen."""


@dataclass(frozen=True)
class Ran:
    """A command's seconds, processor seconds and peak memory, from its start to its end, and what it printed."""

    seconds: float
    cpu: float
    mebibytes: float
    told: str

    @property
    def screening(self) -> float:
        """Seconds that the screening itself took, as the command tells them."""
        found = re.search(r"^([\d.]+) s, ", self.told, re.MULTILINE)
        return float(found[1]) if found else float("nan")

    @property
    def patents(self) -> str:
        """How many patents a world that was made holds."""
        found = re.search(r" firms, ([\d,]+) patents", self.told)
        return found[1] if found else ""

    @property
    def stages(self) -> str:
        """The shares of its stages."""
        found = re.search(r" a second; (.*)$", self.told, re.MULTILINE)
        return found[1] if found else ""


def ran(*words: object) -> Ran:
    """`pledgescore` with these words, run to its end."""
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pledgescore", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    told = process.stdout.read().decode() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{words[0]} ended with {status}")
    return Ran(perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told)


def world(folder: Path, firms: int, partitions: int = 0) -> tuple[Lake, Ran]:
    """A world of so many firms, and what making it took; made where it does not lie yet."""
    lake, made = folder / f"firms-{firms}-{partitions}", folder / f"firms-{firms}-{partitions}.json"
    if not made.exists():
        size = ["--firms", firms, "--loans", max(firms // 10, 1), "--patents", PATENTS, "--partitions", partitions]
        took = ran("world", lake, *size, "--replace")
        made.write_text(json.dumps(asdict(took)), encoding="utf-8")
    return Lake(lake), Ran(**json.loads(made.read_text(encoding="utf-8")))


def screened(lake: Lake, models: Path, out: Path, *more: object) -> Ran:
    """The lake screened against a list by two models."""
    bundles = ["--bundle", models / "whitelist", "--pledge", models / "pledge"]
    asked = ["--data", lake.path, "--list", LIST, "--out", out, "--as-of", DAY, "--replace"]
    return ran("screen", *asked, *bundles, *more)


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


def sizes(lakes: dict[int, tuple[Lake, Ran]], models: Path, folder: Path) -> Iterator[str]:
    """The table of world sizes."""
    yield "| firms | patents | made, s | CPU s | peak MiB | file | screened, s | firms/s | CPU µs a firm | peak MiB |"
    yield "|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|"
    stages = ""
    for firms, (lake, made) in lakes.items():
        for suffix in FORMATS if firms == EACH_FORMAT else FORMATS[:1]:
            took = screened(lake, models, folder / f"screened{suffix}")
            stages = stages or (took.stages if firms == max(lakes) else "")
            yield (
                f"| {firms:,} | {made.patents} | {made.seconds:.0f} | {made.cpu:.0f} | {made.mebibytes:,.0f} "
                f"| {suffix} | "
                f"{took.screening:.1f} | {firms / took.screening:,.0f} | {took.cpu / firms * 1e6:,.0f} | "
                f"{took.mebibytes:,.0f} |"
            )
    yield ""
    yield f"By stage, {max(lakes):,} firms to Parquet: {stages}."


def pairs(worlds: Path, models: Path, folder: Path, count: int) -> Iterator[str]:
    """One worker against two, in turns; each cluster screens once unmeasured, since a worker reads the models once."""
    (firms, partitions), ratios = PAIRED, []
    lake, _ = world(worlds, firms, partitions)
    outs = [folder / f"{workers}.parquet" for workers in (1, 2)]
    with cluster(PORTS[0], 1) as one, cluster(PORTS[1], 2) as two:
        for turn in range(count + 1):
            first, second = (
                screened(lake, models, out, "--scheduler", at).screening
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


def by_size(told: argparse.Namespace, worlds: Path, models: Path, folder: Path) -> Iterator[str]:
    """The section on worlds of several sizes."""
    features = len(load(models / KINDS[0], shipped()).features)
    began = os.getloadavg()[0]
    lakes = {firms: world(worlds, firms) for firms in sorted(told.sizes)}
    yield "## Screening"
    yield ""
    yield f"`python -m benchmarks.screening --sizes {' '.join(map(str, told.sizes))}`, on {this_machine()}; load at the"
    yield f"start {began:.1f}. One process; two models of {TREES} trees and {features} features, four reasons"
    yield f"of each in Chinese and English, the list `{LIST}`. *Screened* counts from when the models are read to when"
    yield "the file is whole; *CPU a firm* holds all that the process took, of which its start is some 5 seconds."
    yield ""
    yield from sizes(lakes, models, folder)


def by_workers(told: argparse.Namespace, worlds: Path, models: Path, folder: Path) -> Iterator[str]:
    """The section on workers."""
    yield "## Screening by workers"
    yield ""
    yield f"`python -m benchmarks.screening --only workers`, on {this_machine()};"
    yield f"load at the start {os.getloadavg()[0]:.1f}."
    yield from pairs(worlds, models, folder, told.pairs)


PARTS = {"sizes": by_size, "workers": by_workers}


def main() -> None:
    """Measure, print and write, a section as soon as it is measured."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sizes", type=int, nargs="+", default=[5_000, EACH_FORMAT, 500_000])
    asked.add_argument("--worlds", type=Path, help="Folder that keeps the worlds")
    asked.add_argument("--pairs", type=int, default=5)
    asked.add_argument("--only", choices=PARTS, help="One of the sections")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in KINDS:
            make_bundle(folder / "models" / kind, kind, trees=TREES)
        for part in [told.only] if told.only else PARTS:
            lines = []
            for line in PARTS[part](told, told.worlds or folder, folder / "models", folder):
                print(line, flush=True)
                lines.append(line)
            write("\n".join(lines))


if __name__ == "__main__":
    main()
