"""What an entry holds, compressed and kept under the key that its bank has for its firm: with the key it goes.

The seal covers the plain content, so neither compression nor encryption changes a proof. Of an entry whose key was
destroyed, number, time, outer leaves, roots and seal stay; what they stood for cannot be read by anybody, and the
entry that records the destruction names it. Contents of form 1 are not compressed.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict, TypeVar
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, LargeBinary, Select, UniqueConstraint, insert, select
from sqlmodel import Field, SQLModel

from service.edge.errors import Erased
from service.ledger.compression import compressed, decompressed
from service.ledger.seal import FORM
from service.ledger.tables import ENTRIES, EntryRow
from service.ledger.wrapping import wrapping_of

KEY_BYTES = 32
"""Of the key of a firm."""
_NONCE = 12
"""Bytes of an AES-GCM nonce; drawn anew for each column of each entry."""


OfBank = tuple[str, str]
"""A firm and the bank that asks about it; empty text: no bank."""
T = TypeVar("T")


class FirmKey(SQLModel, table=True):
    """The AES-256 key of what one bank has about one firm, wrapped; `bank` is an empty text where none is named.

    A null `bank`: of all banks that asked about the firm, from before each had a key of its own. Destroyed, it has no
    `material` and no longer says whose.
    """

    __tablename__ = "firm_keys"
    __table_args__ = (UniqueConstraint("firm", "bank", name="uq_firm_keys_firm_bank"),)

    id: str = Field(primary_key=True)
    firm: str | None = None
    bank: str | None = None
    material: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


FIRM_KEYS = SQLModel.metadata.tables["firm_keys"]
WITH_KEYS = ENTRIES.outerjoin(FIRM_KEYS, ENTRIES.c.key == FIRM_KEYS.c.id)


@dataclass(frozen=True)
class Content:
    """What an entry holds: the secret of its salts, the canonical body, and the answer that left (if any)."""

    secret: bytes
    body: bytes
    answer: bytes | None = None


@dataclass(frozen=True)
class Packed:
    """The same as it is kept: compressed."""

    secret: bytes
    body: bytes
    answer: bytes | None = None


def packed(content: Content) -> Packed:
    """The content compressed."""
    body, answer = content.body, content.answer
    return Packed(content.secret, compressed(body), None if answer is None else compressed(answer))


@dataclass(frozen=True)
class Key:
    """The key of a firm, ready for use."""

    id: str
    cipher: AESGCM


def key_for(of: OfBank, held: Mapping[tuple[str, str | None], T]) -> T | None:
    """Of the keys of a firm that which a bank writes with: its own, else the one that banks had together."""
    return held.get(of) or held.get((of[0], None))


def keys_of(connection: Connection, owners: Collection[OfBank]) -> dict[OfBank, Key]:
    """The keys of firms at banks, of those that have one."""
    table = FIRM_KEYS.c
    firms = sorted({firm for firm, _ in owners})
    wanted = select(table.firm, table.bank, table.id, table.material).where(table.firm.in_(firms))
    rows = {(row.firm, row.bank): row for row in connection.execute(wanted.where(table.material.is_not(None)))}
    found = ((of, key_for(of, rows)) for of in owners)
    return {of: held_key(connection, row.id, row.material) for of, row in found if row is not None}


def held_key(connection: Connection, key: str, material: bytes) -> Key:
    """The key of that id."""
    return Key(key, _cipher(connection, key, material))


def new_keys(connection: Connection, owners: Iterable[OfBank]) -> dict[OfBank, Key]:
    """Keys for firms at banks that have none."""
    made = {of: (uuid4().hex, os.urandom(KEY_BYTES)) for of in sorted(owners)}
    if made:
        wrapping = wrapping_of(connection)
        rows = [
            {"id": name, "firm": firm, "bank": bank, "material": wrapping.wrapped(material, place_of(name))}
            for (firm, bank), (name, material) in made.items()
        ]
        connection.execute(insert(FIRM_KEYS), rows)
    return {of: Key(name, AESGCM(material)) for of, (name, material) in made.items()}


def place_of(key: str) -> str:
    """Where a firm's key lies, as it is wrapped."""
    return f"{FIRM_KEYS.name}/{key}"


def _cipher(connection: Connection, key: str, material: bytes) -> AESGCM:
    return AESGCM(wrapping_of(connection).opened(material, place_of(key)))


class ContentColumns(TypedDict):
    """The columns that hold an entry's content, and the id of the key that they are under."""

    secret: bytes
    body: bytes
    answer: bytes | None
    key: str | None


def columns_of(content: Packed, seq: int, key: Key | None) -> ContentColumns:
    """The columns that hold the content of entry `seq`: locked by the key, or plain where it is about no firm."""
    if key is None:
        return {"secret": content.secret, "body": content.body, "answer": content.answer, "key": None}
    return {
        "secret": _locked(content.secret, key.cipher, seq, "secret"),
        "body": _locked(content.body, key.cipher, seq, "body"),
        "answer": content.answer and _locked(content.answer, key.cipher, seq, "answer"),
        "key": key.id,
    }


def entries_with_keys() -> Select[*tuple[object, ...]]:
    """A query of entries, to be narrowed and ordered; each row is an `EntryRow`."""
    return select(*ENTRIES.c, FIRM_KEYS.c.material).select_from(WITH_KEYS)


def content_of(connection: Connection, entry: EntryRow) -> Content:
    """What an entry holds.

    Raises `Erased` where its key is gone, `BadKey` where that lies under a key that is not here, `ValueError` where it
    is not what was written.
    """
    held: Mapping[str, bytes | None] = {name: getattr(entry, name) for name in ("secret", "body", "answer")}
    if entry.key is not None:
        if entry.material is None:
            raise Erased("erased", entry=entry.seq)
        cipher = _cipher(connection, as_text(entry.key), entry.material)
        held = {name: value and _opened(value, cipher, entry.seq, name) for name, value in held.items()}
    if as_text(entry.form) == FORM:
        plain = {name: decompressed(value) for name in ("body", "answer") if (value := held[name]) is not None}
        held = {**held, **plain}
    return Content(held["secret"] or b"", held["body"] or b"", held["answer"])


def as_text(held: str | bytes) -> str:
    """A text column: whoever verifies reads bytes, since an altered one need not be UTF-8."""
    return held if isinstance(held, str) else bytes(held).decode()


def _locked(plain: bytes, cipher: AESGCM, seq: int, name: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, _place(seq, name))


def _opened(held: bytes, cipher: AESGCM, seq: int, name: str) -> bytes:
    try:
        return cipher.decrypt(held[:_NONCE], held[_NONCE:], _place(seq, name))
    except InvalidTag:
        raise ValueError(f"the {name} of entry {seq} is not what was written under its key") from None


def _place(seq: int, name: str) -> bytes:
    """What a locked column is bound to: moved elsewhere, it does not open."""
    return f"{seq}/{name}".encode()
