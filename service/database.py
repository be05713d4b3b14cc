"""Where entries and what finds them again are kept: PostgreSQL, or SQLite in one file; a commit is on the disk in both.

A ledger is one chain with one end, so whoever writes is alone from his first statement on: SQLite locks the file,
PostgreSQL an advisory lock whose waiters take turns. What many ask together is written in one such turn.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url

from features.errors import PledgeScoreError
from service.errors import Busy, DatabaseAway, DiskFull, Refused

T = TypeVar("T")

PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to reach a database that went away: a restart takes about a second."""
TURN = 0x706C6564
"""The advisory lock that is held by whoever appends; the ledger's own number ("pled")."""
_POSTGRESQL = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
    "-c default_transaction_isolation=read\\ committed -c synchronous_commit=on"
)
_CONNECTING = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}


class NoDatabase(PledgeScoreError):
    """There is no database where one is named, or not one that may serve."""


class WriteAgain(DatabaseAway):
    """The transaction was rolled back by no fault of its own; nothing of it was written."""


_REFUSALS: tuple[tuple[frozenset[str], Callable[[], Refused]], ...] = (
    (
        frozenset({"53100", "sqlite 13", "sqlite 10"}),  # disk full; SQLite says of some files that they cannot grow
        lambda: DiskFull("there is no room to record an answer, so none is given"),
    ),
    (
        frozenset({"40001", "40P01"}),  # serialisation failure, deadlock
        lambda: WriteAgain("the database asks to write that again"),
    ),
    (
        frozenset({"55P03", "sqlite 5"}),  # a lock that did not come in time
        lambda: Busy("others write for too long: ask again in a second"),
    ),
)


def open_database(url: str) -> Engine:
    """The engine of a database that may serve: of this version's shape, and unable to change what was entered.

    A file is made, or brought to this version's shape. A PostgreSQL is prepared by its owner (`pledgescore database
    upgrade`), since the role that serves must own nothing. Raises `NoDatabase`.
    """
    from service.migrations import check_role, check_shape, upgrade

    engine = connect_to(url)
    if engine.dialect.name == "sqlite":
        upgrade(engine)
        return engine
    with reaching(), engine.connect() as connection:
        check_shape(connection)
        check_role(connection)
    return engine


def open_existing(url: str) -> Engine:
    """The engine of a database that is there. Raises `NoDatabase`: reading must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        raise NoDatabase(f"{path} does not exist: name the database with --database or PLEDGESCORE_DATABASE")
    return open_database(url)


def connect_to(url: str) -> Engine:
    """An engine for the database, whatever it holds. Raises `NoDatabase` for a URL of another kind.

    SQLite writes ahead (readers never wait), syncs each commit and overwrites what is removed.
    """
    named = _named(url)
    if named.get_backend_name() == "sqlite":
        engine = create_engine(named, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
        return engine
    return create_engine(
        named,
        connect_args={"options": _POSTGRESQL, **_CONNECTING},
        hide_parameters=True,  # an error is logged: what it was about is not
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        pool_timeout=10,
        pool_recycle=1800,
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: it is alone from its first statement on, and commits when the block ends well.

    Waits a little for a database that is away. Raises `DatabaseAway` (`WriteAgain` where repeating it is safe and
    likely to help), `DiskFull`, or `Busy` where its turn did not come.
    """
    connection = _begun(engine)
    done = False
    with connection, reaching(committing=lambda: done):
        yield connection
        done = True
        connection.commit()


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


@contextmanager
def reaching(committing: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Whatever the database cannot do inside, as the refusal that a caller understands."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        refused = refusal(error, committing=committing())
        if refused is None:
            raise
        raise refused from error


def refusal(error: exc.SQLAlchemyError, *, committing: bool = False) -> Refused | None:
    """What a database's error means to a caller; None where it is a defect of ours."""
    if isinstance(error, exc.TimeoutError):
        return Busy("every connection to the database is in use: ask again in a second")
    if not isinstance(error, exc.DBAPIError):
        return None
    code = _code(error)
    for codes, refused in _REFUSALS:
        if code in codes:
            return refused()
    if not (error.connection_invalidated or _is_away(error, code)):
        return None
    if committing:
        return DatabaseAway("the database went away while it wrote: whether it was recorded is not known")
    return WriteAgain("the database is away: nothing was recorded")


def _code(error: exc.DBAPIError) -> str:
    """PostgreSQL's SQLSTATE or SQLite's primary result code; empty where the server said nothing any more."""
    sqlite = getattr(error.orig, "sqlite_errorcode", None)
    return getattr(error.orig, "sqlstate", None) or "" if sqlite is None else f"sqlite {sqlite & 0xFF}"


def _is_away(error: exc.DBAPIError, code: str) -> bool:
    """Whether the server could not be reached, or said that it is going down or coming up."""
    return isinstance(error, exc.OperationalError) and code[:2] in ("", "08", "57")


def _begun(engine: Engine) -> Connection:
    """A connection whose turn to write it is. Raises as `writing` does."""
    for pause in (*PATIENCE, 0.0):
        try:
            with reaching():
                return _alone(engine.connect().execution_options(writes=True))
        except WriteAgain:
            if not pause:
                raise
            time.sleep(pause)
    raise AssertionError  # the last attempt returned or raised


def _alone(connection: Connection) -> Connection:
    try:
        connection.begin()
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
    except BaseException:
        connection.close()
        raise
    return connection


def _named(url: str) -> URL:
    try:
        named = make_url(url)
    except exc.ArgumentError:
        raise NoDatabase("the database is named by a URL: sqlite:///FILE or postgresql://ROLE@HOST/NAME") from None
    match named.drivername:
        case "postgres" | "postgresql":
            return named.set(drivername="postgresql+psycopg")
        case "sqlite" | "postgresql+psycopg":
            return named
    raise NoDatabase(f"{named.drivername} is no database of ours: sqlite:///FILE or postgresql://ROLE@HOST/NAME")


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_at_once(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
