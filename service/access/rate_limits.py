"""How often one client may ask: a bucket of requests each, refilled as time goes by."""

import time
from collections.abc import Callable

from service.edge.errors import TooMany

_MOST_CLIENTS = 50_000


class RateLimiter:
    """So many requests a second for each client, twice as many at once after a rest."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._most, self._clock = per_second, 2 * per_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> None:
        """Count a request of the client. Raises `TooMany`."""
        now = self._clock()
        left, at = self._left.get(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        if left < 1:
            raise TooMany(f"at most {self._per_second:g} requests a second are answered to one client")
        if len(self._left) >= _MOST_CLIENTS:
            self._left = {name: kept for name, kept in self._left.items() if now - kept[1] < 1 / self._per_second}
        self._left[client] = (left - 1, now)
