"""The only clock: everything below the edge is given the moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment it is, in UTC."""
    return datetime.now(UTC)


class SimulatedClock:
    """The clock of a demonstration: it stands where it was put until it runs, and never goes back."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)
        self._since: float | None = None

    def __call__(self) -> datetime:
        """The moment that it shows, in UTC."""
        if self._since is None:
            return self._at
        return self._at + timedelta(seconds=monotonic() - self._since)

    def move(self, to: datetime) -> None:
        """Put it to a moment that is not behind. Raises `ValueError`."""
        if to < self():
            raise ValueError(f"the clock shows {self().isoformat()} and does not go back to {to.isoformat()}")
        self._at, self._since = to.astimezone(UTC), None

    def run(self) -> None:
        """Let it go on from where it stands, as fast as any other."""
        self._at, self._since = self(), monotonic()
