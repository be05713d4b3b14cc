"""One process that appends to one loan file as fast as it may: `python -m tests.service.ledger.hammering URL COUNT`."""

import sys

from service.edge.database import connect_to, in_turn
from service.ledger.append import append
from tests.service.ledger.tampering import draft


def main() -> None:
    """Append one entry a turn."""
    engine = connect_to(sys.argv[1])
    for _ in range(int(sys.argv[2])):
        in_turn(engine, lambda connection: append(connection, [draft(1)]))
    engine.dispose()


if __name__ == "__main__":
    main()
