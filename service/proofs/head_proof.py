"""Proves which entry was the last of a loan file, by the anchor in which the heads of all files are sealed."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import sha256

import orjson
from sqlalchemy import Connection, select

from service.ledger.contents import content_of, entries_with_keys
from service.ledger.heads import EntryPlace, FileState, file_after, head_leaves, head_row
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.outer import outer_of
from service.ledger.seal import tree_path, tree_root
from service.ledger.tables import ENTRIES, FILE_HEADS, EntryRow

_TOGETHER = 500


def head_proof(connection: Connection, anchor: EntryRow, file: str) -> dict[str, object] | None:
    """The head of a loan file as an anchor seals it, with its place among how many and the path to their root.

    None where the anchor does not hold it: its retention was over, or it had no entry then.
    """
    sealed = orjson.loads(content_of(connection, anchor).body)["/files"]
    states = list(_states(connection, anchor.seq))
    leaves = head_leaves(states, settings_of(connection), anchor.at)
    hashes = [hash_ for _, hash_ in leaves]
    if tree_root(hashes).hex() != sealed["root"]:
        return None  # entries of before were archived, or the policy of retention was changed for days gone by
    own = next((state for state in states if state.id == file), None)
    place = None if own is None else next((n for n, leaf in enumerate(leaves) if leaf[0] == head_row(own)[0]), None)
    if own is None or place is None:
        return None
    digest, n, seal, settled = head_row(own)
    path = [other.hex() for other in tree_path(hashes, place)]
    told = {"digest": digest, "n": n, "seal": seal, "settled": settled}
    return told | {"place": place, "count": len(leaves), "path": path}


def absence_proof(connection: Connection, anchor: EntryRow, file: str) -> dict[str, object] | None:
    """The heads between which that of a loan file would lie in an anchor, each with its place and path.

    None where the anchor holds it, or its heads cannot be made again.
    """
    sealed = orjson.loads(content_of(connection, anchor).body)["/files"]
    states = {head_row(state)[0]: head_row(state) for state in _states(connection, anchor.seq)}
    leaves = head_leaves(_states(connection, anchor.seq), settings_of(connection), anchor.at)
    hashes = [hash_ for _, hash_ in leaves]
    digest = sha256(file.encode()).hexdigest()
    digests = [one for one, _ in leaves]
    if tree_root(hashes).hex() != sealed["root"] or digest in digests:
        return None

    def neighbour(place: int) -> dict[str, object] | None:
        if not 0 <= place < len(leaves):
            return None
        told = dict(zip(("digest", "n", "seal", "settled"), states[digests[place]], strict=True))
        return told | {"place": place, "path": [other.hex() for other in tree_path(hashes, place)]}

    place = bisect_left(digests, digest)
    return {"absent": True, "count": len(leaves), "before": neighbour(place - 1), "after": neighbour(place)}


def _states(connection: Connection, before: int) -> Iterator[FileState]:
    """The heads of all loan files as they stood before an entry."""
    moved = []
    for row in connection.execute(select(FILE_HEADS)):
        if row.seq < before:
            yield FileState(**row._mapping)
        else:
            moved.append(row.id)
    for start in range(0, len(moved), _TOGETHER):
        yield from _folded(connection, moved[start : start + _TOGETHER], before)


def _folded(connection: Connection, files: Sequence[str], before: int) -> Iterator[FileState]:
    """The heads of files that moved on since, from their entries of before."""
    found: dict[str, FileState] = {}
    wanted = entries_with_keys().where(ENTRIES.c.file.in_(files), ENTRIES.c.seq < before).order_by(ENTRIES.c.seq)
    for row in connection.execute(wanted):
        file = outer_of(row).file
        assert file is not None
        found[file.id] = file_after(found.get(file.id), EntryPlace(row.seq, row.at, row.seal, Kind(row.kind)), file)
    yield from found.values()
