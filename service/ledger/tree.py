"""The Merkle tree over the ledger's entries (RFC 9162 section 2.1) and the proofs that follow from it.

The data of entry n is the 32 bytes of its seal, so a leaf is SHA-256(0x00 || seal). The tree is derived from what the
entries hold: appending costs nothing here. Full runs of 256 hashes are kept as tiles when a checkpoint is made, so that
a proof reads at most two tiles a level whatever the ledger's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from features.errors import PledgeScoreError
from service.ledger.seal import tree_root
from service.ledger.tables import ENTRIES, TILES

WIDTH = 256
"""Hashes in a tile."""
_HEIGHT = 8
"""Levels of the tree that a tile spans: 2**8 is its width."""
_BYTES = 32


class OutsideTree(PledgeScoreError):
    """A proof is asked for about an entry or a size that the ledger does not have."""


def leaf(seal: str) -> bytes:
    """The hash of an entry in the tree."""
    return sha256(b"\x00" + bytes.fromhex(seal)).digest()


@dataclass
class Tree:
    """The tree over the first `size` entries of a ledger, as one transaction sees it."""

    connection: Connection
    size: int
    held: dict[tuple[int, int], Sequence[bytes]] = field(default_factory=dict)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first entries. Raises `OutsideTree`."""
        size = self.size if size is None else size
        if not 0 < size <= self.size:
            raise OutsideTree("tree_size", size=size, held=self.size)
        return self._over(0, size)

    def inclusion(self, seq: int, size: int) -> list[bytes]:
        """The hashes that lead from entry `seq` (the first is 1) to the root over `size` entries, lowest first.

        Raises `OutsideTree`.
        """
        if not 0 < seq <= size <= self.size:
            raise OutsideTree("tree_entry", entry=seq, size=size, held=self.size)
        return self._path(seq - 1, 0, size)

    def consistency(self, earlier: int, size: int) -> list[bytes]:
        """The hashes that show the first `earlier` of `size` entries to be unchanged. Raises `OutsideTree`."""
        if not 0 < earlier <= size <= self.size:
            raise OutsideTree("tree_earlier", earlier=earlier, size=size, held=self.size)
        return self._common(earlier, 0, size, known=True)

    def _over(self, first: int, last: int) -> bytes:
        """The root over entries first to last, counted from 0, last not included; the RFC's MTH(D[first:last])."""
        count = last - first
        if count & (count - 1) == 0:
            return self._node(count.bit_length() - 1, first // count)
        middle = first + _split(count)
        return sha256(b"\x01" + self._over(first, middle) + self._over(middle, last)).digest()

    def _path(self, place: int, first: int, last: int) -> list[bytes]:
        if last - first == 1:
            return []
        middle = first + _split(last - first)
        if place < middle:
            return [*self._path(place, first, middle), self._over(middle, last)]
        return [*self._path(place, middle, last), self._over(first, middle)]

    def _common(self, until: int, first: int, last: int, *, known: bool) -> list[bytes]:
        """The RFC's SUBPROOF: `known` while the earlier root itself is the subtree's."""
        if until == last:
            return [] if known else [self._over(first, last)]
        middle = first + _split(last - first)
        if until <= middle:
            return [*self._common(until, first, middle, known=known), self._over(middle, last)]
        return [*self._common(until, middle, last, known=False), self._over(first, middle)]

    def _node(self, height: int, place: int) -> bytes:
        """The root of the complete subtree of 2**height entries that is the `place`-th of them."""
        level, inside = divmod(height, _HEIGHT)
        first, count = place << inside, 1 << inside
        return tree_root(self.tile(level, first // WIDTH)[first % WIDTH : first % WIDTH + count])

    def tile(self, level: int, number: int) -> Sequence[bytes]:
        """The hashes of one tile, as many as the tree fills of it."""
        if (level, number) not in self.held:
            self.held[level, number] = self._kept(level, number) or self._made(level, number)
        return self.held[level, number]

    def made(self, level: int, number: int, behind: int) -> bytes | None:
        """The hashes of a full tile as the entries, or the tiles below it, give them.

        None where it is over entries up to `behind`, which are not here.
        """
        if not level and number * WIDTH < behind:
            return None
        return b"".join(self._made(level, number))

    def _kept(self, level: int, number: int) -> Sequence[bytes]:
        wanted = select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.number == number)
        kept = self.connection.execute(wanted).scalar_one_or_none() or b""
        return [kept[start : start + _BYTES] for start in range(0, len(kept), _BYTES)]

    def _made(self, level: int, number: int) -> Sequence[bytes]:
        """The hashes of a tile that is not kept, as far as it is filled."""
        first = number * WIDTH
        if level:
            count = min(WIDTH, (self.size >> level * _HEIGHT) - first)
            return [tree_root(self.tile(level - 1, first + place)) for place in range(count)]
        last = min(first + WIDTH, self.size)
        wanted = select(ENTRIES.c.seal).where(ENTRIES.c.seq > first, ENTRIES.c.seq <= last).order_by(ENTRIES.c.seq)
        return [leaf(seal) for seal in self.connection.execute(wanted).scalars()]


class Frontier:
    """The tree of seals as they come, one after another: only the complete subtrees at its edge are held."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def add(self, node: bytes) -> None:
        """One entry more, by its hash."""
        height = 0
        while self._edge and self._edge[-1][0] == height:
            node = sha256(b"\x01" + self._edge.pop()[1] + node).digest()
            height += 1
        self._edge.append((height, node))
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all that came. At least one entry."""
        (_, node), *others = reversed(self._edge)
        for _, left in others:
            node = sha256(b"\x01" + left + node).digest()
        return node


def keep_tiles(tree: Tree) -> None:
    """Write the tiles that have become full since this was done last."""
    for level, full in full_tiles(tree.size).items():
        wanted = select(func.max(TILES.c.number)).where(TILES.c.level == level)
        last = tree.connection.execute(wanted).scalar_one()
        new = range(0 if last is None else last + 1, full)
        for number in new:
            row = {"level": level, "number": number, "hashes": b"".join(tree.tile(level, number))}
            tree.connection.execute(insert(TILES), row)
            tree.held.clear()  # a bounded memory however many there are


def full_tiles(size: int) -> dict[int, int]:
    """By level how many full tiles a tree of so many entries has."""
    levels = range(size.bit_length() // _HEIGHT + 1)
    return {level: size >> (level + 1) * _HEIGHT for level in levels if size >> (level + 1) * _HEIGHT}


def _split(count: int) -> int:
    """The largest power of two below a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1
