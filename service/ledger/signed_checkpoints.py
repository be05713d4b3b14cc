"""Holds the ledger against what was signed about it: a history that was rewritten and chained anew shows here.

Whoever has the database can change an entry and seal everything behind it again: the chain then verifies. The roots in
signed checkpoints do not, and a checkpoint that lies elsewhere cannot be taken away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import orjson
from sqlalchemy import Connection, select

from features.errors import refusal_phrase
from features.phrase import Phrase
from service.ledger.checkpoints import BankCheckpoint, CheckpointStatement
from service.ledger.seal import FORM
from service.ledger.signing_keys import is_signed
from service.ledger.tables import ARCHIVED, CHECKPOINTS, ENTRIES, TILES
from service.ledger.tree import WIDTH, Frontier, leaf

_BYTES = 32


@dataclass(frozen=True)
class Held:
    """How many entries and signed checkpoints agree; where they do not, why, and the first entry that may be bad.

    No entry is named where only the signer is unknown.
    """

    entries: int
    checkpoints: int
    bad_seq: int | None = None
    fault: Phrase | None = None


def hold_against(connection: Connection, shown: Sequence[BankCheckpoint], keys: Sequence[str]) -> Held:
    """The entries against the checkpoints that are kept here and those that are shown.

    With `keys` (hex) only checkpoints signed by one of them count. An entry is named exactly while the tiles of the
    tree are as they were; where they were rewritten too, the first behind the last checkpoint that agrees is.
    """
    here = [*_kept(connection), *((told["checkpoint"]["size"], told) for told in shown)]
    badly = next((size for size, told in here if told is None or not _is_whole(told)), None)
    if badly is not None:
        return Held(0, 0, 1, refusal_phrase("signed_badly", size=badly))
    signed = sorted((told for _, told in here if told), key=lambda told: told["checkpoint"]["size"])
    unknown = next((told["checkpoint"] for told in signed if keys and told["checkpoint"]["key"] not in keys), None)
    if unknown is not None:
        return Held(0, 0, None, refusal_phrase("signed_by_unknown", size=unknown["size"], key=unknown["key"]))
    frontier, agreed, waiting = Frontier(), 0, list(signed)
    last_good = 0
    for found, kept in _leaves(connection):
        if kept is not None and found is not None and kept != found:
            return Held(frontier.size, agreed, frontier.size + 1, refusal_phrase("signed_other_seal"))
        frontier.add(found or kept or b"")
        while waiting and waiting[0]["checkpoint"]["size"] == frontier.size:
            statement = waiting.pop(0)["checkpoint"]
            if statement["root"] != frontier.root.hex():
                return Held(last_good, agreed, last_good + 1, _rewritten(last_good, statement))
            agreed, last_good = agreed + 1, frontier.size
    if waiting:
        return Held(frontier.size, agreed, frontier.size + 1, _gone(frontier.size, last_good, waiting[0]["checkpoint"]))
    return _out_of_time(connection, signed) or Held(frontier.size, agreed)


def _is_whole(told: BankCheckpoint) -> bool:
    """Whether it was signed with the key that it names."""
    return is_signed(told, "checkpoint", told["checkpoint"]["key"])


def _out_of_time(connection: Connection, signed: Sequence[BankCheckpoint]) -> Held | None:
    """The first entry whose time lies on the wrong side of a checkpoint; None where there is none.

    Times never fall, so that only the two beside its end need be looked at. Those of form 1 may fall.
    """
    seq = ENTRIES.c.seq
    for told in signed:
        size, at = told["checkpoint"]["size"], told["checkpoint"]["at"]
        wanted = select(seq, ENTRIES.c.at).where(seq.in_((size, size + 1)), ENTRIES.c.form == FORM).order_by(seq)
        for row in connection.execute(wanted):
            if (row.at > at) if row.seq == size else (row.at < at):
                return Held(row.seq - 1, 0, row.seq, refusal_phrase("signed_out_of_time", at=at))
    return None


def _gone(size: int, last_good: int, told: CheckpointStatement) -> Phrase:
    signed, at = told["size"], told["at"]
    if last_good == size:
        return refusal_phrase("signed_gone", signed=signed, at=at, first=size + 1)
    return refusal_phrase("signed_gone_unsure", signed=signed, at=at, first=size + 1, since=last_good + 1, until=size)


def _rewritten(last_good: int, told: CheckpointStatement) -> Phrase:
    return refusal_phrase("signed_rewritten", first=last_good + 1, until=told["size"], at=told["at"])


class _ReadCheckpoint(msgspec.Struct):
    """What is read of a checkpoint here."""

    size: int
    root: str
    at: str
    key: str


def _kept(connection: Connection) -> list[tuple[int, BankCheckpoint | None]]:
    """The checkpoints that are kept, with their sizes; None for a text that is none: somebody wrote into it."""
    wanted = select(CHECKPOINTS.c.size, CHECKPOINTS.c.text, CHECKPOINTS.c.signature)
    return [(row.size, _checkpoint(row.text, row.signature)) for row in connection.execute(wanted)]


def _checkpoint(text: str, signature: str) -> BankCheckpoint | None:
    try:
        told = orjson.loads(text)
        msgspec.convert(told, _ReadCheckpoint)
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        return None
    return {"checkpoint": told, "signature": signature}


def _leaves(connection: Connection) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Per entry its hash as its seal gives it (None: archived), and as a tile holds it (None: in no tile)."""
    archived = connection.execute(select(ARCHIVED.c.last).order_by(ARCHIVED.c.last.desc()).limit(1)).scalar() or 0
    tiles = connection.execute(select(TILES.c.number).where(TILES.c.level == 0)).scalars().all()
    seals = iter(_seals(connection))
    for number in range(len(tiles)):
        wanted = select(TILES.c.hashes).where(TILES.c.level == 0, TILES.c.number == number)
        hashes = connection.execute(wanted).scalar() or b""
        for place in range(WIDTH):
            kept = hashes[place * _BYTES : (place + 1) * _BYTES]
            seal = next(seals, None) if number * WIDTH + place >= archived else None
            if seal is None and number * WIDTH + place >= archived:
                return
            yield (leaf(seal) if seal else None), kept
    yield from ((leaf(seal), None) for seal in seals)


def _seals(connection: Connection) -> Iterator[str]:
    """All seals in order, a bounded number at a time."""
    last = 0
    while True:
        wanted = select(ENTRIES.c.seq, ENTRIES.c.seal).where(ENTRIES.c.seq > last).order_by(ENTRIES.c.seq).limit(5000)
        rows = connection.execute(wanted).all()
        if not rows:
            return
        yield from (row.seal for row in rows)
        last = rows[-1].seq
