"""The fund's witness: it signs only what continues the history it has seen, and raises an alarm otherwise."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest

from service.ledger.signing_keys import load_signer
from service.offline import verify, witness
from tests.service.banked import Asked, Bank, open_bank
from tests.service.conftest import NOON
from tests.service.made import applicant


@pytest.fixture
def bank(tmp_path: Path, bundle: Path, database: str) -> Iterator[Bank]:
    """A bank that lays its checkpoints in the fund's folder, a line each in a file, after one assessment."""
    (tmp_path / "shared").mkdir()
    shared, signed = tmp_path / "shared", tmp_path / "signed.jsonl"
    bank = open_bank(tmp_path, bundle, database, fund_folder=shared, checkpoint_file=signed)
    with bank.client:
        bank.ask(applicant(1, patents=3))
        bank.sign()
        yield bank


def run_alone(bank: Bank, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The two files on a machine without the product: nothing of ours can be imported there."""
    alone = bank.place / "alone"
    alone.mkdir(exist_ok=True)
    for module in (verify, witness):
        copy(Path(module.__file__), alone)
    command = [sys.executable, "-I", "-c", _ALONE, str(alone), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=alone)


_ALONE = """
import runpy, sys
sys.modules["service"] = None
sys.path.insert(0, sys.argv[1])
sys.argv[:] = ["witness.py", *sys.argv[2:]]
runpy.run_path(sys.path[0] + "/witness.py", run_name="__main__")
"""


def test_a_folder_is_witnessed_without_the_product(bank: Bank) -> None:
    """Checked, countersigned, kept, and taken in by the bank, whose service tells how old the receipt is."""
    shared = bank.place / "shared"
    common = ("--bank", str(shared), "--bank-key", bank.key, "--key", str(bank.place / "fund.pem"), "--keep", "kept")
    first = run_alone(bank, *common, "--alarm-hours", "1e6")
    assert first.returncode == 0, first.stdout + first.stderr
    bank.app.state.pledgescore.checkpoint_signer.look()
    assert [file.name.split("-")[0] for file in sorted(shared.glob("*receipt*"))] == ["taken"]
    told = bank.client.get("/v1/ledger").json()
    assert told["receipt"]["size"] == 3  # opening, assessment, anchor
    assert told["receipt"]["key"] == bank.fund_key
    assert told["undelivered"] == {}
    assert bank.client.get("/readyz").json()["ledger"]["receipt_age_seconds"] is not None
    assert 'pledgescore_signed_age_seconds{what="receipt"}' in bank.client.get("/metrics").text
    bank.sign()
    assert run_alone(bank, *common, "--alarm-hours", "1e6").returncode == 0
    assert len((bank.place / "signed.jsonl").read_text().splitlines()) == 2
    late = run_alone(bank, *common, "--alarm-hours", "0.000001")
    assert late.returncode == 1
    assert "ALARM" in late.stdout


def test_nothing_is_signed_that_does_not_continue_what_was_seen(bank: Bank) -> None:
    """Another history under the bank's own key, fewer entries, an older time: refused, and kept as evidence."""
    bank.countersign()
    own, kept = load_signer(bank.place / "keys"), witness.newest(bank.place)
    assert kept is not None
    told = bank.client.get("/v1/ledger/checkpoint").json()["checkpoint"]
    base = {name: value for name, value in told.items() if name not in ("suite", "key")}
    for changes, said in (
        ({"root": "ab" * 32}, "do not begin"),
        ({"ledger": "ab" * 32}, "another ledger"),
        ({"at": "2020-01-01T00:00:00.000000Z"}, "older"),
    ):
        shown = own.signed("checkpoint", base | changes)

        class Lying(Asked):
            def checkpoint(self) -> dict[str, object]:
                return shown  # noqa: B023  (asked within the loop)

        with pytest.raises(verify.Wrong, match=said):
            witness.witness(Lying(bank.client), [bank.key], bank.private, bank.place, NOON + timedelta(hours=1))
    assert witness.newest(bank.place) == kept
    assert list(bank.place.glob("evidence-*.json"))


def test_a_receipt_of_nobody_is_refused(bank: Bank) -> None:
    """Signed by another key than the fund's, about a checkpoint that was never signed, or in no form: problems."""
    receipt = bank.countersign()
    again = bank.client.post("/v1/ledger/receipts", json=receipt)
    assert again.json() == {"entry": 4}
    forged = json.loads(json.dumps(receipt))
    forged["receipt"]["size"] = 7
    assert bank.client.post("/v1/ledger/receipts", json=forged).status_code == 409
    assert bank.client.post("/v1/ledger/receipts", json={"receipt": 1}).status_code == 422
    for path in ("/v1/ledger/entries/0/proof", "/v1/ledger/entries/99/proof", "/v1/ledger/consistency?from=3&size=2"):
        assert bank.client.get(path).status_code == 422
