"""A bank with a signing key and a fund that countersigns, over a service with one model: what packs are made of."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import Signer, make_key, public_key
from service.offline import verify, witness
from service.web.app import create_app
from tests.service.conftest import NOON

VERIFIER = Path(verify.__file__)
WIDE = {"COLUMNS": "100000"}
"""No line is broken."""


@dataclass
class Bank:
    """The bank's service with its keys, and the fund's key."""

    app: FastAPI
    client: TestClient
    place: Path

    @property
    def key(self) -> str:
        """The bank's public key."""
        return public_key(self.place / "keys" / "public.pem")

    @property
    def fund_key(self) -> str:
        """The fund's public key."""
        return public_key(self.place / "fund.public.pem")

    @property
    def private(self) -> witness.FundKey:
        """The fund's private key."""
        return witness.load_private(self.place / "fund.pem")

    @property
    def fund_signer(self) -> Signer:
        """Signs as the fund would, whatever it is told to."""
        return Signer(FileKey(Ed25519PrivateKey.from_private_bytes(self.private.seed)))

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """An assessment's answer as it is sealed, in codes alone."""
        answer = self.client.post("/v1/assessments?words=none&include=all", content=json.dumps(body))
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def sign(self) -> dict[str, Any]:
        """A checkpoint of the ledger as it stands."""
        answer = self.client.post("/v1/ledger/checkpoints")
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def countersign(self, now: datetime = NOON) -> dict[str, Any]:
        """The fund's receipt of the newest checkpoint, handed in."""
        return witness.witness(Asked(self.client), [self.key], self.private, self.place, now)

    def pack(self, assessment: str, reader: str, **more: Any) -> Path:
        """The pack of an assessment, in a file."""
        answer = self.client.get(f"/v1/assessments/{assessment}/pack", params={"for": reader, **more})
        assert answer.status_code == 200, answer.text
        file = self.place / f"{assessment}-{reader}.zip"
        file.write_bytes(answer.content)
        return file


@dataclass
class Asked:
    """The bank as a witness sees it, without a network between."""

    client: TestClient

    def checkpoint(self) -> dict[str, Any]:
        """GET /v1/ledger/checkpoint."""
        told: dict[str, Any] = self.client.get("/v1/ledger/checkpoint").json()
        return told

    def consistency(self, earlier: int, size: int) -> list[str]:
        """GET /v1/ledger/consistency."""
        found: list[str] = self.client.get(f"/v1/ledger/consistency?from={earlier}&size={size}").json()["proof"]
        return found

    def hand_in(self, receipt: dict[str, Any]) -> None:
        """POST /v1/ledger/receipts."""
        answer = self.client.post("/v1/ledger/receipts", json=receipt)
        assert answer.status_code == 201, answer.text


def noon() -> datetime:
    """The moment that it is where nothing else is said."""
    return NOON


def open_bank(
    place: Path,
    bundle: Path,
    database: str = "",
    beside: tuple[Path, ...] = (),
    now: Callable[[], datetime] = noon,
    **settings: Any,
) -> Bank:
    """A bank in a folder of its own, with a client that has not been entered yet."""
    if not (place / "keys").exists():
        make_key(place / "keys")
        witness.make_private(place / "fund.pem")
    made = Settings(
        database=database or f"sqlite:///{place / 'ledger.db'}",
        bundles=(bundle, *beside),
        sign_in="none",
        keys=place / "keys",
        fund_keys=(place / "fund.public.pem",),
        checkpoint_seconds=1e9,
        **settings,
    )
    app = create_app(made, now)
    return Bank(app, TestClient(app, raise_server_exceptions=False), place)


def verified(pack: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says in a Python of its own that sees no environment and no package of ours."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(pack), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=WIDE, cwd=pack.parent)


def ids(bank: Bank) -> list[str]:
    """The ids of all assessments, the first first."""
    return [item["id"] for item in reversed(bank.client.get("/v1/assessments", params={"limit": 100}).json()["items"])]


def replay(bank: Bank, assessment: str) -> dict[str, Any]:
    """What the service says of an assessment asked again."""
    answer = bank.client.get(f"/v1/assessments/{assessment}/replay")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told
