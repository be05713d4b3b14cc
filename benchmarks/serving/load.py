"""A load generator in a process of its own: keep-alive connections that each ask, wait for the answer, and ask again.

    python -m benchmarks.serving.load HOST PORT CONNECTIONS SECONDS REQUESTS

`REQUESTS` is a file with one JSON object a line, sent in turn: `method`, `path`, `headers` and `body`. Prints one JSON
object: latencies in seconds, statuses, and how many were sent. It speaks just enough HTTP/1.1 for that: on a machine
of few cores, what the client burns the server lacks.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

WARM_UP_SECONDS = 2.0


class Load:
    """One run against one server."""

    def __init__(self, host: str, port: int, requests: list[bytes]) -> None:
        self.host, self.port, self.requests = host, port, requests
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.sent = 0

    async def run(self, connections: int, seconds: float) -> dict[str, object]:
        """Warm up, then measure for so many seconds."""
        began = perf_counter()
        start, end = began + WARM_UP_SECONDS, began + WARM_UP_SECONDS + seconds
        await asyncio.gather(*(self._connection(start, end) for _ in range(connections)))
        return {"latencies": self.latencies, "statuses": self.statuses, "sent": self.sent}

    async def _connection(self, start: float, end: float) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=2**24)
        while (asked := perf_counter()) < end:
            self.sent += 1
            writer.write(self.requests[self.sent % len(self.requests)])
            status = await _answer(reader)
            now = perf_counter()
            if start <= now <= end:  # what arrived: under heavy load few are both asked and answered within it
                self.latencies.append(now - asked)
                self.statuses[status] += 1
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one whole answer; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def written(host: str, method: str, path: str, headers: Mapping[str, str], body: str = "") -> bytes:
    """A request as it is sent."""
    sent = body.encode()
    lines = {"Host": host, **headers} | ({"Content-Length": str(len(sent))} if sent else {})
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{told}\r\n".encode() + sent


def main() -> None:
    """Run as the command line says."""
    host, port, connections, seconds, requests = sys.argv[1:]
    asked = [written(host, **json.loads(line)) for line in Path(requests).read_bytes().splitlines()]
    load = Load(host, int(port), asked)
    import uvloop

    print(json.dumps(uvloop.run(load.run(int(connections), float(seconds)))))


if __name__ == "__main__":
    main()
