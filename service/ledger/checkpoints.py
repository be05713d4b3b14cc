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
from typing import NotRequired, TypedDict

import msgspec
import orjson
from sqlalchemy import Connection, insert, select

from service.edge.errors import Refused
from service.ledger.actors import FUND, SERVICE
from service.ledger.anchors import write_anchor
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical
from service.ledger.key_days import KeyDays, key_days
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.seal import NOTHING_BEFORE, SUITE
from service.ledger.signing_keys import Signer, check_in_force, is_signed
from service.ledger.tables import CHECKPOINTS, ENTRIES, HEAD, RECEIPTS, Receipt
from service.ledger.tree import Tree, keep_tiles
from service.ledger.written_kinds import ReceiptEntry
from service.offline.verify import CHECKPOINT, RECEIPT


class CheckpointStatement(TypedDict):
    """What the bank signs of its ledger."""

    form: str
    ledger: str
    size: int
    root: str
    seal: str
    at: str
    verifier: str
    suite: str
    key: str
    keys: NotRequired[list[KeyDays]]


class BankCheckpoint(TypedDict):
    """A checkpoint and the bank's signature."""

    checkpoint: CheckpointStatement
    signature: str


class ReceiptStatement(TypedDict):
    """What the fund signs of a checkpoint, which it names by the digest of its statement."""

    form: str
    suite: str
    ledger: str
    size: int
    root: str
    checkpoint: str
    at: str
    key: str


class FundReceipt(TypedDict):
    """A receipt and the fund's signature."""

    receipt: ReceiptStatement
    signature: str


class StatementAge(TypedDict):
    """The size that was signed, when, by which key, and how long ago."""

    size: int
    at: str
    age_seconds: int
    key: str


class LedgerState(TypedDict):
    """The ledger's size and last seal, the age of its newest checkpoint, and of the fund's last receipt."""

    size: int
    seal: str | None
    checkpoint: StatementAge | None
    receipt: StatementAge | None


EARLIER_CHECKPOINTS = 64
"""From how many of the newest checkpoints it is shown, unasked, that history only went on."""


class SignedSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint: its number, size and time, the key that signed it, and when the fund countersigned it (or null)."""

    number: int
    size: int
    at: str
    key: str
    countersigned_at: str | None


class SignedSizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Checkpoints, the newest first."""

    items: list[SignedSize]


class RefusedReceipt(Refused):
    """A countersignature is not one of the fund's, or is about something that was never signed here."""

    status, problem = HTTPStatus.CONFLICT, "refused-receipt"


@cache
def verifier() -> str:
    """SHA-256 of `verify.py` as shipped: checkpoints name it, so that a reader knows whether theirs is genuine."""
    return sha256(files("service.offline").joinpath("verify.py").read_bytes()).hexdigest()


def make_checkpoint(connection: Connection, signer: Signer) -> BankCheckpoint | None:
    """Enter an anchor, and sign the ledger as it then stands, at the anchor's time: none behind it lies before that.

    It tells the days of every signing key. None where nothing was entered yet. Writes, but does not commit. Raises
    `ClockWrong`, or `KeyNotInForce`.
    """
    if not _end(connection)[0]:
        return None
    check_in_force(connection, signer)
    anchor = write_anchor(connection, SERVICE)
    size, seal = anchor.seq, anchor.seal
    tree = Tree(connection, size)
    keep_tiles(tree)
    statement: CheckpointStatement = {
        "form": CHECKPOINT,
        "ledger": _name(connection),
        "size": size,
        "root": tree.root().hex(),
        "seal": seal,
        "at": anchor.at,
        "verifier": verifier(),
        "suite": SUITE,
        "key": signer.key,
    }
    if days := key_days(connection):
        statement["keys"] = days
    signature = signer.signature(statement)
    connection.execute(insert(CHECKPOINTS), _row(statement, signature))
    return {"checkpoint": statement, "signature": signature}


def checkpoint(connection: Connection, covering: int = 1) -> BankCheckpoint | None:
    """The newest checkpoint, if there is one of at least so many entries."""
    wanted = select(CHECKPOINTS).where(CHECKPOINTS.c.size >= covering).order_by(CHECKPOINTS.c.number.desc()).limit(1)
    found = connection.execute(wanted).one_or_none()
    return _checkpoint(found.text, found.signature) if found else None


def checkpoints_listed(connection: Connection, limit: int) -> SignedSizes:
    """The newest checkpoints, each with the time of the receipt that names it."""
    wanted = select(CHECKPOINTS).order_by(CHECKPOINTS.c.number.desc()).limit(limit)
    rows = connection.execute(wanted).all()
    digests = {row.number: digest(_checkpoint(row.text, row.signature)) for row in rows}
    named = select(RECEIPTS.c.checkpoint, RECEIPTS.c.at).where(RECEIPTS.c.checkpoint.in_(digests.values()))
    taken = {row.checkpoint: row.at for row in connection.execute(named)}
    return SignedSizes(
        [SignedSize(row.number, row.size, row.at, row.key, taken.get(digests[row.number])) for row in rows]
    )


def countersigned(connection: Connection, covering: int = 1) -> tuple[BankCheckpoint, FundReceipt] | None:
    """The largest checkpoint that the fund countersigned, with its receipt, if it covers so many entries.

    None also where that checkpoint is gone: `without_checkpoint` tells of it.
    """
    receipt = _newest_receipt(connection, covering)
    signed = None if receipt is None else _of_receipt(connection, receipt)
    if receipt is None or signed is None:
        return None
    return signed, {"receipt": orjson.loads(receipt.text), "signature": receipt.signature}


def without_checkpoint(connection: Connection) -> int | None:
    """The entry of the newest receipt where the checkpoint that it names is not kept; None where all is well."""
    receipt = _newest_receipt(connection, 1)
    return None if receipt is None or _of_receipt(connection, receipt) is not None else int(receipt.seq)


def _newest_receipt(connection: Connection, covering: int) -> Receipt | None:
    wanted = select(RECEIPTS).where(RECEIPTS.c.size >= covering).order_by(RECEIPTS.c.size.desc(), RECEIPTS.c.seq.desc())
    row = connection.execute(wanted.limit(1)).mappings().one_or_none()
    return None if row is None else Receipt(**row)


def _of_receipt(connection: Connection, receipt: Receipt) -> BankCheckpoint | None:
    """The checkpoint that a receipt names."""
    of = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.size == receipt.size)).all()
    every = (_checkpoint(row.text, row.signature) for row in of)
    return next((told for told in every if digest(told) == receipt.checkpoint), None)


def consistency_from(connection: Connection, tree: Tree, since: int | None = None) -> dict[str, list[str]]:
    """Proofs that the tree begins with those of the newest earlier checkpoints, and with that of `since` entries."""
    newest = select(CHECKPOINTS.c.size).where(CHECKPOINTS.c.size < tree.size).distinct()
    sizes = set(connection.execute(newest.order_by(CHECKPOINTS.c.size.desc()).limit(EARLIER_CHECKPOINTS)).scalars())
    sizes |= {since} if since is not None and 0 < since < tree.size else set()
    return {str(of): [other.hex() for other in tree.consistency(of, tree.size)] for of in sorted(sizes)}


def digest(told: BankCheckpoint) -> str:
    """SHA-256 of a checkpoint's statement: what a receipt names."""
    return sha256(canonical(told["checkpoint"])).hexdigest()


def enter_receipt(connection: Connection, told: FundReceipt, fund_keys: Sequence[str]) -> int:
    """Enter the fund's countersignature of one of our checkpoints; the entry's number, also where it stood before.

    Writes, but does not commit. Raises `RefusedReceipt`.
    """
    receipt = _checked(told, fund_keys)
    same = (RECEIPTS.c.checkpoint == receipt["checkpoint"], RECEIPTS.c.key == receipt["key"])
    before = connection.execute(select(RECEIPTS.c.seq).where(*same)).scalars().first()
    if before is not None:
        return int(before)
    of = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.size == receipt["size"])).all()
    if receipt["checkpoint"] not in [digest(_checkpoint(row.text, row.signature)) for row in of]:
        raise RefusedReceipt("receipt_stranger")
    content = ReceiptEntry(receipt=dict(receipt), signature=told["signature"])
    entry = append(connection, [Draft.of(content, FUND)])[0]
    row = _row(receipt, told["signature"]) | {"seq": entry.seq, "checkpoint": receipt["checkpoint"]}
    connection.execute(insert(RECEIPTS), row)
    return entry.seq


def receipt_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it holds a receipt."""
    if entry.kind != Kind.RECEIPT or entry.body is None:
        return None
    signed = entry.body["/receipt"]
    receipt, signature = msgspec.convert(signed, ReceiptStatement), str(entry.body["/signature"])
    told = {"seq": entry.seq, "checkpoint": receipt["checkpoint"], "text": canonical(signed).decode()}
    return _row(receipt, signature) | told


def _checked(told: FundReceipt, fund_keys: Sequence[str]) -> ReceiptStatement:
    if not fund_keys:
        raise RefusedReceipt("receipt_no_key")
    if not any(is_signed(told, "receipt", key) for key in fund_keys):
        raise RefusedReceipt("receipt_signature")
    receipt = told["receipt"]
    if receipt.get("form") != RECEIPT or not isinstance(receipt.get("size"), int):
        raise RefusedReceipt("receipt_form", form=RECEIPT)
    return receipt


def standing(connection: Connection, now: datetime) -> LedgerState:
    """The ledger's size and last seal, its newest checkpoint and the fund's last receipt, with their ages."""
    size, seal = _end(connection)
    newest, both = checkpoint(connection), countersigned(connection)
    return {
        "size": size,
        "seal": seal if size else None,
        "checkpoint": _aged(newest["checkpoint"], now) if newest else None,
        "receipt": _aged(both[1]["receipt"], now) if both else None,
    }


def _name(connection: Connection) -> str:
    """The ledger's name for good: its first seal, which the first checkpoint holds where that entry was archived."""
    signed = connection.execute(select(CHECKPOINTS.c.text).order_by(CHECKPOINTS.c.number).limit(1)).scalar()
    if signed is not None:
        return str(orjson.loads(signed)["ledger"])
    return str(connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == 1)).scalar_one())


def _end(connection: Connection) -> tuple[int, str]:
    """Size and last seal as the head row tells them, without its lock."""
    found = connection.execute(select(HEAD.c.size, HEAD.c.seal).where(HEAD.c.id == 1)).one_or_none()
    return (found.size, found.seal) if found else (0, NOTHING_BEFORE)


def _aged(statement: CheckpointStatement | ReceiptStatement, now: datetime) -> StatementAge:
    age = (now - datetime.fromisoformat(statement["at"])).total_seconds()
    return {"size": statement["size"], "at": statement["at"], "age_seconds": round(age), "key": statement["key"]}


def _row(statement: CheckpointStatement | ReceiptStatement, signature: str) -> dict[str, object]:
    same = {"size": statement["size"], "at": statement["at"], "key": statement["key"]}
    return same | {"text": canonical(statement).decode(), "signature": signature}


def _checkpoint(text: str, signature: str) -> BankCheckpoint:
    return {"checkpoint": orjson.loads(text), "signature": signature}
