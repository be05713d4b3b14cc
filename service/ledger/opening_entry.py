"""The first entry of form 2: how the ledger counts, and what lies before it."""

import os
from datetime import UTC

import orjson
from sqlalchemy import Connection, insert, select

from features.errors import PledgeScoreError
from service.ledger.contents import KEY_BYTES, content_of, entries_with_keys
from service.ledger.entry_contents import FirstForm, Month
from service.ledger.ledger_settings import LedgerSettings
from service.ledger.months import IN_UTC, month_of, offset_text
from service.ledger.seal import FORM, NOTHING_BEFORE, SUITE
from service.ledger.source_digest import source_digest
from service.ledger.tables import ENTRIES, LEDGER_KEYS, SEGMENTS
from service.ledger.tree import Tree
from service.ledger.turn import OUTER, place_of
from service.ledger.wrapping import wrapping_of
from service.ledger.written_kinds import OpeningEntry

CALENDAR = "gregorian"


def opening_content(connection: Connection, settings: LedgerSettings, size: int, seal: str) -> OpeningEntry:
    """What the opening entry says of a ledger of so many entries of form 1."""
    return OpeningEntry(
        form=FORM,
        suite=SUITE,
        zone=offset_text(settings.zone),
        calendar=CALENDAR,
        currency=settings.currency,
        clock=settings.kind_of_clock,
        source=source_digest(),
        form1=FirstForm(size, seal),
        month=_open_month(connection, size, seal),
    )


class OtherZone(PledgeScoreError):
    """Days would be counted otherwise than the ledger has counted them since it was opened."""


class OtherClock(PledgeScoreError):
    """The opening entry says that times are simulated: such a ledger is a demonstration's, and serves there alone."""


def check_opening(connection: Connection, settings: LedgerSettings, opening: int) -> None:
    """Raises `OtherZone` or `OtherClock` where the settings count otherwise than the opening entry seals."""
    row = connection.execute(entries_with_keys().where(ENTRIES.c.seq == opening)).one_or_none()
    if row is None:
        return  # it was archived
    sealed = orjson.loads(content_of(connection, row).body)
    if sealed["/zone"] != offset_text(settings.zone):
        raise OtherZone("zone_sealed", sealed=sealed["/zone"], stated=offset_text(settings.zone))
    if sealed["/clock"] == "simulated" and not settings.simulated:
        raise OtherClock("clock_sealed")


def outer_key(connection: Connection) -> bytes:
    """A new key of the outer secrets, kept under the wrapping key."""
    key = os.urandom(KEY_BYTES)
    kept = wrapping_of(connection).wrapped(key, place_of(OUTER))
    connection.execute(insert(LEDGER_KEYS), {"name": OUTER, "material": kept})
    return key


def _open_month(connection: Connection, size: int, seal: str) -> Month | None:
    """The entries of form 1 that no anchor closed yet, by the month in UTC of the last; None where there are none."""
    newest = connection.execute(select(SEGMENTS).order_by(SEGMENTS.c.last.desc()).limit(1)).one_or_none()
    first, before = (1, NOTHING_BEFORE) if newest is None else (newest.last + 1, newest.seal)
    if size < first:
        return None
    at = connection.execute(select(ENTRIES.c.at).where(ENTRIES.c.seq == size)).scalar_one()
    root = Tree(connection, size).root().hex()
    return Month(f"{month_of(at, UTC)}{IN_UTC}", first, size, before, seal, root)
