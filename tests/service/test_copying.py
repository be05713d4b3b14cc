"""A ledger is copied, backed up and restored with every seal, and without what was erased."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from service.edge.database import connect_to
from service.ledger.contents import FIRM_KEYS
from service.ledger.opening import open_database
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from service.proofs.backup import NotCopied, back_up, copy, restore
from tests.service.ledger.tampering import ledger
from tests.service.postgres import Server

COUNT = 30


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A ledger in a file."""
    ledger(tmp_path / "ledger.db", COUNT).dispose()
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection to a database, closed behind whoever looked."""
    engine = connect_to(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def seals(url: str) -> list[str]:
    """Every seal in order, of a ledger that verifies."""
    with reading(url) as connection:
        assert verify(connection).bad_seq is None
        return list(connection.execute(select(ENTRIES.c.seal).order_by(ENTRIES.c.seq)).scalars())


def test_a_file_is_copied_to_postgresql_and_back(source: str, postgres: Server, tmp_path: Path) -> None:
    """Every seal is the same at each end; a database that holds something is refused as it stands."""
    postgres.empty("prepared")
    url, back = postgres.url("prepared"), f"sqlite:///{tmp_path / 'back.db'}"
    assert f"{COUNT} entries verified" in copy(source, url)
    copy(url, back)
    found = [seals(end) for end in (source, url, back)]
    assert found[0] == found[1] == found[2]
    with pytest.raises(NotCopied, match="not empty"):
        copy(source, url)
    assert len(seals(url)) == COUNT


def test_an_altered_ledger_is_not_copied_unseen(source: str, tmp_path: Path) -> None:
    """The copy is verified: the first bad entry is named."""
    engine = open_database(source)
    with engine.begin() as connection:
        connection.execute(text("UPDATE firm_keys SET material = x'00'"))
    engine.dispose()
    back_up(source, tmp_path / "backup")
    for carried in (lambda to: copy(source, to), lambda to: restore(tmp_path / "backup", to)):
        with pytest.raises(NotCopied, match="entry 2 "):
            carried(f"sqlite:///{tmp_path / 'copy.db'}")
        assert list(tmp_path.glob("copy.db*")) == []  # what broke off leaves nothing


def test_a_backup_keeps_keys_apart_and_is_restored(source: str, tmp_path: Path) -> None:
    """Neither file alone tells anything of a firm; together they are the ledger again, and no backup is overwritten."""
    back_up(source, tmp_path / "backup")
    with reading(f"sqlite:///{tmp_path / 'backup' / 'ledger.db'}") as connection:
        assert connection.execute(select(FIRM_KEYS)).all() == []
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    target = f"sqlite:///{tmp_path / 'restored.db'}"
    assert f"{COUNT} entries verified" in restore(tmp_path / "backup", target)
    assert seals(target) == seals(source)
    assert stat.S_IMODE((tmp_path / "restored.db").stat().st_mode) == 0o600
    with pytest.raises(NotCopied, match="not empty"):
        restore(tmp_path / "backup", target)
    assert seals(target) == seals(source)
    with pytest.raises(NotCopied, match="there already"):
        back_up(source, tmp_path / "backup")
