"""Log lines for machines: one JSON object each, with the request that it is about and the process that wrote it."""

import logging
import sys
import time
from contextvars import ContextVar
from typing import TextIO

import orjson

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is answered now."""
_QUIET = ("service", "httpx", "alembic")
"""Loggers of libraries, and of classes of ours that a library names, which tell every small step."""


class JsonLines(logging.Formatter):
    """A record as one line: `at`, `level`, `logger`, `message`, `worker`, and `request` and `error` where there are."""

    def __init__(self, worker: int) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told: dict[str, object] = {
            "at": f"{at}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "worker": self._worker,
        }
        if (request := REQUEST_ID.get()) is not None:
            told["request"] = request
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return orjson.dumps(told).decode()


def log_json(worker: int, to: TextIO = sys.stderr) -> None:
    """Write every log line of this process as JSON. `worker`: its number, 0 for the one that minds the others."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(JsonLines(worker))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
