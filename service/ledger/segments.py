"""Months of the ledger: each closed by an anchor entry, so that it may move to a file while the rest stays provable.

The anchor states the month's first and last entry, the seals before and at its end, and the tree's root there. An
archived segment is a file of one entry a line that is checked from its anchor alone; what lies behind it goes on being
verified from the seal where it ends, and proofs about it from the tiles of the tree.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from service.edge.errors import Refused
from service.ledger.append import Draft, append, head
from service.ledger.canonical import canonical, time_text
from service.ledger.kinds import Kind
from service.ledger.seal import NOTHING_BEFORE, SUITE, FirstFormHeader
from service.ledger.tables import ARCHIVED, ENTRIES, SEGMENTS, TILES
from service.ledger.tree import WIDTH, Tree, keep_tiles

BYTES = ("secret", "body", "answer")
"""Columns of an entry that are bytes: written in hex."""


MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class NotClosable(Refused):
    """A month cannot be closed, or a segment not be archived."""

    status, problem = HTTPStatus.CONFLICT, "not-closable"


@dataclass(frozen=True)
class Closed:
    """A month's entries from `first` to `last`: the seal `before` them, the last `seal`, and the `anchor`'s entry."""

    month: str
    first: int
    last: int
    before: str
    seal: str
    anchor: int


def close_month(connection: Connection, month: str, at: datetime, actor: str) -> Closed:
    """Enter the anchor of a month that is over (`2026-11`, in UTC). Raises `NotClosable`.

    It goes to the last entry before the first of a later month: what was asked in the month and entered behind that
    belongs to the next segment.
    """
    if not MONTH.fullmatch(month):
        raise NotClosable(f"{month!r} is no month: write it as 2026-11")
    if time_text(at)[:7] <= month:
        raise NotClosable(f"{month} is not over")
    newest = closed(connection)
    if newest and newest[-1].month >= month:
        raise NotClosable(f"{newest[-1].month} is closed already")
    first, before = (newest[-1].last + 1, newest[-1].seal) if newest else (1, NOTHING_BEFORE)
    size, _ = head(connection)
    later = select(func.min(ENTRIES.c.seq)).where(ENTRIES.c.seq >= first, func.substr(ENTRIES.c.at, 1, 7) > month)
    last = (connection.execute(later).scalar() or size + 1) - 1
    if last < first:
        raise NotClosable(f"{month} holds no entry that is not in a segment yet")
    seal = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == last)).scalar_one()
    told = {"month": month, "first": first, "last": last, "before": before, "seal": seal}
    leaf = {"/anchor": canonical(told | {"root": Tree(connection, size).root(last).hex()})}
    entry = append(connection, [Draft(at, actor, Kind.ANCHOR, leaf)])[0]
    connection.execute(insert(SEGMENTS), told | {"anchor": entry.seq})
    return Closed(**told, anchor=entry.seq)


def overdue(connection: Connection, now: datetime) -> str | None:
    """The first month that is over and not closed yet; None where there is none."""
    newest = closed(connection)
    wanted = select(ENTRIES.c.at).where(ENTRIES.c.seq == (newest[-1].last + 1 if newest else 1))
    at = connection.execute(wanted).scalar_one_or_none()
    month = at[:7] if at else None
    return month if month and month < time_text(now)[:7] and (not newest or month > newest[-1].month) else None


def closed(connection: Connection) -> list[Closed]:
    """The segments, the first first."""
    return [Closed(**row) for row in connection.execute(select(SEGMENTS).order_by(SEGMENTS.c.first)).mappings()]


def write_segment(connection: Connection, segment: Closed, file: Path) -> int:
    """Write the entries of a segment to a file as the database holds them, and read them back; how many there are.

    What is kept under a firm's key stays under it: the key is not in the file. Raises `NotClosable`.
    """
    beside = file.with_name(f".{file.name}")
    with gzip.open(beside, "wb") as out:
        for line in _lines(connection, segment):
            out.write(line + b"\n")
    fault = check_segment(beside, segment)
    if fault:
        beside.unlink()
        raise NotClosable(f"{segment.month}: {fault}")
    beside.replace(file)
    return segment.last - segment.first + 1


def check_segment(file: Path, segment: Closed) -> str:
    """What is wrong with a segment's file, entry by entry, from its anchor alone; nothing where it is whole."""
    before, seq = segment.before, segment.first - 1
    with gzip.open(file, "rb") as lines:
        for line in lines:
            told = orjson.loads(line)
            header = FirstFormHeader(**{name: told[name] for name in FirstFormHeader.__dataclass_fields__})
            seq += 1
            if header.seq != seq or header.before != before or header.suite != SUITE or header.seal != told["seal"]:
                return f"entry {seq} is not as it was written"
            before = header.seal
    return "" if (seq, before) == (segment.last, segment.seal) else f"entries from {seq + 1} on are missing"


def remove_archived(connection: Connection, until: Closed, folder: Path, at: datetime) -> int:
    """Remove the entries of a segment and of those before it; up to which entry. Needs the rights of the owner.

    Whole tiles of the tree alone are removed, so that every proof can still be made. Raises `NotClosable` where the
    file of one of these segments is not in the folder, or not whole.
    """
    gone, _ = archived_to(connection)
    for segment in closed(connection):
        file = folder / file_name(segment)
        if gone < segment.last <= until.last and (
            fault := check_segment(file, segment) if file.exists() else "missing"
        ):
            raise NotClosable(f"{file}: {fault}")
    size, _ = head(connection)
    keep_tiles(Tree(connection, size))
    full = connection.execute(select(func.count()).select_from(TILES).where(TILES.c.level == 0)).scalar_one() * WIDTH
    last = min(full, until.last // WIDTH * WIDTH)
    if last <= gone:
        return gone
    seal = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == last)).scalar_one()
    connection.execute(insert(ARCHIVED), {"last": last, "seal": seal, "at": time_text(at)})
    connection.execute(delete(ENTRIES).where(ENTRIES.c.seq <= last))
    return last


def file_name(segment: Closed) -> str:
    """What the file of a segment is called."""
    return f"segment-{segment.month}.jsonl.gz"


def archived_to(connection: Connection) -> tuple[int, str]:
    """The last entry that was moved away, and its seal; 0 and the seal before the first where none was."""
    found = connection.execute(select(ARCHIVED).order_by(ARCHIVED.c.last.desc()).limit(1)).one_or_none()
    return (found.last, found.seal) if found else (0, NOTHING_BEFORE)


def _lines(connection: Connection, segment: Closed) -> Iterator[bytes]:
    within = ENTRIES.c.seq.between(segment.first, segment.last)
    wanted = select(ENTRIES).where(within).order_by(ENTRIES.c.seq).execution_options(yield_per=100)
    for row in connection.execute(wanted).mappings():
        told: dict[str, Any] = dict(row) | {name: row[name] and row[name].hex() for name in BYTES}
        yield orjson.dumps(told)
