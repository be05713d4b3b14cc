"""Each request has a name: the answer tells it, and so does every log line that is about it."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.edge.logs import log_json
from service.web.problems import Unforeseen
from service.web.request_id import HEADER, RequestId


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process logs as JSON; its loggers are as before afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    log_json(3, written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def client() -> TestClient:
    """An application that greets, or fails."""
    app = FastAPI()

    @app.get("/hello")
    def hello() -> str:
        logging.getLogger("pledgescore").info("greeting")
        return "hello"

    @app.get("/broken")
    async def broken() -> str:
        raise RuntimeError("a defect")

    app.add_middleware(Unforeseen)
    app.add_middleware(RequestId)
    return TestClient(app)


def read(lines: io.StringIO, logger: str = "pledgescore") -> list[dict[str, object]]:
    """The lines of a logger."""
    found = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    return [line for line in found if line["logger"] == logger]


def test_a_request_keeps_the_name_that_it_brought(client: TestClient, lines: io.StringIO) -> None:
    """So that what a caller logged is found in our log, with the worker that wrote it."""
    assert client.get("/hello", headers={HEADER: "their-id.7"}).headers[HEADER] == "their-id.7"
    [line] = read(lines)
    assert {name: line[name] for name in ("level", "message", "request", "worker")} == {
        "level": "INFO", "message": "greeting", "request": "their-id.7", "worker": 3,
    }  # fmt: skip


@pytest.mark.parametrize("brought", [None, "", "a b", 'x"y', "n" * 129])
def test_a_request_without_a_good_name_is_given_one(client: TestClient, brought: str | None) -> None:
    """A new one each time; what could not stand in a log line is not taken over."""
    headers = {} if brought is None else {HEADER: brought}
    names = [client.get("/hello", headers=headers).headers[HEADER] for _ in range(2)]
    assert names[0] != names[1]
    assert all(len(name) == 32 for name in names)


def test_a_defect_is_logged_under_the_name_that_its_answer_tells(client: TestClient, lines: io.StringIO) -> None:
    """The answer says nothing of the reason; the log holds it under the same name."""
    failed = client.get("/broken")
    assert failed.status_code == 500
    assert failed.json()["type"] == "urn:pledgescore:problem:unforeseen"
    assert "a defect" not in failed.text
    [line] = read(lines)
    assert line["request"] == failed.headers[HEADER]
    assert "RuntimeError: a defect" in str(line["error"])
