"""The demonstration's applicant: how large the answer is by language, and what an entry takes in the database."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.checkouts import Checkout
from benchmarks.serving.again import asked, database_bytes
from benchmarks.serving.servers import Server

APPLICANTS = 1_000
QUESTIONS = Path(__file__).with_name("demonstration_questions.py")
KILO = 1_000
BOUNDS = {"zh": 60, "none": 32, "gzip": 12, "entry": 24}
"""Kilobytes: of the answer in Chinese, without words, of either gzipped, and of database an entry."""


def demonstrated(checkout: Checkout, folder: Path) -> Server:
    """The service of a commit on the demonstration's lake and models, with an empty ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "mlruns" / "demo" / "applicant.json").exists():
        checkout.run("pledgescore", "demo", "--once", cwd=folder)
    ledger = folder / "measured.db"
    ledger.unlink(missing_ok=True)
    bodies = checkout.script(QUESTIONS, folder / "mlruns" / "demo" / "world", APPLICANTS).splitlines()
    return Server(
        f"pledgescore {checkout.name}",
        1,
        [checkout.command, "serve", "--without-sign-in"],
        "/readyz",
        "/v1/assessments",
        bodies,
        {
            "PLEDGESCORE_LAKE": str(folder / "mlruns" / "demo" / "world"),
            "PLEDGESCORE_DATABASE": f"sqlite:///{ledger}",
        },
        folder,
    )


def sizes(checkout: Checkout, folder: Path) -> Iterator[str]:
    """The rows of a commit."""
    server = demonstrated(checkout, folder)
    applicant = (folder / "mlruns" / "demo" / "applicant.json").read_text(encoding="utf-8")
    with server.running() as running:
        for words in ("", "?words=zh", "?words=none"):
            answer = asked(running, f"{server.path}{words}", applicant)
            zipped = len(gzip.compress(answer))
            yield (
                f"| {checkout.name} | answer to the demonstration's applicant, `{words or 'no parameter'}` "
                f"| {len(answer) / KILO:.1f} | {zipped / KILO:.1f} |"
            )
        before = database_bytes(server)
        found: dict[str, int] = {}
        for body in server.bodies:
            advice = str(json.loads(asked(running, server.path, body)).get("recommendation", {}).get("advice"))
            found[advice] = found.get(advice, 0) + 1
        taken = (database_bytes(server) - before) / len(server.bodies)
    told = ", ".join(f"{advice} {number}" for advice, number in sorted(found.items()))
    yield f"| {checkout.name} | database an entry, {len(server.bodies):,} applicants ({told}) | {taken / KILO:.1f} | |"


def section(checkouts: Sequence[Checkout], folder: Path, command: str) -> Iterator[str]:
    """The page's section."""
    yield "## Answers and entries"
    yield ""
    yield f"`{command}`. The demonstration's lake and models, each made by the commit; kB of 1,000 bytes; gzip at its"
    yield "usual level. The applicants are the last of the lake that offer three patents or more."
    yield ""
    yield "| commit | what | kB | gzip, kB |"
    yield "|---|---|---:|---:|"
    for checkout in checkouts:
        yield from sizes(checkout, folder / checkout.name)
    yield ""
    yield (
        f"Asked for: zh at most {BOUNDS['zh']}, none at most {BOUNDS['none']}, gzip of either at most "
        f"{BOUNDS['gzip']}, an entry at most {BOUNDS['entry']}."
    )
