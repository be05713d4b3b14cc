"""Checkpoints: signed statements of the ledger's size and root, and the fund's countersignatures of them.

A checkpoint that somebody else holds is what makes a cut tail, or a second history, show. Both are JSON objects
`{"checkpoint": {…}, "signature": …}` and `{"receipt": {…}, "signature": …}`; a signature covers the canonical text of
the inner object.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from service.edge.errors import Refused
from service.ledger.actors import FUND, SERVICE
from service.ledger.anchors import enter_anchor
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical, time_text
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.seal import NOTHING_BEFORE
from service.ledger.signing_keys import Signer, is_signed
from service.ledger.tables import CHECKPOINTS, ENTRIES, HEAD, RECEIPTS
from service.ledger.tree import Tree, keep_tiles
from service.ledger.written_kinds import ReceiptEntry
from service.offline.verify import CHECKPOINT, RECEIPT

Signed = dict[str, Any]
"""A statement under its name, and its signature."""

EARLIER_CHECKPOINTS = 64
"""From how many of the newest checkpoints it is shown, unasked, that history only went on."""


class RefusedReceipt(Refused):
    """A countersignature is not one of the fund's, or is about something that was never signed here."""

    status, problem = HTTPStatus.CONFLICT, "refused-receipt"


@cache
def verifier() -> str:
    """SHA-256 of `verify.py` as shipped: checkpoints name it, so that a reader knows whether theirs is genuine."""
    return sha256(files("service.offline").joinpath("verify.py").read_bytes()).hexdigest()


def make_checkpoint(connection: Connection, signer: Signer, at: datetime) -> Signed | None:
    """Enter an anchor, unless the last entry is one, and sign the ledger as it then stands; keep that.

    None where nothing was entered yet. Writes, but does not commit.
    """
    if not _end(connection)[0]:
        return None
    last = enter_anchor(connection, SERVICE)
    size, seal = _end(connection)
    tree = Tree(connection, size)
    keep_tiles(tree)
    statement = {
        "form": CHECKPOINT,
        "ledger": _name(connection),
        "size": size,
        "root": tree.root().hex(),
        "seal": seal,
        "at": max(time_text(at), last),
        "verifier": verifier(),
    }
    told = signer.signed("checkpoint", statement)
    connection.execute(insert(CHECKPOINTS), _row(told, "checkpoint"))
    return told


def checkpoint(connection: Connection, covering: int = 1) -> Signed | None:
    """The newest checkpoint, if there is one of at least so many entries."""
    wanted = select(CHECKPOINTS).where(CHECKPOINTS.c.size >= covering).order_by(CHECKPOINTS.c.number.desc()).limit(1)
    found = connection.execute(wanted).one_or_none()
    return _told(found, "checkpoint") if found else None


def countersigned(connection: Connection, covering: int = 1) -> tuple[Signed, Signed] | None:
    """The largest checkpoint that the fund countersigned, with its receipt, if it covers so many entries."""
    wanted = select(RECEIPTS).where(RECEIPTS.c.size >= covering).order_by(RECEIPTS.c.size.desc(), RECEIPTS.c.seq.desc())
    receipt = connection.execute(wanted.limit(1)).one_or_none()
    if receipt is None:
        return None
    of = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.size == receipt.size)).all()
    signed = next(told for told in (_told(row, "checkpoint") for row in of) if digest(told) == receipt.checkpoint)
    return signed, _told(receipt, "receipt")


def consistency_from(connection: Connection, tree: Tree, since: int | None = None) -> dict[str, list[str]]:
    """Proofs that the tree begins with those of the newest earlier checkpoints, and with that of `since` entries."""
    newest = select(CHECKPOINTS.c.size).where(CHECKPOINTS.c.size < tree.size).distinct()
    sizes = set(connection.execute(newest.order_by(CHECKPOINTS.c.size.desc()).limit(EARLIER_CHECKPOINTS)).scalars())
    sizes |= {since} if since is not None and 0 < since < tree.size else set()
    return {str(of): [other.hex() for other in tree.consistency(of, tree.size)] for of in sorted(sizes)}


def digest(told: Signed) -> str:
    """SHA-256 of a checkpoint's statement: what a receipt names."""
    return sha256(canonical(told["checkpoint"])).hexdigest()


def enter_receipt(connection: Connection, told: Signed, fund_keys: Sequence[str]) -> int:
    """Enter the fund's countersignature of one of our checkpoints; the entry's number, also where it stood before.

    Writes, but does not commit. Raises `RefusedReceipt`.
    """
    receipt = _checked(told, fund_keys)
    same = (RECEIPTS.c.checkpoint == receipt["checkpoint"], RECEIPTS.c.key == receipt["key"])
    before = connection.execute(select(RECEIPTS.c.seq).where(*same)).scalars().first()
    if before is not None:
        return int(before)
    of = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.size == receipt["size"])).all()
    if receipt["checkpoint"] not in [digest(_told(row, "checkpoint")) for row in of]:
        raise RefusedReceipt("receipt_stranger")
    content = ReceiptEntry(receipt=receipt, signature=told["signature"])
    entry = append(connection, [Draft.of(content, FUND)])[0]
    row = _row(told, "receipt") | {"seq": entry.seq, "checkpoint": receipt["checkpoint"]}
    connection.execute(insert(RECEIPTS), row)
    return entry.seq


def receipt_row(entry: OpenedEntry) -> dict[str, Any] | None:
    """The row that follows from an entry, if it holds a receipt."""
    if entry.kind != Kind.RECEIPT or entry.body is None:
        return None
    told = {"receipt": entry.body["/receipt"], "signature": entry.body["/signature"]}
    return _row(told, "receipt") | {"seq": entry.seq, "checkpoint": told["receipt"]["checkpoint"]}


def _checked(told: Signed, fund_keys: Sequence[str]) -> Any:
    if not fund_keys:
        raise RefusedReceipt("receipt_no_key")
    if not any(is_signed(told, "receipt", key) for key in fund_keys):
        raise RefusedReceipt("receipt_signature")
    receipt = told["receipt"]
    if receipt.get("form") != RECEIPT or not isinstance(receipt.get("size"), int):
        raise RefusedReceipt("receipt_form", form=RECEIPT)
    return receipt


def standing(connection: Connection, now: datetime) -> dict[str, Any]:
    """The ledger's size and last seal, its newest checkpoint and the fund's last receipt, with their ages."""
    size, seal = _end(connection)
    newest, both = checkpoint(connection), countersigned(connection)
    return {
        "size": size,
        "seal": seal if size else None,
        "checkpoint": _aged(newest, "checkpoint", now),
        "receipt": _aged(both[1] if both else None, "receipt", now),
    }


def _name(connection: Connection) -> str:
    """The ledger's name for good: its first seal, which the first checkpoint holds where that entry was archived."""
    signed = connection.execute(select(CHECKPOINTS.c.text).order_by(CHECKPOINTS.c.number).limit(1)).scalar()
    if signed is not None:
        return str(orjson.loads(signed)["ledger"])
    return str(connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == 1)).scalar_one())


def _end(connection: Connection) -> tuple[int, str]:
    """Size and last seal as the head row tells them, without its lock."""
    found = connection.execute(select(HEAD.c.size, HEAD.c.seal)).one_or_none()
    return (found.size, found.seal) if found else (0, NOTHING_BEFORE)


def _aged(told: Signed | None, what: str, now: datetime) -> dict[str, Any] | None:
    if told is None:
        return None
    statement = told[what]
    age = (now - datetime.fromisoformat(statement["at"])).total_seconds()
    return {"size": statement["size"], "at": statement["at"], "age_seconds": round(age), "key": statement["key"]}


def _row(told: Signed, what: str) -> dict[str, Any]:
    statement = told[what]
    same = {name: statement[name] for name in ("size", "at", "key")}
    return same | {"text": canonical(statement).decode(), "signature": told["signature"]}


def _told(row: Row[Any], what: str) -> Signed:
    return {what: orjson.loads(row.text), "signature": row.signature}
