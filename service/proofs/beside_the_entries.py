"""Looks at what lies beside the entries and does not follow from them: signed, named by a digest, or a key."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
import orjson
from sqlalchemy import Connection, and_, func, select, union_all

from models.score.bundle import MANIFEST, SELF_TEST
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.leaves import WORDS
from service.ledger.append import head
from service.ledger.contents import FIRM_KEYS, content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.row_differences import Difference, Row
from service.ledger.seal import FORM
from service.ledger.segments import archived_to
from service.ledger.stored_artifacts import ARTIFACT_KINDS, BUNDLE, POLICY
from service.ledger.stored_artifacts import WORDS as TEMPLATES
from service.ledger.tables import ARCHIVED, CHECKPOINTS, ENTRIES, LEDGER_KEYS, STORED_ARTIFACTS, TILES
from service.ledger.tree import Tree, full_tiles
from service.ledger.turn import OUTER


class _Answer(msgspec.Struct, frozen=True):
    """Of an answer which bundle and policy gave it."""

    class ArtifactNames(msgspec.Struct, frozen=True):
        """By their digests."""

        bundle: str
        policy: str

    versions: ArtifactNames


class _Words(msgspec.Struct, frozen=True):
    """By which word templates it left; None: in codes."""

    templates: str | None


def artifacts_of(entry: OpenedEntry) -> dict[str, str]:
    """What an answer of form 2 names, by its digest, with its kind; earlier ones were not always kept."""
    if not entry.second or entry.answer is None or entry.body is None:
        return {}
    versions = msgspec.json.decode(entry.answer, type=_Answer).versions
    words = msgspec.convert(entry.body[WORDS], _Words).templates
    return {versions.bundle: BUNDLE, versions.policy: POLICY} | ({words: TEMPLATES} if words is not None else {})


def beside_the_entries(connection: Connection, named: Mapping[str, str], *, whole: bool) -> Iterator[Difference]:
    """What is otherwise, missing or too many. `named`: the artifacts that entries name, and their kinds.

    `whole`: whether all entries were read; what rests on those that were not cannot be told.
    """
    yield from _checkpoints(connection)
    yield from _tiles(connection)
    yield from _artifacts(connection, named)
    yield from _archived(connection)
    yield from _keys(connection, whole=whole)


def _checkpoints(connection: Connection) -> Iterator[Difference]:
    """The columns are those of the signed text; each anchor that closes no month has its checkpoint."""
    gone, _ = archived_to(connection)
    opening = connection.execute(select(func.min(ENTRIES.c.seq)).where(ENTRIES.c.form == FORM)).scalar()
    anchors, last, sizes = set(_anchors(connection)), 0, set()
    for row in connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.number)).mappings():
        told, key = _object(row["text"]), {"number": row["number"]}
        right: Row = {name: told.get(name) for name in ("size", "at", "key")}
        wrong = [name for name, value in right.items() if row[name] != value]
        if wrong:
            yield Difference(CHECKPOINTS, key, "row_otherwise", right, tuple(sorted(wrong)))
            continue
        size = int(row["size"])
        if size < last:  # of its number only the order has a meaning
            yield Difference(CHECKPOINTS, key, "row_otherwise", None, ("number",))
        if size in sizes or (opening is not None and size > max(gone, opening) and size not in anchors):
            yield Difference(CHECKPOINTS, key, "row_unexplained", None)
        last = max(last, size)
        sizes.add(size)
    for seq in sorted(anchors - sizes):
        yield Difference(CHECKPOINTS, {"size": seq}, "row_missing", None)


def _anchors(connection: Connection) -> Iterator[int]:
    """The entries that stand right before a checkpoint."""
    wanted = entries_with_keys().where(ENTRIES.c.kind == Kind.ANCHOR.value, ENTRIES.c.form == FORM)
    for row in connection.execute(wanted):
        if orjson.loads(content_of(connection, row).body)["/month"] is None:
            yield row.seq


def _tiles(connection: Connection) -> Iterator[Difference]:
    """The tiles are those of the seals, and of the tiles below them; those that a checkpoint made are there."""
    gone, _ = archived_to(connection)
    size, _ = head(connection)
    signed = connection.execute(select(func.max(CHECKPOINTS.c.size))).scalar() or 0
    there = connection.execute(select(TILES.c.level, TILES.c.number)).all()
    most, least = full_tiles(size), full_tiles(max(min(signed, size), gone))
    for level, number in there:
        if number not in range(most.get(level, 0)):
            yield Difference(TILES, {"level": level, "number": number}, "row_unexplained", None)
    for level, count in least.items():
        for number in sorted(set(range(count)) - {row.number for row in there if row.level == level}):
            yield Difference(TILES, {"level": level, "number": number}, "row_missing", None)
    for level, number in there:
        key = {"level": level, "number": number}
        if number in range(most.get(level, 0)):
            right = Tree(connection, size).made(level, number, behind=gone)
            where = (TILES.c.level == level, TILES.c.number == number)
            kept = connection.execute(select(TILES.c.hashes).where(*where)).scalar_one()
            if right is not None and kept != right:
                yield Difference(TILES, key, "row_otherwise", {"hashes": right}, ("hashes",))


def _artifacts(connection: Connection, named: Mapping[str, str]) -> Iterator[Difference]:
    """What is kept has the digest that it is kept under, and a kind that there is; what entries name is kept as it."""
    kept = connection.execute(select(STORED_ARTIFACTS.c.digest)).scalars().all()
    for digest in kept:
        row = connection.execute(select(STORED_ARTIFACTS).where(STORED_ARTIFACTS.c.digest == digest)).one()
        if not _is_of(digest, row.kind, row.content):
            yield Difference(STORED_ARTIFACTS, {"digest": digest}, "row_otherwise", None, ("content",))
        elif row.kind not in ((named[digest],) if digest in named else ARTIFACT_KINDS):
            right: Row | None = {"kind": named[digest]} if digest in named else None
            yield Difference(STORED_ARTIFACTS, {"digest": digest}, "row_otherwise", right, ("kind",))
    for digest in sorted(named.keys() - {*kept}):
        yield Difference(STORED_ARTIFACTS, {"digest": digest}, "row_missing", None)


def _is_of(digest: str, kind: str, content: bytes) -> bool:
    """Whether a bundle, a policy or word templates have the digest."""
    try:
        if kind != BUNDLE:
            text = json.dumps(json.loads(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            return sha256(text.encode()).hexdigest() == digest
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = {name: packed.read(name) for name in packed.namelist()}
        listed = dict(line.split("  ")[::-1] for line in parts[MANIFEST].decode().splitlines())
        same = {name: sha256(text).hexdigest() for name, text in parts.items() if name != MANIFEST}
        return sha256(parts[MANIFEST]).hexdigest() == digest and listed.items() - {*same.items()} <= {
            (SELF_TEST, listed.get(SELF_TEST))
        }
    except (ValueError, TypeError, KeyError, OSError, EOFError, *_OF_A_SPOILED_ARCHIVE):
        return False


_OF_A_SPOILED_ARCHIVE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What the library raises, the last two where a bit says that it is encrypted, or packed in a way of its own."""


def _archived(connection: Connection) -> Iterator[Difference]:
    """Each row names the seal that the tree holds, and the last one what lies behind it."""
    for row in connection.execute(select(ARCHIVED).order_by(ARCHIVED.c.last)).mappings():
        seal = connection.execute(select(ENTRIES.c.before).where(ENTRIES.c.seq == row["last"] + 1)).scalar()
        if seal is not None and seal != row["seal"]:
            yield Difference(ARCHIVED, {"last": row["last"]}, "row_otherwise", {"seal": seal}, ("seal",))


def _keys(connection: Connection, *, whole: bool) -> Iterator[Difference]:
    """A key says whose it is, firm and (but for old ones) bank; each is the key of an entry."""
    used = select(ENTRIES.c.key).where(ENTRIES.c.key == FIRM_KEYS.c.id).exists()
    for row in connection.execute(select(FIRM_KEYS.c.id).where(~used)) if whole else ():
        yield Difference(FIRM_KEYS, {"id": row.id}, "row_unexplained", None)
    about = select(FIRM_KEYS.c.id, ASSESSMENTS.c.firm).join(ENTRIES, ENTRIES.c.key == FIRM_KEYS.c.id)
    about = about.join(ASSESSMENTS, ASSESSMENTS.c.seq == ENTRIES.c.seq).distinct()
    for row in connection.execute(about.where(FIRM_KEYS.c.firm.is_distinct_from(ASSESSMENTS.c.firm))):
        yield Difference(FIRM_KEYS, {"id": row.id}, "row_otherwise", {"firm": row.firm}, ("firm",))
    of_bank = func.coalesce(ASSESSMENTS.c.bank, "")
    whose = about.with_only_columns(FIRM_KEYS.c.id, func.min(of_bank).label("bank")).group_by(FIRM_KEYS.c.id)
    of_one = and_(FIRM_KEYS.c.bank.is_(None), FIRM_KEYS.c.material.is_not(None))
    alone = whose.where(of_one).having(func.count(of_bank.distinct()) == 1)  # of none is a key of several banks alone
    for row in connection.execute(union_all(whose.where(FIRM_KEYS.c.bank != of_bank), alone)):
        yield Difference(FIRM_KEYS, {"id": row.id}, "row_otherwise", {"bank": row.bank}, ("bank",))
    for name in connection.execute(select(LEDGER_KEYS.c.name).where(LEDGER_KEYS.c.name != OUTER)).scalars():
        yield Difference(LEDGER_KEYS, {"name": name}, "row_unexplained", None)


def _object(text: str) -> Mapping[str, object]:
    """A JSON object; an empty one where it is none."""
    try:
        told = orjson.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
