"""Adds entries at the end of the ledger, inside the transaction of whatever they record."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from service.ledger.canonical import time_text
from service.ledger.contents import Content, columns_of, keys_of
from service.ledger.kinds import Kind
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.seal import NOTHING_BEFORE, SUITE, FirstFormHeader, Leaves, body_root, body_text
from service.ledger.tables import ENTRIES, HEAD


@dataclass(frozen=True)
class Draft:
    """What is to be entered: `leaves` are canonical values by pointer, `answer` what leaves for the caller (if any).

    What is about a `firm` is kept under its key.
    """

    at: datetime
    actor: str
    kind: Kind
    leaves: Leaves
    answer: Mapping[str, Any] | None = None
    firm: str | None = None


@dataclass(frozen=True)
class Sealed:
    """An entry as it was written: its place, its time, its seal and the answer's bytes."""

    seq: int
    at: str
    seal: str
    answer: bytes | None


@dataclass(frozen=True)
class Prepared:
    """A draft with all that is hashed of it alone: what is left waits for its place in the chain."""

    draft: Draft
    at: str
    root: str
    content: Content


def prepare(draft: Draft) -> Prepared:
    """Hash what does not depend on the entries before: whoever writes need not hold up the others with it."""
    secret = os.urandom(32)
    sent = None if draft.answer is None else orjson.dumps(draft.answer)
    leaves = draft.leaves
    if sent is not None:
        leaves = {**leaves, **answer_leaves(sent, draft.answer or {}, cut_of(leaves))}
    content = Content(secret, body_text(draft.leaves), sent)
    return Prepared(draft, time_text(draft.at), body_root(leaves, secret), content)


def append(connection: Connection, drafts: Sequence[Draft | Prepared]) -> list[Sealed]:
    """Write the drafts in their order behind the last entry, in a transaction of `writing`: it alone keeps others away.

    Nothing is durable before the caller commits.
    """
    size, seal = head(connection)
    ready = [draft if isinstance(draft, Prepared) else prepare(draft) for draft in drafts]
    keys = keys_of(connection, (one.draft.firm for one in ready if one.draft.firm is not None))
    written, rows = [], []
    for seq, one in enumerate(ready, start=size + 1):
        header = FirstFormHeader(SUITE, seal, seq, one.at, one.draft.actor, one.draft.kind.value, one.root)
        seal = header.seal
        key = keys[one.draft.firm] if one.draft.firm is not None else None
        rows.append({**vars(header), "seal": seal, **columns_of(one.content, seq, key)})
        written.append(Sealed(seq, header.at, seal, one.content.answer))
    if rows:
        connection.execute(insert(ENTRIES), rows)
        _set_head(connection, size + len(rows), seal, first=size == 0)
    return written


def head(connection: Connection) -> tuple[int, str]:
    """The number of entries and the last seal as the head row tells them."""
    found = connection.execute(select(HEAD.c.size, HEAD.c.seal)).one_or_none()
    return (found.size, found.seal) if found else (0, NOTHING_BEFORE)


def _set_head(connection: Connection, size: int, seal: str, *, first: bool) -> None:
    if first:
        connection.execute(insert(HEAD), {"id": 1, "size": size, "seal": seal})
    else:
        connection.execute(update(HEAD), {"size": size, "seal": seal})
