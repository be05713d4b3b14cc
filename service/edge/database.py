"""Where entries and what finds them again are kept: PostgreSQL, or SQLite in one file; a commit is on the disk in both.

A ledger is one chain with one end, so whoever writes is alone from his first statement on: SQLite locks the file,
PostgreSQL an advisory lock whose waiters take turns. What many ask together is written in one such turn.
"""

import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias, TypedDict, TypeVar
from weakref import WeakSet

from sqlalchemy import Column, Connection, Engine, Executable, Table, create_engine, event, exc, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import SQLModel

from features.errors import PledgeScoreError
from service.edge.database_refusals import WriteAgain, refusal
from service.edge.errors import Busy, DatabaseAway, DiskFull
from service.edge.statements import DriverStatement

T = TypeVar("T")
R = TypeVar("R", bound=SQLModel)

PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to reach a database that went away: a restart takes about a second."""
TURN = 0x706C6564
"""The advisory lock that is held by whoever appends; the ledger's own number ("pled")."""
_FULL: WeakSet[Engine] = WeakSet()
"""Engines whose database had no room for what was written last."""
_LOCK = DriverStatement(text(f"SELECT pg_advisory_xact_lock({TURN})"))
_POSTGRESQL = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
    "-c default_transaction_isolation=read\\ committed -c synchronous_commit=on"
)


class _PoolSizes(TypedDict):
    pool_size: int
    max_overflow: int
    pool_timeout: int


UNUSED = 1.0
"""Seconds after which a connection may have been lost without anybody noticing."""
POOL: _PoolSizes = {"pool_size": 5, "max_overflow": 10, "pool_timeout": 10}
"""How many connections a process holds and may hold at most, and how many seconds is waited for one."""
_CONNECTING = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}


PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON")
"""How each connection to SQLite is set up."""


class NoDatabase(PledgeScoreError):
    """There is no database where one is named, or not one that may serve."""


class _Pool(QueuePool):
    """Connections that are lent and come back; whoever waits too long for one is told to ask again."""

    def connect(self) -> PoolProxiedConnection:
        """A connection. Raises `Busy` where all are lent for too long."""
        try:
            return super().connect()
        except exc.TimeoutError:
            raise Busy("busy_connections") from None


def connect_to(url: str) -> Engine:
    """An engine for the database, whatever it holds. Raises `NoDatabase` for a URL of another kind, or no such folder.

    SQLite writes ahead (readers never wait), syncs each commit and overwrites what is removed. What the database cannot
    do leaves as a refusal: `DatabaseAway`, `DiskFull`, `Busy`.
    """
    named = _named(url)
    if named.get_backend_name() == "sqlite":
        _check_folder(named.database)
        engine = create_engine(named, hide_parameters=True, poolclass=_Pool, **POOL)
        event.listen(engine, "do_connect", partial(_made_private, named.database))
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
        event.listen(engine, "handle_error", _as_refusal)
        return engine
    engine = create_engine(
        named,
        connect_args={"options": _POSTGRESQL, **_CONNECTING},
        hide_parameters=True,  # an error is logged: what it was about is not
        pool_recycle=1800,
        poolclass=_Pool,
        **POOL,
    )
    event.listen(engine, "handle_error", _as_refusal)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_check_unused, engine))
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: it is alone from its first statement on, and commits when the block ends well.

    Waits a little for a database that is away. Raises `DatabaseAway` (`WriteAgain` where nothing was written, so that
    the same may be tried again), `DiskFull`, or `Busy` where its turn did not come.
    """
    with _noting_room(engine), _begun(engine) as connection:
        yield connection
        try:
            connection.commit()
        except WriteAgain as away:
            if not away.rolled_back:
                raise DatabaseAway("database_unsure") from away
            raise


@contextmanager
def _noting_room(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DiskFull:
        _FULL.add(engine)
        raise
    _FULL.discard(engine)


def is_full(engine: Engine) -> bool:
    """Whether the disk of the database had no room for what was written last."""
    return engine in _FULL


DatabaseTable: TypeAlias = Table[ReadOnlyColumnCollection[str, Column[object]]]
"""Any table."""


def upsert(connection: Connection, table: DatabaseTable) -> sqlite.Insert | postgresql.Insert:
    """An insert that may say what happens where the row is there: both databases write it alike."""
    return upsert_for(connection.dialect.name, table)


def upsert_for(dialect: str, table: DatabaseTable) -> sqlite.Insert | postgresql.Insert:
    """The same for a database by its name."""
    wanted: sqlite.Insert | postgresql.Insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    return wanted


@cache
def replacing(dialect: str, table: DatabaseTable) -> sqlite.Insert | postgresql.Insert:
    """An insert of whole rows, each of which takes the place of the row that has its key."""
    wanted = upsert_for(dialect, table)
    others = {column.name: wanted.excluded[column.name] for column in table.c if not column.primary_key}
    return wanted.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)


@contextmanager
def writing_apart(engine: Engine) -> Iterator[Connection]:
    """A transaction for what is no evidence: it waits for no turn in the ledger, and a crash may lose it.

    So it costs no write to the disk of its own. Raises `DatabaseAway`, or `Busy` where others write for a second.
    """
    with engine.connect().execution_options(writes=True) as connection, _in_passing(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL synchronous_commit TO off"))
            connection.execute(text("SET LOCAL lock_timeout TO '1s'"))
        yield connection


def in_turn(engine: Engine, work: Callable[[Connection], T]) -> T:
    """What the work returns, written in a transaction of its own; done again where the database asks for that."""
    for _ in PATIENCE:
        try:
            with writing(engine) as connection:
                return work(connection)
        except WriteAgain:
            continue
    with writing(engine) as connection:
        return work(connection)


def fetch_one(connection: Connection, rows: Executable, record: type[R]) -> R | None:
    """The one row that a statement selects, as the table's record; None where there is none."""
    row = connection.execute(rows).mappings().one_or_none()
    return None if row is None else record(**row)


def fetch_all(connection: Connection, rows: Executable, record: type[R]) -> list[R]:
    """The rows that a statement selects, as records of their table."""
    return [record(**row) for row in connection.execute(rows).mappings()]


def _as_refusal(context: ExceptionContext) -> None:
    """Let what the database cannot do leave as a refusal, wherever it is asked."""
    error = context.sqlalchemy_exception
    if error is not None and not context.is_pre_ping:
        refused = refusal(error, lost=context.is_disconnect)
        if refused is not None:
            raise refused from context.original_exception


def _begun(engine: Engine) -> Connection:
    """A connection whose turn to write it is. Raises as `writing` does."""
    for pause in PATIENCE:
        try:
            return _alone(engine)
        except WriteAgain:
            time.sleep(pause)
    return _alone(engine)


def _alone(engine: Engine) -> Connection:
    connection = engine.connect().execution_options(writes=True)
    try:
        connection.begin()
        if connection.dialect.name == "postgresql":
            _LOCK.run(connection, [{}])
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _in_passing(connection: Connection) -> Iterator[None]:
    """SQLite takes these for a connection, not for a transaction: they are put back before it is lent to others."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    for pragma in ("synchronous=NORMAL", "busy_timeout=1000"):
        driver.execute(f"PRAGMA {pragma}")
    try:
        yield
    except BaseException:
        connection.invalidate()
        raise
    for pragma in PRAGMAS:
        driver.execute(f"PRAGMA {pragma}")


def _named(url: str) -> URL:
    try:
        named = make_url(url)
    except exc.ArgumentError:
        raise NoDatabase("database_url") from None
    match named.drivername:
        case "postgres" | "postgresql":
            return named.set(drivername="postgresql+psycopg")
        case "sqlite" | "postgresql+psycopg":
            return named
    raise NoDatabase("database_kind", kind=named.drivername)


def _check_folder(file: str | None) -> None:
    """Raises `NoDatabase` where a file could not be made: SQLite would say only that it cannot open it."""
    if file and file != ":memory:" and not file.startswith("file:") and not Path(file).exists():
        folder = Path(file).resolve().parent
        if not folder.is_dir():
            raise NoDatabase("database_folder_missing", path=folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise NoDatabase("database_folder_closed", path=folder)


def _made_private(file: str | None, *_told: object) -> None:
    """A file that is not there yet is made so that its owner alone reads it; SQLite's own beside it take its mode."""
    if file and file != ":memory:" and not file.startswith("file:"):
        with suppress(OSError):  # it is there, or its folder is gone since, which SQLite refuses itself
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _note_use(_driver: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _check_unused(engine: Engine, driver: DBAPIConnection, record: ConnectionPoolEntry, _lent: object) -> None:
    """Ask a connection that lay unused whether it still stands: under load that would cost every turn a way there."""
    if time.monotonic() - record.info.get("used", math.inf) > UNUSED:
        try:
            engine.dialect.do_ping(driver)
        except engine.dialect.loaded_dbapi.Error:
            raise exc.InvalidatePoolError from None


def _begin_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
