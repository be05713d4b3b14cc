"""Opens a database that may serve: of this version's shape, and unable to change what was entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from service.edge.database import NoDatabase, connect_to
from service.ledger import wrapping
from service.ledger.migrations import check_role, check_shape, upgrade


def open_database(url: str) -> Engine:
    """The engine of a database that may serve.

    A file is made, or brought to this version's shape. A PostgreSQL is prepared by its owner (`pledgescore database
    upgrade`), since the role that serves must own nothing. Raises `NoDatabase`.
    """
    engine = connect_to(url)
    if engine.dialect.name == "sqlite":
        upgrade(engine)
        return engine
    try:
        with engine.connect() as connection:
            check_shape(connection)
            check_role(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


@dataclass(frozen=True)
class LedgerPlace:
    """Where a ledger lies, and the folder of the keys of its contents: what a process apart reads it by."""

    database: str
    keys: Path


@contextmanager
def reading_only(place: LedgerPlace) -> Iterator[Connection]:
    """A connection of its own that cannot write, for work that is done apart from the process that answers."""
    engine = connect_to(place.database)
    try:
        wrapping.use(engine, place.keys)
        with engine.connect() as connection:
            of_sqlite = connection.dialect.name == "sqlite"
            connection.exec_driver_sql("PRAGMA query_only=ON" if of_sqlite else "SET TRANSACTION READ ONLY")
            yield connection
    finally:
        engine.dispose()


def open_existing(url: str) -> Engine:
    """The engine of a database that is there. Raises `NoDatabase`: reading must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        raise NoDatabase("database_missing", path=path)
    return open_database(url)
