"""Signs checkpoints, on a schedule and on demand, brings them to whoever keeps them, takes in the fund's receipts."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx
import orjson
import stamina
from sqlalchemy import Connection, Engine

from features.errors import Fault, PledgeScoreError, fault
from service.edge.addresses import without_secrets
from service.edge.database import writing
from service.edge.errors import Refused
from service.edge.leases import Housekeeper
from service.edge.notices import failing, note
from service.edge.settings import Settings
from service.ledger.checkpoints import (
    BankCheckpoint,
    FundReceipt,
    LedgerState,
    checkpoint,
    consistency_from,
    digest,
    enter_receipt,
    make_checkpoint,
    standing,
)
from service.ledger.key_days import key_days
from service.ledger.segments import Closed, close_month, overdue
from service.ledger.signing_keys import Signer, check_in_force, has_signer, load_signer, public_key
from service.ledger.tree import Tree

log = logging.getLogger("pledgescore")

AREA = "checkpoints"
"""The area of notices about what did not arrive."""
LOOK_SECONDS = 30.0
"""How often it is looked whether a checkpoint is due, and whether the fund left a receipt."""
WEBHOOK_SECONDS = 10.0
"""How long a webhook may take."""


class NoSigner(Refused):
    """There is no key to sign with."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "no-signer"


class NothingEntered(Refused):
    """An empty ledger has no root."""

    status, problem = HTTPStatus.CONFLICT, "nothing-entered"


class SignerState(LedgerState):
    """The same, and which destination of checkpoints fails, and why."""

    undelivered: dict[str, tuple[Fault, ...]]


@dataclass
class CheckpointSigner:
    """Signs for one database, by itself only where this process does the `housekeeper`'s work (None: it alone)."""

    settings: Settings
    engine: Engine
    now: Callable[[], datetime]
    signer: Signer | None
    fund_keys: tuple[str, ...]
    housekeeper: Housekeeper | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    @classmethod
    def open(
        cls, settings: Settings, engine: Engine, now: Callable[[], datetime], housekeeper: Housekeeper | None = None
    ) -> "CheckpointSigner":
        """The one that the settings describe; without a signer where no key was made. Raises `BadKey`."""
        there = has_signer(settings.keys, settings.token)
        signer = load_signer(settings.keys, settings.token) if there else None
        return cls(settings, engine, now, signer, tuple(public_key(file) for file in settings.fund_keys), housekeeper)

    def sign(self) -> BankCheckpoint:
        """A checkpoint of the ledger as it stands, kept and brought to its destinations.

        Raises `NoSigner` or `NothingEntered`.
        """
        with writing(self.engine) as connection:
            told = self._signed(connection)
        self._deliver(told)
        return told

    def in_force(self, connection: Connection) -> Signer:
        """The signer of the key in force, which is read anew where it was exchanged since.

        Raises `NoSigner`, `BadKey`, or `KeyNotInForce` where the folder holds another key than the ledger names.
        """
        if self.signer is None:
            raise NoSigner("no_signer")
        days = key_days(connection)
        if days and days[-1]["key"] != self.signer.key:
            self.signer = load_signer(self.settings.keys, self.settings.token)
            check_in_force(connection, self.signer)
        return self.signer

    def close_month(self, month: str, actor: str = "service") -> Closed:
        """Enter the anchor of a month that is over. Raises `NotClosable`."""
        with writing(self.engine) as connection:
            return close_month(connection, month, self.now(), actor)

    def take(self, told: FundReceipt) -> int:
        """Enter a receipt of the fund; the entry's number. Raises `RefusedReceipt`."""
        with writing(self.engine) as connection:
            return enter_receipt(connection, told, self.fund_keys)

    def standing(self, connection: Connection) -> SignerState:
        """What is told about the ledger everywhere: size, last checkpoint, last receipt, what was not delivered."""
        undelivered = {name: notice.faults for name, notice in failing(connection, AREA).items()}
        return {**standing(connection, self.now()), "undelivered": undelivered}

    def look(self) -> None:
        """Sign where a checkpoint is due, and take in what the fund left in its folder."""
        with self.engine.connect() as connection:
            if standing(connection, self.now())["size"] <= 1:  # nothing behind the opening entry
                return
            newest, month = checkpoint(connection), overdue(connection, self.now())
        if self.signer and month:
            self._tried("close", lambda: self._close_if_due(month))
        if self.signer and self._is_due(newest):
            self._tried("sign", self._sign_if_due)
        for file in sorted(self.settings.fund_folder.glob("receipt-*.json")) if self.settings.fund_folder else ():
            self._tried(file.name, partial(self._take_in, file))

    def watch(self) -> None:
        """Look every half minute in a thread of its own, where there is a key to sign with or a receipt to come."""
        if self.signer or self.settings.fund_folder:
            self._watcher = threading.Thread(target=self._watch, name="checkpoints", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self) -> None:
        while True:
            if self.housekeeper is None or self.housekeeper.holds:
                self._tried("look", self.look)
            if self._stop.wait(min(LOOK_SECONDS, self.settings.checkpoint_seconds)):
                return

    def _signed(self, connection: Connection) -> BankCheckpoint:
        told = make_checkpoint(connection, self.in_force(connection))
        if told is None:
            raise NothingEntered("nothing_to_sign")
        return told

    def _sign_if_due(self) -> None:
        """Sign, unless another process does this by now, or has just done it."""
        with writing(self.engine) as connection:
            if not (self._still_holds(connection) and self._is_due(checkpoint(connection))):
                return
            told = self._signed(connection)
        self._deliver(told)

    def _close_if_due(self, month: str) -> None:
        """Close the month, unless another process does this by now, or has just done it."""
        with writing(self.engine) as connection:
            if self._still_holds(connection) and overdue(connection, self.now()) == month:
                close_month(connection, month, self.now(), "service")

    def _is_due(self, newest: BankCheckpoint | None) -> bool:
        if newest is None:
            return True
        age = self.now() - datetime.fromisoformat(newest["checkpoint"]["at"])
        return age >= timedelta(seconds=self.settings.checkpoint_seconds)

    def _still_holds(self, connection: Connection) -> bool:
        """Whether this process does the housekeeping, until the transaction ends: nobody can take it over before."""
        return self.housekeeper is None or self.housekeeper.renew(connection)

    def _take_in(self, file: Path) -> None:
        """Enter a receipt and mark its file as taken, whose name says so from then on."""
        self.take(orjson.loads(file.read_bytes()))
        file.rename(file.with_name(f"taken-{file.name}"))

    def _deliver(self, told: BankCheckpoint) -> None:
        size = told["checkpoint"]["size"]
        with self.engine.connect() as connection:
            proofs = consistency_from(connection, Tree(connection, size))
        name = f"checkpoint-{size:010}-{digest(told)[:12]}.json"
        if self.settings.checkpoint_file is not None:
            file = self.settings.checkpoint_file
            self._tried("file", lambda: _append(file, told))
        if self.settings.fund_folder is not None:
            folder = self.settings.fund_folder
            self._tried("fund_folder", lambda: _put(folder / f"consistency-{size:010}.json", proofs))
            self._tried("fund_folder", lambda: _put(folder / name, told))
        if self.settings.checkpoint_webhook:
            self._tried("webhook", lambda: _post(self.settings.checkpoint_webhook, told))

    def _tried(self, what: str, work: Callable[[], object]) -> None:
        """Do it; a failure is logged and told, and stops nothing else."""
        try:
            work()
        except (PledgeScoreError, OSError, ValueError, httpx.HTTPError) as error:
            log.warning("checkpoints: %s: %s", what, _said(error))
            self._note(what, _why(error))
        else:
            self._note(what, None)

    def _note(self, what: str, trouble: Sequence[Fault] | None) -> None:
        """Let every process tell why it failed, or that it works; said once."""
        try:
            note(self.engine, AREA, what, None if trouble is None else (trouble, self.now()))
        except PledgeScoreError as away:
            log.warning("checkpoints: %s: %s", what, away)


def _why(error: Exception) -> Sequence[Fault]:
    """Why something failed: our own errors as their codes, others by what they say."""
    if isinstance(error, PledgeScoreError):
        return error.as_faults()
    return [fault("", "delivery_failed", error=type(error).__name__, why=_said(error))]


def _said(error: Exception) -> str:
    """What an error says; of a refusal the status alone, as the path of a webhook may hold a key too."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return without_secrets(str(error))


def _append(file: Path, told: BankCheckpoint) -> None:
    """One line more in the file, on the disk."""
    with file.open("ab") as out:
        out.write(orjson.dumps(told) + b"\n")
        out.flush()
        os.fsync(out.fileno())


def _put(file: Path, told: object) -> None:
    """A file that is there whole or not at all."""
    beside = file.with_name(f".{file.name}")
    beside.write_bytes(orjson.dumps(told))
    beside.replace(file)


def _post(url: str, told: BankCheckpoint) -> None:
    """Post it, again where no answer comes: whoever is told a checkpoint twice knows no more than before."""
    for attempt in stamina.retry_context(on=httpx.TransportError, attempts=3, timeout=WEBHOOK_SECONDS):
        with attempt:
            httpx.post(url, json=told, timeout=WEBHOOK_SECONDS).raise_for_status()
