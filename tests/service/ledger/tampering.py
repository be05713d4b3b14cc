"""A ledger in a file of its own, and somebody with the file in his hands who changes one thing in it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from service.database import open_database
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical
from service.ledger.tables import ENTRIES, Kind
from service.ledger.verify import verify

ALTERED_COLUMNS = [column.name for column in ENTRIES.c if column.name != "seq"]


def draft(number: int, rows: int = 3) -> Draft:
    """A small assessment with an answer; every other one is about a firm, and so kept under its key."""
    leaves = {f"/rows/patents/{i}/public": canonical({"patent": f"P{number}-{i}", "claims": i}) for i in range(rows)}
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=number)
    firm = f"row:{number % 5}" if number % 2 else None
    return Draft(
        at, "李明", Kind.ASSESSMENT, leaves, {"case": f"c{number}", "pd": {"value": 0.01 + number / 1e6}}, firm
    )


def ledger(file: Path, entries: int) -> Engine:
    """A ledger of that many entries, appended in batches of different sizes."""
    engine = open_database(f"sqlite:///{file}")
    done = 0
    while done < entries:
        size = min(1 + done % 7, entries - done)
        with engine.begin() as connection:
            append(connection, [draft(number) for number in range(done, done + size)])
        done += size
    return engine


def disarm(engine: Engine) -> None:
    """Take away the triggers: whoever has the file can."""
    with engine.begin() as connection:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def alter_byte(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Change one byte of one column of one entry; the entry's number and what was done."""
    seq = chance.randint(1, entries)
    entry = connection.execute(select(ENTRIES).where(ENTRIES.c.seq == seq)).mappings().one()
    name = chance.choice([name for name in ALTERED_COLUMNS if entry[name]])
    held = entry[name]
    changed = bytearray(held.encode() if isinstance(held, str) else held)
    place = chance.randrange(len(changed))
    changed[place] ^= chance.randint(1, 255)
    kind = "TEXT" if isinstance(held, str) else "BLOB"
    statement = text(f"UPDATE ledger_entries SET {name} = CAST(:bytes AS {kind}) WHERE seq = :seq")
    connection.execute(statement, {"bytes": bytes(changed), "seq": seq})
    return seq, f"byte {place} of {name} of entry {seq}"


def remove(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Take out one entry; every fourth time the last."""
    seq = entries if chance.random() < 0.25 else chance.randint(1, entries)
    connection.execute(delete(ENTRIES).where(ENTRIES.c.seq == seq))
    return seq, f"entry {seq} removed"


def swap(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Let two entries change places."""
    first, second = sorted(chance.sample(range(1, entries + 1), 2))
    both = ENTRIES.c.seq.in_([first, second])
    rows: dict[int, dict[str, Any]] = {r.seq: dict(r._mapping) for r in connection.execute(select(ENTRIES).where(both))}
    connection.execute(delete(ENTRIES).where(both))
    moved = [rows[first] | {"seq": second}, rows[second] | {"seq": first}]
    connection.execute(insert(ENTRIES), moved)
    return first, f"entries {first} and {second} swapped"


Alteration = Callable[[Connection, random.Random, int], tuple[int, str]]
ALTERATIONS: tuple[Alteration, ...] = (alter_byte, remove, swap)


def missed(engine: Engine, alteration: Alteration, times: int, seed: int) -> list[str]:
    """Of so many alterations, each on the whole ledger and taken back, those that `verify` did not name rightly."""
    chance, unnamed = random.Random(seed), []
    with engine.connect() as connection:
        entries = verify(connection).verified
    for _ in range(times):
        with engine.connect() as connection:
            seq, done = alteration(connection, chance, entries)
            found = verify(connection)
            connection.rollback()
        if found.bad_seq != seq or found.verified != seq - 1 or not found.fault:
            unnamed.append(f"{done}: {found}")
    return unnamed


def set_columns(engine: Engine, seq: int, **values: Any) -> None:
    """Overwrite columns of one entry."""
    with engine.begin() as connection:
        connection.execute(update(ENTRIES).where(ENTRIES.c.seq == seq).values(**values))
