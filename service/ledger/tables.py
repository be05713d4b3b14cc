"""How entries are kept: one table that the database lets nobody change, and a head row that knows its size."""

from typing import Protocol

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class Entry(SQLModel, table=True):
    """One sealed entry. Texts are kept exactly as they were sealed.

    Form 2: `outer` is the root over the outer leaves, `facts` their canonical object, `root` the header's `inner`;
    `actor`, `kind` and `file` stand in `facts` and are columns to be found by. `body` is the canonical object of the
    content's leaves, compressed; `secret` is that of their salts.

    Form 1: `root` is the one root, `body` the canonical object of the leaves, `answer` what left for the caller, byte
    for byte: its digest is the leaf `/sent`, each of its parts is a leaf that need not be kept twice.

    Where `key` names the key of a firm, `secret`, `body` and `answer` are kept under it: `contents.py` reads them.
    """

    __tablename__ = "ledger_entries"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    form: str = Field(sa_column_kwargs={"server_default": "pledgescore-entry-1"})
    suite: str
    before: str
    at: str
    actor: str
    kind: str
    file: str | None = Field(default=None, index=True)
    outer: str | None = None
    facts: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    root: str
    seal: str
    secret: bytes
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    key: str | None = Field(default=None, index=True)


class EntryRow(Protocol):
    """What `contents.entries_with_keys` reads of an entry: its columns, and the `material` of the key that it names."""

    seq: int
    form: str
    suite: str
    before: str
    at: str
    actor: str
    kind: str
    file: str | None
    outer: str | None
    facts: bytes | None
    root: str
    seal: str
    secret: bytes
    body: bytes
    answer: bytes | None
    key: str | None
    material: bytes | None


class Head(SQLModel, table=True):
    """The one row that says how many entries there are and which seal is the last: a cut tail shows.

    `at` is the last entry's time, `opening` the number of the opening entry (null: there is none yet), `resumed` that
    of the last resumption, with what the clock said then and the time of the entry before.
    """

    __tablename__ = "ledger_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
    seal: str
    at: str | None = None
    opening: int | None = None
    resumed: int | None = None
    resumed_clock: str | None = None
    resumed_last: str | None = None


class LedgerKey(SQLModel, table=True):
    """The key from which the secrets of outer leaves follow, under the wrapping key; it is never erased."""

    __tablename__ = "ledger_keys"

    name: str = Field(primary_key=True)
    material: bytes


class FileHead(SQLModel, table=True):
    """The head of a loan file: its last entry, the n-th of it.

    `settled`: no loan of it is open. `lent`: money was drawn under it.
    """

    __tablename__ = "file_heads"

    id: str = Field(primary_key=True)
    n: int
    seal: str
    seq: int
    at: str
    settled: bool
    lent: bool


class FirmHead(SQLModel, table=True):
    """How often a firm was assessed at a bank (empty text: at none), and the seal of the last of these entries."""

    __tablename__ = "firm_heads"

    firm: str = Field(primary_key=True)
    bank: str = Field(primary_key=True)
    n: int
    seal: str


class Tile(SQLModel, table=True):
    """256 neighbouring hashes of the Merkle tree over the seals, 32 bytes each: a proof reads a few of them.

    Level 0 holds the hashes of entries, level L the roots of 256**L entries each. Only full tiles are kept; whatever
    lies behind the last follows from the entries' seals.
    """

    __tablename__ = "ledger_tiles"

    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Checkpoint(SQLModel, table=True):
    """A signed statement of the ledger's size and root; `text` is the canonical object that the signature covers."""

    __tablename__ = "ledger_checkpoints"

    number: int | None = Field(default=None, primary_key=True)
    size: int = Field(index=True)
    at: str
    key: str
    text: str
    signature: str


class Receipt(SQLModel, table=True):
    """The fund's countersignature of a checkpoint (by the digest of its text); the ledger holds it under `seq`."""

    __tablename__ = "ledger_receipts"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
    checkpoint: str = Field(index=True)
    at: str
    key: str
    text: str
    signature: str


class Segment(SQLModel, table=True):
    """A month of entries, closed by an anchor entry; once archived, its entries may lie in a file instead of here."""

    __tablename__ = "ledger_segments"

    month: str = Field(primary_key=True)
    first: int
    last: int
    before: str
    seal: str
    anchor: int


class Archived(SQLModel, table=True):
    """Up to which entry the ledger was moved to files, with that entry's seal: the ledger here begins behind it."""

    __tablename__ = "ledger_archived"

    last: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seal: str
    at: str


class StoredArtifact(SQLModel, table=True):
    """What entries name by its hash and need to be asked again: a bundle (zipped, without self-test) or a policy."""

    __tablename__ = "stored_artifacts"

    digest: str = Field(primary_key=True)
    kind: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


ENTRIES = SQLModel.metadata.tables["ledger_entries"]
HEAD = SQLModel.metadata.tables["ledger_head"]
LEDGER_KEYS = SQLModel.metadata.tables["ledger_keys"]
FILE_HEADS = SQLModel.metadata.tables["file_heads"]
FIRM_HEADS = SQLModel.metadata.tables["firm_heads"]
TILES = SQLModel.metadata.tables["ledger_tiles"]
CHECKPOINTS = SQLModel.metadata.tables["ledger_checkpoints"]
RECEIPTS = SQLModel.metadata.tables["ledger_receipts"]
SEGMENTS = SQLModel.metadata.tables["ledger_segments"]
ARCHIVED = SQLModel.metadata.tables["ledger_archived"]
STORED_ARTIFACTS = SQLModel.metadata.tables["stored_artifacts"]
APPEND_ONLY = (TILES, CHECKPOINTS, RECEIPTS, SEGMENTS, ARCHIVED, STORED_ARTIFACTS)
"""Tables beside the entries in which nothing is changed or removed either."""
