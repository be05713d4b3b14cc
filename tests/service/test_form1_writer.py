"""The frozen writer of form 1 writes what version 0.1.0 wrote: the product verifies, shows and counts it."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from service.ledger import wrapping
from service.ledger.opening import open_existing
from service.ledger.signed_checkpoints import hold_against
from service.ledger.verification import verify
from service.offline import witness
from tests.service import form1, form1_writer
from tests.service.banked import open_bank
from tests.service.made import applicant
from tests.service.postgres import Server

COUNT = 2000
KINDS = {"key": 1, "replay": 200, "validation": 199, "assessment": 1000, "what_if": 400, "decision": 200}


def written(kind: str, place: Path, request: pytest.FixtureRequest) -> tuple[form1_writer.Ledger, str]:
    """A ledger of so many entries in a database of the kind."""
    ledger = form1_writer.begin(place / "keys")
    if kind == "sqlite":
        return ledger, form1_writer.write_sqlite(ledger, COUNT, place / "ledger.db")
    server: Server = request.getfixturevalue("postgres")
    database = form1_writer.write_postgresql(ledger, COUNT, server, "form1_written")
    server.upgrade("form1_written")
    return ledger, database


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_it_writes_verifies_and_is_shown(
    kind: str, tmp_path: Path, bundle: Path, request: pytest.FixtureRequest
) -> None:
    """Every entry and checkpoint under the key of then; an answer is shown; the next entry follows the last."""
    ledger, database = written(kind, tmp_path, request)
    engine = open_existing(database)
    wrapping.use(engine, tmp_path / "keys")
    with engine.connect() as connection:
        verdict = verify(connection)
        held = hold_against(connection, [], [ledger.public])
        kinds = connection.execute(text("SELECT kind, count(*) FROM ledger_entries GROUP BY kind")).all()
    engine.dispose()
    assert (verdict.verified, verdict.bad_seq, verdict.seal) == (COUNT, None, ledger.before)
    assert (held.entries, held.checkpoints, held.fault) == (COUNT, form1_writer.CHECKPOINTS, None)
    assert {row[0]: row[1] for row in kinds} == KINDS
    witness.make_private(tmp_path / "fund.pem")
    bank = open_bank(tmp_path, bundle, database)
    with bank.client:
        newest = bank.client.get("/v1/assessments", params={"limit": 1}).json()["items"][0]
        shown = bank.client.get(f"/v1/assessments/{newest['id']}").json()
        assert form1.hex_of(shown["pd"]["value"]) == form1.hex_of(newest["probability"])
        bank.ask(applicant(1, patents=1))
        beside = ("opening", "anchor")
        assert bank.sign()["checkpoint"]["size"] == COUNT + 1 + len(beside)
        with bank.app.state.pledgescore.engine.connect() as connection:
            assert (verify(connection).bad_seq, hold_against(connection, [], [ledger.public]).fault) == (None, None)


def test_what_is_altered_in_it_is_found(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Past the triggers, one byte of an entry under a key, and of one that is about no firm."""
    _, database = written("sqlite", tmp_path, request)
    for seq in (1000, 996):
        with sqlite3.connect(tmp_path / "ledger.db") as connection:
            connection.execute("DROP TRIGGER IF EXISTS ledger_entries_no_update")
            body = connection.execute("SELECT body FROM ledger_entries WHERE seq = ?", (seq,)).fetchone()[0]
            changed = body.replace(b'"asked":', b'"Asked":') if seq % 10 == 0 else body[:-1] + bytes([body[-1] ^ 1])
            assert changed != body
            connection.execute("UPDATE ledger_entries SET body = ? WHERE seq = ?", (changed, seq))
        connection.close()
        engine = open_existing(database)
        wrapping.use(engine, tmp_path / "keys")
        with engine.connect() as connection:
            assert verify(connection).bad_seq == seq
        engine.dispose()
