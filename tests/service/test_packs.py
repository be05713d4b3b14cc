"""Packs: whoever holds one, and the keys, needs nobody else; and no reader sees what is not for them."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from features.tables import TABLES
from service.audiences import is_shown
from service.offline.verify import canonical, sha
from tests.service.banked import Bank, open_bank, verified
from tests.service.made import applicant, offering


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Bank]:
    """A bank with two assessments, one approved, each covered by a checkpoint that the fund countersigned."""
    bank = open_bank(tmp_path_factory.mktemp("bank"), bundle)
    with bank.client:
        one = bank.ask(offering(1))
        bank.sign()
        bank.countersign()
        approval = {"outcome": "approve", "decider": "李明", "amount": 500, "term_months": 12, "rate": 0.04}
        bank.client.post(f"/v1/assessments/{one['id']}/decision", json=approval)
        bank.ask(applicant(2))
        bank.sign()
        bank.countersign()
        yield bank


@pytest.fixture(scope="module")
def assessments(bank: Bank) -> list[str]:
    """The ids of its assessments, the first first."""
    return [item["id"] for item in reversed(bank.client.get("/v1/assessments").json()["items"])]


@pytest.mark.parametrize("reader", ["bank", "fund", "court"])
def test_a_pack_verifies_in_an_empty_environment(bank: Bank, assessments: list[str], reader: str) -> None:
    """With the keys of bank and fund, and an earlier checkpoint, every reader's pack is as it was sealed."""
    earlier = sorted(bank.place.glob("checkpoint-*.json"))[0]
    keys = ("--bank-key", str(bank.place / "keys" / "public.pem"), "--fund-key", bank.fund_key)
    for assessment in assessments:
        found = verified(bank.pack(assessment, reader), *keys, "--checkpoint", str(earlier))
        assert found.returncode == 0, found.stdout + found.stderr
        assert "countersigned by the fund" in found.stdout
        assert "the same history" in found.stdout
        assert ("features and contributions are not for this reader" in found.stdout) == (reader == "fund")
