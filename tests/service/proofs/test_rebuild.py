"""Tables that entries are found by follow from entries alone: what is missing or altered is named, and made anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select, text

from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.trial_records import TRIALS
from service.assessing.what_ifs import WHAT_IFS
from service.edge.database import connect_to, in_turn, writing
from service.ledger import actors
from service.ledger.change_log import CHANGES, Change, enter_change
from service.ledger.row_differences import Difference
from service.ledger.tables import FILE_HEADS, FIRM_HEADS, HEAD, RECEIPTS, SEGMENTS
from service.ledger.written_kinds import ValidationEntry
from service.loan_files.steps import STEPS
from service.proofs.rebuild import differences, remake
from tests.service.banked import Bank, open_bank
from tests.service.conftest import NewLedger
from tests.service.ledger.tampering import disarm
from tests.service.lent import withdrawal
from tests.service.made import applicant, offering
from tests.service.postgres import OWNER, ROLE

FOLDS = (ASSESSMENTS, STEPS, WHAT_IFS, TRIALS, CHANGES, RECEIPTS, FILE_HEADS, FIRM_HEADS, HEAD)
"""Each holds a row here."""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Iterator[Bank]:
    """A bank that asked, declined, was asked what would change, tried, signed, and had its checkpoint countersigned."""
    bank = open_bank(tmp_path_factory.mktemp("bank"), bundle, new_ledger())
    with bank.client:
        for body in (offering(1), applicant(2), applicant(2)):
            one = bank.ask(body)
        assert bank.client.get(one["links"]["changes"]).status_code == 200
        tried = {"rows": {"applications": [{"amount": "1万元"}]}}
        assert bank.client.post(f"/v1/assessments/{one['id']}/trials", json=tried).status_code == 201
        assert withdrawal(bank.client, one["id"]).status_code == 201
        engine = bank.app.state.pledgescore.engine
        told = ValidationEntry(
            subject="b", bundle="b", outcome="refused", findings=["too few"], expires_on=None, by="user:zhou"
        )
        in_turn(engine, lambda connection: enter_change(connection, Change(told, actors.OPEN)))
        bank.sign()
        bank.countersign()
        yield bank


@pytest.fixture
def owner(bank: Bank) -> Iterator[Engine]:
    """Its database in the hands of the owner, who took the triggers away."""
    url = bank.app.state.pledgescore.engine.url.render_as_string(hide_password=False)
    engine = connect_to(url.replace(f"//{ROLE}@", f"//{OWNER}@"))
    disarm(engine)
    yield engine
    engine.dispose()


def found(engine: Engine) -> list[Difference]:
    """What does not follow from the entries."""
    with engine.connect() as connection:
        return list(differences(connection))


def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """All rows in order of the key; texts of JSON as what they hold, whatever the order of members."""
    wanted = select(table).order_by(*table.primary_key)
    return [
        {name: json.loads(value) if value and name in ("content", "inputs") else value for name, value in row.items()}
        for row in connection.execute(wanted).mappings()
    ]


def test_what_the_product_writes_follows_from_entries(owner: Engine) -> None:
    """No row differs, none is missing, none is too many."""
    assert found(owner) == []


@pytest.mark.parametrize("table", FOLDS, ids=lambda table: table.name)
def test_a_row_that_is_gone_is_made_anew(owner: Engine, table: Table) -> None:
    """The last row of each table is removed, named as missing, and is afterwards what it was."""
    with writing(owner) as connection:
        before = rows(connection, table)
        connection.execute(table.delete().where(*(one == before[-1][one.name] for one in table.primary_key)))
    assert {(one.table.name, one.code) for one in found(owner)} == {(table.name, "row_missing")}
    with writing(owner) as connection:
        remake(connection)
        assert rows(connection, table) == before
    assert found(owner) == []


def test_a_row_that_was_altered_is_put_right(owner: Engine) -> None:
    """A better grade, a loan file that counts less, a firm's count: each is named with its column."""
    wrong = {ASSESSMENTS: {"grade": "AAA+"}, FILE_HEADS: {"n": 77}, FIRM_HEADS: {"n": 77}}
    for table, values in wrong.items():
        with writing(owner) as connection:
            connection.execute(table.update(), values)
        assert {(one.table.name, one.code, one.columns) for one in found(owner)} == {
            (table.name, "row_otherwise", tuple(values))
        }
        with writing(owner) as connection:
            remake(connection)
        assert found(owner) == []


def test_a_row_that_no_entry_tells_of_is_removed(owner: Engine) -> None:
    """A head of a loan file that was never opened, and a month that nobody closed."""
    row = {"id": "made up", "n": 1, "seal": "", "seq": 1, "at": "", "settled": True, "lent": False}
    month = {"month": "1999-01", "first": 1, "last": 1, "before": "", "seal": "", "anchor": 1}
    with writing(owner) as connection:
        connection.execute(insert(FILE_HEADS), row)
    assert [(one.row, one.code) for one in found(owner)] == [("file_heads made up", "row_unexplained")]
    with writing(owner) as connection:
        remake(connection)
        connection.execute(insert(SEGMENTS), month)
    assert [one.code for one in found(owner)] == ["row_unexplained"]
    with writing(owner) as connection:
        connection.execute(text("DELETE FROM ledger_segments WHERE month = '1999-01'"))
    assert found(owner) == []
