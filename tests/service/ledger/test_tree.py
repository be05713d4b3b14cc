"""The tree: its roots and proofs are those of RFC 9162, whatever of it is kept, and a reader checks them alone."""

import random
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from service.ledger.opening import open_database
from service.ledger.tables import ENTRIES, TILES
from service.ledger.tree import Frontier, OutsideTree, Tree, keep_tiles, leaf
from service.offline.verify import Wrong, consistent, included
from tests.service.ledger import plain

SIZE = 700
"""Entries of the ledger that trees are made of: two full tiles and a part of one."""


def seal(seq: int) -> str:
    """A seal like any other."""
    return sha256(f"seal {seq}".encode()).hexdigest()


LEAVES = [leaf(seal(seq)) for seq in range(1, SIZE + 1)]


@pytest.fixture(scope="module", params=["kept", "made"])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Connection:
    """A ledger of seals alone, with its tiles kept or with none."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('tree') / 'ledger.db'}")
    rows = [
        dict.fromkeys(("suite", "before", "at", "actor", "kind", "root"), "") | {"secret": b"", "body": b""}
        | {"seq": seq, "seal": seal(seq), "answer": None}
        for seq in range(1, SIZE + 1)
    ]  # fmt: skip
    with engine.begin() as writing:
        writing.execute(insert(ENTRIES), rows)
        if request.param == "kept":
            for size in (1, 255, 256, 300, SIZE):
                keep_tiles(Tree(writing, size))
    return engine.connect()


def test_roots_are_those_of_the_definition(connection: Connection) -> None:
    """Of any size, with tiles or without, and as a frontier that sees one hash after another."""
    tree, frontier = Tree(connection, SIZE), Frontier()
    for size, node in enumerate(LEAVES, start=1):
        frontier.add(node)
        if size < 70 or size % 97 == 0 or size in (255, 256, 257, 511, 512, 513, SIZE):
            assert tree.root(size) == frontier.root == plain.tree(LEAVES[:size])


def test_inclusion_is_proven_to_whoever_holds_the_root(connection: Connection) -> None:
    """Every entry of every tree leads to its root; another entry, place or size does not."""
    chance, tree = random.Random(1), Tree(connection, SIZE)
    for _ in range(150):
        size = chance.randrange(1, SIZE + 1)
        seq = chance.randrange(1, size + 1)
        proof, root = tree.inclusion(seq, size), tree.root(size)
        assert included(LEAVES[seq - 1], seq - 1, size, proof) == root
        assert len(proof) <= size.bit_length()
        assert size == 1 or included(LEAVES[seq - 2], seq - 1, size, proof) != root


def test_consistency_is_proven_to_whoever_holds_both_roots(connection: Connection) -> None:
    """Every earlier tree begins every later one; a tree of another history does not."""
    chance, tree = random.Random(2), Tree(connection, SIZE)
    for _ in range(150):
        size = chance.randrange(1, SIZE + 1)
        earlier = chance.choice((chance.randrange(1, size + 1), 1 << chance.randrange(size.bit_length())))
        proof, old, new = tree.consistency(earlier, size), tree.root(earlier), tree.root(size)
        assert consistent(earlier, size, old, new, proof)
        other = plain.tree([*LEAVES[: earlier - 1], leaf(seal(0))])
        assert not consistent(earlier, size, other, new, proof)
        assert earlier == size or not consistent(earlier, size, old, new, proof[:-1])


@given(st.integers(1, 2**40), st.integers(0, 2**40), st.lists(st.binary(min_size=32, max_size=32), max_size=50))
def test_no_proof_is_too_strange_to_be_refused(size: int, place: int, proof: list[bytes]) -> None:
    """Whatever is offered as a proof, it ends, and leads to the root of nothing that was asked."""
    with suppress(Wrong):
        assert included(LEAVES[0], place, size, proof) != LEAVES[1]
    assert not consistent(max(place, 1), size, LEAVES[0], LEAVES[1], proof)


@pytest.mark.parametrize(("seq", "size"), [(0, 5), (6, 5), (1, SIZE + 1)])
def test_nothing_is_proven_about_what_is_not_there(connection: Connection, seq: int, size: int) -> None:
    """An entry outside the tree, or a tree larger than the ledger, is refused."""
    with pytest.raises(OutsideTree):
        Tree(connection, SIZE).inclusion(seq, size)


def test_tiles_hold_every_full_run_once(connection: Connection) -> None:
    """Two tiles of 256 hashes where they were kept, however often that was asked for."""
    kept = connection.execute(select(TILES.c.level, TILES.c.number, TILES.c.hashes)).all()
    assert [(t.level, t.number, len(t.hashes)) for t in kept] in ([(0, 0, 8192), (0, 1, 8192)], [])


def test_a_reader_of_the_file_needs_nothing_else(tmp_path: Path) -> None:
    """The two offline programs import the standard library, each other and cryptography, and nothing of ours."""
    folder = Path(__file__).parents[3] / "service" / "offline"
    for name in ("verify.py", "witness.py"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        imported = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert not imported & {"features", "models", "service", "numpy", "orjson", "sqlalchemy"}, name
