"""The upgrade of a ledger of form 1: broken off at whatever place, it is whole when it is done again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from service.edge.database import connect_to, in_turn
from service.ledger import append as appending
from service.ledger import migrations, wrapping
from service.ledger.append import open_ledger
from service.ledger.migrations import newest, upgrade
from service.ledger.opening import open_existing
from service.ledger.verification import verify
from service.proofs.rebuild import differences
from tests.service import form1_writer
from tests.service.postgres import OWNER, ROLE, Server

COUNT = 300


class BrokenOff(Exception):
    """The machine went down."""


def breaks(*_: Any, **__: Any) -> None:
    """Whatever was under way ends here."""
    raise BrokenOff


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_that_is_broken_off_twice_is_whole_when_resumed(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once behind the steps of the shape, once while the opening entry is written; in the end nothing is amiss."""
    ledger = form1_writer.begin(tmp_path / "keys")
    if kind == "sqlite":
        form1_writer.write_sqlite(ledger, COUNT, tmp_path / "ledger.db")
        database = owner = f"sqlite:///{tmp_path / 'ledger.db'}"
    else:
        server: Server = request.getfixturevalue("postgres")
        database = form1_writer.write_postgresql(ledger, COUNT, server, "form1_broken")
        owner = server.url("form1_broken", OWNER)
    before = shape(owner)

    with monkeypatch.context() as broken:
        broken.setattr(migrations, "refuse_changes", breaks)
        with pytest.raises(BrokenOff):
            prepared(owner, database)
    assert shape(owner) == before, "nothing of the first attempt stands"

    prepared(owner, database)
    engine = opened(database, tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(appending.Writer, "_set_head", breaks)
        with pytest.raises(BrokenOff):
            in_turn(engine, open_ledger)
    assert sizes(engine) == (COUNT, COUNT, 0)

    for _ in range(2):  # once more changes nothing
        in_turn(engine, open_ledger)
    assert sizes(engine) == (COUNT + 1, COUNT + 1, 1)
    with engine.connect() as connection:
        verdict = verify(connection)
        left = [str(one) for one in differences(connection)]
        told = connection.execute(text("SELECT kind FROM ledger_entries WHERE seq = :n"), {"n": COUNT + 1}).scalar_one()
    engine.dispose()
    assert (verdict.verified, verdict.bad_seq, told, left) == (COUNT + 1, None, "opening", [])


def prepared(owner: str, database: str) -> None:
    """What the owner does: the steps, and the rights of the role that serves."""
    _with(owner, lambda engine: upgrade(engine, role="" if owner == database else ROLE))


def opened(database: str, place: Path) -> Engine:
    """The ledger as a service opens it."""
    engine = open_existing(database)
    wrapping.use(engine, place / "keys")
    return engine


def shape(url: str) -> dict[str, list[str]]:
    """Tables and their columns."""
    found: dict[str, list[str]] = {}

    def read(engine: Engine) -> None:
        seen = inspect(engine)
        found.update({name: [one["name"] for one in seen.get_columns(name)] for name in seen.get_table_names()})

    _with(url, read)
    return found


def sizes(engine: Engine) -> tuple[int, int, int]:
    """How many entries there are, how many the head row counts, and how many keys of outer secrets there are."""
    wanted = ("count(*) FROM ledger_entries", "size FROM ledger_head", "count(*) FROM ledger_keys")

    def one(connection: Connection, what: str) -> int:
        return int(connection.execute(text(f"SELECT {what}")).scalar_one())

    with engine.connect() as connection:
        entries, head, keys = (one(connection, what) for what in wanted)
    return entries, head, keys


def _with(url: str, work: Callable[[Engine], object]) -> None:
    engine = connect_to(url)
    try:
        work(engine)
    finally:
        engine.dispose()


def test_the_newest_step_is_known() -> None:
    """The steps are one line without a fork or a gap: the newest bears the number of how many there are."""
    assert newest() == f"{len(list((Path(migrations.__file__).parent / 'versions').glob('v*.py'))):04}"
