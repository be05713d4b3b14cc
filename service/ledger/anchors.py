"""Anchors: entries that seal the heads of all loan files, right before a checkpoint and at the end of a month."""

from sqlalchemy import Connection

from service.ledger.append import Draft, Sealed, append, open_ledger
from service.ledger.entry_contents import EntryRef, Month
from service.ledger.heads import file_heads
from service.ledger.ledger_settings import settings_of
from service.ledger.turn import next_time, turn_of
from service.ledger.written_kinds import AnchorEntry


def write_anchor(connection: Connection, actor: str, month: Month | None = None) -> Sealed:
    """Enter an anchor, which may close a month."""
    open_ledger(connection)
    turn, settings = turn_of(connection), settings_of(connection)
    at = next_time(turn, settings)
    heads = file_heads(connection, settings, at)  # of the time that the entry has, so that they can be made again
    content = AnchorEntry(files=heads, last=EntryRef(turn.size, turn.seal), month=month)
    return append(connection, [Draft.of(content, actor)], at=at)[0]
