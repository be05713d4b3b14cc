"""The connection of a process that works apart reads, and cannot write."""

from pathlib import Path

import pytest
from sqlalchemy import exc, insert, select

from service.jobs.tables import JOBS
from service.ledger.opening import LedgerPlace, open_database, reading_only


def test_a_connection_of_its_own_cannot_write(database: str, tmp_path: Path) -> None:
    """On either database what is there is read, and a row is not taken."""
    open_database(database).dispose()
    with reading_only(LedgerPlace(database, tmp_path)) as connection:
        assert connection.execute(select(JOBS)).all() == []
        with pytest.raises(exc.DBAPIError, match=r"read-?only"):
            connection.execute(insert(JOBS).values(id="a"))
