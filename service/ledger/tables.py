"""How entries are kept: one table that the database lets nobody change, and a head row that knows its size."""

from sqlalchemy import Column, LargeBinary, Table
from sqlmodel import Field, SQLModel


class Entry(SQLModel, table=True):
    """One sealed entry. Texts are kept exactly as they were sealed.

    `body` is the canonical object of the leaves. `answer` is what left for the caller, byte for byte; its digest is the
    leaf `/sent`, and each of its top-level parts is a leaf `/answer/PART` that need not be kept twice. Where `key`
    names the key of a firm, `secret`, `body` and `answer` are kept under it: `contents.py` reads them.
    """

    __tablename__ = "ledger_entries"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    suite: str
    before: str
    at: str
    actor: str
    kind: str
    root: str
    seal: str
    secret: bytes
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    key: str | None = Field(default=None, index=True)


class Head(SQLModel, table=True):
    """The one row that says how many entries there are and which seal is the last: a cut tail shows."""

    __tablename__ = "ledger_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
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

    __tablename__ = "ledger_enclosures"

    digest: str = Field(primary_key=True)
    kind: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


ENTRIES: Table = SQLModel.metadata.tables["ledger_entries"]
HEAD: Table = SQLModel.metadata.tables["ledger_head"]
TILES: Table = SQLModel.metadata.tables["ledger_tiles"]
CHECKPOINTS: Table = SQLModel.metadata.tables["ledger_checkpoints"]
RECEIPTS: Table = SQLModel.metadata.tables["ledger_receipts"]
SEGMENTS: Table = SQLModel.metadata.tables["ledger_segments"]
ARCHIVED: Table = SQLModel.metadata.tables["ledger_archived"]
STORED_ARTIFACTS: Table = SQLModel.metadata.tables["ledger_enclosures"]
APPEND_ONLY = (TILES, CHECKPOINTS, RECEIPTS, SEGMENTS, ARCHIVED, STORED_ARTIFACTS)
"""Tables beside the entries in which nothing is changed or removed either."""
