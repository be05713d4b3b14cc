"""Where entries and what finds them again are kept: one engine, set up so that a commit is on the disk."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import SQLModel

import service.ledger.tables  # noqa: F401  (importing it declares its tables)
from features.errors import PledgeScoreError


class NoDatabase(PledgeScoreError):
    """There is no database where one is named."""


def open_database(url: str) -> Engine:
    """An engine with every table that was declared in place.

    SQLite writes ahead (readers never wait) and syncs each commit; a writing transaction takes the lock when it
    begins, so that the head row it reads is the last.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
    SQLModel.metadata.create_all(engine)
    return engine


def open_existing(url: str) -> Engine:
    """The engine of a database that is there. Raises `NoDatabase`: reading must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        raise NoDatabase(f"{path} does not exist: name the database with --database or PLEDGESCORE_DATABASE")
    return open_database(url)


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that writes: it is alone from its first statement on, and commits when the block ends well."""
    return engine.execution_options(writes=True).begin()


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_at_once(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
