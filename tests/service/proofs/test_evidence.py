"""Every table is evidence or is said not to be: what is altered in evidence is named, and who serves alters none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel

from service.ledger.evidence import EVIDENCE, NOT_EVIDENCE, PARTLY
from tests.service.banked import Bank, open_bank
from tests.service.conftest import NewLedger
from tests.service.ledger.tampering import disarm
from tests.service.lent import approved
from tests.service.made import offering
from tests.service.postgres import as_owner
from tests.service.proofs.altering import UNUSED, done_by_who_serves, found, tables, unnoticed, whole_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Bank:
    """A bank with a row in every table of evidence."""
    return whole_bank(tmp_path_factory.mktemp("bank"), bundle, new_ledger())


@pytest.fixture
def owner(bank: Bank) -> Iterator[Engine]:
    """Its database in the hands of the owner, who took the triggers away."""
    with as_owner(bank.app.state.pledgescore.engine) as owner:
        disarm(owner)
        yield owner


def test_every_table_is_evidence_or_not() -> None:
    """Each stands in one of the two lists, and the columns that are none are columns of it."""
    every = {*SQLModel.metadata.tables} | {"alembic_version"}
    assert EVIDENCE.keys() | NOT_EVIDENCE == every
    assert not EVIDENCE.keys() & NOT_EVIDENCE
    for name, free in PARTLY.items():
        assert free < set(SQLModel.metadata.tables[name].c.keys())


def test_whatever_is_altered_is_named(bank: Bank, owner: Engine) -> None:
    """In each table a value of each kind, a row gone, a row put in; untouched, nothing is named."""
    with owner.connect() as connection:
        assert list(found(connection, [bank.key])) == []
        bare = {t.name for t in tables() if not connection.execute(select(func.count()).select_from(t)).scalar_one()}
    assert bare == {UNUSED, "ledger_tiles", "loan_conditions"}
    most = 9 if owner.dialect.name == "sqlite" else 1  # to look costs PostgreSQL more
    made, refused, missed = unnoticed(owner, [bank.key], 1, most)
    assert missed == []
    assert (made > 60, refused < made / 5) == (True, True)


def test_who_serves_alters_no_evidence(bank: Bank) -> None:
    """On PostgreSQL the role that serves changes, removes and puts in nothing that is not entered."""
    serving = bank.app.state.pledgescore.engine
    if serving.dialect.name == "sqlite":
        pytest.skip("a file has no roles")
    assert done_by_who_serves(serving, 1)[1] == []
    serving.dispose()


def test_nobody_acts_on_a_row_that_its_entry_contradicts(tmp_path: Path, bundle: Path) -> None:
    """A loan file that counts less, an approval that says more, a refusal of a model turned into a signature."""
    bank = open_bank(tmp_path, bundle)
    with bank.client as client:
        file = approved(client, bank.ask(offering(1))["id"])
        state = bank.app.state.pledgescore
        refusal = {"bundle": state.model_store.of("pledge").id, "outcome": "refused", "findings": ["not stable"]}
        assert client.post("/v1/validations", json=refusal).status_code == 201
        gone = {"by": "bank", "reason_code": "business_dropped", "reason": "客户转他行", "person": "李明"}
        path = f"/v1/loan-files/{file}/withdrawal?words=en"
        for change, undo in ALTERED_FILE:
            with _meanwhile(state.engine, change, undo):
                told = client.post(path, json=gone)
            assert (told.status_code, told.json()["code"]) == (409, "rows_contradict"), change
        with _meanwhile(state.engine, *ALTERED_WORD):
            told = client.post("/v1/assessments", json=offering(2))
        assert (told.status_code, told.json()["code"]) == (409, "change_contradicts")
        assert client.post(path, json=gone).status_code == 201


_STEP = "UPDATE loan_file_steps SET content = replace(content, '{}', '{}') WHERE kind = 'approval'"
_DUTY = "UPDATE loan_duties SET account = {} WHERE duty = 'review'"
_WORD = "UPDATE changes SET content = replace(content, '{}', '{}') WHERE kind = 'validation'"
ALTERED_FILE = (
    ("UPDATE loan_files SET amount = amount + 1", "UPDATE loan_files SET amount = amount - 1"),
    (_STEP.format("approved", "declined"), _STEP.format("declined", "approved")),
    (_DUTY.format("account || 'x'"), _DUTY.format("substr(account, 1, length(account) - 1)")),
)
ALTERED_WORD = (_WORD.format("refused", "signed"), _WORD.format("signed", "refused"))
"""What is altered, and how that is undone."""


@contextmanager
def _meanwhile(engine: Engine, change: str, undo: str) -> Iterator[None]:
    """Rows are altered by somebody else."""
    for statement in (change, undo):
        with closing(sqlite3.connect(str(engine.url.database))) as connection, connection:
            assert connection.execute(statement).rowcount
        if statement == change:
            yield
