"""One made bundle for the whole run, and an application on a database of its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from features.policy import Policy
from models.score.bundle import Bundle, load
from service.access import passwords
from service.access.route_rules import routes_of
from service.edge import database as edge_database
from service.edge.settings import Settings
from service.ledger.opening import open_database
from service.ledger.stored_artifacts import zipped
from service.web import openapi
from service.web.app import create_app
from tests.service.made import make_bundle
from tests.service.postgres import Server
from tests.service.taken_whole import taken_whole

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Noon of the day that made applicants are asked about, in China."""
BLANK = "blank"
NewLedger = Callable[[], str]
"""Makes an empty ledger; its address."""


@pytest.fixture(scope="session", autouse=True)
def serving_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords where the service serves; here Argon2id does its least, as hundreds of tests sign in."""
    with pytest.MonkeyPatch.context() as patch:
        serving = passwords._hasher
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield serving


@pytest.fixture(scope="session", autouse=True)
def durable_pragmas() -> Iterator[tuple[str, ...]]:
    """How a service sets up SQLite; here no commit waits for the disk, as PostgreSQL's do not: no machine fails."""
    with pytest.MonkeyPatch.context() as patch:
        serving = edge_database.PRAGMAS
        quick = ("synchronous=OFF" if pragma == "synchronous=FULL" else pragma for pragma in serving)
        patch.setattr(edge_database, "PRAGMAS", tuple(quick))
        yield serving


@pytest.fixture(scope="session", autouse=True)
def answers_taken_whole() -> Iterator[None]:
    """A client asks once for the whole answer: hand over piece by piece, each takes three times as long."""
    with taken_whole():
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_described_once() -> Iterator[None]:
    """Applications with the same routes share their OpenAPI: it is made in a second."""
    made: dict[tuple[str, ...], dict[str, object]] = {}

    def once(app: FastAPI) -> dict[str, object]:
        routes = tuple(routes_of(app))
        if routes not in made:
            made[routes] = described(app)
        return made[routes]

    with pytest.MonkeyPatch.context() as patch:
        described = openapi._schema
        patch.setattr(openapi, "_schema", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def bundles_read_once() -> Iterator[None]:
    """A bundle whose files nobody touched since is read and packed once: hundreds of tests serve the same."""
    read: dict[object, tuple[Bundle, Policy]] = {}
    packed: dict[object, bytes] = {}

    def files(folder: Path) -> tuple[object, ...]:
        told = [(file, file.stat()) for file in sorted(folder.iterdir())]
        return (folder, *((file.name, stat.st_mtime_ns, stat.st_size) for file, stat in told))

    def zipped_once(folder: Path) -> bytes:
        key = files(folder)
        if key not in packed:
            packed[key] = zipped(folder)
        return packed[key]

    def once(folder: Path, policy: Policy, expect: str | None = None) -> Bundle:
        key = (files(folder), id(policy), expect)
        if key not in read:
            read[key] = load(folder, policy, expect), policy  # the policy stays, so that its id stays its own
        return read[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.assessing.model_store.load", once)
        patch.setattr("service.ledger.stored_artifacts.zipped", zipped_once)
        yield


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle folder of kind pledge."""
    folder = tmp_path_factory.mktemp("bundle")
    make_bundle(folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for the whole run, with our tables in a database called prepared, and in one that is copied."""
    server = Server()
    try:
        server.ledger(BLANK)
        server.copy(BLANK, "prepared")
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables, which is copied: to make them takes longer than most tests."""
    file = tmp_path_factory.mktemp("prepared") / "ledger.db"
    open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger: a file, then a real PostgreSQL, under the role that serves."""
    if request.param == "sqlite":
        file = tmp_path / "ledger.db"
        copyfile(request.getfixturevalue("prepared"), file)
        return f"sqlite:///{file}"
    server: Server = request.getfixturevalue("postgres")
    server.empty("prepared")
    return server.url("prepared")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewLedger:
    """Makes empty ledgers, for what several tests share: files, then databases of a real PostgreSQL."""
    if request.param == "sqlite":
        prepared: Path = request.getfixturevalue("prepared")
        return lambda: f"sqlite:///{copyfile(prepared, tmp_path_factory.mktemp('ledger') / 'ledger.db')}"
    server: Server = request.getfixturevalue("postgres")
    return lambda: server.url(server.copy(BLANK))


@pytest.fixture
def settings(database: str, bundle: Path) -> Settings:
    """A service with one model, an empty ledger and no lake, on either database."""
    return Settings(database=database, bundles=(bundle,), body_limit_mib=1, sign_in="none")


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The application, at noon."""
    return create_app(settings, lambda: NOON)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who asks it."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def shared_client(bundle: Path, new_ledger: NewLedger) -> Iterator[TestClient]:
    """Somebody who asks one service in all tests of a module, on either database: they find what others entered."""
    settings = Settings(database=new_ledger(), bundles=(bundle,), body_limit_mib=1, sign_in="none")
    with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
        yield client
