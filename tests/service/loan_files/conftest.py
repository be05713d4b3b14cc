"""A running service with the people of a bank, on either database; every applicant scores as well as can be."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.loan_files.people import People
from tests.service.made import calm_bundle


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle that finds nobody likely to default."""
    folder = tmp_path_factory.mktemp("calm")
    calm_bundle(folder)
    return folder


@pytest.fixture
def now() -> list[datetime]:
    """The clock, at noon of the day of the worked cases."""
    return [NOON]


@pytest.fixture
def people(database: str, calm: Path, now: list[datetime]) -> Iterator[People]:
    """The people of one bank."""
    settings = Settings(database=database, bundles=(calm,), per_client=1e6, sessions=1000)
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield People(client, now)
