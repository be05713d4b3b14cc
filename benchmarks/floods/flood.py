"""A flood of one kind, from a process of its own that gives way to everybody else (nice 19 where nothing is said).

    python -m benchmarks.floods.flood PORT KIND SECONDS KEY FOLDER NICE [RATE]

Bodies lie in FOLDER. `RATE`: so many a second, else as many as it gets through. Prints one JSON object: what was
answered, how many were sent, and the processor time that it took itself.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from itertools import count, repeat
from pathlib import Path

from benchmarks.floods.http import Connection, request

CONNECTIONS, IDLE, OWN = 16, 400, "127.0.0.2"
"""How many ask at once, how many connections are held open where that is the flood, and from which address."""
SLOW_SECONDS = 1.0
"""Between two bytes of a slow head or body."""


class Flood:
    """A flood against a port, until an end."""

    def __init__(self, port: int, end: float, rate: float | None) -> None:
        self.port, self.end, self.rate = port, end, rate
        self.sent, self.statuses = 0, Counter[str]()

    async def asking(self, requests: Iterator[bytes]) -> None:
        """Ask, wait for the answer, ask again, over so many connections."""
        many = CONNECTIONS if self.rate is None else max(1, min(CONNECTIONS, int(self.rate)))

        async def ask(connection: Connection) -> None:
            while time.monotonic() < self.end and not connection.closed:
                if self.rate is not None:
                    await asyncio.sleep(many / self.rate)
                self.sent += 1
                self.statuses[str(await connection.ask(next(requests)))] += 1

        await self._over(many, ask)

    async def leaving(self, asked: bytes) -> None:
        """Ask for something long, and leave when it begins to come."""

        async def leave(connection: Connection) -> None:
            self.sent += 1
            connection.writer.write(asked)
            self.statuses[(await connection.reader.read(2**14))[9:12].decode()] += 1
            connection.writer.transport.abort()

        await self._over(CONNECTIONS, leave)

    async def holding(self, first: bytes, then: bytes) -> None:
        """Hold connections open: after so much one byte at a time, or none; open another where one was ended."""

        async def hold(connection: Connection) -> None:
            self.sent += 1
            connection.writer.write(first)
            while time.monotonic() < self.end:
                connection.writer.write(then)
                try:
                    told = await asyncio.wait_for(connection.reader.read(2**12), SLOW_SECONDS)
                except TimeoutError:
                    continue
                self.statuses[told[9:12].decode() or "closed"] += 1
                return

        await self._over(IDLE, hold)

    async def _over(self, many: int, use: Callable[[Connection], Coroutine[None, None, None]]) -> None:
        """So many connections at a time, each put to use once, until the end."""

        async def again() -> None:
            while time.monotonic() < self.end:
                try:
                    connection = await Connection.open(self.port, OWN)
                    try:
                        await use(connection)
                    finally:
                        connection.close()
                except (OSError, EOFError, ValueError) as error:
                    self.statuses[type(error).__name__] += 1
                    await asyncio.sleep(0.01)

        await asyncio.gather(*(again() for _ in range(many)))


HELD = {"slow heads": b"x", "slow bodies": b" ", "idle connections": b""}
"""What goes on being sent, byte by byte."""


def requests(kind: str, key: str, folder: Path) -> Iterator[bytes]:
    """What a flood of that kind sends, one after the other."""
    attempt = json.dumps({"name": "nobody", "password": "wrong", "code": "000000"}).encode()
    body = (folder / kind).read_bytes() if (folder / kind).exists() else b""
    if kind == "unknown keys":
        for n in count():
            yield request("GET", "/v1/assessments", f"psk_{n}")
    yield from repeat(
        {
            "cheap 404s": request("GET", "/nothing"),
            "wrong passwords": request("POST", "/v1/session", body=attempt),
            "huge queries": request("GET", "/v1/assessments?" + "q=1&" * 15_000, key),
            "packs left at once": request("GET", (folder / "pack").read_text(), key),
            "slow heads": b"GET / HTTP/1.1\r\nX: ",
            "slow bodies": request("POST", "/v1/assessments", key, bytes(2**16))[: -(2**16)],
            "idle connections": b"",
            "orphan lists": request("POST", "/v1/orphans", key, body),
            "workbooks": request("POST", "/v1/workbook", key, body, "text/csv"),
        }.get(kind, request("POST", "/v1/assessments", key, body))
    )


def started(kind: str, flood: Flood, sent: Iterator[bytes]) -> Coroutine[None, None, None]:
    """The flood of that kind."""
    if kind in HELD:
        return flood.holding(next(sent), HELD[kind])
    return flood.leaving(next(sent)) if kind.startswith("packs") else flood.asking(sent)


def main() -> None:
    """Run as the command line says."""
    port, kind, seconds, key, folder, niceness, *rate = sys.argv[1:]
    os.nice(int(niceness))
    flood = Flood(int(port), time.monotonic() + float(seconds), float(rate[0]) if rate else None)

    async def run() -> None:
        under_way = asyncio.create_task(started(kind, flood, requests(kind, key, Path(folder))))
        await asyncio.wait([under_way], timeout=float(seconds))
        under_way.cancel()  # what was not answered by then is left

    asyncio.run(run())
    print(json.dumps({"sent": flood.sent, "statuses": flood.statuses, "cpu": time.process_time()}))


if __name__ == "__main__":
    main()
