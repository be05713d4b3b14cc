"""Whatever a bank answers its witness, a line and an exit code come of it; and the index keeps what was signed."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import Signer
from service.offline import verify, witness
from service.offline.verify import Wrong
from tests.service.offline.odd_banks import bank_answering, odd_answers

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
BANK = Signer(FileKey(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)))
HASHES = [verify.sha(bytes([place])) for place in range(8)]


@pytest.fixture
def fund(tmp_path: Path) -> Path:
    """The fund's folder with its key."""
    witness.make_private(tmp_path / "fund.pem")
    return tmp_path


def shown(size: int, at: datetime = NOW, ledger: str = "ab" * 32) -> dict[str, Any]:
    """A checkpoint of the first entries of one history."""
    statement: dict[str, object] = {
        "form": verify.CHECKPOINT,
        "ledger": ledger,
        "size": size,
        "root": verify.tree_root(HASHES[:size]).hex(),
        "seal": "00" * 32,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "verifier": "00" * 32,
    }
    return dict(BANK.signed("checkpoint", statement))


class Showing:
    """A bank that shows one checkpoint, and the proof from any other of one history."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.taken = told, list[dict[str, Any]]()

    def checkpoint(self) -> dict[str, Any]:
        """It."""
        return self.told

    def consistency(self, earlier: int, size: int) -> list[str]:
        """From 4 to 8 entries alone."""
        assert (earlier, size) == (4, 8)
        return [verify.tree_root(HASHES[4:]).hex()]

    def hand_in(self, receipt: dict[str, Any]) -> None:
        """Kept."""
        self.taken.append(receipt)


def test_odd_answers_end_in_a_line(fund: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """More than a hundred, dripping and endless ones too: the witness says that it was not reached, or raises ALARM."""
    monkeypatch.setattr(witness, "SECONDS", 0.5)
    monkeypatch.setattr(witness.Online.__init__, "__defaults__", (0.5,))
    answers = odd_answers()
    assert len(answers) > 100
    with bank_answering() as (address, asked):
        for answer in answers:
            asked.append(answer)
            code = witness.run(address, [BANK.key], fund / "fund.pem", fund / "kept", 26, "")
            printed = capsys.readouterr()
            assert code in (1, 3), answer[0][:200]
            assert printed.out.startswith("NOT REACHED" if code == 3 else "ALARM"), answer[0][:200]
            assert not set(printed.out) & {"\x1b", "\u202e"}
            assert not printed.err
    assert not list((fund / "kept").glob("receipt-*"))


def test_a_bank_that_is_away_is_no_alarm_before_its_time(fund: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 3 while what was countersigned last is young, ALARM from then on that it is not."""
    key, kept = fund / "fund.pem", fund / "kept"
    kept.mkdir()
    witness.witness(Showing(shown(4)), [BANK.key], witness.load_private(key), kept, NOW)
    assert witness.run("http://127.0.0.1:1", [BANK.key], key, kept, 1e6, "") == 3
    assert witness.run("http://127.0.0.1:1", [BANK.key], key, kept, 26, "") == 1
    assert "ALARM" in capsys.readouterr().out
    assert witness.run("http://127.0.0.1:1", ["nowhere.pem"], key, kept, 26, "") == 2
    (kept / witness.KEPT).write_text("")
    assert witness.run("http://127.0.0.1:1", [BANK.key], key, kept, 26, "") == 2


def test_nothing_older_is_countersigned_when_the_newest_is_gone(fund: Path) -> None:
    """The index alone, then the checkpoints alone, keep the witness from an older, another and a future ledger."""
    key = witness.load_private(fund / "fund.pem")
    witness.witness(Showing(shown(4, NOW - timedelta(hours=1))), [BANK.key], key, fund, NOW)
    witness.witness(Showing(shown(8)), [BANK.key], key, fund, NOW)
    (fund / witness.KEPT).unlink()
    lies = [
        shown(4),
        shown(8, NOW - timedelta(hours=2)),
        shown(8, ledger="cd" * 32),
        shown(8, NOW + timedelta(hours=1)),
    ]
    for gone in (None, witness.INDEX):
        if gone:
            (fund / gone).unlink()
        for lie in lies:
            bank = Showing(lie)
            with pytest.raises(Wrong):
                witness.witness(bank, [BANK.key], key, fund, NOW)
            assert not bank.taken
    assert len(list(fund.glob("receipt-*.json"))) == 2


def test_a_receipt_that_the_bank_did_not_take_is_kept(fund: Path) -> None:
    """It is handed in the next time; that it was not is told."""

    class Away(Showing):
        def hand_in(self, receipt: dict[str, Any]) -> None:
            raise witness.NotReached("HTTP 500")

    key = witness.load_private(fund / "fund.pem")
    with pytest.raises(witness.NotReached):
        witness.witness(Away(shown(8)), [BANK.key], key, fund, NOW)
    assert list(fund.glob("receipt-*.json"))
    again = Showing(shown(8))
    witness.witness(again, [BANK.key], key, fund, NOW)
    assert again.taken


def test_a_key_is_the_one_of_the_standard(fund: Path) -> None:
    """Written as OpenSSL reads it; signs as the library does; a file that others can read is refused."""
    own = witness.load_private(fund / "fund.pem")
    library = load_pem_private_key((fund / "fund.pem").read_bytes(), None)
    assert isinstance(library, Ed25519PrivateKey)
    assert library.public_key().public_bytes_raw().hex() == own.public == verify.read_key(str(fund / "fund.public.pem"))
    for length in (0, 1, 100):
        message = os.urandom(length)
        assert verify.sign(own.seed, message) == library.sign(message).hex()
    (fund / "fund.pem").chmod(0o644)
    with pytest.raises(witness.WrongUse):
        witness.load_private(fund / "fund.pem")
    (fund / "fund.pem").write_text("no key")
    (fund / "fund.pem").chmod(0o600)
    with pytest.raises(witness.WrongUse):
        witness.load_private(fund / "fund.pem")


def test_a_folder_with_junk_is_not_reached(fund: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What lies where the bank's checkpoints should: nothing, text, a list, another form, a pipe."""
    shared = fund / "shared"
    shared.mkdir()
    file = shared / f"checkpoint-{3:010}-{'ab' * 6}.json"
    for text in (None, "", "[]", "{}", json.dumps({"checkpoint": [], "signature": 1})):
        if text is not None:
            file.write_text(text)
        assert witness.run(str(shared), [BANK.key], fund / "fund.pem", fund / "kept", 26, "") == 3
    file.unlink()
    os.mkfifo(file)
    assert witness.run(str(shared), [BANK.key], fund / "fund.pem", fund / "kept", 26, "") == 3
    assert "Traceback" not in capsys.readouterr().out
