"""A demonstration's sign-in page: one click signs in there, and nowhere else; its ledger serves there alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from fastapi.testclient import TestClient

from service.access.accounts import Account
from service.access.roles import Place
from service.application.state import Demonstration
from service.edge.clock import SimulatedClock
from service.edge.settings import Settings
from service.ledger.opening_entry import OtherClock
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.hands import hired

SEAT = Account("wang.wei", "王伟", "credit_officer", Place("bank-1", "b1"), subject="demonstration:wang.wei")
OTHER = Account("li.wei", "李伟", "reviewer", Place("bank-1"), subject="demonstration:li.wei")
OWN = {"origin": ORIGIN}


@pytest.fixture
def settings(tmp_path: Path, prepared: Path, desk_bundle: Path) -> Settings:
    """A service with one model, which learned from made-up firms."""
    copyfile(prepared, tmp_path / "ledger.db")
    return Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(desk_bundle,), per_stranger=1e6)


@pytest.fixture
def clock() -> SimulatedClock:
    """A simulated clock that stands at noon."""
    return SimulatedClock(NOON)


@pytest.fixture
def demonstration(settings: Settings, clock: SimulatedClock) -> Iterator[TestClient]:
    """A demonstration with two accounts, of which it offers one."""
    app = create_app(settings, demonstration=Demonstration(clock, (SEAT.name,)))
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        for account in (SEAT, OTHER):
            hired(client.app.state.pledgescore, account)  # type: ignore[attr-defined]
        yield client


def test_one_click_signs_in_as_an_offered_account(demonstration: TestClient) -> None:
    """The button's name opens the inbox as that person; an account that is not offered opens nothing."""
    page = demonstration.get("/desk/sign-in").text
    assert 'value="wang.wei"' in page
    assert "li.wei" not in page
    assert "合成数据" in page
    assert demonstration.post("/desk/sign-in", data={"seat": OTHER.name}, headers=OWN).status_code == 422
    assert demonstration.post("/desk/sign-in", data={"seat": SEAT.name}).status_code == 403
    signed = demonstration.post("/desk/sign-in", data={"seat": SEAT.name, "to": "/desk/files"}, headers=OWN)
    assert (signed.status_code, signed.headers["location"]) == (303, "/desk/files")
    assert "王伟" in demonstration.get("/desk/").text


def test_an_ordinary_service_offers_no_account(settings: Settings, clock: SimulatedClock) -> None:
    """Neither a button nor what one would send: the same form is refused as one without a password."""
    with TestClient(create_app(settings, clock), base_url=ORIGIN, follow_redirects=False) as client:
        hired(client.app.state.pledgescore, SEAT)  # type: ignore[attr-defined]
        page = client.get("/desk/sign-in").text
        assert "wang.wei" not in page
        assert 'name="seat"' not in page
        refused = client.post("/desk/sign-in", data={"seat": SEAT.name}, headers=OWN)
        assert (refused.status_code, "set-cookie" in refused.headers) == (422, False)
        assert client.get("/desk/files").status_code == 401


def test_nothing_but_a_demonstration_serves_its_ledger(settings: Settings, demonstration: TestClient) -> None:
    """A service by the machine's clock does not start on it."""
    demonstration.close()
    with pytest.raises(OtherClock, match="simulated"):
        create_app(settings)


def test_a_simulated_clock_goes_forward_alone() -> None:
    """It stands until it is moved or let go, and never goes back."""
    clock = SimulatedClock(NOON)
    assert clock() == clock() == NOON
    clock.move(NOON + timedelta(days=1))
    with pytest.raises(ValueError, match="does not go back"):
        clock.move(NOON)
    clock.run()
    assert timedelta() <= clock() - NOON - timedelta(days=1) < timedelta(minutes=5)
