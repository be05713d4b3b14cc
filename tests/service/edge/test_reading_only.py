"""The connection of a process that works apart reads, and cannot write."""

import pytest
from sqlalchemy import exc, insert, select

from service.edge.database import reading_only
from service.jobs.tables import JOBS
from service.ledger.opening import open_database


def test_a_connection_of_its_own_cannot_write(database: str) -> None:
    """On either database what is there is read, and a row is not taken."""
    open_database(database).dispose()
    with reading_only(database) as connection:
        assert connection.execute(select(JOBS)).all() == []
        with pytest.raises(exc.DBAPIError, match=r"read-?only"):
            connection.execute(insert(JOBS).values(id="a"))
