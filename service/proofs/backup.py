"""Copies a ledger with all that belongs to it into an empty database, every seal kept; what is copied is verified.

A backup keeps the keys of contents in a file of their own: let it expire sooner, since a key that was destroyed since
lies in it. Restoring destroys it anew, as the ledger's own entries say. They lie there as they lie in the database:
under the wrapping key, which no backup holds.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, func, insert, make_url, select, text

from features.errors import Fault, PledgeScoreError
from models.words.output import told
from service.access.rewrapping import check_opens
from service.edge.database import DatabaseTable, connect_to, writing
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.contents import FIRM_KEYS
from service.ledger.migrations import check_shape, upgrade
from service.ledger.opening import open_existing
from service.ledger.verification import erasures, verify

BATCH = 500
"""Rows that are carried at a time."""
LEDGER, KEYS = "ledger.db", "keys.db"
_STEP = "alembic_version"

Row = dict[str, object]


class NotCopied(PledgeScoreError):
    """A ledger was not copied: nothing of it stands where it should have gone."""


def copy(source: str, target: str) -> str:
    """Copy everything into an empty database and verify it there; what was done. Raises `NotCopied`, `NoDatabase`."""
    with _written_beside(target) as beside, _ends(source, beside) as (one, other):
        _check_opens(one)
        copied = _carried(one, other, lambda name: name != _STEP)
        return _verified(other, told("rows_copied", rows=copied, to=_shown(target)))


def back_up(source: str, folder: Path) -> str:
    """Write the ledger and, apart from it, the keys of its contents into a new folder that its owner alone may read."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise NotCopied("backup_exists", folder=folder) from None
    with _ends(source, _file(folder / LEDGER)) as (one, other):
        entries = _carried(one, other, lambda name: name not in (_STEP, FIRM_KEYS.name))
    with _ends(source, _file(folder / KEYS)) as (one, other):
        keys = _carried(one, other, lambda name: name == FIRM_KEYS.name)
    return told("backup_made", rows=entries, file=folder / LEDGER, keys=keys, apart=folder / KEYS)


def restore(folder: Path, target: str) -> str:
    """Bring a backup into an empty database, without the keys that the ledger says were destroyed; verified there.

    Raises `NotCopied` for a folder that is no backup, `BadKey` where it lies under a wrapping key that is not here.
    """
    missing = [name for name in (LEDGER, KEYS) if not (folder / name).is_file()]
    if missing:
        raise NotCopied("no_backup", folder=folder, missing=tuple(missing))
    with _written_beside(target) as beside:
        with _ends(_file(folder / KEYS), beside) as (one, _):
            _check_opens(one)
        with _ends(_file(folder / LEDGER), beside) as (one, other):
            rows = _carried(one, other, lambda name: name not in (_STEP, FIRM_KEYS.name))
        with _ends(_file(folder / KEYS), beside) as (one, other):
            with other.connect() as connection:
                destroyed = _destroyed(connection)
            keys = _carried(one, other, lambda name: name == FIRM_KEYS.name, lambda row: _without(row, destroyed))
            return _verified(other, told("rows_restored", rows=rows, keys=keys, to=_shown(target)))


@contextmanager
def _written_beside(target: str) -> Iterator[str]:
    """Where a copy is written: of a file beside it, which takes its place once all of it is verified.

    What breaks off leaves nothing there; a PostgreSQL is written as it is. Raises `NotCopied` where something stands.
    """
    path = _path(target)
    if path is None:
        yield target
        return
    if path.exists():
        _check_empty(target)
    unfinished = path.with_name(f"{path.name}.unfinished")
    _remove(unfinished)
    try:
        yield _file(unfinished)
        _remove(path)
        unfinished.replace(path)
    finally:
        _remove(unfinished)


def _path(url: str) -> Path | None:
    """The file of a database; None for PostgreSQL."""
    path = url.removeprefix("sqlite:///")
    return None if path == url else Path(path)


def _remove(file: Path) -> None:
    """Remove a database's file with those that SQLite keeps beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        file.with_name(f"{file.name}{end}").unlink(missing_ok=True)


def _check_empty(url: str) -> None:
    """Raises `NotCopied` where a table of the database holds something."""
    engine, known = connect_to(url), MetaData()
    try:
        with engine.connect() as connection:
            known.reflect(connection)
            for table in known.sorted_tables:
                if table.name != _STEP:
                    _check_nothing(connection, table, url)
    finally:
        engine.dispose()


def _check_nothing(connection: Connection, table: DatabaseTable, url: str) -> None:
    if connection.execute(select(func.count()).select_from(table)).scalar_one():
        raise NotCopied("copy_not_empty", table=table.name, database=_shown(url))


@contextmanager
def _ends(source: str, target: str) -> Iterator[tuple[Engine, Engine]]:
    """Both databases, opened for as long as they are needed; a file made, or brought to this version's shape."""
    one, other = open_existing(source), connect_to(target)
    if other.dialect.name == "sqlite":
        upgrade(other)
    try:
        yield one, other
    finally:
        one.dispose()
        other.dispose()


def _carried(
    source: Engine, target: Engine, wanted: Callable[[str], bool], changed: Callable[[Row], Row] = lambda row: row
) -> int:
    """The rows carried, in one transaction, from one view of the source. Raises `NotCopied` where something stands."""
    known = MetaData()
    known.reflect(source)
    with source.connect() as reading, writing(target) as connection:
        check_shape(connection)
        into = MetaData()
        into.reflect(connection)
        if reading.dialect.name == "postgresql":
            reading.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tables = [(table, into.tables[table.name]) for table in known.sorted_tables if wanted(table.name)]
        for _, table in tables:
            _check_nothing(connection, table, str(target.url))
        count = sum(_table(connection, table, _rows(reading, own, changed)) for own, table in tables)
        _numbered(connection, [table for _, table in tables])
        return count


def _rows(connection: Connection, table: DatabaseTable, changed: Callable[[Row], Row]) -> Iterator[list[Row]]:
    found = connection.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)).mappings()
    return ([changed(dict(row)) for row in part] for part in found.partitions())


def _table(connection: Connection, table: DatabaseTable, batches: Iterable[list[Row]]) -> int:
    count = 0
    for rows in batches:
        connection.execute(insert(table), rows)
        count += len(rows)
    return count


def _numbered(connection: Connection, tables: Iterable[DatabaseTable]) -> None:
    """Let PostgreSQL number on behind what was copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key:
            told = {"table": table.name, "column": column.name}
            sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
            name = connection.execute(sequence, told).scalar_one()
            last = connection.execute(select(func.max(column))).scalar_one() if name else None
            if last is not None:
                connection.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})


def _destroyed(connection: Connection) -> frozenset[str]:
    """The keys that entries say were destroyed."""
    return frozenset(one.key for one in erasures(connection))


def _without(row: Row, destroyed: Collection[str]) -> Row:
    return row | {"firm": None, "material": None} if row["id"] in destroyed else row


def _check_opens(engine: Engine) -> None:
    """Raises `BadKey` before anything is carried that could not be verified where it goes."""
    wrapping.use(engine, Settings.from_environment().keys)
    check_opens(engine)


def _verified(engine: Engine, done: str) -> str:
    wrapping.use(engine, Settings.from_environment().keys)
    with engine.connect() as connection:
        found = verify(connection)
    if found.bad_seq is not None and found.fault is not None:
        raise NotCopied("copied_altered", place=done, entry=found.bad_seq, faults=[Fault("", found.fault)])
    return told("copied", place=done, count=found.verified, seal=found.seal)


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _file(path: Path) -> str:
    return f"sqlite:///{path}"
