"""Statements of the turn to write, compiled once for each database and given to its driver as texts.

Whoever writes is alone, and SQLAlchemy's work on parameters and rows takes longer than SQLite takes to answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import psycopg
from sqlalchemy import ClauseElement, Connection, exc
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from service.edge.database_refusals import refusal

R = TypeVar("R", bound=NamedTuple)


class DriverStatement:
    """A statement, and its text for each database. `columns`: those that an update sets."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, tuple[str, Mapping[str, object]]] = {}

    def rows(
        self, connection: Connection, row: type[R], parameters: Mapping[str, object] = MappingProxyType({})
    ) -> list[R]:
        """What it selects, each row made of its columns in order. Raises as SQLAlchemy's way does."""
        text, given = self._for(connection)
        with _cursor(connection) as cursor:
            cursor.execute(text, {**given, **parameters})
            return [row._make(found) for found in cursor.fetchall()]

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Write the rows. Raises as SQLAlchemy's way does."""
        text, _ = self._for(connection)
        with _cursor(connection) as cursor:
            if len(rows) == 1:
                cursor.execute(text, rows[0])
            else:
                cursor.executemany(text, rows)

    def _for(self, connection: Connection) -> tuple[str, Mapping[str, object]]:
        """The text, and the parameters that it states itself."""
        name = connection.dialect.name
        if name not in self._compiled:
            dialect = sqlite.dialect(paramstyle="named") if name == "sqlite" else connection.dialect
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
            self._compiled[name] = str(compiled), compiled.params
        return self._compiled[name]


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What is run inside goes to PostgreSQL in one way there and back; what was wrong with it is raised in the end."""
    with _driver(connection) as lent:
        driver = lent.driver_connection
        with driver.pipeline() if isinstance(driver, psycopg.Connection) else nullcontext():
            yield


@contextmanager
def _cursor(connection: Connection) -> Iterator[DBAPICursor]:
    with _driver(connection) as lent, closing(lent.cursor()) as cursor:
        yield cursor


@contextmanager
def _driver(connection: Connection) -> Iterator[PoolProxiedConnection]:
    """The driver's connection, in the transaction of ours; its errors leave as those of the engine do."""
    if not connection.in_transaction():
        connection.begin()
    dialect, driver = connection.dialect, connection.connection
    error_class = dialect.loaded_dbapi.Error
    try:
        yield driver
    except error_class as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        told = exc.DBAPIError.instance(
            None, None, error, error_class, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        )
        assert isinstance(told, exc.DBAPIError)
        raise refusal(told, lost=lost) or told from error
