"""Watches that the clock which times are drawn from does not run ahead of the machine's monotonic clock."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD_AT_MOST = timedelta(seconds=60)
"""By how much the clock may move on more than the monotonic one between two draws."""


def monotonic_seconds() -> float:
    """Seconds since some moment, of a clock that nobody sets; it runs on while the machine sleeps where it can."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass
class MonotonicGuard:
    """What a process drew last: the clock, and the monotonic clock beside it. `resumed`: the resumption it knows of."""

    clock: datetime | None = None
    seconds: float = 0.0
    resumed: int | None = None

    def ahead(self, now: datetime, resumed: int | None) -> timedelta:
        """By how much the clock has run ahead since the last draw; nothing where nothing was drawn yet.

        `resumed`: the entry of the last resumption. From a new one on, the clock is taken as it is.
        """
        if self.clock is None or resumed != self.resumed:
            return timedelta()
        return now - self.clock - timedelta(seconds=monotonic_seconds() - self.seconds)

    def drawn(self, now: datetime, resumed: int | None) -> None:
        """Note a time that was found right."""
        self.clock, self.seconds, self.resumed = now, monotonic_seconds(), resumed
