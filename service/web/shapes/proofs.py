"""The shape of checkpoints, receipts and proofs, as they are sent and received."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.edge.faults import ProblemFault
from service.web.shapes.part import DECLARED

Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
"""SHA-256, or a public key, in hex."""
Signature = Annotated[str, StringConstraints(pattern="^[0-9a-f]{128}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
Entries = Annotated[int, Field(ge=1, le=2**53)]


class Shape(BaseModel):
    """Nothing in it that is not described, and nothing turned into something else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class KeyDaysOut(Shape):
    """A signing key, its first and last moment (null: in force), and from when on nothing counts that it signed."""

    key: Hash
    since: Moment
    until: Moment | None
    revoked_from: Moment | None


class CheckpointOut(Shape):
    """What the bank signs: the ledger's first seal (its name), its size, root and last seal, when, and by which key.

    `verifier` is the SHA-256 of the `verify.py` that was shipped then; `keys` are all signing keys so far, where
    entries name them.
    """

    form: str
    suite: str
    ledger: Hash
    size: Entries
    root: Hash
    seal: Hash
    at: Moment
    verifier: Hash
    key: Hash
    keys: list[KeyDaysOut] = []


class SignedCheckpoint(Shape):
    """A checkpoint with its Ed25519 signature over the canonical text."""

    checkpoint: CheckpointOut
    signature: Signature


class ReceiptOut(Shape):
    """What the fund signs: which checkpoint (SHA-256 of its canonical text) it found consistent, and when."""

    form: str
    suite: str
    ledger: Hash
    size: Entries
    root: Hash
    checkpoint: Hash
    at: Moment
    key: Hash


class SignedReceipt(Shape):
    """A receipt with its Ed25519 signature over the canonical text."""

    receipt: ReceiptOut
    signature: Signature


class ReceiptTaken(Shape):
    """The entry that holds a receipt."""

    entry: int


class Aged(Shape):
    """A signed statement: about how many entries, when, how many seconds ago, and by which key."""

    size: int
    at: str
    age_seconds: int
    key: str


class LedgerStanding(Shape):
    """How the ledger stands; `undelivered` tells which destination of checkpoints fails, and why."""

    size: int
    seal: str | None
    checkpoint: Aged | None
    receipt: Annotated[Aged | None, Field(description="The fund's last countersignature")]
    undelivered: dict[str, list[Annotated[ProblemFault, DECLARED]]]


class InclusionProof(Shape):
    """The hashes that lead from an entry's leaf to the root, the lowest first (RFC 9162 section 2.1.3)."""

    entry: int
    seal: Hash
    leaf: Hash
    size: int
    root: Hash
    proof: list[Hash]


class ConsistencyProof(Shape):
    """The hashes that show a tree to begin with an earlier one (RFC 9162 section 2.1.4)."""

    earlier_size: int
    earlier_root: Hash
    size: int
    root: Hash
    proof: list[Hash]


PROOFS: tuple[type[BaseModel], ...] = (
    SignedCheckpoint, SignedReceipt, ReceiptTaken, LedgerStanding, InclusionProof, ConsistencyProof,
)  # fmt: skip
"""The models that OpenAPI names."""
