"""The caller who is measured, in a process of its own: it asks at a steady rate, whatever becomes of the answers.

    python -m benchmarks.floods.caller PORT SECONDS KEY PATH BODIES

Reads PATH 20 times a second, and asks a question of the file BODIES twice a second. Each time counts from the moment
when it was due. Prints one JSON object: latencies in seconds of both, and how often there was no good answer.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

from benchmarks.floods.http import Connection, request

READS, QUESTIONS = 20.0, 2.0


class Caller:
    """One caller, who keeps connections and opens as many as are needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Connection] = []
        self.latencies: dict[str, list[float]] = {"read": [], "asked": []}
        self.failed: Counter[str] = Counter()

    async def every(self, what: str, requests: list[bytes], rate: float, seconds: float) -> None:
        """Send the requests in turn at the rate."""
        began, under_way = perf_counter(), []
        for n in range(int(rate * seconds)):
            due = began + n / rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
            under_way.append(asyncio.create_task(self._once(what, requests[n % len(requests)], due)))
        await asyncio.gather(*under_way)

    async def _once(self, what: str, sent: bytes, due: float) -> None:
        try:
            status = await self._answered(sent)
        except (OSError, EOFError) as error:
            self.failed[type(error).__name__] += 1
            return
        self.latencies[what].append(perf_counter() - due)
        if status not in (200, 201):
            self.failed[str(status)] += 1

    async def _answered(self, sent: bytes) -> int:
        """The status; over a new connection where a kept one ended in the meantime, as every client does."""
        while self._free:
            kept = self._free.pop()
            if not kept.closed:
                try:
                    return await self._over(kept, sent)
                except (OSError, EOFError):
                    continue
        return await self._over(await Connection.open(self._port), sent)

    async def _over(self, connection: Connection, sent: bytes) -> int:
        status = await connection.ask(sent)
        if not connection.closed:
            self._free.append(connection)
        return status


async def measured(port: int, seconds: float, key: str, path: str, bodies: list[bytes]) -> dict[str, object]:
    """What the caller saw."""
    caller = Caller(port)
    questions = [request("POST", "/v1/assessments?words=none", key, body) for body in bodies]
    await asyncio.gather(
        caller.every("read", [request("GET", path, key)], READS, seconds),
        caller.every("asked", questions, QUESTIONS, seconds),
    )
    return {**caller.latencies, "failed": caller.failed}


def main() -> None:
    """Run as the command line says."""
    port, seconds, key, path, bodies = sys.argv[1:]
    lines = Path(bodies).read_bytes().splitlines()
    print(json.dumps(asyncio.run(measured(int(port), float(seconds), key, path, lines))))


if __name__ == "__main__":
    main()
