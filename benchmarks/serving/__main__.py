"""One command: servers in turns, on the same trees, the same machine and the same connections.

    python -m benchmarks.serving [--kind pledge|whitelist] [--beside COMMIT] [--workers 1 2] [--connections 1 64]
                                 [--seconds 10] [--turns 3] [--words zh|en|none]
    python -m benchmarks.serving --only sizes|again [--beside COMMIT] [--times 2000] [--folder FOLDER]
    python -m benchmarks.serving --requests 200000 [--kind pledge|whitelist]

Writes its sections of docs/benchmarks.md. Ours answers complete assessments: rows in, features from 50 patents,
probability, reasons, findings, values, limit and advice on the four that are offered (kind whitelist: what each list
says instead), entry committed with synchronous=FULL. MLflow answers the bare score, the plain application score and
contributions, both from ready features. `--beside` serves another commit too, from a checkout and an environment of
its own. `--only sizes` tells how large answers and entries of the demonstration are, `--only again` what it costs to
ask about one firm often; `--requests` how memory grows: after a tenth of so many requests and after all of them, about
firms with three patents.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import page
from benchmarks.checkouts import THIS, Checkout, checkouts
from benchmarks.serving import again, demonstration, race
from benchmarks.serving.servers import INPUTS, made_inputs, mlflow, ours, plain
from models.score.kind import KindName
from tests.proofs._page import this_machine

TREES = 300


def served(told: argparse.Namespace, commits: list[Checkout], folder: Path) -> Iterator[str]:
    """The section on the servers under load."""
    inputs = made_inputs(commits, told.kind, TREES, folder)
    query = f"?words={told.words}" if told.words else ""
    servers = [ours(checkout, inputs, query=query) for checkout in commits]
    servers += [ours(THIS, inputs, workers, query) for workers in told.workers if workers > 1]
    for workers in told.workers:
        servers += [mlflow(folder, inputs.bundle, workers), plain(inputs, workers)]
    runs = []
    for run in race.race(servers, told.connections, told.seconds, told.turns, folder):
        print(f"turn {run.turn + 1}: {run.server.name}, {run.connections} connections: {run.rate:.0f}/s", flush=True)
        runs.append(run)
    trees = (
        f"{TREES} trees of 16 leaves, {'the same' if inputs.same else 'NOT the same'} for all; {told.seconds:g} s each"
    )
    yield from race.section(runs, f"Serving, {told.kind}", _command(told), f"{trees}, {told.turns} turns.")


def asked_again(told: argparse.Namespace, commits: list[Checkout], folder: Path) -> Iterator[str]:
    """The section on one firm."""
    return again.section(commits, made_inputs(commits, told.kind, TREES, folder), told.times, _command(told))


def sized(told: argparse.Namespace, commits: list[Checkout], folder: Path) -> Iterator[str]:
    """The section on answers and entries."""
    return demonstration.section(commits, told.folder or folder, _command(told))


def memory(requests: int, kind: KindName, folder: Path) -> Iterator[str]:
    """The section on how memory grows with the requests answered."""
    early, late = _grown(folder, kind, requests)
    yield f"## Serving, memory, {kind}"
    yield ""
    yield f"`python -m benchmarks.serving --kind {kind} --requests {requests}`, on {this_machine()}."
    yield "Complete assessments of firms with three patents, each asked about ten times; 64 connections, one process,"
    yield "SQLite."
    yield ""
    yield f"Resident: {early:.0f} MiB after {requests // 10:,} requests, {late:.0f} MiB after {requests:,}"
    yield f"({late / early - 1:+.1%}; asked for: within 5%)."


def _grown(folder: Path, kind: KindName, requests: int) -> tuple[float, float]:
    """The resident memory of ours in MiB after a tenth of so many requests, and after all of them."""
    inputs, read, answered = made_inputs([THIS], kind, TREES, folder), [], 0.0
    bodies = THIS.values(INPUTS, "bodies", kind, 3, 3, requests // 10)
    server = replace(ours(THIS, inputs), bodies=bodies)
    with server.running() as running:
        for most in (requests / 10, requests):
            while answered < most:
                start = int(answered) % len(bodies)
                turned = replace(server, bodies=[*bodies[start:], *bodies[:start]])
                answered += race.measured(turned, running, race.MANY, 20.0, folder).rate * 20.0
            read.append(running.memory())
    return read[0], read[1]


def _command(told: argparse.Namespace) -> str:
    """The command as it can be given again."""
    words = [f"--kind {told.kind}"]
    words += [f"--only {told.only}"] if told.only else []
    words += [f"--beside {commit}" for commit in told.beside]
    words += [f"--words {told.words}"] if told.words else []
    return f"python -m benchmarks.serving {' '.join(words)}"


PARTS = {"race": served, "again": asked_again, "sizes": sized}


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--connections", type=int, nargs="+", default=[race.LONE, race.MANY])
    asked.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="processes of each server")
    asked.add_argument("--kind", choices=("pledge", "whitelist"), default="pledge")
    asked.add_argument("--words", choices=("zh", "en", "none"), help="language of our answers; else what is usual")
    asked.add_argument(
        "--beside", nargs="+", default=[], metavar="COMMIT", help="serve these commits of the project too"
    )
    asked.add_argument("--only", choices=PARTS, help="another section than the servers under load")
    asked.add_argument("--times", type=int, default=again.TIMES, help="how often one firm is asked")
    asked.add_argument("--folder", type=Path, help="keeps the demonstrations' lakes and models")
    asked.add_argument("--requests", type=int, help="measure the memory after so many requests instead")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, checkouts(told.beside) as commits:
        if told.requests:
            lines = memory(told.requests, told.kind, Path(name))
        else:
            lines = PARTS[told.only or "race"](told, commits, Path(name))
        section = "\n".join(lines)
    print(section)
    page.write(section)


if __name__ == "__main__":
    main()
