"""The fund's witness: fetches the bank's newest checkpoint, checks that history only went on, countersigns, keeps.

    python3 witness.py --bank https://bank.example --bank-key bank.pem --key fund-private.pem --keep FOLDER

Runs on a machine without PledgeScore: `verify.py` beside it, Python 3.11 or later, and the package cryptography. With
`--bank FOLDER` it reads checkpoints that the bank lays there (a copy of `consistency.json` comes with each) instead.
Exit code 0: countersigned; 1: another history, a wrong signature, or nothing new for longer than `--alarm-hours`, also
printed as one line that begins with ALARM; 2: misused. Run it from cron or a timer, hourly.
"""

import argparse
import json
import os
import stat
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

try:
    from service.offline import verify
except ImportError:  # on the fund's machine the two files lie side by side
    import verify  # type: ignore[import-not-found,no-redef]

SECONDS = 30
"""How long the bank may take to answer."""
MOST_BYTES = 2**22
KEPT = "newest.json"
Told = dict[str, Any]


class Bank(Protocol):
    """Where checkpoints come from and receipts go to."""

    def checkpoint(self) -> Told:
        """The newest checkpoint."""

    def consistency(self, earlier: int, size: int) -> list[str]:
        """The proof that `size` entries begin with the earlier ones."""

    def hand_in(self, receipt: Told) -> None:
        """Give the bank a receipt."""


class Online:
    """A bank's service, asked over HTTP; `token` is the fund's API key, if one is needed."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address.rstrip("/"), token

    def checkpoint(self) -> Told:
        """GET /v1/ledger/checkpoint."""
        return self._asked("/v1/ledger/checkpoint")

    def consistency(self, earlier: int, size: int) -> list[str]:
        """GET /v1/ledger/consistency."""
        proof: list[str] = self._asked(f"/v1/ledger/consistency?from={earlier}&size={size}")["proof"]
        return proof

    def hand_in(self, receipt: Told) -> None:
        """POST /v1/ledger/receipts."""
        self._asked("/v1/ledger/receipts", json.dumps(receipt).encode())

    def _asked(self, path: str, body: bytes | None = None) -> Told:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        request = urllib.request.Request(self.address + path, body, headers)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            told: Told = json.loads(answer.read(MOST_BYTES))
        return told


class Folder:
    """A folder that both sides reach: the bank lays checkpoints there, each with proofs from the ones before."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def checkpoint(self) -> Told:
        """The one of most entries; of equal ones the last that was laid."""
        found = [json.loads(file.read_bytes()) for file in self.place.glob("checkpoint-*.json")]
        verify.must(bool(found), f"{self.place} holds no checkpoint")
        newest: Told = max(found, key=lambda told: (told["checkpoint"]["size"], told["checkpoint"]["at"]))
        return newest

    def consistency(self, earlier: int, size: int) -> list[str]:
        """As the bank laid it beside the checkpoint of that size."""
        proofs = json.loads((self.place / f"consistency-{size:010}.json").read_bytes())
        verify.must(
            str(earlier) in proofs, f"the bank laid no proof from {earlier} to {size} entries: ask it over HTTP"
        )
        proof: list[str] = proofs[str(earlier)]
        return proof

    def hand_in(self, receipt: Told) -> None:
        """Laid beside the checkpoints; the bank takes it from there."""
        name = f"receipt-{receipt['receipt']['size']:010}-{receipt['receipt']['checkpoint'][:12]}.json"
        write(self.place / name, receipt)


def witness(bank: Bank, bank_keys: Sequence[str], private: Ed25519PrivateKey, keep: Path, now: datetime) -> Told:
    """Countersign the bank's newest checkpoint if it continues the one kept, keep both, and hand the receipt in.

    Raises `Wrong` where it does not: then nothing is signed, and what was shown is kept as evidence.
    """
    told, kept = bank.checkpoint(), newest(keep)
    newer = verify.check_signed(told, "checkpoint", verify.CHECKPOINT, bank_keys)
    try:
        if kept is not None:
            check_continued(bank, kept["checkpoint"], newer)
    except verify.Wrong:
        write(keep / f"evidence-{newer['size']:010}-{now:%Y%m%dT%H%M%S}.json", {"kept": kept, "shown": told})
        raise
    statement = {
        "form": verify.RECEIPT,
        "suite": verify.SUITE,
        "ledger": newer["ledger"],
        "size": newer["size"],
        "root": newer["root"],
        "checkpoint": verify.sha(verify.canonical(newer)).hex(),
        "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "key": private.public_key().public_bytes_raw().hex(),
    }
    receipt = {"receipt": statement, "signature": private.sign(verify.canonical(statement)).hex()}
    write(keep / f"checkpoint-{newer['size']:010}-{statement['checkpoint'][:12]}.json", told)
    write(keep / f"receipt-{newer['size']:010}-{statement['checkpoint'][:12]}.json", receipt)
    write(keep / KEPT, told)
    bank.hand_in(receipt)
    return receipt


def check_continued(bank: Bank, kept: Mapping[str, Any], newer: Mapping[str, Any]) -> None:
    """The newer checkpoint begins with the one kept. Raises `Wrong`."""
    verify.must(newer["ledger"] == kept["ledger"], "this is another ledger than the one witnessed so far")
    verify.must(
        newer["size"] >= kept["size"], f"{kept['size']} entries were signed before, now there are {newer['size']}"
    )
    verify.must(newer["at"] >= kept["at"], f"the bank shows an older checkpoint than that of {kept['at']}")
    same = newer["size"] == kept["size"]
    proof = [] if same else [bytes.fromhex(other) for other in bank.consistency(kept["size"], newer["size"])]
    old, new = bytes.fromhex(kept["root"]), bytes.fromhex(newer["root"])
    verify.must(
        verify.consistent(kept["size"], newer["size"], old, new, proof),
        f"the {newer['size']} entries shown do not begin with the {kept['size']} that were countersigned",
    )


def newest(keep: Path) -> Told | None:
    """The checkpoint that was countersigned last."""
    file = keep / KEPT
    return json.loads(file.read_bytes()) if file.exists() else None


def age(keep: Path, now: datetime) -> timedelta | None:
    """How long ago the checkpoint that was countersigned last was signed by the bank."""
    kept = newest(keep)
    return now - datetime.fromisoformat(kept["checkpoint"]["at"]) if kept else None


def load_private(file: Path) -> Ed25519PrivateKey:
    """The fund's private key. Raises `Wrong` where others can read it."""
    mode = stat.S_IMODE(file.stat().st_mode)
    verify.must(not mode & 0o077, f"{file} can be read by others ({mode:04o}): chmod 600 it")
    private = load_pem_private_key(file.read_bytes(), None)
    verify.must(isinstance(private, Ed25519PrivateKey), f"{file} holds no Ed25519 key")
    return private  # type: ignore[return-value]


def make_private(file: Path) -> str:
    """A new private key, and the public one beside it; the public key in hex. Raises `FileExistsError`."""
    private = Ed25519PrivateKey.generate()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key()
    file.with_suffix(".public.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public.public_bytes_raw().hex()


def write(file: Path, told: object) -> None:
    """The file whole or not at all."""
    beside = file.with_name(f".{file.name}")
    beside.write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
    beside.replace(file)


def run(bank: str, bank_keys: Sequence[str], key: Path, keep: Path, alarm_hours: float, token: str) -> int:
    """Witness once and say what came of it; the exit code."""
    now = datetime.now(UTC)
    keep.mkdir(parents=True, exist_ok=True)
    source: Bank = Online(bank, token) if bank.startswith(("http://", "https://")) else Folder(Path(bank))
    try:
        receipt = witness(source, [verify.read_key(one) for one in bank_keys], load_private(key), keep, now)
    except (verify.Wrong, OSError, ValueError, KeyError, TypeError) as wrong:
        print(f"ALARM: not countersigned: {wrong if isinstance(wrong, (verify.Wrong, OSError)) else repr(wrong)}")
        since = age(keep, now)
        print(f"last countersigned checkpoint: {f'{since} old' if since is not None else 'none yet'}")
        return 1
    since = age(keep, now) or timedelta()
    print(f"countersigned {receipt['receipt']['size']} entries, root {receipt['receipt']['root']}, {since} old")
    if since > timedelta(hours=alarm_hours):
        print(f"ALARM: the bank's newest checkpoint is {since} old: more than {alarm_hours:g} hours")
        return 1
    return 0


def main(arguments: Sequence[str]) -> int:
    """The command line of the file alone."""
    parser = argparse.ArgumentParser(description="Witnesses a ledger of PledgeScore for a fund.")
    parser.add_argument("--bank", help="address of the bank's service, or a folder that it lays checkpoints in")
    parser.add_argument("--bank-key", action="append", default=[], help="PEM file or 64 hex digits; again for more")
    parser.add_argument("--key", type=Path, required=True, help="the fund's private key, a PEM file of mode 0600")
    parser.add_argument("--make-key", action="store_true", help="make that key, print its public part, and stop")
    parser.add_argument("--keep", type=Path, default=Path("witnessed"), help="where checkpoints are kept for good")
    parser.add_argument("--alarm-hours", type=float, default=26.0)
    given = parser.parse_args(arguments)
    if given.make_key:
        print(make_private(given.key))
        return 0
    if not given.bank or not given.bank_key:
        parser.error("--bank and --bank-key are needed")
    token = os.environ.get("PLEDGESCORE_TOKEN", "")
    return run(given.bank, given.bank_key, given.key, given.keep, given.alarm_hours, token)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
