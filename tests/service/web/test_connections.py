"""Connections that are slow, idle or too many end; those that make progress, and everybody else, are answered."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from threading import Event, Thread

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from service.edge.metrics import Metrics
from service.web.connections import LEAST_RATE, MOST_HEAD, MOST_TARGET, ConnectionLimits, bounded

pytestmark = pytest.mark.sqlite_alone
HEAD_SECONDS, BODY_SECONDS, TOGETHER, PER_ADDRESS = 0.5, 1.0, 6, 4
ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POSTED = b"POST /%s HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


class Server:
    """A server with our connections, and what it counted. `/much` answers without end, `/early` before the body."""

    def __init__(self) -> None:
        self.metrics, self.left = Metrics(), Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        limits = ConnectionLimits(HEAD_SECONDS, BODY_SECONDS, TOGETHER, PER_ADDRESS, ("127.0.0.9",))
        http = bounded(limits, self.metrics)
        self.server = uvicorn.Server(uvicorn.Config(self, http=http, ws="none", lifespan="off", log_config=None))
        self.thread = Thread(target=self.server.run, args=([self.listening],), daemon=True)
        self.thread.start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application."""
        if scope["path"] == "/much":
            await StreamingResponse(self._much())(scope, receive, send)
            return
        size = 0 if scope["path"] == "/early" else len(await Request(scope, receive).body())
        await PlainTextResponse(f"read {size}")(scope, receive, send)

    async def _much(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(2**20)
                await asyncio.sleep(0)
        finally:
            self.left.set()

    def connected(self, sent: bytes, own: str = "127.0.0.1") -> socket.socket:
        """A connection from an address of this machine, which has sent so much."""
        address = ("127.0.0.1", self.listening.getsockname()[1])
        one = socket.create_connection(address, timeout=30, source_address=(own, 0))
        one.sendall(sent)
        return one

    def ended(self, why: str) -> float:
        """How many connections were ended for a reason."""
        return self.metrics.registry.get_sample_value("pledgescore_connections_ended_total", {"why": why}) or 0.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """On a port of this machine."""
    running = Server()
    yield running
    running.server.should_exit = True
    running.thread.join(10)


def said(connection: socket.socket) -> bytes:
    """All that is said until the other side ends the connection."""
    with connection:
        return b"".join(iter(lambda: connection.recv(2**16), b""))


@pytest.mark.parametrize(
    ("sent", "why", "status"),
    [
        (b"", "slow_head", b"408"),
        (b"GET / HTTP/1.1\r\nHost: h", "slow_head", b"408"),
        (POSTED % (b"length", 10_000) + b"some", "slow_body", b"408"),
        (b"GET /much HTTP/1.1\r\nX: " + b"x" * MOST_HEAD, "large_head", b"431"),
        (b"GET /?" + b"q" * MOST_TARGET, "long_address", b"414"),
    ],
)
def test_what_does_not_go_on_ends(server: Server, sent: bytes, why: str, status: bytes) -> None:
    """An idle connection, half a head, half a body and a head without end are ended, and whoever sent them is told."""
    before = server.ended(why)
    assert said(server.connected(sent)).startswith(b"HTTP/1.1 " + status)
    assert server.ended(why) == before + 1


def test_a_long_address_is_not_taken_apart(server: Server) -> None:
    """Nobody is asked: not where the rest of the head came with it, not with a body, not behind another question."""
    rest = b" HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nsome"
    long, before = b"GET /" + b"q" * MOST_TARGET + rest, server.ended("long_address")
    assert said(server.connected(long)).startswith(b"HTTP/1.1 414")
    answers = said(server.connected(b"GET /" + rest + long)).split(b"HTTP/1.1 ")
    assert b"414" in {one[:3] for one in answers}
    assert server.ended("long_address") == before + 2


def test_half_a_body_behind_its_answer_ends_too(server: Server) -> None:
    """Whoever was answered before all was sent keeps no connection; the answer is the only one."""
    before = server.ended("slow_body")
    told = said(server.connected(POSTED % (b"early", 10_000) + b"some"))
    assert (told.count(b"HTTP/1.1"), told[:12]) == (1, b"HTTP/1.1 200")
    assert server.ended("slow_body") <= before + 1  # uvicorn may end it first


def test_a_slow_upload_that_goes_on_is_read_whole(server: Server) -> None:
    """Pieces over three times the limit, each in time and faster than the least rate, are one body."""
    piece, pieces = bytes(int(LEAST_RATE * BODY_SECONDS)), 12
    connection = server.connected(POSTED % (b"length", len(piece) * pieces))
    for _ in range(pieces):
        Event().wait(BODY_SECONDS / 4)
        connection.sendall(piece)
    connection.settimeout(30)
    assert b"read %d" % (len(piece) * pieces) in connection.recv(2**16)
    connection.close()


def test_whoever_does_not_take_the_answer_is_left(server: Server) -> None:
    """An answer that nobody reads is ended, and so is the work behind it."""
    connection = server.connected(b"GET /much HTTP/1.1\r\nHost: here\r\n\r\n")
    assert server.left.wait(30)
    connection.close()
    assert server.ended("slow_reader") == 1


def test_one_address_holds_so_many_and_the_idle_go_first(server: Server) -> None:
    """With one more the oldest idle one ends; who asks is answered, from that address and from another."""
    before = server.ended("too_many")
    idle = [server.connected(b"", "127.0.0.2") for _ in range(PER_ADDRESS)]
    asking = server.connected(ASKED, "127.0.0.2")
    assert asking.recv(2**16).startswith(b"HTTP/1.1 200")
    assert said(idle[0]).startswith(b"HTTP/1.1 503")
    others = [server.connected(ASKED, "127.0.0.9") for _ in range(TOGETHER)]  # a proxy: bound by the whole alone
    assert all(one.recv(2**16).startswith(b"HTTP/1.1 200") for one in others)
    assert server.ended("too_many") >= before + 1 + PER_ADDRESS
    for one in (*idle, asking, *others):
        one.close()
