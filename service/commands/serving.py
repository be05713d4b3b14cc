"""Begins to serve: how many processes, on which address. Light to import: the models are loaded where they answer."""

import logging
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from features.cores import cores
from features.errors import PledgeScoreError
from service.commands.supervisor import Supervisor
from service.commands.worker_process import leave, work
from service.edge.addresses import is_loopback
from service.edge.logs import log_json
from service.edge.process import Worker, loading
from service.edge.secret_files import errno_name
from service.edge.settings import Settings

if TYPE_CHECKING:
    from service.application.state import Demonstration

log = logging.getLogger("pledgescore")

MOST_BY_ITSELF = 4
"""Workers that are started where nobody says how many."""
METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client is told in which folder the workers of one service keep their figures."""


class OpenToOthers(PledgeScoreError):
    """Without sign-in, others than this machine's users would be served."""


class NoAddress(PledgeScoreError):
    """The address cannot be listened on."""


def serve_on(host: str, port: int, without_sign_in: bool, workers: int | None = None) -> int:
    """Serve until stopped; the exit code. Raises `OpenToOthers`, `NoAddress`, or `NoSignIn`."""
    settings = Settings.from_environment(sign_in="none" if without_sign_in else None)
    if settings.sign_in == "none" and not is_loopback(host):
        raise OpenToOthers("open_to_others", host=host)
    count = workers or usual_workers(settings.database)
    log_json(0 if count > 1 else 1)
    with _listening(host, port) as listening:
        if count > 1:
            return _serve_by_many(settings, count, listening)
        return _serve_alone(settings, listening, None)


def serve_demonstration(settings: Settings, port: int, demonstration: "Demonstration") -> int:
    """Serve a demonstration to this machine until stopped; the exit code. Raises `NoAddress`."""
    log_json(1)
    with _listening("127.0.0.1", port) as listening:
        return _serve_alone(settings, listening, demonstration)


def _serve_alone(settings: Settings, listening: socket.socket, demonstration: "Demonstration | None") -> int:
    with loading():
        from service.commands.worker import serve

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, leave)
    serve(settings, Worker(), listening, lambda: None, demonstration)
    return 0


def usual_workers(database: str) -> int:
    """One where the database is a file, whose writers wait for each other; else the cores, up to four."""
    return 1 if database.startswith("sqlite") else min(cores(), MOST_BY_ITSELF)


def _serve_by_many(settings: Settings, count: int, listening: socket.socket) -> int:
    with tempfile.TemporaryDirectory(prefix="pledgescore-metrics-") as folder:
        os.environ[METRICS] = folder
        try:
            return Supervisor(partial(work, settings, count), count, listening, _forget_gauges).run()
        finally:
            del os.environ[METRICS]  # the folder goes, and whoever starts later must not look for it


def _forget_gauges(process: int) -> None:
    """Let the figures of a worker that is gone count no more where they say how something stands now."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)  # type: ignore[no-untyped-call]


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound to the address. Raises `NoAddress`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        raise NoAddress("address_taken", address=f"{host}:{port}", why=errno_name(error)) from None
    with listening:
        bound = listening.getsockname()
        shown = f"[{bound[0]}]" if family == socket.AF_INET6 else bound[0]
        log.info("listening on http://%s:%d", shown, bound[1])
        yield listening
