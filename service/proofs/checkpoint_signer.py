"""Signs checkpoints, on a schedule and on demand, brings them to whoever keeps them, takes in the fund's receipts."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import orjson
import stamina
from sqlalchemy import Connection, Engine

from features.errors import PledgeScoreError
from service.edge.database import writing
from service.edge.errors import Refused
from service.edge.settings import Settings
from service.ledger.checkpoints import (
    Signed,
    checkpoint,
    consistency_from,
    digest,
    enter_receipt,
    make_checkpoint,
    standing,
)
from service.ledger.segments import Closed, close_month, overdue
from service.ledger.signing_keys import PRIVATE, Signer, load_signer, public_key
from service.ledger.tree import Tree

log = logging.getLogger("pledgescore")

LOOK_SECONDS = 30.0
"""How often it is looked whether a checkpoint is due, and whether the fund left a receipt."""
WEBHOOK_SECONDS = 10.0
"""How long a webhook may take."""


class NoSigner(Refused):
    """There is no key to sign with."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "no-signer", "No key to sign with"


class NothingEntered(Refused):
    """An empty ledger has no root."""

    status, code, title = HTTPStatus.CONFLICT, "nothing-entered", "Nothing was entered yet"


@dataclass
class CheckpointSigner:
    """Signs for one database. `trouble` tells, per destination, why the last checkpoint did not arrive there."""

    settings: Settings
    engine: Engine
    now: Callable[[], datetime]
    signer: Signer | None
    fund_keys: tuple[str, ...]
    trouble: dict[str, str] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    @classmethod
    def open(cls, settings: Settings, engine: Engine, now: Callable[[], datetime]) -> "CheckpointSigner":
        """The checkpoint_signer that the settings describe; without a signer where no key was made. Raises `BadKey`."""
        signer = load_signer(settings.keys) if (settings.keys / PRIVATE).exists() else None
        return cls(settings, engine, now, signer, tuple(public_key(file) for file in settings.fund_keys))

    def sign(self) -> Signed:
        """A checkpoint of the ledger as it stands, kept and brought to its destinations.

        Raises `NoSigner` or `NothingEntered`.
        """
        if self.signer is None:
            raise NoSigner("make a key with `pledgescore keys init`, and start the service again")
        with writing(self.engine) as connection:
            told = make_checkpoint(connection, self.signer, self.now())
        if told is None:
            raise NothingEntered("there is nothing to sign: the ledger is empty")
        with self.engine.connect() as connection:
            proofs = consistency_from(connection, Tree(connection, told["checkpoint"]["size"]))
        self._deliver(told, proofs)
        return told

    def close_month(self, month: str, actor: str = "service") -> Closed:
        """Enter the anchor of a month that is over. Raises `NotClosable`."""
        with writing(self.engine) as connection:
            return close_month(connection, month, self.now(), actor)

    def take(self, told: Signed) -> int:
        """Enter a receipt of the fund; the entry's number. Raises `RefusedReceipt`."""
        with writing(self.engine) as connection:
            return enter_receipt(connection, told, self.fund_keys, self.now())

    def standing(self, connection: Connection) -> dict[str, Any]:
        """What is told about the ledger everywhere: size, last checkpoint, last receipt, what was not delivered."""
        return standing(connection, self.now()) | {"undelivered": dict(self.trouble)}

    def look(self) -> None:
        """Sign where a checkpoint is due, and take in what the fund left in its folder."""
        with self.engine.connect() as connection:
            if not standing(connection, self.now())["size"]:
                return
            newest, month = checkpoint(connection), overdue(connection, self.now())
        if self.signer and month:
            self._tried("close", lambda: self.close_month(month))
        if self.signer and (newest is None or self._age(newest) >= timedelta(seconds=self.settings.checkpoint_seconds)):
            self._tried("sign", self.sign)
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
        self._tried("look", self.look)
        while not self._stop.wait(min(LOOK_SECONDS, self.settings.checkpoint_seconds)):
            self._tried("look", self.look)

    def _age(self, told: Signed) -> timedelta:
        return self.now() - datetime.fromisoformat(told["checkpoint"]["at"])

    def _take_in(self, file: Path) -> None:
        """Enter a receipt and mark its file as taken, whose name says so from then on."""
        self.take(orjson.loads(file.read_bytes()))
        file.rename(file.with_name(f"taken-{file.name}"))

    def _deliver(self, told: Signed, proofs: dict[str, list[str]]) -> None:
        size = told["checkpoint"]["size"]
        name = f"checkpoint-{size:010}-{digest(told)[:12]}.json"
        if self.settings.checkpoint_file is not None:
            file = self.settings.checkpoint_file
            self._tried("file", lambda: _append(file, told))
        if self.settings.fund_folder is not None:
            folder = self.settings.fund_folder
            self._tried("fund folder", lambda: _put(folder / f"consistency-{size:010}.json", proofs))
            self._tried("fund folder", lambda: _put(folder / name, told))
        if self.settings.checkpoint_webhook:
            self._tried("webhook", lambda: _post(self.settings.checkpoint_webhook, told))

    def _tried(self, what: str, work: Callable[[], object]) -> None:
        """Do it; a failure is logged and told, and stops nothing else."""
        try:
            work()
            self.trouble.pop(what, None)
        except (PledgeScoreError, OSError, ValueError, httpx.HTTPError) as error:
            log.warning("checkpoints: %s: %s", what, error)
            self.trouble[what] = f"{type(error).__name__}: {error}"


def _append(file: Path, told: Signed) -> None:
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


def _post(url: str, told: Signed) -> None:
    """Post it, again where no answer comes: whoever is told a checkpoint twice knows no more than before."""
    for attempt in stamina.retry_context(on=httpx.TransportError, attempts=3, timeout=WEBHOOK_SECONDS):
        with attempt:
            httpx.post(url, json=told, timeout=WEBHOOK_SECONDS).raise_for_status()
