"""The fund's witness: fetches the bank's newest checkpoint, checks that history only went on, countersigns, keeps.

    python3 witness.py --bank https://bank.example --bank-key bank.pem --key fund-private.pem --keep FOLDER

Runs on a machine without PledgeScore: `verify.py` beside it and Python 3.11 or later, no package. With `--bank FOLDER`
it reads checkpoints that the bank lays there (a copy of `consistency.json` comes with each) instead. What was
countersigned stands in FOLDER/index.jsonl, a line each: nothing older and no other ledger is countersigned after it.

Exit code 0: countersigned; 1: another history, a wrong signature, or nothing new for longer than `--alarm-hours`, also
printed as one line that begins with ALARM; 2: misused; 3: the bank was not reached, or gave no checkpoint: try again.
Run it from cron or a timer, hourly.
"""

import argparse
import base64
import http.client
import json
import os
import re
import stat
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

try:
    from service.offline import verify
except ImportError:  # on the fund's machine the two files lie side by side
    import verify  # type: ignore[import-not-found,no-redef]

SECONDS = 60.0
"""How long the bank may take for one whole answer, however it drips in."""
MOST_BYTES = 2**22
MOST_PROOF = 64
"""Hashes of a proof: a tree of 2**53 entries needs fewer."""
AHEAD = timedelta(minutes=5)
"""By how much a checkpoint may be ahead of this machine's clock."""
KEPT, INDEX = "newest.json", "index.jsonl"
KEPT_NAMES, KEPT_OF_KEYS = ("ledger", "size", "root", "at"), ("key", "keys")
"""What the index keeps of a statement; its first lines tell nothing of keys."""
Told = dict[str, Any]
T = TypeVar("T")


class NotReached(Exception):
    """The bank did not answer, or answered with nothing that can be read: that says nothing about its ledger."""


class WrongUse(Exception):
    """A file or argument of the fund's own cannot be used."""


class Bank(Protocol):
    """Where checkpoints come from and receipts go to. Each may raise `NotReached`."""

    def checkpoint(self) -> Told:
        """The newest checkpoint."""

    def consistency(self, earlier: int, size: int) -> list[str]:
        """The proof that `size` entries begin with the earlier ones."""

    def hand_in(self, receipt: Told) -> None:
        """Give the bank a receipt."""


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: an API key would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Online:
    """A bank's service, asked over HTTP; `token` is the fund's API key, if one is needed."""

    def __init__(self, address: str, token: str, seconds: float = SECONDS) -> None:
        self.address, self.token, self.seconds = address.rstrip("/"), token, seconds

    def checkpoint(self) -> Told:
        """GET /v1/ledger/checkpoint."""
        return self._asked("/v1/ledger/checkpoint")

    def consistency(self, earlier: int, size: int) -> list[str]:
        """GET /v1/ledger/consistency."""
        proof: list[str] = self._asked(f"/v1/ledger/consistency?from={earlier}&size={size}").get("proof") or []
        return proof

    def hand_in(self, receipt: Told) -> None:
        """POST /v1/ledger/receipts."""
        self._asked("/v1/ledger/receipts", json.dumps(receipt).encode())

    def _asked(self, path: str, body: bytes | None = None) -> Told:
        """The object that the bank answers with. Raises `NotReached`."""
        return read_told(within(self.seconds, lambda: self._fetched(path, body)), path)

    def _fetched(self, path: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        request = urllib.request.Request(self.address + path, body, headers)
        until = time.monotonic() + self.seconds
        try:
            with urllib.request.build_opener(_Stays).open(request, timeout=self.seconds) as answer:
                held = b""
                while piece := answer.read1(65536):
                    held += piece
                    if len(held) > MOST_BYTES or time.monotonic() > until:
                        raise NotReached(f"{path}: the answer is too large, or too slow")
        except urllib.error.HTTPError as refused:
            refused.close()
            raise NotReached(f"{path}: HTTP {refused.code}") from None
        except (OSError, ValueError, http.client.HTTPException) as away:
            raise NotReached(f"{path}: {away!r}") from None
        left = getattr(answer, "length", None)  # what `read1` does not say of a body that was cut off
        if left:
            raise NotReached(f"{path}: the answer is cut off, {left} bytes before its end")
        return held


def within(seconds: float, work: Callable[[], T]) -> T:
    """What the work gives, if it does so in time: a bank that sends byte after byte is left. Raises `NotReached`."""
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as wrong:
            failed.append(wrong)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise NotReached(f"no whole answer within {seconds:g} seconds")
    return found[0]


def read_told(text: bytes, where: str) -> Told:
    """The JSON object that somebody else wrote. Raises `NotReached`."""
    try:
        told = verify.parsed(text)
    except verify.Wrong as wrong:
        raise NotReached(f"{where}: {wrong}") from None
    if not isinstance(told, dict):
        raise NotReached(f"{where}: that is no JSON object")
    return told


class Folder:
    """A folder that both sides reach: the bank lays checkpoints there, each with proofs from the ones before."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def checkpoint(self) -> Told:
        """The one of most entries; of equal ones the last that was laid."""
        names = sorted(file.name for file in self.place.glob("checkpoint-*.json") if LAID.fullmatch(file.name))
        if not names:
            raise NotReached(f"{self.place} holds no checkpoint")
        found = [self._read(name) for name in names if name[:21] == names[-1][:21]]
        return max(found, key=lambda told: json.dumps(told.get("checkpoint"), sort_keys=True))  # by its time first

    def consistency(self, earlier: int, size: int) -> list[str]:
        """As the bank laid it beside the checkpoint of that size."""
        proofs = self._read(f"consistency-{size:010}.json")
        if str(earlier) not in proofs:
            raise NotReached(f"the bank laid no proof from {earlier} to {size} entries: ask it over HTTP")
        proof: list[str] = proofs[str(earlier)]
        return proof

    def hand_in(self, receipt: Told) -> None:
        """Laid beside the checkpoints; the bank takes it from there."""
        name = f"receipt-{receipt['receipt']['size']:010}-{receipt['receipt']['checkpoint'][:12]}.json"
        try:
            write(self.place / name, receipt)
        except OSError as wrong:
            raise NotReached(f"{self.place / name}: {wrong!r}") from None

    def _read(self, name: str) -> Told:
        try:
            text = verify.own(self.place / name, MOST_BYTES)
        except (verify.Wrong, OSError) as wrong:
            raise NotReached(f"{self.place / name}: {wrong}") from None
        return read_told(text, name)


LAID = re.compile(r"checkpoint-\d{10}-[0-9a-f]{12}\.json")


class FundKey:
    """The fund's private key, an Ed25519 seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self.seed, self.public = seed, verify.public_of(seed)

    def signed(self, what: str, statement: Told) -> Told:
        """The statement with the key that signs it, and the signature."""
        told = statement | {"key": self.public}
        return {what: told, "signature": verify.sign(self.seed, verify.canonical(told))}


def witness(
    bank: Bank,
    bank_keys: Sequence[str],
    private: FundKey,
    keep: Path,
    now: datetime,
    days: Mapping[str, verify.Days] | None = None,
) -> Told:
    """Countersign the bank's newest checkpoint if it continues the one kept, keep both, and hand the receipt in.

    `days`: of the bank's keys, as the fund was told them; those that checkpoints told before count too.

    Raises `Wrong` where it does not: then nothing is signed, and what was shown is kept as evidence; `NotReached` where
    the bank could not be asked, or did not take the receipt, which then is kept all the same.
    """
    kept, told = newest(keep), bank.checkpoint()
    newer = checkpoint_told(told, bank_keys)
    try:
        verify.must(
            verify.moment(newer["at"]) <= now + AHEAD,
            f"the bank's checkpoint is dated {newer['at']}, ahead of the clock here",
        )
        if kept is not None:
            check_continued(bank, kept, newer)
        check_key(newer, kept or {}, days or {})
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
    }
    receipt = private.signed("receipt", statement)
    note(keep, newer)
    write(keep / f"checkpoint-{newer['size']:010}-{statement['checkpoint'][:12]}.json", told)
    write(keep / f"receipt-{newer['size']:010}-{statement['checkpoint'][:12]}.json", receipt)
    write(keep / KEPT, told)
    bank.hand_in(receipt)
    return receipt


def checkpoint_told(told: Told, bank_keys: Sequence[str]) -> Told:
    """The statement of a checkpoint. Raises `NotReached` where this is none, `Wrong` where it is signed wrongly."""
    statement: Any = told.get("checkpoint")
    if not isinstance(statement, dict) or statement.get("form") != verify.CHECKPOINT:
        raise NotReached("the bank answered with no checkpoint")
    return verify.check_checkpoint(told, bank_keys)


def check_continued(bank: Bank, kept: Mapping[str, Any], newer: Mapping[str, Any]) -> None:
    """The newer checkpoint begins with the one kept. Raises `Wrong`."""
    verify.must(newer["ledger"] == kept["ledger"], "this is another ledger than the one witnessed so far")
    verify.must(
        newer["size"] >= kept["size"], f"{kept['size']} entries were signed before, now there are {newer['size']}"
    )
    verify.must(newer["at"] >= kept["at"], f"the bank shows an older checkpoint than that of {kept['at']}")
    same = newer["size"] == kept["size"]
    told: Any = [] if same else bank.consistency(kept["size"], newer["size"])
    try:
        verify.must(isinstance(told, list) and len(told) <= MOST_PROOF, "that is none")
        proof = [verify.hexed(other) for other in told]
    except verify.Wrong as wrong:
        raise NotReached(f"the bank answered with no proof: {wrong}") from None
    old, new = verify.hexed(kept["root"]), verify.hexed(newer["root"])
    verify.must(
        verify.consistent(kept["size"], newer["size"], old, new, proof),
        f"the {newer['size']} entries shown do not begin with the {kept['size']} that were countersigned",
    )


def check_key(newer: Told, kept: Told, told: Mapping[str, verify.Days]) -> None:
    """Its key counts, by what the fund was told, and by what it and the one kept say. Raises `Wrong`."""
    verify.check_list(kept, newer, "the checkpoint countersigned before")
    known = [days.get(newer["key"], verify.Days()) for days in (told, verify.key_list(kept), verify.key_list(newer))]
    own = known[0].narrowed(known[1]).narrowed(known[2])
    verify.must(not own.revoked, f"the bank's checkpoint is signed with a key that is revoked from {own.revoked} on")
    verify.check_days(own, newer["at"], "bank's checkpoint")


def revoked_since(keep: Path, before: Told | None) -> list[str]:
    """What the checkpoint countersigned last says of revoked keys, and the one before it did not."""
    newer, told = newest(keep) or {}, list[str]()
    known = verify.key_list(before or {})
    for key, days in verify.key_list(newer).items():
        if days.revoked and not known.get(key, verify.Days()).revoked:
            lines = [_kept_line(keep / INDEX, line) for line in _lines(keep / INDEX)]
            many = sum(one.get("key") == key and one["at"] >= days.revoked for one in lines)
            told.append(
                f"NOTE: the bank revoked the key {key} from {days.revoked} on. You countersigned {many} checkpoints "
                "that it signed from then on; what the bank shows today continues them"
            )
    return told


# --- what the fund keeps ---------------------------------------------------------------------------------------------


def newest(keep: Path) -> Told | None:
    """The statement of most entries that was countersigned here: by the index, else by the checkpoints that lie there.

    None where the folder holds neither. Raises `WrongUse` where one of them cannot be read.
    """
    found = [_kept_line(keep / INDEX, line) for line in _lines(keep / INDEX)]
    laid = [] if found else sorted(keep.glob("checkpoint-*.json"))
    for file in [*laid, *(one for one in (keep / KEPT,) if one.exists())]:
        try:
            told = verify.parsed(verify.own(file, MOST_BYTES))["checkpoint"]
        except (verify.Wrong, OSError, KeyError, TypeError) as wrong:
            raise WrongUse(f"{file} cannot be read: {wrong!r}") from None
        found.append(_kept(told, file))
    return max(found, key=lambda told: (told["size"], told["at"]), default=None)


def note(keep: Path, statement: Told) -> None:
    """One line more in the index, on the disk before anything leaves."""
    line = {name: statement[name] for name in (*KEPT_NAMES, *KEPT_OF_KEYS) if name in statement}
    with (keep / INDEX).open("a", encoding="ascii") as out:
        out.write(json.dumps(line) + "\n")
        out.flush()
        os.fsync(out.fileno())


def _lines(index: Path) -> list[bytes]:
    return verify.own(index, 2**28).splitlines() if index.exists() else []


def _kept_line(index: Path, line: bytes) -> Told:
    try:
        return _kept(verify.parsed(line), index)
    except verify.Wrong as wrong:
        raise WrongUse(f"{index} cannot be read: {wrong}") from None


def _kept(told: Any, file: Path) -> Told:
    try:
        statement: Told = {name: told[name] for name in KEPT_NAMES}
        statement |= {name: told[name] for name in KEPT_OF_KEYS if name in told}
        verify.key_list(statement)
        verify.whole(statement["size"])
        verify.moment(statement["at"])
        verify.hexed(statement["root"])
    except (verify.Wrong, KeyError, TypeError) as wrong:
        raise WrongUse(f"{file} cannot be read: {wrong!r}") from None
    return statement


def age(keep: Path, now: datetime) -> timedelta | None:
    """How long ago the checkpoint that was countersigned last was signed by the bank."""
    kept = newest(keep)
    return now - verify.moment(kept["at"]) if kept else None


_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
_PUBLIC = bytes.fromhex("302a300506032b6570032100")
_PEM = re.compile(rb"\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END PRIVATE KEY-----\s*")


def load_private(file: Path) -> FundKey:
    """The fund's private key, as `--make-key` and OpenSSL write it. Raises `WrongUse`, also if others may read it."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        found = _PEM.fullmatch(verify.own(file, 10_000))
        der = base64.b64decode(b"".join(found[1].split())) if found else b""
    except (verify.Wrong, OSError, ValueError) as wrong:
        raise WrongUse(f"{file}: {wrong}") from None
    if os.name == "posix" and mode & 0o077:
        raise WrongUse(f"{file} can be read by others ({mode:04o}): chmod 600 it")
    if der[:16] != _PRIVATE or len(der) != 48:
        raise WrongUse(f"{file} holds no Ed25519 key in the form PKCS #8, unencrypted")
    return FundKey(der[16:])


def make_private(file: Path) -> str:
    """A new private key, and the public one beside it; the public key in hex. Raises `FileExistsError`."""
    key = FundKey(os.urandom(32))
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(_pem("PRIVATE", _PRIVATE + key.seed))
    file.with_suffix(".public.pem").write_bytes(_pem("PUBLIC", _PUBLIC + bytes.fromhex(key.public)))
    return key.public


def _pem(what: str, der: bytes) -> bytes:
    return f"-----BEGIN {what} KEY-----\n{base64.b64encode(der).decode()}\n-----END {what} KEY-----\n".encode()


def write(file: Path, told: object) -> None:
    """The file whole or not at all."""
    beside = file.with_name(f".{file.name}")
    beside.write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
    beside.replace(file)


# --- the command -----------------------------------------------------------------------------------------------------


def run(bank: str, bank_keys: Sequence[str], key: Path, keep: Path, alarm_hours: float, token: str) -> int:
    """Witness once and say what came of it; the exit code."""
    verify.any_console()
    now = datetime.now(UTC)
    try:
        source: Bank = Online(bank, token) if bank.startswith(("http://", "https://")) else Folder(Path(bank))
        (keys, days), private = verify.read_keys(bank_keys), load_private(key)
        keep.mkdir(parents=True, exist_ok=True)
        since, before = age(keep, now), newest(keep)
    except (WrongUse, verify.Wrong, OSError, ValueError) as wrong:
        verify.say(f"MISUSED: {verify.brief(str(wrong))}")
        return 2
    code = _ended(
        lambda: witness(source, keys, private, keep, now, days), keep, now, since, timedelta(hours=alarm_hours)
    )
    for line in revoked_since(keep, before) if code != verify.MISUSED else ():
        verify.say(line)
    return code


def _ended(work: Callable[[], Told], keep: Path, now: datetime, since: timedelta | None, limit: timedelta) -> int:
    """Do it, and say how it ended; `since`: the age of what was kept before."""
    code = 0
    try:
        told = work()["receipt"]
        since = age(keep, now)
        verify.say(f"countersigned {told['size']} entries, root {told['root']}, {since} old")
    except NotReached as away:
        code, since = 3, age(keep, now)
        verify.say(f"NOT REACHED: {verify.brief(str(away))}")
    except (WrongUse, OSError) as wrong:
        verify.say(f"MISUSED: {verify.brief(str(wrong))}")
        return 2
    except Exception as wrong:  # whatever the bank answered, it ends in a line
        text = str(wrong) if isinstance(wrong, verify.Wrong) else repr(wrong)
        verify.say(f"ALARM: not countersigned: {verify.brief(text)}")
        code = 1
    if code:
        verify.say(f"last countersigned checkpoint: {f'{since} old' if since is not None else 'none yet'}")
    if code != 1 and since is not None and since > limit:
        verify.say(
            f"ALARM: the bank's newest checkpoint is {since} old: more than {limit / timedelta(hours=1):g} hours"
        )
        return 1
    return code


def main(arguments: Sequence[str]) -> int:
    """The command line of the file alone."""
    verify.any_console()
    parser = argparse.ArgumentParser(description="Witnesses a ledger of PledgeScore for a fund.")
    parser.add_argument("--bank", help="address of the bank's service, or a folder that it lays checkpoints in")
    parser.add_argument(
        "--bank-key", action="append", default=[], help="PEM file, 64 hex digits, or file of keys; again for more"
    )
    parser.add_argument("--key", type=Path, required=True, help="the fund's private key, a PEM file of mode 0600")
    parser.add_argument("--make-key", action="store_true", help="make that key, print its public part, and stop")
    parser.add_argument("--keep", type=Path, default=Path("witnessed"), help="where checkpoints are kept for good")
    parser.add_argument("--alarm-hours", type=float, default=26.0)
    given = parser.parse_args(arguments)
    if given.make_key:
        try:
            verify.say(make_private(given.key))
        except OSError as wrong:
            verify.say(f"MISUSED: {wrong}")
            return 2
        return 0
    if not given.bank or not given.bank_key:
        parser.error("--bank and --bank-key are needed")
    token = os.environ.get("PLEDGESCORE_TOKEN", "")
    return run(given.bank, given.bank_key, given.key, given.keep, given.alarm_hours, token)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
