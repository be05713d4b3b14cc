"""One command: synthetic worlds screened with reasons, beside another commit, by workers, and against the service.

    python -m benchmarks.screening [--only sizes|workers|service] [--sizes 5000 50000 500000] [--worlds FOLDER]
    python -m benchmarks.screening --beside COMMIT [--firms 50000] [--turns 3] [--worlds FOLDER]

Writes its sections of docs/benchmarks.md. Each run is the command `pledgescore`, in a process of its own whose peak
memory is told. Worlds that lie in FOLDER are used again. `--beside` screens the same world by another commit's code
too, in turns, from a checkout and an environment of its own, and compares the rows. The norms that a lake's own models
would bring are left out: looking a norm up costs the same whatever it is.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.checkouts import THIS, checkouts
from benchmarks.page import write
from benchmarks.screening import beside, service, workers
from benchmarks.screening.runs import KINDS, LIST, TREES, Ran, made_models, screened, world
from features.policy import shipped
from models.score.bundle import load
from tests.proofs._page import this_machine

FORMATS, EACH_FORMAT = (".parquet", ".csv", ".xlsx"), 50_000
"""Files that a screening writes, and the size of world that is written as each of them; the others as the first."""
SMALL = 5_000


def sizes(lakes: dict[int, tuple[Path, Ran]], models: Path, folder: Path) -> Iterator[str]:
    """The table of world sizes."""
    yield "| firms | patents | made, s | CPU s | peak MiB | file | screened, s | firms/s | CPU µs a firm | peak MiB |"
    yield "|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|"
    stages = ""
    for firms, (lake, made) in lakes.items():
        for suffix in FORMATS if firms == EACH_FORMAT else FORMATS[:1]:
            took = screened(THIS, lake, models, folder / f"screened{suffix}")
            stages = stages or (took.stages if firms == max(lakes) else "")
            yield (
                f"| {firms:,} | {made.patents} | {made.seconds:.0f} | {made.cpu:.0f} | {made.mebibytes:,.0f} "
                f"| {suffix} | "
                f"{took.screening:.1f} | {firms / took.screening:,.0f} | {took.cpu / firms * 1e6:,.0f} | "
                f"{took.mebibytes:,.0f} |"
            )
    yield ""
    yield f"By stage, {max(lakes):,} firms to Parquet: {stages}."


def by_size(told: argparse.Namespace, worlds: Path, models: Path, folder: Path) -> Iterator[str]:
    """The section on worlds of several sizes."""
    features = len(load(models / KINDS[0], shipped()).features)
    began = os.getloadavg()[0]
    lakes = {firms: world(THIS, worlds, firms) for firms in sorted(told.sizes)}
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
    return workers.section(worlds, models, folder, told.pairs)


def by_service(told: argparse.Namespace, worlds: Path, models: Path, folder: Path) -> Iterator[str]:
    """The section on the service."""
    lake, _ = world(THIS, worlds, told.firms)
    screened(THIS, lake, models, folder / "asked.parquet")
    return service.section(lake, models, folder / "asked.parquet", service.FIRMS)


PARTS = {"sizes": by_size, "workers": by_workers, "service": by_service}


def sections(told: argparse.Namespace, folder: Path) -> Iterator[Iterator[str]]:
    """The lines of each section that is asked for."""
    worlds = told.worlds or folder
    with checkouts(told.beside) as commits:
        models: Mapping[str, Path] = made_models(commits, folder)
        if told.beside:
            yield beside.section(commits, worlds, models, folder, told.firms, told.turns)
            return
        for part in [told.only] if told.only else PARTS:
            yield PARTS[part](told, worlds, models[THIS.name], folder)


def main() -> None:
    """Measure, print and write, a section as soon as it is measured."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sizes", type=int, nargs="+", default=[SMALL, EACH_FORMAT, 500_000])
    asked.add_argument("--firms", type=int, default=EACH_FORMAT, help="size of the world beside another commit")
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--worlds", type=Path, help="folder that keeps the worlds")
    asked.add_argument("--pairs", type=int, default=5)
    asked.add_argument("--only", choices=PARTS, help="one of the sections")
    asked.add_argument(
        "--beside", nargs="+", default=[], metavar="COMMIT", help="screen by these commits too, in turns"
    )
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for section in sections(told, Path(name)):
            lines = []
            for line in section:
                print(line, flush=True)
                lines.append(line)
            write("\n".join(lines))


if __name__ == "__main__":
    main()
