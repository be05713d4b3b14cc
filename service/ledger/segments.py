"""Months of the ledger: each closed by an anchor entry, so that it may move to a file while the rest stays provable.

The anchor states the month's first and last entry, the seals before and at its end, and the tree's root there. An
archived segment is a file of one entry a line that is checked from its anchor alone; what lies behind it goes on being
verified from the seal where it ends, and proofs about it from the tiles of the tree. Months are those of the ledger's
zone; that in UTC which was open when form 2 began was closed by the opening entry.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import msgspec
import orjson
from sqlalchemy import Connection, delete, func, insert, select

from features.errors import Fault, fault
from service.edge.errors import Refused
from service.edge.fields import MONTH
from service.ledger.anchors import write_anchor
from service.ledger.append import head, open_ledger
from service.ledger.canonical import time_text
from service.ledger.contents import FIRM_KEYS
from service.ledger.entry_contents import Month
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.months import IN_UTC, month_of, span
from service.ledger.opened import BATCH, OpenedEntry
from service.ledger.seal import FORM_1, NOTHING_BEFORE, SUITE, header_of
from service.ledger.tables import ARCHIVED, ENTRIES, SEGMENTS, TILES, EntryRow
from service.ledger.tree import WIDTH, Tree, keep_tiles

BYTES = ("facts", "secret", "body", "answer")
"""Columns of an entry that are bytes: written in hex."""


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

    @property
    def in_utc(self) -> bool:
        """Whether it is the month in UTC that an opening entry closed."""
        return self.month.endswith(IN_UTC)


def close_month(connection: Connection, month: str, at: datetime, actor: str) -> Closed:
    """Enter the anchor of a month that is over (`2026-11`, in the ledger's zone). Raises `NotClosable`."""
    open_ledger(connection)
    if not MONTH.fullmatch(month):
        raise NotClosable("no_month", month=month)
    _, end = span(month, settings_of(connection).zone)
    if time_text(at) < end:
        raise NotClosable("month_not_over", month=month)
    newest = closed(connection)
    if newest and newest[-1].month >= month and not newest[-1].in_utc:
        raise NotClosable("month_closed", month=newest[-1].month)
    first, before = (newest[-1].last + 1, newest[-1].seal) if newest else (1, NOTHING_BEFORE)
    size, _ = head(connection)
    later = select(func.min(ENTRIES.c.seq)).where(ENTRIES.c.seq >= first, ENTRIES.c.at >= end)
    last = (connection.execute(later).scalar() or size + 1) - 1
    if last < first:
        raise NotClosable("month_empty", month=month)
    seal = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == last)).scalar_one()
    told = {"month": month, "first": first, "last": last, "before": before, "seal": seal}
    entry = write_anchor(connection, actor, Month(**told, root=Tree(connection, size).root(last).hex()))
    connection.execute(insert(SEGMENTS), told | {"anchor": entry.seq})
    return Closed(**told, anchor=entry.seq)


def segment_row(entry: OpenedEntry) -> Closed | None:
    """The row that follows from an entry, if it closes a month."""
    if entry.kind not in (Kind.ANCHOR, Kind.OPENING) or entry.body is None:
        return None
    month = entry.body["/month"] if entry.second else entry.body["/anchor"]
    if month is None:
        return None
    told = msgspec.convert(month, Month)
    return Closed(told.month, told.first, told.last, told.before, told.seal, entry.seq)


def overdue(connection: Connection, now: datetime) -> str | None:
    """The first month that is over and not closed yet; None where there is none."""
    newest, zone = closed(connection), settings_of(connection).zone
    wanted = select(ENTRIES.c.at).where(ENTRIES.c.seq == (newest[-1].last + 1 if newest else 1))
    at = connection.execute(wanted).scalar_one_or_none()
    month = month_of(at, zone) if at else None
    closed_before = bool(newest) and not newest[-1].in_utc and newest[-1].month >= (month or "")
    return month if month and month < month_of(time_text(now), zone) and not closed_before else None


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
    wrong = check_segment(beside, segment)
    if wrong:
        beside.unlink()
        raise NotClosable("segment_not_written", month=segment.month, faults=[wrong])
    beside.replace(file)
    return segment.last - segment.first + 1


def check_segment(file: Path, segment: Closed) -> Fault | None:
    """What is wrong with a segment's file, entry by entry, from its anchor alone; None where it is whole."""
    if not file.exists():
        return fault("", "segment_missing")
    before, seq = segment.before, segment.first - 1
    with gzip.open(file, "rb") as lines:
        for line in lines:
            told = SimpleNamespace(**{"form": FORM_1, **orjson.loads(line)})
            header = header_of(told)
            seq += 1
            if header.seq != seq or header.before != before or header.suite != SUITE or header.seal != told.seal:
                return fault("", "segment_altered", entry=seq)
            before = header.seal
    return None if (seq, before) == (segment.last, segment.seal) else fault("", "segment_short", entry=seq + 1)


def remove_archived(connection: Connection, until: Closed, folder: Path, at: datetime) -> int:
    """Remove the entries of a segment and of those before it; up to which entry. Needs the rights of the owner.

    Whole tiles of the tree alone are removed, so that every proof can still be made. Raises `NotClosable` where the
    file of one of these segments is not in the folder, or not whole.
    """
    gone, _ = archived_to(connection)
    for segment in closed(connection):
        file = folder / file_name(segment)
        if gone < segment.last <= until.last and (wrong := check_segment(file, segment)):
            raise NotClosable("segment_not_archived", file=file, faults=[wrong])
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


def archived_rows(connection: Connection, folder: Path) -> Iterator[EntryRow]:
    """The entries that were moved to files of a folder, in order, each with its key as `entries_with_keys` reads it.

    Raises `NotClosable` where a file is not there or not whole.
    """
    gone, _ = archived_to(connection)
    for segment in closed(connection):
        if segment.first > gone:
            return
        file = folder / file_name(segment)
        if wrong := check_segment(file, segment):
            raise NotClosable("segment_not_archived", file=file, faults=[wrong])
        with gzip.open(file, "rb") as lines:
            told = (one for line in lines if (one := orjson.loads(line))["seq"] <= gone)
            while batch := list(islice(told, BATCH)):
                wanted = select(FIRM_KEYS.c.id, FIRM_KEYS.c.material)
                rows = connection.execute(wanted.where(FIRM_KEYS.c.id.in_({one["key"] for one in batch})))
                material: dict[object, bytes | None] = {row.id: row.material for row in rows}
                yield from (_row_of(one, material.get(one["key"])) for one in batch)


def _row_of(told: dict[str, object], material: bytes | None) -> EntryRow:
    """A line of a segment's file as a row of the table with its key."""
    plain = {name: None if told[name] is None else bytes.fromhex(str(told[name])) for name in BYTES}
    row: EntryRow = SimpleNamespace(**{"form": FORM_1, **told, **plain, "material": material})
    return row


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
        told: dict[str, object] = dict(row) | {name: row[name] and row[name].hex() for name in BYTES}
        yield orjson.dumps(told)
