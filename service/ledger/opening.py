"""Opens a database that may serve: of this version's shape, and unable to change what was entered."""

from pathlib import Path

from sqlalchemy import Engine

from service.edge.database import NoDatabase, connect_to
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


def open_existing(url: str) -> Engine:
    """The engine of a database that is there. Raises `NoDatabase`: reading must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        raise NoDatabase("database_missing", path=path)
    return open_database(url)
