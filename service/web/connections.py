"""Connections that are slow, idle or too many are ended, so that they keep nobody else out.

uvicorn ends a connection that is idle between two requests. It waits without end for a head that is never whole, for a
body that comes byte by byte, and for a reader that does not take the answer, and it bounds neither heads nor how many
connections one address holds. Within a process this does, for all its connections, by one look a second.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.edge.metrics import Metrics

log = logging.getLogger("pledgescore")

MOST_HEAD = 64 * 1024
"""Bytes of a request's line and headers, as h11 allows; what came in one piece with its end may be longer."""
MOST_TARGET = 16 * 1024
"""Bytes of an address: twice what `service.web.query` takes of a query. What is longer is not taken apart to say so."""
LEAST_RATE = 500
"""Bytes a second that a body must come with, and an answer be taken: mod_reqtimeout's MinRate."""
LOOK_SECONDS = 1.0


class Phase(Enum):
    """What a connection waits for: the rest of a head, the rest of a body, or the next request."""

    HEAD = "head"
    BODY = "body"
    NEXT = "next"


@dataclass(frozen=True)
class ConnectionLimits:
    """Within how many seconds a head must be whole and a body or a reader make progress, and how many there may be.

    `per_address` binds no address of `proxies`: behind one stand many.
    """

    head_seconds: float
    body_seconds: float
    together: int
    per_address: int
    proxies: tuple[str, ...] = ()


class Room:
    """The connections of a process, and who must go."""

    def __init__(self, limits: ConnectionLimits, metrics: Metrics) -> None:
        self._limits, self._metrics = limits, metrics
        self._proxies = [ip_network(one) for one in limits.proxies]
        self._there: dict[BoundedConnection, None] = {}
        """The oldest first."""
        self._of_address: dict[str, dict[BoundedConnection, None]] = {}
        self._look_seconds = min(LOOK_SECONDS, limits.head_seconds / 4, limits.body_seconds / 4)
        self._looking: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._there)

    def enter(self, connection: "BoundedConnection") -> None:
        """Take in a connection: where there is no room for it an idle one goes, or else it itself."""
        own = self._of_address.setdefault(connection.address, {})
        full = len(own) >= self._limits.per_address and not self._is_proxy(connection.address)
        if full or len(self._there) >= self._limits.together:
            gone = _idle(own if full else self._there) or connection
            gone.end(HTTPStatus.SERVICE_UNAVAILABLE, "too_many")
            self.leave(gone)  # its place is free at once
            own = self._of_address.setdefault(connection.address, {})
        if not connection.transport.is_closing():
            self._there[connection] = own[connection] = None
        if self._looking is None:
            self._looking = connection.loop.call_later(self._look_seconds, self._look, connection.loop)

    def leave(self, connection: "BoundedConnection") -> None:
        """A connection is gone."""
        self._there.pop(connection, None)
        own = self._of_address.get(connection.address, {})
        own.pop(connection, None)
        if not own:
            self._of_address.pop(connection.address, None)

    def ended(self, why: str) -> None:
        """Count a connection that was ended."""
        self._metrics.connections_ended.labels(why).inc()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = loop.call_later(self._look_seconds, self._look, loop) if self._there else None
        now = loop.time()
        for one in list(self._there):
            one.look(now, self._limits)

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection, which knows since when it waits for what."""

    room: ClassVar[Room]

    address = ""
    phase = Phase.HEAD
    _since = _reading_since = 0.0
    """When what it waits for, and what is unread, began."""
    _received = 0
    """Bytes since then, of a head that is not whole or of a body."""
    _unread = 0
    """Bytes that the other side had still to read then."""
    _asked = _ended = False

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return self.phase is not Phase.BODY and (not self._asked or self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._begin(Phase.HEAD)
        self.room.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Either side closed it."""
        self.room.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        if self._ended:
            return
        if self.phase is Phase.NEXT:
            self._begin(Phase.HEAD)
        self._received += len(data)
        super().data_received(data)
        if self.phase is Phase.HEAD and self._received > MOST_HEAD:
            self.end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "large_head")

    def on_message_begin(self) -> None:
        """A head begins."""
        if self.phase is Phase.NEXT:  # behind the end of another, in one piece
            self._begin(Phase.HEAD)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of an address."""
        if self._ended:
            return
        super().on_url(url)
        if len(self.url) > MOST_TARGET:
            self.end(HTTPStatus.REQUEST_URI_TOO_LONG, "long_address")

    def on_headers_complete(self) -> None:
        """A head is whole."""
        if self._ended:
            return
        self._begin(Phase.BODY)
        super().on_headers_complete()
        self._asked = True

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if not self._ended:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A body is whole."""
        if self._ended:
            return
        self._begin(Phase.NEXT)
        super().on_message_complete()

    def _begin(self, phase: Phase) -> None:
        self.phase, self._since, self._received = phase, self.loop.time(), 0

    def look(self, now: float, limits: ConnectionLimits) -> None:
        """End the connection where it waits for too long."""
        if self.phase is Phase.HEAD and now - self._since > limits.head_seconds and self.idle:
            self.end(HTTPStatus.REQUEST_TIMEOUT, "slow_head")
        elif self.phase is Phase.BODY and now - self._since > limits.body_seconds:
            if not self.flow.read_paused and self._received < LEAST_RATE * limits.body_seconds:
                self.end(HTTPStatus.REQUEST_TIMEOUT, "slow_body")
                return
            self._begin(Phase.BODY)
        elif self.phase is Phase.NEXT and now - self._since > limits.head_seconds and self.idle:
            self.transport.close()  # uvicorn forgets to, where a body went on behind its answer
        self._look_at_reader(now, limits)

    def _look_at_reader(self, now: float, limits: ConnectionLimits) -> None:
        unread = self.transport.get_write_buffer_size()
        if not unread or not self._unread:
            self._unread, self._reading_since = unread, now
        elif now - self._reading_since > limits.body_seconds:
            if self._unread - unread < LEAST_RATE * limits.body_seconds:
                self._note("slow_reader")
                self.transport.abort()
            self._unread, self._reading_since = unread, now

    def end(self, status: HTTPStatus, why: str) -> None:
        """End the connection, with an answer where none began."""
        if self.transport.is_closing():
            return
        self._note(why)
        if self.idle or not self.cycle.response_started:
            text = status.phrase.encode()
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            self.transport.write(f"{head}content-length: {len(text)}\r\nconnection: close\r\n\r\n".encode() + text)
        self.transport.close()
        if self._asked and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _note(self, why: str) -> None:
        self._ended = True
        self.room.ended(why)
        log.debug("connection from %s ended: %s", self.address or "unknown", why)  # a flood is counted, not written


def _idle(connections: Iterable[BoundedConnection]) -> BoundedConnection | None:
    """Which of them goes: the oldest that never asked anything whole, else the oldest without a request under way."""
    waits = next((one for one in connections if one.phase is Phase.HEAD and one.idle), None)
    return waits or next((one for one in connections if one.idle), None)


def bounded(limits: ConnectionLimits, metrics: Metrics) -> type[BoundedConnection]:
    """The connections of one process, for uvicorn."""
    return type("Connection", (BoundedConnection,), {"room": Room(limits, metrics)})
