"""One command: pages of the desk on a book of 20,000 loan files, beside the interface's own GET of the same answer.

    python -m benchmarks.desk [--files 20000] [--users 8] [--seconds 5] [--turns 3]

Writes its section of docs/benchmarks.md. One service process on SQLite; so many users each ask for a page, wait for it,
and ask again without pause. The answer is about a firm of 50 patents, four of them offered. Pages and the interface
take turns, so that whatever else the machine does weighs on all alike. *Requests*: the page and what it loads; the
icon of the site, which a browser asks for once and not for the page, is left out.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx
import numpy as np
from fastapi.testclient import TestClient

from benchmarks import page
from benchmarks.checkouts import THIS
from benchmarks.loan_files.book import fill
from benchmarks.serving.race import loaded
from benchmarks.serving.servers import HOST, OFFERED, PATENTS, Running, Server
from features.arrays import Floats
from service.edge.database import writing
from service.edge.settings import Settings
from service.web.app import create_app
from tests.models.underwriting.whole_case import whole
from tests.proofs._page import this_machine
from tests.service.access.conftest import ORIGIN
from tests.service.loan_files.people import People
from tests.service.made import make_bundle, offering

ANSWER, INTERFACE = "测算结果", "GET /v1/assessments/{id}"
MOST_TIMES, MOST_ANSWER, MOST_LIST, MOST_REQUESTS = 4.0, 60_000, 40_000, 4
"""What is asked: p95 of the answer's page over the interface's, bytes of it and of a list of 50, and requests."""


@dataclass(frozen=True)
class Weighed:
    """What a page weighs: bytes as HTML and as sent, and how many requests it takes."""

    plain: int
    sent: int
    requests: int


@dataclass
class Measured:
    """The latencies of a page in ms by turn, and ms of the service's processor time per page."""

    latencies: list[Floats]
    burnt: list[float]

    def at(self, percent: float) -> float:
        """The median over turns of a percentile."""
        return median(float(np.percentile(one, percent)) for one in self.latencies)


SignedIn = Callable[[], list[dict[str, str]]]
"""Signs so many users in anew, and gives the headers of each: the id of a session is renewed after minutes."""


def begun(folder: Path, files: int, users: int) -> tuple[Server, Mapping[str, str], SignedIn]:
    """A service's files: a book, and an answer with its loan file.

    Returns the server, the paths of its pages by name, and what signs so many users in.
    """
    make_bundle(folder / "bundle")
    database = f"sqlite:///{folder / 'ledger.db'}"
    app = create_app(Settings(database=database, bundles=(folder / "bundle",), keys=folder / "keys", sessions=1000))
    with TestClient(app, base_url=ORIGIN) as client:
        people = People(client, [datetime.now(UTC)])
        asked = offering(1, PATENTS, OFFERED)
        del asked["bank"]
        told = client.post("/v1/assessments", json=asked, headers=people.as_(people.lead))
        assert told.status_code == 201, told.text
        answer = told.json()
        today = people.state.today(people.now[0])  # where the bank is: there it is tomorrow already in the evening
        file = people.assess(whole(), today)["record"]["loan_file"]["id"]
        names = [people.lead, people.second] * (users // 2)
        with writing(people.state.engine) as connection:
            fill(connection, files)
    paths = {
        INTERFACE: f"/v1/assessments/{answer['id']}?words=zh",
        f"{INTERFACE}, whole": f"/v1/assessments/{answer['id']}?include=all&words=zh",
        ANSWER: f"/desk/assessments/{answer['id']}",
        "我的待办": "/desk/",
        "业务查询": "/desk/files",
        "业务查询, by state": "/desk/files?state=to_review",
        "卷宗": f"/desk/files/{file}",
        "新建测算": "/desk/new",
        "批量测算": "/desk/batch",
        "白名单": "/desk/lists",
        "模型": "/desk/models",
        "政策参数": "/desk/policy",
        "术语": "/desk/help",
    }
    environment = {
        "PLEDGESCORE_DATABASE": database,
        "PLEDGESCORE_BUNDLE": str(folder / "bundle"),
        "PLEDGESCORE_KEYS": str(folder / "keys"),
        "PLEDGESCORE_PER_CLIENT": "100000",
    }
    server = Server("desk", 1, [THIS.command, "serve"], "/readyz", "", (), environment, folder)
    return server, paths, lambda: [people.headers(name) for name in names]


def weighed(running: Running, path: str, headers: Mapping[str, str]) -> Weighed:
    """Ask for a page once. Raises `RuntimeError` where it is refused."""
    address = f"http://{HOST}:{running.port}{path}"
    with httpx.Client() as client, client.stream("GET", address, headers=headers) as got:
        raw = b"".join(got.iter_raw())
        if got.status_code != 200:
            raise RuntimeError(f"{path}: {got.status_code}")
    plain = httpx.get(address, headers={**headers, "Accept-Encoding": "identity"}).content
    loads = set(re.findall(rb'(?:src|href)="(/desk/(?:static/[^"]+(?:css|js)|watermark[^"]+))"', plain))
    return Weighed(len(plain), len(raw), 1 + len(loads))


def raced(
    running: Running, paths: Mapping[str, str], signed_in: SignedIn, told: argparse.Namespace, folder: Path
) -> Mapping[str, Measured]:  # fmt: skip
    """Every page in every turn. Raises `RuntimeError` where one is refused."""
    found = {name: Measured([], []) for name in paths}
    for _ in range(told.turns):
        for name, path in paths.items():
            asked = [
                {"method": "GET", "path": path, "headers": {**one, "Accept-Encoding": "gzip"}} for one in signed_in()
            ]
            before = running.cpu_seconds()
            run = loaded(running, asked, told.users, told.seconds, folder)
            found[name].burnt.append(1e3 * (running.cpu_seconds() - before) / run.sent)
            if run.failed:
                raise RuntimeError(f"{name}: {run.failed} refused")
            found[name].latencies.append(run.latencies)
            print(f"{name}: p95 {found[name].at(95):.0f} ms, {found[name].burnt[-1]:.1f} ms of processor", flush=True)
    return found


def section(told: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure, and tell."""
    server, paths, signed_in = begun(folder, told.files, told.users)
    with server.running() as running:
        sizes = {name: weighed(running, path, signed_in()[0]) for name, path in paths.items()}
        found = raced(running, paths, signed_in, told, folder)
    own = found[INTERFACE].at(95)
    yield "## Pages of the desk"
    yield ""
    yield f"`python -m benchmarks.desk --files {told.files} --users {told.users} --seconds {told.seconds:g} --turns"
    yield f"{told.turns}`, on {this_machine()}. A made-up book of {told.files:,} loan files, {told.users} users without"
    yield f"pause, one process, SQLite; the answer is about {PATENTS} patents, {OFFERED} offered. Medians of turns."
    yield ""
    yield "| page | p50 ms | p95 ms | of the interface's p95 | processor ms | HTML, kB | sent, kB | requests |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, one in found.items():
        size = sizes[name]
        yield (
            f"| {name} | {one.at(50):.0f} | {one.at(95):.0f} | {one.at(95) / own:.2f} | {median(one.burnt):.1f} "
            f"| {size.plain / 1e3:.1f} | {size.sent / 1e3:.1f} | {size.requests} |"
        )
    yield ""
    listed, answer = sizes["业务查询"], sizes[ANSWER]
    yield f"{ANSWER}: {found[ANSWER].at(95) / own:.2f} times the interface's p95 (asked: {MOST_TIMES:g} at most),"
    yield f"{answer.plain / 1e3:.1f} kB (asked: {MOST_ANSWER // 1000}), {answer.requests} requests (asked:"
    yield f"{MOST_REQUESTS}); a list of 50: {listed.plain / 1e3:.1f} kB (asked: {MOST_LIST // 1000})."


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("files", 20_000), ("users", 8), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=5.0)
    with tempfile.TemporaryDirectory() as folder:
        page.write("\n".join(section(parser.parse_args(), Path(folder))))


if __name__ == "__main__":
    main()
