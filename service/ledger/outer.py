"""The outer leaves of an entry: who entered it, of which kind, in which loan file, and in whose scope it is.

They are proven by a root of their own, whose secret is never erased: what an erased entry was stays provable, and an
entry that is not in a fund's scope can be shown to be so by its header and one leaf. Nothing in them is about a person:
an actor is an account's random id, the id of a loan file is random.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import msgspec

from service.ledger.canonical import canonical
from service.ledger.entry_contents import EntryRef
from service.ledger.seal import Header, KeyedHash, body_root, body_text, leaf_hashes, shown_leaf, tree_path
from service.ledger.tables import EntryRow

SCOPE = "/scope/"
"""Begins the pointer of the leaf that says whether the entry is in a fund's scope."""
_keyed = lru_cache(4)(KeyedHash)
"""A ledger has one key for all its entries."""


class InFile(msgspec.Struct, frozen=True, omit_defaults=True, rename={"taken_up": "from"}):
    """An entry's place in its loan file (卷宗): which file, the n-th entry of it (from 1), the seal of the one before.

    `taken_up`, written `from`: the entry of form 1 that is taken into the file by this one.
    """

    id: str
    n: int
    before: str | None
    taken_up: EntryRef | None = None


class OfFirm(msgspec.Struct, frozen=True):
    """The n-th assessment of the firm at the bank (from 1), and the seal of the one before."""

    n: int
    before: str | None


@dataclass(frozen=True)
class Outer:
    """The outer leaves' values. `scopes`: by fund, whether the entry is in its scope."""

    actor: str
    kind: str
    file: InFile | None
    firm: OfFirm | None
    scopes: Mapping[str, bool]

    @cached_property
    def leaves(self) -> dict[str, bytes]:
        """Canonical texts by pointer; what is absent is null, so that all entries have as many."""
        told = {"/actor": canonical(self.actor), "/kind": canonical(self.kind)}
        told |= {"/file": _text(self.file), "/firm": _text(self.firm)}
        return told | {f"{SCOPE}{fund}": b"true" if holds else b"false" for fund, holds in self.scopes.items()}

    @property
    def text(self) -> bytes:
        """The canonical object of the leaves, as it is kept beside an entry."""
        return body_text(self.leaves)

    def root(self, secret: bytes) -> str:
        """The root over the leaves, 64 hex digits."""
        return body_root(self.leaves, secret)

    @classmethod
    def from_text(cls, text: bytes) -> "Outer":
        """The leaves that were kept as `text`. Raises `ValueError` where it is none of ours."""
        try:
            told = msgspec.json.decode(text)
            found = cls(
                told["/actor"],
                told["/kind"],
                msgspec.convert(told["/file"], InFile | None),
                msgspec.convert(told["/firm"], OfFirm | None),
                {name[len(SCOPE) :]: value for name, value in told.items() if name.startswith(SCOPE)},
            )
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no outer leaves: {error}") from None
        if found.text != text:
            raise ValueError("the outer leaves are not in canonical form")
        return found


def outer_of(entry: EntryRow) -> Outer:
    """The outer leaves of an entry as its columns hold them; of form 1, what stands for them in its header."""
    if entry.facts is None:
        return Outer(entry.actor, entry.kind, None, None, {})
    return Outer.from_text(entry.facts)


def _text(value: InFile | OfFirm | None) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def outer_secret(key: bytes, before: str, seq: int) -> bytes:
    """The secret of an entry's outer leaves (32 bytes): it follows from the ledger's key and the entry's place."""
    return _keyed(key).digest(canonical([before, seq]))


def stub(header: Header, outer: Outer, secret: bytes, fund: str) -> dict[str, object]:
    """What shows that an entry is, or is not, in a fund's scope, and tells nothing else but its number and time.

    `scope` is the leaf, `place` and `size` where it stands among how many outer leaves, `path` leads to their root.
    """
    pointer = f"{SCOPE}{fund}"
    place = sorted(outer.leaves).index(pointer)
    hashes = leaf_hashes(outer.leaves, secret)
    return {
        **vars(header),
        "scope": shown_leaf(secret, pointer, outer.leaves[pointer]),
        "place": place,
        "size": len(hashes),
        "path": [other.hex() for other in tree_path(hashes, place)],
    }
