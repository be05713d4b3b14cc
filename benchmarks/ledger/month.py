"""A fund's month of 5,000 entries among 60,000: how long it takes to make and to verify, and how much memory.

    python -m benchmarks.ledger.month [--own 5000] [--entries 60000]

The ledger is a file. Entries in the fund's scope are assessments of 50 patents, shown as the fund may see them; the
others are another bank's, shown as stubs. The pack is made by a process of its own, and verified by `python3 -I` with
an empty environment; of both the highest resident memory counts. Asked: of the service 256 MB above rest, of the
verifier 64 MB, five minutes for each.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from benchmarks import page
from benchmarks.ledger.entries import FILE, draft_of, write_samples
from features.policy.parameters import SHIPPED, load
from service.access.roles import UNBOUND
from service.edge.database import writing
from service.ledger.append import Draft, append
from service.ledger.checkpoints import make_checkpoint
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import LedgerSettings, use
from service.ledger.opening import open_database
from service.ledger.segments import close_month
from service.ledger.signing_keys import PUBLIC, load_signer, make_key
from service.ledger.written_kinds import ReplayEntry
from service.offline import verify
from service.proofs.pack_plans import of_period
from service.proofs.packs import Wanted, packed, planned

TOGETHER, MONTH = 60, "2026-11"
START, END = (datetime(2026, month, 2, tzinfo=UTC) for month in (11, 12))
MOST_VERIFIER, MOST_SERVICE, MOST_SECONDS = 64, 256, 300


def make_ledger(folder: Path, own: int, entries: int, samples: bool = True) -> None:
    """A ledger of a month, closed and signed, in which the entries of `fund` lie spread among another bank's.

    `samples`: whether they are assessments of 50 patents; else small ones.
    """
    (folder / "policy").mkdir()
    funds = (SHIPPED / "funds.yaml").read_text(encoding="utf-8")
    (folder / "policy" / "funds.yaml").write_text(funds.replace("{}}", "{fund: [own]}}"), encoding="utf-8")
    if samples:
        os.environ[FILE] = str(folder / "samples")
        write_samples(folder / "samples")
    signer, now = make_key(folder / "keys"), [START]
    engine = opened(folder, now)
    every = entries // own
    for first in range(0, entries, TOGETHER):
        drafts = [_draft(number, every, samples) for number in range(first, min(first + TOGETHER, entries))]
        with writing(engine) as connection:
            append(connection, drafts)
    now[0] = END
    with writing(engine) as connection:
        close_month(connection, MONTH, END, "service")
        make_checkpoint(connection, signer)
    engine.dispose()


def _draft(number: int, every: int, samples: bool) -> Draft:
    if number % every:
        return Draft(Kind.ASSESSMENT, "open", {"/asked": b"{}"}, bank="other")
    if samples:
        return replace(draft_of(number), bank="own")
    told = ReplayEntry(asked=0, identical=0, erased=0, differing=[], not_asked=[], code=None, by=None)
    return Draft.of(told, "open", bank="own")


def opened(folder: Path, now: list[datetime]) -> Engine:
    """The ledger, at a time that is told."""
    engine = open_database(f"sqlite:///{folder / 'ledger.db'}")
    own = load(SHIPPED, folder / "policy")
    use(engine, LedgerSettings(lambda: now[0], simulated=True, read_policy=lambda: own))
    return engine


def write_pack(folder: Path) -> None:
    """Write the fund's month, and print the seconds and by how many MB the memory rose above rest."""
    engine, signer = opened(folder, [END]), load_signer(folder / "keys")
    with engine.connect() as connection:
        connection.execute(select(1))
    rest, began = _at_rest(), time.monotonic()
    with engine.connect() as connection:
        plan = planned(connection, Wanted(of_period(connection, MONTH, UNBOUND), "fund", None, "fund"))
    with (folder / "pack.zip").open("wb") as out:
        for piece in packed(engine, signer, plan, END):
            out.write(piece)
    print(f"{time.monotonic() - began:.1f} {_highest() - rest:.1f}")
    engine.dispose()


_LAUNCHER = """
import os, resource, sys, time
limit, began = int(sys.argv[1]), time.monotonic()
child = os.fork()
if not child:
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit << 20, limit << 20))
    os.execve(sys.executable, [sys.executable, "-I", "-S", *sys.argv[2:]], {"COLUMNS": "1000"})
_, status, used = os.wait4(child, 0)
print("launched", os.waitstatus_to_exitcode(status), time.monotonic() - began, used.ru_maxrss / 1e3)
"""
"""A small process between, since the memory of whoever starts a process counts as that of the process."""


def verified(folder: Path, limit_mib: int = 0) -> tuple[int, float, float, str]:
    """Exit code, seconds, highest resident MB and last line of the verifier; `limit_mib`: of its address space."""
    command = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(limit_mib), verify.__file__, str(folder / "pack.zip")]
    command += ["--bank-key", str(folder / "keys" / PUBLIC)]
    with (folder / "told").open("wb") as told:
        subprocess.run(command, stdout=told, stderr=told, check=True)
    *lines, last = (folder / "told").read_text(encoding="utf-8").splitlines()
    code, seconds, memory = last.split()[1:]
    return int(code), float(seconds), float(memory), "".join(lines[-1:])


def _highest() -> float:
    """The highest resident memory of this process since `_at_rest`, MB."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / 1e3


def _at_rest() -> float:
    """The resident memory now, MB; from here on the highest counts."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _highest()


def report(own: int, entries: int) -> Iterator[str]:
    """The lines of the section."""
    with tempfile.TemporaryDirectory(prefix="month") as name:
        folder = Path(name)
        make_ledger(folder, own, entries)
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.ledger.month", "--pack", str(folder)],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        seconds, rise = (float(one) for one in made.split())
        size = (folder / "pack.zip").stat().st_size / 1e6
        code, took, memory, said = verified(folder)
    yield "## A fund's month"
    yield ""
    yield f"`python -m benchmarks.ledger.month --own {own} --entries {entries}`: {own:,} assessments of 50 patents in"
    yield f"the fund's scope among {entries:,} entries, a pack of {size:,.0f} MB. SQLite, one process; load of the"
    yield f"machine afterwards: {os.getloadavg()[0]:.1f}."
    yield ""
    yield "| | seconds | asked at most | memory, MB | asked at most |"
    yield "|---|---:|---:|---:|---:|"
    yield f"| made by the service, above rest | {seconds:,.0f} | {MOST_SECONDS} | {rise:,.0f} | {MOST_SERVICE} |"
    yield f"| verified, exit {code} | {took:,.0f} | {MOST_SECONDS} | {memory:,.0f} | {MOST_VERIFIER} |"
    yield ""
    yield f"The verifier's last line: `{said}`"


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--own", type=int, default=5_000)
    asked.add_argument("--entries", type=int, default=60_000)
    asked.add_argument("--pack", type=Path, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.pack:
        write_pack(told.pack)
        return
    section = "\n".join(report(told.own, told.entries))
    print(section)
    page.write(section)


if __name__ == "__main__":
    main()
