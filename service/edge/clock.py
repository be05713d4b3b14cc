"""The only clock: everything below the edge is given the moment."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment it is, in UTC."""
    return datetime.now(UTC)
