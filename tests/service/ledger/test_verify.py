"""The ledger as a whole: it only grows, and whatever is changed in it is found and named."""

import json
import sqlite3
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from service.ledger.append import append
from service.ledger.canonical import canonical
from service.ledger.compression import compressed, decompressed
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.opening import open_database
from service.ledger.signing_keys import make_key
from service.ledger.tables import ENTRIES
from service.ledger.verification import Verdict, verify
from tests.amount import part
from tests.service.ledger import plain
from tests.service.ledger.tampering import (
    ALTERATIONS,
    REWRITINGS,
    Alteration,
    Rewriting,
    alter_byte,
    disarm,
    draft,
    fill,
    fill_signed,
    ledger,
    missed,
    missed_by_what_was_signed,
    set_columns,
)

ENTRY_COUNT = 60


@pytest.fixture
def entries(tmp_path: Path) -> Engine:
    """A ledger of sixty entries."""
    return ledger(tmp_path / "ledger.db", ENTRY_COUNT)


@pytest.fixture
def disarmed(entries: Engine) -> Engine:
    """The same in the hands of somebody who took the triggers away."""
    disarm(entries)
    return entries


def verdict(engine: Engine) -> Verdict:
    """What verification says."""
    with engine.connect() as connection:
        return verify(connection)


def test_an_untouched_ledger_verifies(entries: Engine) -> None:
    """Every entry counts, and the last seal is the head's."""
    with entries.connect() as connection:
        last = connection.execute(select(ENTRIES.c.seal).order_by(ENTRIES.c.seq.desc())).scalars().first()
    assert verdict(entries) == Verdict(ENTRY_COUNT, last or "")


def test_an_empty_ledger_verifies(tmp_path: Path) -> None:
    """No entries and no head row is a ledger that has not begun."""
    assert verdict(open_database(f"sqlite:///{tmp_path / 'new.db'}")).verified == 0


@pytest.mark.whole
@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda a: a.__name__)
def test_whatever_is_altered_is_named(in_hands: Engine, alteration: Alteration) -> None:
    """Any byte of any column, an entry gone, one put in, two swapped, the tail cut off: the first bad one is named."""
    fill(in_hands, ENTRY_COUNT)
    times = 60 if alteration is alter_byte else part(60)  # of bytes there are as many kinds as columns
    assert missed(in_hands, alteration, times=times, seed=7) == []


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("rewriting", REWRITINGS, ids=lambda r: r.__name__)
def test_whatever_is_chained_anew_is_found_by_what_was_signed(
    in_hands: Engine, rewriting: Rewriting, tmp_path: Path
) -> None:
    """Changed, removed, inserted, swapped or cut, and all seals behind it made anew: the checkpoints do not agree."""
    signer = make_key(tmp_path / "keys")
    shown = fill_signed(in_hands, 300, 60, signer)
    assert missed_by_what_was_signed(in_hands, rewriting, 12, shown, signer) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET actor = 'somebody else' WHERE seq = 3",
        "DELETE FROM ledger_entries WHERE seq = 60",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET size = 59",
        "REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE seq = 3",
        "REPLACE INTO ledger_head (id, size, seal) VALUES (1, 2, 'seal')",
    ],
)
def test_the_database_itself_refuses_changes(entries: Engine, statement: str) -> None:
    """No statement of the service, by mistake or not, changes what stands."""
    with pytest.raises(IntegrityError, match="append-only"), entries.begin() as connection:
        connection.execute(text(statement))
    assert verdict(entries).bad_seq is None


def test_an_entry_that_was_never_appended_is_named(disarmed: Engine) -> None:
    """A copy put behind the last entry is not counted by the head row."""
    with disarmed.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ledger_entries SELECT seq + 1, suite, before, at, actor, kind, root, seal, secret, body, "
                'answer, "key", form, file, outer, facts FROM ledger_entries WHERE seq = 60'
            )
        )
    assert verdict(disarmed).bad_seq == ENTRY_COUNT + 1


def test_a_leaf_of_the_answer_cannot_hide_in_the_body(disarmed: Engine) -> None:
    """A body that states a part of the answer beside the answer is refused, whatever it states."""
    with disarmed.connect() as connection:
        body = content_of(connection, connection.execute(entries_with_keys().where(ENTRIES.c.seq == 5)).one()).body
    set_columns(disarmed, 5, body=compressed(canonical(orjson.loads(body) | {"/answer/pd": {"value": 0.5}})))
    assert verdict(disarmed).bad_seq == 5


def test_the_plain_implementation_agrees_with_what_was_stored(entries: Engine, tmp_path: Path) -> None:
    """A reader with nothing but the standard library, AES, zstd and the file comes to the same roots and seals."""
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM ledger_entries ORDER BY seq").fetchall()
        keys = dict(connection.execute("SELECT id, material FROM firm_keys").fetchall())
        own = connection.execute("SELECT material FROM ledger_keys").fetchone()[0]
    connection.close()
    for row in rows:
        secret = opened(row, "secret", keys.get(row["key"]))
        kept = decompressed(opened(row, "body", keys.get(row["key"])))
        answer = row["answer"] and decompressed(opened(row, "answer", keys.get(row["key"]))).decode()
        assert plain.root(plain.whole_body(json.loads(kept), answer), secret) == row["root"]
        outer = plain.root(json.loads(row["facts"]), plain.outer_secret(own, row["before"], row["seq"]))
        assert outer == row["outer"]
        assert plain.seal(dict(row) | {"inner": row["root"]}) == row["seal"]
    assert len(keys) == 5


def opened(row: sqlite3.Row, name: str, key: bytes | None) -> bytes:
    """A column before it was locked: 12 bytes of nonce, then AES-256-GCM bound to the entry and the column."""
    held: bytes = row[name]
    return AESGCM(key).decrypt(held[:12], held[12:], f"{row['seq']}/{name}".encode()) if key else held


def test_what_is_rolled_back_was_never_there(entries: Engine) -> None:
    """An entry shares the fate of the transaction that it was written in."""
    with entries.connect() as connection:
        append(connection, [draft(99)])
        connection.rollback()
    assert verdict(entries).verified == ENTRY_COUNT
