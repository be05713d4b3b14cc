"""Entries of form 2: what stays provable for ever, how form 1 ends, and what follows from entries alone."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from models.words.templates import say
from service.edge.database import writing
from service.ledger.append import append
from service.ledger.canonical import canonical
from service.ledger.contents import FIRM_KEYS
from service.ledger.entry_contents import EntryRef
from service.ledger.heads import FileState, file_heads, head_leaves
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.opening import open_database
from service.ledger.outer import InFile, OfFirm, Outer, outer_of, outer_secret, stub
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.seal import FORM, SUITE, FirstFormHeader, Header, body_root, body_text, header_of, tree_root
from service.ledger.tables import ENTRIES, FILE_HEADS, HEAD
from service.ledger.turn import turn_of
from service.ledger.verification import verify
from service.offline.verify import check_stub
from tests.service.ledger.tampering import draft, fill

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "ledger" / "form2.json").read_text(encoding="utf-8"))
PROCESSES, EACH = 4, 12


@pytest.mark.parametrize("entry", VECTORS["entries"], ids=lambda one: one["kind"] if "kind" in one else one["seq"])
def test_an_entry_has_the_frozen_roots_and_seal(entry: dict[str, Any]) -> None:
    """Each frozen entry still has its outer leaves, their secret, both roots and its seal."""
    outer = Outer.from_text(entry["outer_leaves"].encode())
    secret = outer_secret(bytes.fromhex(VECTORS["key"]), entry["before"], entry["seq"])
    kept = {pointer: canonical(value) for pointer, value in json.loads(entry["body"]).items()}
    sent = (entry["answer"] or "").encode()
    leaves = kept | (answer_leaves(sent, json.loads(sent), cut_of(kept)) if sent else {})
    assert body_text(kept).decode() == entry["body"]
    assert secret.hex() == entry["outer_secret"]
    assert outer.root(secret) == entry["outer"]
    assert body_root(leaves, bytes.fromhex(entry["secret"])) == entry["inner"]
    header = header_of(SimpleNamespace(**entry | {"root": entry["inner"]}))
    assert isinstance(header, Header)
    assert header.seal == entry["seal"]


def test_the_heads_of_files_have_the_frozen_root(in_hands: Engine) -> None:
    """A leaf a file, in order of the digest of its id."""
    names = ("id", "n", "seal", "settled")
    rows = [dict(zip(names, row, strict=True)) for row in VECTORS["files"]["heads"]]
    now = "2026-11-20T08:00:00.000000Z"
    with writing(in_hands) as connection:
        connection.execute(FILE_HEADS.insert(), [row | {"seq": 1, "at": now, "lent": False} for row in rows])
        found = file_heads(connection, settings_of(connection), now)
        states = [FileState(**row._mapping) for row in connection.execute(FILE_HEADS.select())]
        digests = [digest for digest, _ in head_leaves(states, settings_of(connection), now)]
    assert (found.count, found.root) == (2, VECTORS["files"]["root"])
    assert digests == [leaf[0] for leaf in VECTORS["files"]["leaves"]]


def test_a_stub_tells_nothing_but_number_and_time() -> None:
    """Whatever the kind, the actor, the loan file and the count of the firm: a stub has one length, and proves."""
    files = (None, InFile("f" * 32, 1, None), InFile("0" * 32, 12_345, "a" * 64, EntryRef(3, "b" * 64)))
    firms = (None, OfFirm(1, None), OfFirm(999, "c" * 64))
    lengths = set()
    for kind in Kind:
        for actor, file, firm in zip(("service", "fund", "ac" * 16), files, firms, strict=True):
            outer = Outer(actor, kind.value, file, firm, {"fund-a": False, "fund-b": True, "fund-c": False})
            secret = outer_secret(b"k" * 32, "d" * 64, 7)
            header = Header(FORM, SUITE, "d" * 64, 7, "2026-11-20T08:00:00.000000Z", outer.root(secret), "e" * 64)
            made = stub(header, outer, secret, "fund-a")
            assert check_stub(made, "fund-a") is False
            lengths.add(len(canonical(made)))
    assert len(lengths) == 1


def test_file_and_scope_are_proven_after_an_erasure(in_hands: Engine) -> None:
    """The key of a firm is gone: its content cannot be read, its outer leaves still lead to the seals."""
    fill(in_hands, 12)
    with writing(in_hands) as connection:
        connection.execute(update(FIRM_KEYS), {"firm": None, "material": None})
        key = turn_of(connection).key
        erased = [row for row in connection.execute(select(ENTRIES)) if row.key is not None]
    assert erased
    for row in erased:
        outer, secret = outer_of(row), outer_secret(key, row.before, row.seq)
        header = header_of(row)
        assert isinstance(header, Header)
        assert outer.file is not None
        assert (outer.root(secret), header.seal) == (row.outer, row.seal)
        for fund, holds in outer.scopes.items():
            assert check_stub(stub(header, outer, secret, fund), fund) is holds


def test_an_entry_of_form_1_behind_the_opening_entry_is_found(in_hands: Engine) -> None:
    """Well hashed and chained, it is still not as sealed: form 1 ended with the opening entry."""
    fill(in_hands, 8)
    secret, leaves = bytes(32), {"/closure/outcome": b'"repaid"'}
    with writing(in_hands) as connection:
        turn = turn_of(connection)
        header = FirstFormHeader(SUITE, turn.seal, 9, str(turn.at), "wang", "closure", body_root(leaves, secret))
        row = {**vars(header), "form": "pledgescore-entry-1", "seal": header.seal, "secret": secret}
        connection.execute(ENTRIES.insert(), row | {"body": body_text(leaves)})
        connection.execute(update(HEAD), {"size": 9, "seal": header.seal})
        found = verify(connection)
    assert (found.verified, found.bad_seq) == (8, 9)
    assert "behind the opening entry 1" in say(found.fault, "en")


def test_processes_that_hammer_one_loan_file_leave_no_hole(database: str) -> None:
    """Four processes at once: n is contiguous, each links to the one before, and no time falls."""
    open_database(database).dispose()
    command = [sys.executable, "-m", "tests.service.ledger.hammering", database, str(EACH), str(PROCESSES)]
    subprocess.run(command, check=True, timeout=120)
    engine = open_database(database)
    with engine.connect() as connection:
        rows = connection.execute(select(ENTRIES).order_by(ENTRIES.c.seq)).all()
        found = verify(connection)
    engine.dispose()
    places = [place for row in rows if (place := outer_of(row).file) is not None]
    seals = [row.seal for row in rows if row.file is not None]
    assert [place.n for place in places] == list(range(1, PROCESSES * EACH + 1))
    assert [place.before for place in places] == [None, *seals[:-1]]
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert (found.verified, found.bad_seq) == (PROCESSES * EACH + 1, None)


def test_what_was_entered_before_names_nobody(in_hands: Engine) -> None:
    """An entry names an account by its random id or a part of the product; a name is refused before it is hashed."""
    fill(in_hands, 3)
    with pytest.raises(ValueError, match="names nobody"), writing(in_hands) as connection:
        append(connection, [type(draft(1))(Kind.CLOSURE, "wang", {"/x": b"1"})])


def test_no_loan_files_have_the_root_of_nothing() -> None:
    """The root over no heads is that of nothing: a ledger without loan files says so."""
    assert tree_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
