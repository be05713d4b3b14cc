"""One made bundle for the whole run, and an application on a database of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.service.made import make_bundle

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Noon of the day that made applicants are asked about, at a desk in China."""


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle folder of kind pledge."""
    folder = tmp_path_factory.mktemp("bundle")
    make_bundle(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, bundle: Path) -> Settings:
    """A service with one model, an empty ledger and no lake."""
    return Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), body_limit=2**20)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The application, at noon."""
    return create_app(settings, lambda: NOON)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who asks it."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
