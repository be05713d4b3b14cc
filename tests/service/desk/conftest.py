"""A bank at its desk: people of every role, and files in several states, on one service for a whole module."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.web.app import create_app
from tests.models.underwriting.whole_case import whole
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.decided import DecidedBank, decided_bank
from tests.service.desk.browsing import AtDesk, open_desk
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done
from tests.service.made import calm_bundle, make_bundle


@pytest.fixture(scope="package")
def desk_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle that finds nobody likely to default."""
    folder = tmp_path_factory.mktemp("desk-bundle")
    calm_bundle(folder)
    return folder


@pytest.fixture(scope="package")
def list_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle that screens firms for lists."""
    folder = tmp_path_factory.mktemp("list-bundle")
    make_bundle(folder, "whitelist")
    return folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, prepared: Path, desk_bundle: Path) -> Iterator[People]:
    """The people of one bank; the clock stands at noon."""
    file = tmp_path_factory.mktemp("desk") / "ledger.db"
    copyfile(prepared, file)
    settings = Settings(
        database=f"sqlite:///{file}", bundles=(desk_bundle,), per_client=1e6, sessions=1000, per_stranger=1e6
    )
    now = [NOON - timedelta(minutes=5)]
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield People(client, now)


@pytest.fixture(scope="module")
def answers(bank: People) -> dict[str, Body]:
    """Answers by advice: recommended, to be weighed, advised against."""
    given = {
        "recommend": whole(),
        "refer": cases.special_mention(),
        "advise_against": cases.non_performing(),
        "returned": cases.without_sales(),
    }
    found = {name: bank.assess(rows, firm=f"row:{name}") for name, rows in given.items()}
    assert {found[name]["recommendation"]["advice"] for name in given} == {"recommend", "refer", "advise_against"}
    done(bank.submit(found["returned"], 100))
    told = {"reason_code": "papers_missing", "reason": "缺购销合同", "wanted": ["购销合同"]}
    done(bank.act(found["returned"]["record"]["loan_file"]["id"], "return", bank.reviewer, **told))
    return found


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory, prepared: Path, desk_bundle: Path) -> Iterator[DecidedBank]:
    """The bank after its decisions, all of it countersigned."""
    place = tmp_path_factory.mktemp("decided")
    copyfile(prepared, place / "ledger.db")
    with decided_bank(place, desk_bundle, f"sqlite:///{place / 'ledger.db'}") as bank:
        bank.countersign()
        yield bank


@pytest.fixture(scope="package")
def at_desk(tmp_path_factory: pytest.TempPathFactory, desk_bundle: Path, list_bundle: Path) -> Iterator[AtDesk]:
    """A bank after its decisions, at its desk in a real browser."""
    place = tmp_path_factory.mktemp("desk-browser")
    with open_desk(place, (desk_bundle, list_bundle), f"sqlite:///{place / 'ledger.db'}") as desk:
        yield desk
