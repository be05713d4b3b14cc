"""From leaves to a root and from roots to a seal: what is hashed, and in which order.

A leaf is a canonical value under a pointer (`/rows/patents/public`). Its salt is the HMAC-SHA-256 of the pointer under
a secret, so that one reader can be shown some leaves and nobody can guess the rest. Leaves in order of pointer, by
code point, are hashed to a root as RFC 9162 hashes a log:

    leaf = SHA-256(0x00 || salt || canonical([pointer, value]))      node = SHA-256(0x01 || left || right)

An entry of form 2 has two roots. `inner` is over its content, under a secret that lies with the content. `outer` is
over who, of which kind, in which loan file and in whose scope (`outer.py`), under a secret that is never erased. The
seal is the SHA-256 of `canonical([form, suite, before, seq, at, outer, inner])`: it chains the entry to the one before.
An entry of form 1 has one root, and names actor and kind in its header.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from service.ledger.canonical import canonical

FORM_1, FORM = "pledgescore-entry-1", "pledgescore-entry-2"
"""Layouts of an entry; the header of form 1 does not name it."""
SUITE = "sha256-ed25519-1"
"""The algorithms of hashes and signatures. A ledger has one for its life; another one is another ledger."""

NOTHING_BEFORE = "0" * 64
"""What the first entry has for the seal before it."""

_EMPTY = sha256()
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
"""Each byte as the two pads of HMAC turn it."""

Leaves = Mapping[str, bytes]
"""Canonical values by pointer."""


def body_text(leaves: Leaves) -> bytes:
    """The canonical object of all leaves: pointers as names."""
    return b"{" + b",".join([b"%b:%b" % (_name(pointer), leaves[pointer]) for pointer in sorted(leaves)]) + b"}"


def body_root(leaves: Leaves, secret: bytes) -> str:
    """The root over the leaves, 64 hex digits. At least one leaf."""
    return tree_root(leaf_hashes(leaves, secret)).hex()


def leaf_hashes(leaves: Leaves, secret: bytes) -> list[bytes]:
    """The hashes of the leaves, in order of pointer."""
    keyed = KeyedHash(secret)
    return [
        _hashed(b"\x00%b[%b,%b]" % (keyed.digest(pointer.encode()), _name(pointer), leaves[pointer]))
        for pointer in sorted(leaves)
    ]


class KeyedHash:
    """HMAC-SHA-256 under a secret of at most 64 bytes, which is hashed once for all messages."""

    def __init__(self, secret: bytes) -> None:
        block = secret.ljust(64, b"\x00")
        self._inner, self._outer = sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))

    def digest(self, message: bytes) -> bytes:
        """The code of a message, 32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def shown_leaf(secret: bytes, pointer: str, text: bytes) -> list[str]:
    """A leaf as a reader is shown it: pointer, salt and text."""
    return [pointer, hmac.digest(secret, pointer.encode(), "sha256").hex(), text.decode()]


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
        level = _level_above(level)
    return level[0] if level else sha256().digest()


def tree_path(hashes: Sequence[bytes], place: int) -> list[bytes]:
    """The hashes that lead from the leaf at a place (from 0) to the root, the lowest first (RFC 9162, 2.1.3)."""
    level, path = list(hashes), []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, place = _level_above(level), place // 2
    return path


def _hashed(data: bytes) -> bytes:
    """SHA-256. A copy of an empty state is made in half the time of a new one, and an entry has hundreds."""
    state = _EMPTY.copy()
    state.update(data)
    return state.digest()


def _level_above(level: list[bytes]) -> list[bytes]:
    paired = [_hashed(b"\x01" + left + right) for left, right in zip(level[::2], level[1::2], strict=False)]
    if len(level) % 2:
        paired.append(level[-1])
    return paired


@dataclass(frozen=True)
class Header:
    """What the seal of an entry of form 2 covers, in this order; `before` is the seal of the entry before it."""

    form: str
    suite: str
    before: str
    seq: int
    at: str
    outer: str
    inner: str

    @property
    def seal(self) -> str:
        """The seal, 64 hex digits."""
        return _sealed([self.form, self.suite, self.before, self.seq, self.at, self.outer, self.inner])


@dataclass(frozen=True)
class FirstFormHeader:
    """What the seal of an entry of form 1 covers, in this order."""

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
        return _sealed([self.suite, self.before, self.seq, self.at, self.actor, self.kind, self.root])


class SealedColumns(Protocol):
    """The columns of an entry that its header is made of; `root` is the header's `inner`, `outer` null in form 1."""

    form: str
    suite: str
    before: str
    seq: int
    at: str
    actor: str
    kind: str
    outer: str | None
    root: str


def header_of(entry: SealedColumns) -> Header | FirstFormHeader:
    """The header of an entry by its columns, by its form."""
    same = (entry.suite, entry.before, entry.seq, entry.at)
    if entry.form == FORM_1:
        return FirstFormHeader(*same, entry.actor, entry.kind, entry.root)
    return Header(entry.form, *same, entry.outer or "", entry.root)


def _sealed(header: list[str | int]) -> str:
    return sha256(canonical(header)).hexdigest()
