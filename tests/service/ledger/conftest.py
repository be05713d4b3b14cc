"""What the tests of the ledger share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from service.edge.database import connect_to
from service.ledger.opening import open_database
from tests.service.ledger.tampering import disarm
from tests.service.postgres import OWNER, ROLE


@pytest.fixture
def in_hands(database: str) -> Iterator[Engine]:
    """An empty ledger on either database, in the hands of its owner, who took the triggers away."""
    open_database(database).dispose()
    engine = connect_to(database.replace(f"//{ROLE}@", f"//{OWNER}@"))
    disarm(engine)
    yield engine
    engine.dispose()
