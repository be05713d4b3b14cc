"""A service that people and machines sign in to, with accounts of two banks and two funds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from service.access.accounts import Account
from service.access.api_keys import ApiKey
from service.access.roles import Place
from service.application.state import AppState
from service.decisions.erasure import ERASURES, ErasureRecord
from service.edge.database import writing
from service.edge.settings import Settings
from service.firm_lists.tables import PUSHES, push_id, push_row_of
from service.ledger.append import Draft, append
from service.ledger.signing_keys import make_key
from service.ledger.written_kinds import PushEntry
from service.web.app import create_app
from tests.service.conftest import NOON, NewLedger
from tests.service.hands import founded, hired, is_there, made_key
from tests.service.made import applicant

OWN, OTHER = "own", "other"
PLACES = {
    OWN: {"branch": Place("bank-1", "b1"), "bank": Place("bank-1"), "fund": Place(fund="fund-1"), "all": Place()},
    OTHER: {"branch": Place("bank-2", "b2"), "bank": Place("bank-2"), "fund": Place(fund="fund-2")},
}
ORIGIN = "https://testserver"
FUNDS_POLICY = """
banks:
  description: Whose loans the made-up funds share.
  unit: bank
  reviewed_on: 2026-11-22
  confidence: assumed
  reference: [{title: Made up, document: none}]
  values: {%s}
"""
"""Policy `funds`, but for its values by day."""
FUNDS = FUNDS_POLICY % "2000-01-01: {fund-1: [bank-1], fund-2: [bank-2]}"


class Desks:
    """A running service and the people at it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        app: Any = client.app
        self.state: AppState = app.state.pledgescore

    def account(self, role: str, place: Place, authority: int = 0, name: str = "") -> str:
        """An account of the role at the place, made where there is none yet; its name."""
        name = name or "-".join(filter(None, (role.replace("_", "-"), place.bank, place.branch, place.fund)))
        if not is_there(self.state, name):
            account = Account(name, name, role, place, authority, subject=f"subject of {name}")
            hired(self.state, account)
        return name

    def headers(self, name: str) -> dict[str, str]:
        """What a browser of the signed-in person sends; a session of its own each time."""
        identity = self.state.sessions.begin(name, self.state.now())
        return {"Cookie": f"__Host-pledgescore={identity}", "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}

    def key(self, role: str, place: Place, name: str = "lms") -> dict[str, str]:
        """The header of a machine's key."""
        key = ApiKey(name, role, self.state.now() + timedelta(days=30), place)
        return {"Authorization": f"Bearer {made_key(self.state, key)}"}

    def proposal(self, place: Place) -> str:
        """An account that one administrator asked for, and that waits for another."""
        account = Account("asked-for", "asked-for", "credit_officer", place)
        done = self.state.proposals.make(account, founded(self.state)[0], self.state.now())
        assert done.id is not None
        return done.id

    def assessment(self, name: str, **more: Any) -> dict[str, Any]:
        """An assessment asked for by a person."""
        body = applicant(1, patents=2) | more
        del body["bank"]
        told = self.client.post("/v1/assessments", json=body, headers=self.headers(name))
        assert told.status_code == 201, told.text
        answer: dict[str, Any] = told.json()
        return answer

    def job(self, name: str) -> str:
        """A job that a person sent: a firm that nobody knows."""
        body = b"case,firm,as_of\nN1,91350100M000100Y43,2026-11-20\n"
        told = self.client.post("/v1/jobs", content=body, headers=self.headers(name))
        assert told.status_code == 201, told.text
        return str(told.json()["id"])

    def erasure(self, name: str) -> str:
        """A request to erase what the bank has of a firm, as a person would have made it: nothing is old enough."""
        place = self.state.accounts.one(name).place
        with writing(self.state.engine) as connection:
            asked = ErasureRecord(
                id="e" * 32, firm="row:1", reason="person_asked", asked_by="0" * 32, asked_at="2026-11-20",
                bank=place.bank, branch=place.branch,
            )  # fmt: skip
            connection.execute(insert(ERASURES), asked.model_dump())
        return asked.id

    def push(self, name: str) -> str:
        """A list as a person would have pushed it; no whitelist model serves here, so its entry is made by hand."""
        place = self.state.accounts.one(name).place
        content = PushEntry(
            of="own", edition="1", received_on="2026-11-20", firms=0, digest="0" * 64, came="screened", bank=place.bank,
            branch=place.branch, expires_on="2027-11-19", policy="0" * 64, assessments=[], left=[],
        )  # fmt: skip
        with writing(self.state.engine) as connection:
            entry = append(connection, [Draft.of(content, "open", bank=place.bank)])[0]
            connection.execute(insert(PUSHES), push_row_of(content, entry, "open"))
        return push_id(entry.seal)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Iterator[Desks]:
    """The service at noon, on either database."""
    folder = tmp_path_factory.mktemp("access")
    (folder / "policy").mkdir()
    (folder / "policy" / "funds.yaml").write_text(FUNDS, encoding="utf-8")
    make_key(folder / "keys")
    settings = Settings(
        keys=folder / "keys",
        database=new_ledger(),
        bundles=(bundle,),
        policy=folder / "policy",
        per_client=1e6,
        sessions=1000,
        per_stranger=1e6,
    )
    app = create_app(settings, lambda: NOON)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield Desks(client)
