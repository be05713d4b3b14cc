"""A ledger, and somebody with the whole database in his hands who changes something in it.

An alteration is found by the chain. Whoever seals everything behind his edit anew makes a chain that verifies; that is
found by what was signed before.
"""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Engine, delete, event, insert, select, text, update

from service.edge.database import writing
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical
from service.ledger.checkpoints import BankCheckpoint, make_checkpoint
from service.ledger.compression import compressed
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import LedgerSettings, use
from service.ledger.opening import open_database
from service.ledger.outer import Outer, outer_secret
from service.ledger.redaction import SentAnswer, cut_of
from service.ledger.seal import FORM, NOTHING_BEFORE, SUITE, body_root, body_text, header_of
from service.ledger.signed_checkpoints import hold_against
from service.ledger.signing_keys import Signer
from service.ledger.tables import CHECKPOINTS, ENTRIES, HEAD, TILES
from service.ledger.tree import WIDTH
from service.ledger.turn import turn_of
from service.ledger.verification import verify

ACCOUNT = "ac" * 16
"""The random id of whoever enters."""
ALTERED_COLUMNS = [column.name for column in ENTRIES.c if column.name != "seq"]


def draft(number: int, rows: int = 3) -> Draft:
    """A small assessment with an answer; every other one is about a firm: under its key, in a loan file, counted."""
    leaves = {f"/rows/patents/{i}/public": canonical({"patent": f"P{number}-{i}", "claims": i}) for i in range(rows)}
    about = {"firm": f"row:{number % 5}", "bank": "bank-1", "file": f"{number % 5:032x}"} if number % 2 else {}
    answer = SentAnswer.of({"case": f"c{number}", "pd": {"value": 0.01 + number / 1e6}}, cut_of(leaves))
    return Draft(Kind.ASSESSMENT, ACCOUNT, leaves, answer=answer, **about)


class SetClock:
    """A clock that shows what it is set to, a second later each time that it is looked at."""

    def __init__(self, now: datetime = datetime(2026, 11, 20, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment."""
        self.now += timedelta(seconds=1)
        return self.now


def simulate(engine: Engine, now: datetime = datetime(2026, 11, 20, tzinfo=UTC)) -> SetClock:
    """Let times of the ledger be those of a clock that is set by hand."""
    clock = SetClock(now)
    use(engine, LedgerSettings(clock, simulated=True))
    return clock


def ledger(file: Path, entries: int) -> Engine:
    """A ledger of that many entries in a file, appended in batches of different sizes."""
    engine = open_database(f"sqlite:///{file}")
    fill(engine, entries)
    return engine


def fill(engine: Engine, entries: int) -> None:
    """Append entries to an empty ledger until it has so many, the opening entry among them."""
    simulate(engine)
    done = 1
    while done < entries:
        size = min(1 + done % 7, entries - done)
        with writing(engine) as connection:
            append(connection, [draft(number) for number in range(done, done + size)])
        done += size


def disarm(engine: Engine) -> None:
    """Take away the triggers: whoever has the file, or owns the database, can."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _replicating)
        engine.dispose()
        return
    with engine.begin() as connection:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def _replicating(connection: Any, _record: Any) -> None:
    connection.execute("SET session_replication_role = replica")  # no trigger fires, for this owner alone
    connection.commit()


def alter_byte(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Change one byte of one column of one entry; the entry's number and what was done."""
    seq = chance.randint(1, entries)
    entry = connection.execute(select(ENTRIES).where(ENTRIES.c.seq == seq)).mappings().one()
    name = chance.choice([name for name in ALTERED_COLUMNS if entry[name]])
    held = entry[name]
    place = chance.randrange(len(held))
    if isinstance(held, str) and connection.dialect.name == "postgresql":  # which takes no text that is none
        others = [letter for letter in "0123456789abcdefxyz~" if letter != held[place]]
        _set(connection, seq, name, held[:place] + chance.choice(others) + held[place + 1 :])
    else:
        changed = bytearray(held.encode() if isinstance(held, str) else held)
        changed[place] ^= chance.randint(1, 255)
        _set(connection, seq, name, bytes(changed), text_of_sqlite=isinstance(held, str))
    return seq, f"byte {place} of {name} of entry {seq}"


def _set(connection: Connection, seq: int, name: str, value: bytes | str, *, text_of_sqlite: bool = False) -> None:
    if text_of_sqlite:
        statement = text(f"UPDATE ledger_entries SET {name} = CAST(:bytes AS TEXT) WHERE seq = :seq")
        connection.execute(statement, {"bytes": value, "seq": seq})
    else:
        connection.execute(update(ENTRIES).where(ENTRIES.c.seq == seq).values({name: value}))


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


def put_in(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Put a copy of one entry in before another, or behind the last: those behind move up."""
    source, seq = chance.sample(range(1, entries + 2), 2)
    source = min(source, entries)
    if source == seq:  # that one would stand where it stood
        seq = entries + 1
    copied = dict(connection.execute(select(ENTRIES).where(ENTRIES.c.seq == source)).mappings().one())
    connection.execute(update(ENTRIES).where(ENTRIES.c.seq >= seq).values(seq=-ENTRIES.c.seq - 1))
    connection.execute(update(ENTRIES).where(ENTRIES.c.seq < 0).values(seq=-ENTRIES.c.seq))
    connection.execute(insert(ENTRIES), copied | {"seq": seq})
    return seq, f"a copy of entry {source} put in as entry {seq}"


def cut_tail(connection: Connection, chance: random.Random, entries: int) -> tuple[int, str]:
    """Take out the last entries."""
    seq = entries + 1 - chance.randint(1, entries // 2)
    connection.execute(delete(ENTRIES).where(ENTRIES.c.seq >= seq))
    return seq, f"entries from {seq} on cut off"


Alteration = Callable[[Connection, random.Random, int], tuple[int, str]]
ALTERATIONS: tuple[Alteration, ...] = (alter_byte, remove, put_in, swap, cut_tail)


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


Rows = list[dict[str, Any]]
Rewriting = Callable[[Rows, random.Random], Rows]
"""What is to stand from the edited entry on, of what stood there."""


def _made_up(at: str) -> dict[str, Any]:
    leaves, secret = {"/made": canonical("up")}, os.urandom(32)
    held = {"secret": secret, "body": compressed(body_text(leaves)), "answer": None, "key": None, "file": None}
    outer = Outer(ACCOUNT, Kind.ASSESSMENT.value, None, None, {})
    told = {"form": FORM, "suite": SUITE, "at": at, "actor": outer.actor, "kind": outer.kind, "facts": outer.text}
    return held | told | {"root": body_root(leaves, secret)}


def changed(rows: Rows, _: random.Random) -> Rows:
    """Another content."""
    return [_made_up(rows[0]["at"]), *rows[1:]]


def removed(rows: Rows, _: random.Random) -> Rows:
    """The entry gone."""
    return rows[1:]


def inserted(rows: Rows, _: random.Random) -> Rows:
    """One more before it."""
    return [_made_up(rows[0]["at"]), *rows]


def swapped(rows: Rows, chance: random.Random) -> Rows:
    """A later one in its place, and it in the place of that one; the last becomes another."""
    if len(rows) == 1:
        return changed(rows, chance)
    other = chance.randrange(1, len(rows))
    times = [row["at"] for row in rows]
    moved = [rows[other], *rows[1:other], rows[0], *rows[other + 1 :]]
    return [row | {"at": at} for row, at in zip(moved, times, strict=True)]


def cut(_: Rows, __: random.Random) -> Rows:
    """Nothing."""
    return []


REWRITINGS: tuple[Rewriting, ...] = (changed, removed, inserted, swapped, cut)


def rewrite(connection: Connection, seq: int, rewriting: Rewriting, chance: random.Random) -> None:
    """Edit the ledger at an entry and number and seal everything from there on anew, head row and all."""
    behind = select(ENTRIES).where(ENTRIES.c.seq >= seq).order_by(ENTRIES.c.seq)
    rows = [dict(row) for row in connection.execute(behind).mappings()]
    before = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == seq - 1)).scalar() or NOTHING_BEFORE
    made, key = [], turn_of(connection).key
    for number, row in enumerate(rewriting(rows, chance), start=seq):
        row |= {"before": before, "seq": number}
        row["outer"] = Outer.from_text(row["facts"]).root(outer_secret(key, before, number))
        before = row["seal"] = header_of(SimpleNamespace(**row)).seal
        made.append(row)
    connection.execute(delete(ENTRIES).where(ENTRIES.c.seq >= seq))
    if made:
        connection.execute(insert(ENTRIES), made)
    connection.execute(update(HEAD).values(size=seq - 1 + len(made), seal=before))


def fill_signed(engine: Engine, size: int, every: int, signer: Signer) -> list[BankCheckpoint]:
    """Append so many entries about no firm (theirs could not be numbered anew), signed after every so many."""
    simulate(engine)
    shown = []
    for start in range(0, size, every):
        with writing(engine) as connection:
            bare = [replace(draft(number), firm=None, file=None) for number in range(start, start + every)]
            append(connection, bare)
            told = make_checkpoint(connection, signer)
        assert told is not None
        shown.append(told)
    return shown


def missed_by_what_was_signed(
    engine: Engine, rewriting: Rewriting, times: int, shown: Sequence[BankCheckpoint], signer: Signer
) -> list[str]:
    """Of so many rewritings, each taken back, those that the chain finds, or what was signed does not name rightly.

    Every other time the tree's tiles are taken away, too. Then, and behind the last full tile, no entry is named, but
    the first behind the last checkpoint that agrees; where less is left than was signed, the first that is gone.
    """
    chance, wrong = random.Random(rewriting.__name__), []
    signed = [0, *(told["checkpoint"]["size"] for told in shown)]
    size = signed[-1]
    for turn in range(times):
        seq = chance.randint(2, size)  # another opening entry would be found by the chain
        with engine.connect() as connection:
            rewrite(connection, seq, rewriting, chance)
            if turn % 2:
                connection.execute(delete(TILES))
            chain, left = verify(connection), connection.execute(select(HEAD.c.size)).scalar_one()
            found = hold_against(connection, [], [signer.key])
            connection.execute(delete(CHECKPOINTS))  # also taken away: what lies elsewhere finds it
            elsewhere = hold_against(connection, shown[-1:], [signer.key])
            connection.rollback()
        exact = rewriting is cut or (not turn % 2 and seq <= size // WIDTH * WIDTH)
        gone = left < size and seq > signed[-2]
        named = seq if exact else left + 1 if gone else max(one for one in signed if one < seq) + 1
        if chain.bad_seq is not None or found.bad_seq != named or elsewhere.bad_seq is None:
            wrong.append(f"{rewriting.__name__} at {seq}: {chain}, {found} where {named} was expected, {elsewhere}")
    return wrong
