"""Holds rows of tables against what they should be: which are missing, which too many, which say something else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import orjson
from sqlalchemy import ColumnElement, Connection, select

from service.edge.database import DatabaseTable
from service.edge.errors import Refused
from service.ledger.canonical import canonical
from service.ledger.opened import OpenedEntry

Row = dict[str, object]
RowFault = Literal["row_missing", "row_unexplained", "row_otherwise"]
_JSON = frozenset({"content", "inputs", "assessments", "left"})


class RowsContradict(Refused):
    """Rows that somebody is about to act on say something else than their entries."""

    status, problem = HTTPStatus.CONFLICT, "rows-contradict"


@dataclass(frozen=True)
class Difference:
    """A row that does not follow from the entries: it is missing, no entry tells of it, or columns say otherwise.

    `right` is what it should be, None where there should be none, or where it cannot be made.
    """

    table: DatabaseTable
    key: Mapping[str, object]
    code: RowFault
    right: Row | None
    columns: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """The table and the row's key."""
        return f"{self.table.name} {'/'.join(str(value) for value in self.key.values())}"


def difference(
    table: DatabaseTable, key: Mapping[str, object], row: Row | None, right: Row | None, *, erased: bool = False
) -> Iterator[Difference]:
    """What is wrong with a row; of an erased entry, what `right` tells is all that can be."""
    if right is None and row is not None and not erased:
        yield Difference(table, key, "row_unexplained", None)
    elif right is not None and row is None:
        yield Difference(table, key, "row_missing", None if erased else right)
    elif right is not None and row is not None:
        other = tuple(sorted(name for name, value in right.items() if not _same(name, row[name], value)))
        if other:
            yield Difference(table, key, "row_otherwise", right, other)


def by_entry(
    connection: Connection,
    table: DatabaseTable,
    which: ColumnElement[bool],
    entries: Sequence[OpenedEntry],
    right: Sequence[Row | None],
) -> Iterator[Difference]:
    """The rows of a table under the numbers of these entries, against what follows from them."""
    held = {row["seq"]: dict(row) for row in connection.execute(select(table).where(which)).mappings()}
    for entry, one in zip(entries, right, strict=True):
        yield from difference(table, {"seq": entry.seq}, held.pop(entry.seq, None), one, erased=entry.erased)


def by_key(
    connection: Connection,
    table: DatabaseTable,
    right: Iterable[Row],
    *,
    whole: bool,
    which: ColumnElement[bool] | None = None,
) -> Iterator[Difference]:
    """A table, or those of its rows, against its right rows; `whole`: no row may stand there besides."""
    names = [column.name for column in table.primary_key]
    query = select(table) if which is None else select(table).where(which)
    held = {tuple(row[name] for name in names): dict(row) for row in connection.execute(query).mappings()}
    for one in right:
        key = tuple(one[name] for name in names)
        yield from difference(table, dict(zip(names, key, strict=True)), held.pop(key, None), one)
    if whole:
        for key, row in held.items():
            yield from difference(table, dict(zip(names, key, strict=True)), row, None)


def _same(name: str, held: object, right: object) -> bool:
    """Whether two values of a column are the same; texts of JSON, whatever the order of their members."""
    if name in _JSON and isinstance(held, str) and isinstance(right, str) and held != right:
        try:
            return canonical(orjson.loads(held)) == canonical(orjson.loads(right))
        except ValueError:
            return False
    return held == right
