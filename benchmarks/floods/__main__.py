"""One command: floods of every kind beside a caller who asks at a steady rate, each against as many cheap 404s.

    python -m benchmarks.floods [--seconds 60] [--kinds "slow heads" ...] [--nice 19]

Writes its section of docs/benchmarks.md. One service with sign-in, one process, as it starts by itself. The generator
gives way (nice 19) and tells its own processor time. It comes from another address than the caller and, where it shows
a key, by that of another bank. After each flood the same number of 404s a second is sent for as long: its ratio is what
the kind of flood costs the caller beyond that many requests.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks import page
from benchmarks.checkouts import THIS
from benchmarks.floods.http import HOST
from benchmarks.serving.servers import Running, Server
from service.access.api_keys import ApiKey
from service.access.roles import Place
from service.edge.clock import system_clock
from service.edge.settings import Settings
from service.ledger.signing_keys import make_key
from service.web.app import close, open_state
from tests.proofs._page import this_machine
from tests.service.hands import made_key
from tests.service.made import applicant, make_bundle

MOST_RATIO = 3.0
"""What the caller's p99 may be, of what it is under the control."""
REST_SECONDS, REST_SHARE = 10.0, 1.2
"""How long after a flood the memory is read, and what it may be of what it was before any."""
CONTROL = "cheap 404s"
AUDITED = ("orphan lists",)
"""Floods for which an auditor's key is needed."""
ROWS, FILED = 10**6, 50_000


def bodies() -> dict[str, bytes]:
    """What the floods send."""
    row = b'{"known_on":"2026-11-20","source_kind":"document","patent":"CN201910561574.9","kind":"invention"}'
    start = b'{"as_of":"2026-11-20","firm":"row:1","rows":{"patents":['
    lines = b",".join(b'{"loan":"JJ-%d","amount":%d,"on":"2026-11-01"}' % (n, n) for n in range(FILED))
    return {
        "faulty JSON": start + b",".join([b'{"patent":"none","kind":7}'] * ROWS) + b"]}}",
        "faults at the end": start + b",".join([row] * 50_000) + b",{}]}}",
        "deep JSON": b"[" * 30 * 2**20,
        "orphan lists": b'{"filed":[' + lines + b"]}",
        "workbooks": b"case,firm,as_of\n"
        + b"".join(b"N%d,91350100M000100Y43,2026-11-20\n" % n for n in range(200_000)),
    }


KINDS = (
    "wrong passwords", "unknown keys", "faulty JSON", "faults at the end", "deep JSON", "slow heads", "slow bodies",
    "idle connections", "orphan lists", "packs left at once", "workbooks", "huge queries",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a flood did, and what the caller saw beside it: p99 in ms of reading and asking, and what failed."""

    sent: float
    statuses: Mapping[str, int]
    cpu: float
    reading: float
    asking: float
    failed: Mapping[str, int]
    peak: float


@dataclass(frozen=True)
class Flooded:
    """A flood, its control, and the memory at rest afterwards in MiB."""

    kind: str
    flood: Told
    control: Told
    rest: float

    @property
    def ratio(self) -> float:
        """The caller's p99 of reading, of that under the control."""
        return self.flood.reading / self.control.reading


class Bench:
    """A service that runs, with the keys of two banks."""

    def __init__(self, folder: Path, running: Running, keys: Mapping[str, str], told: argparse.Namespace) -> None:
        self.folder, self.running, self.keys = folder, running, keys
        self.seconds, self.niceness = float(told.seconds), int(told.nice)
        questions = [json.dumps(applicant(seed, patents=3) | {"bank": "bank-1"}) for seed in range(50)]
        (folder / "questions").write_text("\n".join(questions), encoding="utf-8")
        self.path = f"/v1/assessments/{self._asked('caller', questions[0])}"
        other = self._asked("flooder", json.dumps(applicant(99, patents=3) | {"bank": "bank-2"}))
        (folder / "pack").write_text(f"/v1/assessments/{other}/pack?for=bank")
        for name, body in bodies().items():
            (folder / name).write_bytes(body)

    def _asked(self, who: str, body: str) -> str:
        """The id of an assessment that somebody asks for."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.keys[who]}"}
        url = f"http://{HOST}:{self.running.port}/v1/assessments"
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers)) as answer:
            return str(json.loads(answer.read())["id"])

    def begin_heavy_work(self) -> None:
        """Send one wrong workbook: what heavy work needs is loaded before memory is looked at."""
        headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {self.keys['flooder']}"}
        url = f"http://{HOST}:{self.running.port}/v1/workbook"
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(url, b"case\n", headers)).close()

    def flooded(self, kind: str) -> Flooded:
        """The flood, then its control."""
        flood = self._told(kind, None)
        time.sleep(REST_SECONDS)
        rest = self.running.memory()
        return Flooded(kind, flood, self._told(CONTROL, max(1.0, flood.sent)), rest)

    def _told(self, kind: str, rate: float | None) -> Told:
        self._forget_peak()
        lasting = self.seconds + 4.0
        port, key = str(self.running.port), self.keys["auditor" if kind in AUDITED else "flooder"]
        told = [port, kind, str(lasting), key, str(self.folder), str(self.niceness)]
        told += [] if rate is None else [f"{rate:.2f}"]
        flood = _python("benchmarks.floods.flood", *told)
        time.sleep(2.0)
        caller = _python(
            "benchmarks.floods.caller", port, str(self.seconds), self.keys["caller"], self.path,
            str(self.folder / "questions"),
        )  # fmt: skip
        seen, made = json.loads(caller.communicate()[0]), json.loads(flood.communicate()[0])
        reading, asking = (float(np.percentile(seen[name], 99)) * 1e3 for name in ("read", "asked"))
        peak = self.running.memory("VmHWM")
        return Told(made["sent"] / lasting, made["statuses"], made["cpu"], reading, asking, seen["failed"], peak)

    def _forget_peak(self) -> None:
        with suppress(OSError):
            Path(f"/proc/{self.running.process}/clear_refs").write_text("5")


def _python(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=THIS.root, stdout=subprocess.PIPE)


@contextmanager
def serving(folder: Path, database: str) -> Iterator[tuple[Running, dict[str, str]]]:
    """A service with sign-in, and the keys of its two callers."""
    make_bundle(folder / "bundle")
    make_key(folder / "keys")
    places = {
        "caller": ("credit_officer", Place("bank-1", "b1")),
        "flooder": ("credit_officer", Place("bank-2", "b2")),
        "auditor": ("auditor", Place("bank-2")),
    }
    settings = Settings(database=database, bundles=(folder / "bundle",), keys=folder / "keys")
    state, later = open_state(settings, system_clock), system_clock() + timedelta(days=1)
    secrets = {name: made_key(state, ApiKey(name, role, later, place)) for name, (role, place) in places.items()}
    close(state)
    server = Server(
        "pledgescore", 1, [THIS.command, "serve", "--workers", "1"], "/readyz", "/v1/assessments", [],
        {
            "PLEDGESCORE_BUNDLE": str(folder / "bundle"),
            "PLEDGESCORE_DATABASE": database,
            "PLEDGESCORE_KEYS": str(folder / "keys"),
            "PLEDGESCORE_CHECKPOINT_SECONDS": "1",
        },
        folder,
    )  # fmt: skip
    with server.running() as running:
        yield running, secrets


def section(done: list[Flooded], before: float, told: argparse.Namespace, load: tuple[float, float]) -> Iterator[str]:
    """The page's section."""
    yield "## Floods"
    yield ""
    seconds = told.seconds
    yield f"`python -m benchmarks.floods --seconds {seconds:g} --nice {told.nice}`, on {this_machine()};"
    yield f"load {load[0]:.1f} at the beginning, {load[1]:.1f} at the end. One process on SQLite, {seconds:g} s of each"
    yield f"flood from a generator at nice {told.nice}, then as many 404s a second. The caller reads an assessment 20"
    yield "times a second and asks for one twice; *ratio* is the p99 of reading over that under the control (asked:"
    yield f"under {MOST_RATIO:g}). Memory at rest was {before:.0f} MiB before, and is read {REST_SECONDS:g} s after"
    yield f"each flood (asked: {REST_SHARE:g} times at most)."
    yield ""
    yield (
        "| flood | sent a second | answered | reading p99, ms | of the control | ratio | asking p99, ms "
        "| of the control | failed | generator CPU s | peak MiB | at rest MiB | |"
    )
    yield "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    for one in done:
        flood, control = one.flood, one.control
        said = ", ".join(f"{status} {many}" for status, many in sorted(flood.statuses.items())) or "nothing"
        failed = sum(flood.failed.values()) + sum(control.failed.values())
        faults = {
            "ratio": one.ratio >= MOST_RATIO,
            "answers": bool(failed),
            "memory": one.rest > REST_SHARE * before,
        }
        missed = ", ".join(name for name, is_missed in faults.items() if is_missed)
        yield (
            f"| {one.kind} | {flood.sent:.1f} | {said} | {flood.reading:.0f} | {control.reading:.0f} | {one.ratio:.2f} "
            f"| {flood.asking:.0f} | {control.asking:.0f} | {failed} | {flood.cpu:.1f} | {flood.peak:.0f} "
            f"| {one.rest:.0f} | {f'**missed: {missed}**' if missed else 'met'} |"
        )


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    asked.add_argument("--nice", type=int, default=19, help="of the generator: less where the machine does other work")
    asked.add_argument("--dry", action="store_true", help="print the section and leave the page as it is")
    told = asked.parse_args()
    began = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder, f"sqlite:///{folder / 'ledger.db'}") as (running, keys):
            bench = Bench(folder, running, keys, told)
            bench.begin_heavy_work()
            time.sleep(REST_SECONDS)
            before, done = running.memory(), []
            for kind in told.kinds:
                done.append(bench.flooded(kind))
                print(f"{kind}: {done[-1]}", flush=True)
    lines = "\n".join(section(done, before, told, (began, os.getloadavg()[0])))
    print(lines)
    if not told.dry:
        page.write(lines)


if __name__ == "__main__":
    main()
