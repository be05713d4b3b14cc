"""Adds entries at the end of the ledger, inside the transaction of whatever they record."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from service.ledger.canonical import canonical, time_text
from service.ledger.seal import NOTHING_BEFORE, SUITE, Header, Leaves, body_root, body_text
from service.ledger.tables import ENTRIES, HEAD, Kind


@dataclass(frozen=True)
class Draft:
    """What is to be entered: `leaves` are canonical values by pointer, `answer` what leaves for the caller (if any)."""

    at: datetime
    actor: str
    kind: Kind
    leaves: Leaves
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Sealed:
    """An entry as it was written: its place, its time, its seal and the answer's bytes."""

    seq: int
    at: str
    seal: str
    answer: bytes | None


def append(connection: Connection, drafts: Sequence[Draft]) -> list[Sealed]:
    """Write the drafts in their order behind the last entry; nothing is durable before the caller commits."""
    size, seal = head(connection)
    written, rows = [], []
    for seq, draft in enumerate(drafts, start=size + 1):
        row = _sealed_row(draft, seq, seal)
        seal = row["seal"]
        rows.append(row)
        written.append(Sealed(seq, row["at"], seal, row["answer"]))
    if rows:
        connection.execute(insert(ENTRIES), rows)
        _set_head(connection, size + len(rows), seal, first=size == 0)
    return written


def head(connection: Connection) -> tuple[int, str]:
    """The number of entries and the last seal as the head row tells them, locked for this transaction."""
    found = connection.execute(select(HEAD.c.size, HEAD.c.seal).with_for_update()).one_or_none()
    return (found.size, found.seal) if found else (0, NOTHING_BEFORE)


def answer_leaves(sent: bytes, parts: Mapping[str, Any]) -> dict[str, bytes]:
    """The leaves of an answer: one per top-level part, and the digest of the bytes that left."""
    leaves = {f"/answer/{part}": canonical(value) for part, value in parts.items()}
    leaves["/sent"] = canonical(sha256(sent).hexdigest())
    return leaves


def _sealed_row(draft: Draft, seq: int, before: str) -> dict[str, Any]:
    secret, at, kind = os.urandom(32), time_text(draft.at), draft.kind.value
    sent = None if draft.answer is None else orjson.dumps(draft.answer)
    leaves = draft.leaves if sent is None else {**draft.leaves, **answer_leaves(sent, draft.answer or {})}
    header = Header(SUITE, before, seq, at, draft.actor, kind, body_root(leaves, secret))
    return {
        **vars(header),
        "seal": header.seal,
        "secret": secret,
        "body": body_text(draft.leaves),
        "answer": sent,
    }


def _set_head(connection: Connection, size: int, seal: str, *, first: bool) -> None:
    if first:
        connection.execute(insert(HEAD), {"id": 1, "size": size, "seal": seal})
    else:
        connection.execute(update(HEAD), {"size": size, "seal": seal})
