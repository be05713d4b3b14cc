"""The wrapping key: without it the database opens nothing; it is made, and exchanged while others write."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, update

from features.policy import shipped
from service.access.accounts import Account, Accounts, Attempt
from service.access.drafts import DRAFTS, DraftRules, Drafts, StoredDraft
from service.access.invitations import Invitations
from service.access.proposals import Proposals
from service.access.rewrapping import exchange
from service.access.tables import USERS
from service.edge.secret_files import BadKey
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.contents import FIRM_KEYS
from service.ledger.opening import open_database
from service.ledger.verification import verify
from service.ledger.wrapping import FILE, MARK, NEXT, TEXT_MARK, Wrapping
from service.proofs.backup import back_up, restore
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.hands import taken_up
from tests.service.made import applicant
from tests.service.postgres import as_owner


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with a wrapping key."""
    wrapping.make(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def kept(settings: Settings, keys: Path) -> Settings:
    """A service on either database whose secrets are wrapped."""
    return Settings(**{**vars(settings), "keys": keys})


@pytest.fixture
def client(kept: Settings) -> Iterator[TestClient]:
    """That service, after it answered about a firm."""
    with TestClient(create_app(kept, lambda: NOON), raise_server_exceptions=False) as client:
        ask(client, 1)
        yield client


def ask(client: TestClient, seed: int) -> str:
    """The address of an answer about a firm."""
    answer = client.post("/v1/assessments", json=applicant(seed, patents=1))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def engine_of(client: TestClient) -> Engine:
    """The database of the service."""
    app: Any = client.app
    engine: Engine = app.state.pledgescore.engine
    return engine


PASSWORD = "three odd socks on Tuesday"


def wang(engine: Engine) -> str:
    """The secret of an account's authenticator; its code was used half a minute ago."""
    done = Proposals(engine, shipped()).make(Account("wang", "wang", "administrator"), "test", NOON)
    return taken_up(Invitations(engine), done, PASSWORD, NOON - timedelta(seconds=30))


def signs_in(engine: Engine, secret: str) -> bool:
    """Whether the account opens with its one-time code."""
    attempt = Attempt("wang", PASSWORD, pyotp.TOTP(secret).at(NOON))
    return Accounts(engine, shipped()).signed_in(attempt, NOON) == "wang"


def materials(engine: Engine) -> list[bytes]:
    """What the database holds of the keys of firms."""
    with engine.connect() as connection:
        return list(connection.execute(select(FIRM_KEYS.c.material).order_by(FIRM_KEYS.c.firm)).scalars())


def key_of(material: bytes) -> str:
    """Under which wrapping key a secret lies."""
    assert material.startswith(MARK)
    return material[len(MARK) : len(MARK) + 8].hex()


def test_the_database_alone_opens_nothing(client: TestClient, kept: Settings, keys: Path) -> None:
    """Neither a firm's key nor an authenticator's secret lies there; whoever lacks the file is told which it is."""
    given = wang(engine_of(client))
    with engine_of(client).connect() as connection:
        secret = connection.execute(select(USERS.c.totp)).scalar_one()
    assert secret.startswith(TEXT_MARK)
    assert given not in secret
    assert signs_in(engine_of(client), given)
    identity = Wrapping(keys).id
    assert [key_of(one) for one in materials(engine_of(client))] == [identity]
    other = open_database(kept.database)
    with other.connect() as connection, pytest.raises(BadKey, match=f"{identity}, which is nowhere"):
        verify(connection)
    other.dispose()
    shutil.rmtree(keys)
    with pytest.raises(BadKey, match=f"{identity}, which is not in"):
        create_app(kept, lambda: NOON)


def test_what_was_kept_plain_is_wrapped_when_there_is_a_key(settings: Settings, keys: Path) -> None:
    """A database of before is opened with a key: from then on all lies under it, and answers as before."""
    plain = Settings(**{**vars(settings), "keys": keys / "none"})
    with TestClient(create_app(plain, lambda: NOON)) as client:
        where = ask(client, 1)
        before, given = client.get(where).content, wang(engine_of(client))
        assert [len(one) for one in materials(engine_of(client))] == [32]
    with TestClient(create_app(Settings(**{**vars(settings), "keys": keys}), lambda: NOON)) as client:
        assert [key_of(one) for one in materials(engine_of(client))] == [Wrapping(keys).id]
        assert client.get(where).content == before
        assert signs_in(engine_of(client), given)


def test_an_exchange_wraps_all_anew_while_a_service_runs(client: TestClient, kept: Settings, keys: Path) -> None:
    """The service reads what lies under the new key and keeps new firms under it; the old is gone; it is entered."""
    old, where = Wrapping(keys).id, ask(client, 2)
    given = wang(engine_of(client))
    other = open_database(kept.database)
    new, count = exchange(other, keys, "admin")
    other.dispose()
    assert (count, {key_of(one) for one in materials(engine_of(client))}) == (4, {new})
    assert [file.name for file in keys.iterdir()] == [FILE]
    assert client.get(where).status_code == 200
    ask(client, 3)
    assert {key_of(one) for one in materials(engine_of(client))} == {new} != {old}
    assert signs_in(engine_of(client), given)
    items = client.get("/v1/history").json()["items"]
    told = next(item for item in items if (item["kind"], item["subject"]) == ("key", "wrapping"))
    assert told["content"] == {"id": new, "before": old, "wrapped": 4, "by": "admin"}
    with engine_of(client).connect() as connection:
        assert verify(connection).bad_seq is None


def test_drafts_are_wrapped_and_stay_readable(client: TestClient, kept: Settings, keys: Path) -> None:
    """What somebody began to write lies under the key, and under the next one after an exchange."""
    engine = engine_of(client)
    drafts = Drafts(engine, "somebody", NOON, DraftRules(days=30, most=2))
    held = drafts.save(StoredDraft("d1", "new/d1", None, "", "征信逾期".encode()))
    with engine.connect() as connection:
        before = connection.execute(select(DRAFTS.c.content)).scalar_one()
    other = open_database(kept.database)
    exchange(other, keys, "admin")
    other.dispose()
    with engine.connect() as connection:
        after = connection.execute(select(DRAFTS.c.content)).scalar_one()
    assert before.startswith(MARK)
    assert after.startswith(MARK)
    assert before != after
    assert drafts.one(held.id).content.decode() == "征信逾期"


def test_an_exchange_that_a_crash_broke_off_is_taken_up(client: TestClient, kept: Settings, keys: Path) -> None:
    """Between the writing and the removal both keys lie there: everything opens, and the next exchange ends it."""
    before = (keys / FILE).read_bytes()
    other = open_database(kept.database)
    exchange(other, keys, "admin")
    (keys / FILE).rename(keys / NEXT)  # as it lay before the last step
    (keys / FILE).write_bytes(before)
    (keys / FILE).chmod(0o600)
    assert client.get(ask(client, 2)).status_code == 200
    new, _ = exchange(other, keys, "admin")
    other.dispose()
    assert [file.name for file in keys.iterdir()] == [FILE]
    assert {key_of(one) for one in materials(engine_of(client))} == {new}


def test_a_wrapped_key_belongs_to_its_row(client: TestClient) -> None:
    """Put into another firm's row it opens nothing, and the entry is named."""
    ask(client, 2)
    first, _ = materials(engine_of(client))
    with as_owner(engine_of(client)) as owner, owner.begin() as connection:
        connection.execute(update(FIRM_KEYS).where(FIRM_KEYS.c.firm == "row:2"), {"material": first})
    with engine_of(client).connect() as connection:
        assert verify(connection).bad_seq == 3


@pytest.mark.parametrize("wrong", ["", "12", "x" * 64])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, keys: Path, bundle: Path, wrong: str) -> None:
    """So is one that others can read; nothing is answered under it, and none is written over."""
    kept = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), keys=keys, sign_in="none")
    (keys / FILE).write_text(wrong)
    with pytest.raises(BadKey, match="no wrapping key of 32 bytes"):
        create_app(kept, lambda: NOON)
    (keys / FILE).chmod(0o644)
    with pytest.raises(BadKey, match="read by others"):
        create_app(kept, lambda: NOON)
    with pytest.raises(BadKey, match="there already"):
        wrapping.make(keys)


def test_a_backup_is_read_with_the_key_alone(
    client: TestClient, kept: Settings, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of a backup holds it: restored where it lies, all verifies; elsewhere the missing key is named."""
    monkeypatch.setenv("PLEDGESCORE_KEYS", str(keys))
    back_up(kept.database, tmp_path / "backup")
    held = b"".join(file.read_bytes() for file in (tmp_path / "backup").iterdir())
    assert bytes.fromhex((keys / FILE).read_text()) not in held
    assert (keys / FILE).read_bytes() not in held
    assert "2 entries verified" in restore(tmp_path / "backup", f"sqlite:///{tmp_path / 'here.db'}")
    monkeypatch.setenv("PLEDGESCORE_KEYS", str(tmp_path / "nowhere"))
    there = f"sqlite:///{tmp_path / 'there.db'}"
    with pytest.raises(BadKey, match="which is not in"):
        restore(tmp_path / "backup", there)
    monkeypatch.setenv("PLEDGESCORE_KEYS", str(keys))
    assert "2 entries verified" in restore(tmp_path / "backup", there), "nothing was carried before"
