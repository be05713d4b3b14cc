"""How a client of the tests asks an application: once for the whole answer, on a loop that stays.

The client of Starlette hands each piece of an answer over from thread to thread as it comes, and begins a loop anew for
each question outside of a lifespan. No test reads an answer before it is whole but over real HTTP, and thousands ask.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette import testclient

_PORTS = {"http": 80, "https": 443}


@contextmanager
def taken_whole() -> Iterator[None]:
    """While it lasts, every test client asks so."""
    with start_blocking_portal() as stays, pytest.MonkeyPatch.context() as patch:

        @contextmanager
        def portal_of(client: testclient.TestClient) -> Iterator[BlockingPortal]:
            yield client.portal or stays

        patch.setattr(testclient.TestClient, "_portal_factory", portal_of)
        patch.setattr(testclient._TestClientTransport, "handle_request", _answer)
        yield


@dataclass
class _Exchange:
    """One question and what was said to it; the answer is over once `answered` is set, on the loop."""

    request: httpx2.Request
    began: dict[str, Any] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)
    asked: bool = False

    async def of(self, app: Any, scope: dict[str, Any]) -> None:
        """Ask the application. Raises what it raises."""
        self.answered = anyio.Event()
        await app(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self.asked:
            await self.answered.wait()
            return {"type": "http.disconnect"}
        self.asked = True
        return {"type": "http.request", "body": self.request.read()}

    async def _send(self, message: Any) -> None:
        assert not self.answered.is_set()
        assert bool(self.began) == (message["type"] == "http.response.body")
        if not self.began:
            self.began.update(message)
            return
        self.body.append(bytes(message.get("body", b"")))
        if not message.get("more_body", False):
            self.answered.set()

    def answer(self) -> httpx2.Response:
        """What the client is told; 500 where the application began no answer."""
        headers = [(name.decode(), value.decode()) for name, value in self.began.get("headers", [])]
        content = b"" if self.request.method == "HEAD" else b"".join(self.body)
        status = self.began.get("status", 500)
        return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(content), request=self.request)


def _answer(transport: Any, request: httpx2.Request) -> httpx2.Response:
    """The whole answer; raises what the application raises where the client is to."""
    exchange = _Exchange(request)
    with transport.portal_factory() as portal:
        try:
            portal.call(exchange.of, transport.app, _scope(transport, request))
        except Exception:
            if transport.raise_server_exceptions:
                raise
    assert exchange.began or not transport.raise_server_exceptions
    return exchange.answer()


def _scope(transport: Any, request: httpx2.Request) -> dict[str, Any]:
    """The question as ASGI has it."""
    url = request.url
    host = [] if "host" in request.headers else [(b"host", url.netloc)]
    return {
        "type": "http", "http_version": "1.1", "method": request.method, "path": unquote(url.path),
        "raw_path": url.raw_path.split(b"?", 1)[0], "root_path": transport.root_path, "scheme": url.scheme,
        "query_string": url.query,
        "headers": [*host, *((name.lower().encode(), value.encode()) for name, value in request.headers.multi_items())],
        "client": transport.client, "server": [url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]],
        "extensions": {}, "state": transport.app_state.copy(),
    }  # fmt: skip
