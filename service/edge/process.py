"""Which of a service's processes this one is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """The `number` of a process, from 1, of so many that one command started."""

    number: int = 1
    of: int = 1


ALONE = Worker()
