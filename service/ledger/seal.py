"""From leaves to a root and from a root to a seal: what is hashed, and in which order.

A body is a set of leaves, each a canonical value under a pointer (`/rows/patents/0/public`). A leaf's salt is the
HMAC-SHA-256 of its pointer under the entry's own secret, so that one reader can be shown some leaves and nobody can
guess the rest. Leaves in order of pointer, by code point, are hashed to a root as RFC 9162 hashes a log:

    leaf = SHA-256(0x00 || salt || canonical([pointer, value]))      node = SHA-256(0x01 || left || right)

The seal is the SHA-256 of `canonical([suite, before, seq, at, actor, kind, root])`: it chains the entry to the one
before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from service.ledger.canonical import canonical

SUITE = "sha256-ed25519-1"
"""The algorithms of hashes and (of checkpoints') signatures; an entry names its own, so that they may change."""

NOTHING_BEFORE = "0" * 64
"""What the first entry has for the seal before it."""

Leaves = Mapping[str, bytes]
"""Canonical values by pointer."""


def body_text(leaves: Leaves) -> bytes:
    """The canonical object of all leaves: pointers as names."""
    return b"{" + b",".join([b"%b:%b" % (_name(pointer), leaves[pointer]) for pointer in sorted(leaves)]) + b"}"


def body_root(leaves: Leaves, secret: bytes) -> str:
    """The root over the leaves, 64 hex digits. At least one leaf."""
    inner, outer = _keyed(secret)
    hashes = []
    for pointer in sorted(leaves):
        name = _name(pointer)
        keyed, salt = inner.copy(), outer.copy()
        keyed.update(pointer.encode())
        salt.update(keyed.digest())
        hashes.append(sha256(b"\x00%b[%b,%b]" % (salt.digest(), name, leaves[pointer])).digest())
    return tree_root(hashes).hex()


def _keyed(secret: bytes) -> tuple[Any, Any]:
    """The two states of HMAC-SHA-256 under a secret: copied for every leaf, so that the key is hashed once an entry."""
    block = secret.ljust(64, b"\x00")
    return sha256(bytes([byte ^ 0x36 for byte in block])), sha256(bytes([byte ^ 0x5C for byte in block]))


@lru_cache(100_000)
def _name(pointer: str) -> bytes:
    """A pointer as canonical text; the same pointers come in every entry."""
    return canonical(pointer)


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 9162 section 2.1.1 over leaf hashes.

    Pairing level by level and carrying an odd last node up gives the RFC's split at the largest power of two.
    """
    level = list(hashes)
    while len(level) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


@dataclass(frozen=True)
class Header:
    """What the seal of an entry covers, in this order; `before` is the seal of the entry before it."""

    suite: str
    before: str
    seq: int
    at: str
    actor: str
    kind: str
    root: str

    @property
    def seal(self) -> str:
        """The seal, 64 hex digits."""
        sealed = [self.suite, self.before, self.seq, self.at, self.actor, self.kind, self.root]
        return sha256(canonical(sealed)).hexdigest()
