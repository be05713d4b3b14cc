"""Processes that append to one loan file as fast as they may: `python -m tests.service.ledger.hammering URL COUNT ALL`.

Each is forked from one that holds nothing yet and has loaded what they need.
"""

import os
import sys

from service.edge.database import connect_to, in_turn
from service.ledger.append import append
from tests.service.ledger.tampering import draft


def hammer(url: str, count: int) -> None:
    """Append one entry a turn."""
    engine = connect_to(url)
    for _ in range(count):
        in_turn(engine, lambda connection: append(connection, [draft(1)]))
    engine.dispose()


def main() -> None:
    """Start them all; the exit code says how many did not end well."""
    url, count, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    started = []
    for _ in range(processes):
        if (pid := os.fork()) == 0:
            hammer(url, count)
            return
        started.append(pid)
    sys.exit(sum(os.waitpid(pid, 0)[1] != 0 for pid in started))


if __name__ == "__main__":
    main()
