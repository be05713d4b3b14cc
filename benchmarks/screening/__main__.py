"""One command: a synthetic world, a whitelist model, and every firm of the world screened against a list.

    python -m benchmarks.screening [--firms 10000] [--list push] [--data LAKE]

The screening runs as `pledgescore screen` does, in a process of its own, whose peak memory is told. The norms that a
lake's own model would bring are left out: looking a norm up costs the same whatever it is.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from features.lake import Lake
from tests.service.made import make_bundle
from training.world.economy import World, sized
from training.world.write import write_world

TREES = 300
DAY = "2024-06-30"
_KIBIBYTES_IN_MEBIBYTE = 1024


def main() -> None:
    """Measure and print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--firms", type=int, default=10_000)
    asked.add_argument("--list", default="push")
    asked.add_argument("--data", type=Path, help="A lake that is there already")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in measured(Path(folder), told.firms, told.list, told.data):
            print(line)


def measured(folder: Path, firms: int, name: str, data: Path | None) -> Iterator[str]:
    """The lines of the report."""
    lake = Lake(data) if data else _world(folder / "world", firms)
    bundle = folder / "bundle"
    features = len(make_bundle(bundle, "whitelist", trees=TREES).features)
    patents = lake.manifest.rows("patents")
    yield f"{patents:,} patents in {lake.partitions} partitions; {TREES} trees, {features} features"
    yield "| file | firms | seconds | firms per second | CPU seconds | peak MiB | MiB written |"
    yield "|---|---|---|---|---|---|---|"
    for suffix in (".parquet", ".csv", ".xlsx"):
        out = folder / f"screened{suffix}"
        seconds, used, screened = _screened(lake.path, name, out, bundle)
        size = out.stat().st_size / 2**20
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / _KIBIBYTES_IN_MEBIBYTE
        rate = screened / seconds
        yield f"| {suffix} | {screened:,} | {seconds:.1f} | {rate:,.0f} | {cpu:.1f} | {peak:.0f} | {size:.1f} |"


def _world(folder: Path, firms: int) -> Lake:
    for _ in write_world(sized(World(loans=max(firms // 10, 100), firms=firms)), folder):
        pass
    return Lake(folder)


def _screened(data: Path, name: str, out: Path, bundle: Path) -> tuple[float, resource.struct_rusage, int]:
    """Seconds and resources of the command, from its start to its end, and how many firms it screened."""
    command = [sys.executable, "-m", "pledgescore", "screen", "--data", data, "--list", name, "--out", out]
    began = perf_counter()
    process = subprocess.Popen(
        [*map(str, command), "--bundle", str(bundle), "--as-of", DAY], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    told = process.stdout.read().decode() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"screening ended with {status}")
    return perf_counter() - began, used, int(told.split()[0].replace(",", ""))


if __name__ == "__main__":
    main()
