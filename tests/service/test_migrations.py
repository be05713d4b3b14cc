"""The shape of the database: every step goes up and down on both, and the last is what the tables declare."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import service
from service.edge.database import NoDatabase, connect_to, writing
from service.ledger.append import append
from service.ledger.migrations import FIRST, downgrade, newest, upgrade
from service.ledger.opening import open_database
from service.ledger.verification import verify
from tests.service.ledger.tampering import draft
from tests.service.postgres import OWNER, ROLE, Server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables, in the hands of its owner."""
    if request.param == "sqlite":
        engine = connect_to(f"sqlite:///{tmp_path / 'new.db'}")
    else:
        server: Server = request.getfixturevalue("postgres")
        server.execute("postgres", "DROP DATABASE IF EXISTS steps", "CREATE DATABASE steps")
        engine = connect_to(server.url("steps", OWNER))
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    """The names of the tables that are there, but for Alembic's own."""
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_steps_make_what_the_tables_declare(empty: Engine) -> None:
    """Alembic finds no difference between the database and the declared tables, whichever module declares them."""
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)
    upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_each_step_that_is_taken_is_told(empty: Engine) -> None:
    """In its order, and none where nothing is left to do."""
    taken: list[str] = []
    upgrade(empty, FIRST, taken=taken.append)
    upgrade(empty, taken=taken.append)
    upgrade(empty, taken=taken.append)
    assert taken == [f"{step:04}" for step in range(1, int(newest()) + 1)]


def test_every_step_goes_down_and_up_again(empty: Engine) -> None:
    """Down to nothing and up again is the same shape; what stood before the later steps still verifies."""
    upgrade(empty, FIRST)
    with writing(empty) as connection:
        connection.execute(
            text("INSERT INTO acts (seq, assessment, kind, at, content, seal) VALUES (1, 'a', 'k', 't', 'c', 's')")
        )
    upgrade(empty)
    made = tables(empty)
    downgrade(empty, FIRST)
    assert tables(empty) - {"acts"} < made  # what was done about assessments is called steps of loan files since
    with empty.connect() as connection:
        assert connection.execute(text("SELECT content FROM acts")).scalar_one() == "c"
    downgrade(empty, "base")
    assert tables(empty) == set()
    upgrade(empty)
    assert tables(empty) == made


def test_first_passwords_that_others_know_open_nothing_any_more(empty: Engine) -> None:
    """Whoever was told one must be reset; who chose an own password goes on signing in."""
    upgrade(empty, "0015")
    row = (
        "INSERT INTO users (name, id, shown, role, authority, password, temporary, totp, counter, failures, disabled, "
    )
    row += "made_at) VALUES (:name, :name, 'x', 'approver', 0, 'hash', :temporary, 'secret', 0, 0, :no, 't')"
    with writing(empty) as connection:
        for name, temporary in (("told", True), ("chosen", False)):
            connection.execute(text(row), {"name": name, "temporary": temporary, "no": False})
    upgrade(empty)
    with empty.connect() as connection:
        found = {row.name: row.password for row in connection.execute(text("SELECT name, password FROM users"))}
    assert found == {"told": None, "chosen": "hash"}


def test_a_ledger_from_before_the_steps_is_taken_over(empty: Engine) -> None:
    """Tables without a step are those of the first: their entries stay, and new ones follow."""
    upgrade(empty, FIRST)
    with writing(empty) as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(empty)
    with writing(empty) as connection:
        append(connection, [draft(1), draft(2)])
    with empty.connect() as connection:
        assert verify(connection).verified == 3  # the opening entry before them


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET actor = 'somebody else'",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "UPDATE ledger_head SET size = 0",
        "DELETE FROM ledger_head",
        "TRUNCATE ledger_head",
        "DELETE FROM ledger_checkpoints",
    ],
)
@pytest.mark.parametrize("role", [ROLE, OWNER])
def test_postgresql_refuses_changes_by_rights_and_by_trigger(postgres: Server, role: str, statement: str) -> None:
    """The role that serves lacks the right; its owner, who has it, meets the trigger."""
    postgres.empty("prepared")
    engine = connect_to(postgres.url("prepared", role))
    with writing(engine) as connection:
        append(connection, [draft(1)])
        connection.execute(
            text("INSERT INTO ledger_checkpoints (size, at, key, text, signature) VALUES (1, 't', 'k', 't', 's')")
        )
    refusal = "permission denied" if role == ROLE and "UPDATE ledger_head" not in statement else "append-only"
    with pytest.raises(DBAPIError, match=refusal), writing(engine) as connection:
        connection.execute(text(statement))
    with engine.connect() as connection:
        assert verify(connection).verified == 2  # the opening entry before it
    engine.dispose()


def test_a_role_that_could_change_entries_does_not_serve(postgres: Server) -> None:
    """The owner is refused, and so is a database that nobody made ready, or none at all."""
    with pytest.raises(NoDatabase, match="could change what was entered"):
        open_database(postgres.url("prepared", OWNER))
    with pytest.raises(NoDatabase, match="pledgescore database upgrade"):
        open_database(postgres.url("postgres"))
    with pytest.raises(NoDatabase, match="no database of ours"):
        open_database("mysql://somebody@somewhere/ledger")
    assert newest() > FIRST
