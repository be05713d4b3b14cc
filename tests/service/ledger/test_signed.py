"""What was signed about the ledger: whoever rewrites history and chains it anew is found all the same."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from models.words.templates import say
from service.edge.database import writing
from service.edge.secret_files import BadKey
from service.ledger.append import append
from service.ledger.canonical import canonical
from service.ledger.checkpoints import BankCheckpoint, make_checkpoint
from service.ledger.compression import compressed
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.opening import open_database
from service.ledger.outer import InFile, OfFirm, Outer, outer_secret
from service.ledger.redaction import answer_leaves
from service.ledger.seal import body_root, body_text, header_of
from service.ledger.segments import (
    NotClosable,
    check_segment,
    close_month,
    closed,
    file_name,
    overdue,
    remove_archived,
    write_segment,
)
from service.ledger.signed_checkpoints import hold_against
from service.ledger.signing_keys import Signer, initialise, load_signer, make_key, public_key, rotate
from service.ledger.tables import CHECKPOINTS, ENTRIES, HEAD, TILES
from service.ledger.tree import Tree
from service.ledger.turn import turn_of
from service.ledger.verification import verify
from service.offline.verify import consistent
from tests.service.ledger.tampering import disarm, draft, ledger, simulate

EVERY = 60
SIZE = 1 + 5 * (EVERY + 1)
"""The opening entry, and an anchor before each of five checkpoints."""
NEXT_MONTH = datetime(2026, 12, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """The bank's signer."""
    return make_key(tmp_path_factory.mktemp("keys") / "keys")


@pytest.fixture
def signed(tmp_path: Path, signer: Signer) -> Iterator[tuple[Engine, list[BankCheckpoint]]]:
    """A ledger of three hundred entries with a checkpoint every sixty, in the hands of somebody without triggers."""
    engine, shown = open_database(f"sqlite:///{tmp_path / 'ledger.db'}"), []
    simulate(engine)
    for start in range(0, 5 * EVERY, EVERY):
        with writing(engine) as connection:
            append(connection, [draft(number) for number in range(start, start + EVERY)])
            told = make_checkpoint(connection, signer)
            assert told is not None
            shown.append(told)
    disarm(engine)
    yield engine, shown
    engine.dispose()


def sizes(shown: list[BankCheckpoint]) -> list[int]:
    """How many entries each checkpoint covers."""
    return [told["checkpoint"]["size"] for told in shown]


def rewrite(connection: Connection, seq: int) -> None:
    """Change an entry and seal it, and every entry behind it, anew: the chain then verifies."""
    rows = connection.execute(select(ENTRIES).where(ENTRIES.c.seq >= seq).order_by(ENTRIES.c.seq)).mappings().all()
    before, key, seals = rows[0]["before"], turn_of(connection).key, {}
    for row in rows:
        made = dict(row) | {"before": before}
        if row["seq"] == seq:
            leaves, secret = {"/made": canonical("up")}, os.urandom(32)
            made |= {"root": body_root(leaves, secret), "secret": secret, "body": compressed(body_text(leaves))}
            made |= {"answer": None, "key": None}
        outer = renumbered(Outer.from_text(row["facts"]), seals)
        made |= {"facts": outer.text, "outer": outer.root(outer_secret(key, before, row["seq"]))}
        before = made["seal"] = seals[row["seal"]] = header_of(SimpleNamespace(**made)).seal
        connection.execute(update(ENTRIES).where(ENTRIES.c.seq == row["seq"]).values(**made))
    connection.execute(update(HEAD).values(seal=before))


def renumbered(outer: Outer, seals: dict[str, str]) -> Outer:
    """The outer leaves with new seals in the place of those before them in loan file and firm."""
    file, firm = outer.file, outer.firm
    file = file and InFile(file.id, file.n, seals.get(file.before or "", file.before))
    firm = firm and OfFirm(firm.n, seals.get(firm.before or "", firm.before))
    return replace(outer, file=file, firm=firm)


def test_an_honest_ledger_agrees_with_all_that_was_signed(
    signed: tuple[Engine, list[BankCheckpoint]], signer: Signer
) -> None:
    """Every checkpoint, kept here or elsewhere, counts."""
    engine, shown = signed
    with engine.connect() as connection:
        found = hold_against(connection, shown, [signer.key])
    assert (found.entries, found.checkpoints, found.bad_seq) == (SIZE, 2 * len(shown), None)
    assert sizes(shown)[-1] == SIZE


def test_a_history_chained_anew_is_found(signed: tuple[Engine, list[BankCheckpoint]], signer: Signer) -> None:
    """The chain verifies, the signed roots do not agree: the entry is named, or the checkpoint behind which it is."""
    engine, shown = signed
    chance = Random(5)
    for tiles_too in (False, True) * 4:
        seq = chance.randrange(2, SIZE + 1)  # another opening entry would be found by the chain
        with engine.connect() as connection:
            rewrite(connection, seq)
            if tiles_too:
                connection.execute(delete(TILES))
            assert verify(connection).bad_seq is None
            found = hold_against(connection, [], [signer.key])
            signed_before = max(size for size in (0, *sizes(shown)) if size < seq)
            assert found.bad_seq == (seq if not tiles_too and seq <= 256 else signed_before + 1)
            connection.execute(delete(CHECKPOINTS))  # also taken away: what lies elsewhere finds it
            assert hold_against(connection, shown[-1:], [signer.key]).bad_seq is not None
            connection.rollback()


def test_a_cut_tail_is_found(signed: tuple[Engine, list[BankCheckpoint]], signer: Signer) -> None:
    """Entries gone with the head row adjusted: the chain verifies, the checkpoint says how many there were."""
    engine, shown = signed
    with engine.connect() as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.seq > SIZE - 7))
        last = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == SIZE - 7)).scalar_one()
        connection.execute(update(HEAD).values(size=SIZE - 7, seal=last))
        assert verify(connection).bad_seq is None
        found = hold_against(connection, shown, [signer.key])
        connection.rollback()
    assert found.bad_seq == SIZE - 6
    assert "gone" in say(found.fault, "en")


def test_a_checkpoint_signed_by_another_counts_for_nothing(signed: tuple[Engine, list[BankCheckpoint]]) -> None:
    """Signed with a key that was not given, as after a rotation: no entry is called bad; a false signature is."""
    engine, shown = signed
    false = {"checkpoint": shown[0]["checkpoint"] | {"at": "2026-01-01T00:00:00.000000Z"}}
    with engine.connect() as connection:
        found = hold_against(connection, shown, ["ab" * 32])
        forged = hold_against(connection, [shown[0] | false], ["ab" * 32])
    assert (found.bad_seq, shown[0]["checkpoint"]["key"] in say(found.fault, "en")) == (None, True)
    assert (forged.bad_seq, "no valid signature" in say(forged.fault, "en")) == (1, True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_checkpoints SET size = 1",
        "DELETE FROM ledger_checkpoints",
        "DELETE FROM ledger_tiles",
        "REPLACE INTO ledger_tiles VALUES (0, 0, x'00')",
        "UPDATE stored_artifacts SET content = x'00'",
    ],
)
def test_the_database_refuses_to_change_what_was_signed(tmp_path: Path, signer: Signer, statement: str) -> None:
    """Checkpoints, tiles, bundles and policies are append-only too."""
    engine = ledger(tmp_path / "ledger.db", 260)
    with writing(engine) as connection:
        make_checkpoint(connection, signer)
        connection.execute(text("INSERT INTO stored_artifacts VALUES ('d', 'policy', x'01')"))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_a_month_is_archived_and_the_rest_stays_provable(tmp_path: Path, signer: Signer) -> None:
    """Closed by an anchor, written to a file that proves itself, removed; proofs about what is gone still hold."""
    engine = ledger(tmp_path / "ledger.db", 600)
    with writing(engine) as connection:
        assert overdue(connection, NEXT_MONTH) == "2026-11"
        segment = close_month(connection, "2026-11", NEXT_MONTH, "service")
        assert (segment.first, segment.last, segment.anchor) == (1, 600, 601)
        assert overdue(connection, NEXT_MONTH) is None
        told = make_checkpoint(connection, signer)
        with pytest.raises(NotClosable, match="not over"):
            close_month(connection, "2026-12", NEXT_MONTH, "service")
    assert told is not None
    file = tmp_path / file_name(segment)
    with engine.connect() as connection:
        before = Tree(connection, 601).inclusion(17, 601)
        with pytest.raises(NotClosable, match="missing"):
            remove_archived(connection, segment, tmp_path, NEXT_MONTH)
        assert write_segment(connection, segment, file) == 600
        connection.rollback()
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(delete(ENTRIES).where(ENTRIES.c.seq == 1))
        connection.rollback()
    assert not check_segment(file, segment)
    with writing(engine) as connection:
        assert remove_archived(connection, closed(connection)[0], tmp_path, NEXT_MONTH) == 512
    with writing(engine) as connection:
        append(connection, [draft(700)])
        later = make_checkpoint(connection, signer)
    assert later is not None
    with engine.connect() as connection:
        found = verify(connection)
        assert (found.verified, found.bad_seq) == (604, None)  # an anchor before each checkpoint
        assert hold_against(connection, [told], [signer.key]).bad_seq is None
        tree = Tree(connection, 604)
        assert tree.inclusion(17, 601) == before
        proof = tree.consistency(602, 604)
    old, new = (bytes.fromhex(one["checkpoint"]["root"]) for one in (told, later))
    assert consistent(602, 604, old, new, proof)
    assert later["checkpoint"]["ledger"] == told["checkpoint"]["ledger"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Made with mode 0600 and never twice; with any wider mode nothing is signed."""
    signer = make_key(tmp_path / "keys")
    private = tmp_path / "keys" / "private.pem"
    assert private.stat().st_mode & 0o777 == 0o600
    assert public_key(tmp_path / "keys" / "public.pem") == signer.key == load_signer(tmp_path / "keys").key
    with pytest.raises(BadKey, match="there already"):
        make_key(tmp_path / "keys")
    for mode in (0o640, 0o604, 0o620, 0o666):
        private.chmod(mode)
        with pytest.raises(BadKey, match="read by others"):
            load_signer(tmp_path / "keys")
    with pytest.raises(BadKey, match="keys init"):
        load_signer(tmp_path / "elsewhere")


def test_a_rotated_key_is_handed_over_by_the_one_before(tmp_path: Path) -> None:
    """Both keys stand in entries, the old one signs the new one, and what is left of the old one cannot sign."""
    engine, keys = open_database(f"sqlite:///{tmp_path / 'ledger.db'}"), tmp_path / "keys"
    old, _ = initialise(engine, keys, "admin")
    new, entry = rotate(engine, keys, "admin")
    assert entry.seq == 3
    assert load_signer(keys).key == new.key != old.key
    assert public_key(keys / "retired" / f"{old.key}.pem") == old.key
    assert {file.name for file in keys.rglob("*.pem")} == {"private.pem", "public.pem", f"{old.key}.pem"}
    with engine.connect() as connection:
        assert verify(connection).verified == 3
        row = connection.execute(entries_with_keys().where(ENTRIES.c.seq == 3)).one()
        body = content_of(connection, row).body
    assert old.key.encode() in body
    assert (row.actor, b'"/by":"admin"' in body) == ("command", True)
    assert answer_leaves(b"", {}).keys() == {"/sent"}
