"""Checks the whole ledger from its first entry and names the first that is not as it was written."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult, LargeBinary, Row, cast, select

from service.edge.errors import Erased
from service.ledger.append import head
from service.ledger.canonical import canonical
from service.ledger.contents import FIRM_KEYS, WITH_KEYS, Content, content_of
from service.ledger.kinds import Kind
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.seal import SUITE, FirstFormHeader, body_root, body_text
from service.ledger.segments import archived_to
from service.ledger.tables import ENTRIES, HEAD

_TEXTS = ("suite", "before", "at", "actor", "kind", "root", "seal")

_READ = (*_TEXTS, "key")

_BATCH = 100
"""Entries read at a time: a bounded memory whatever the ledger's size."""


@dataclass(frozen=True)
class Verdict:
    """How many entries were found as written and, where one is not, its number and what is wrong with it."""

    verified: int
    seal: str
    bad_seq: int | None = None
    fault: str = ""


class Altered(Exception):
    """An entry is not as it was written; says what is wrong."""


def verify(connection: Connection) -> Verdict:
    """Every entry in order, then the head row: a change, a removal (of the last one too) and a swap each show.

    Where segments were archived it begins behind them, at the seal where they end.
    """
    size, last = head(connection)
    erased = erased_entries(connection)
    seq, before = archived_to(connection)
    with _entries(connection) as entries:
        for entry in entries:
            try:
                _check(connection, entry, seq + 1, before, erased)
            except Altered as wrong:
                return Verdict(seq, before, seq + 1, str(wrong))
            seq, before = seq + 1, _text(entry, "seal")
            size, last = entry.head_size, entry.head_seal
    if seq < size:
        return Verdict(seq, before, seq + 1, f"it is missing: the head row counts {size} entries")
    if seq > size or before != last:
        return Verdict(seq, before, max(seq, 1), "the head row does not know its seal as the last")
    return Verdict(seq, before)


def _entries(connection: Connection) -> CursorResult[Any]:
    """All entries in order of their number, each with the head row as it stood when they were asked for.

    SQLite's texts come as bytes, since an altered byte need not be UTF-8.
    """
    sqlite = connection.dialect.name == "sqlite"
    columns = [cast(c, LargeBinary).label(c.name) if sqlite and c.name in _READ else c for c in ENTRIES.c]
    heads = [select(HEAD.c[name]).scalar_subquery().label(f"head_{name}") for name in ("size", "seal")]
    kept = select(*columns, FIRM_KEYS.c.material, *heads).select_from(WITH_KEYS).order_by(ENTRIES.c.seq)
    return connection.execute(kept.execution_options(yield_per=_BATCH))


def erased_entries(connection: Connection) -> frozenset[int]:
    """The numbers of the entries whose content was erased, as the entries that record it name them."""
    found = connection.execute(select(ENTRIES.c.body).where(ENTRIES.c.kind == Kind.ERASURE.value)).scalars()
    named: set[int] = set()
    for body in found:
        with suppress(ValueError, TypeError, KeyError):  # an altered one is named where it stands
            named |= set(orjson.loads(body)["/erasure"]["entries"])
    return frozenset(named)


def _check(connection: Connection, entry: Row[Any], seq: int, before: str, erased: Collection[int]) -> None:
    if entry.seq != seq:
        raise Altered("it is missing" if entry.seq > seq else f"an entry numbered {entry.seq} stands in its place")
    texts = {name: _text(entry, name) for name in _TEXTS}
    if texts["suite"] != SUITE:
        raise Altered(f"its suite {texts['suite']!r} is none that this version knows")
    if texts["before"] != before:
        raise Altered("it does not follow the entry before it")
    content = _content(connection, entry, erased)
    if content is not None and body_root(_leaves(content), content.secret) != texts["root"]:
        raise Altered("its content is not what its root was made of")
    if (
        FirstFormHeader(SUITE, before, seq, texts["at"], texts["actor"], texts["kind"], texts["root"]).seal
        != texts["seal"]
    ):
        raise Altered("its seal is not that of its time, actor, kind and root")


def _text(entry: Row[Any], name: str) -> str:
    held = getattr(entry, name)
    try:
        return held if isinstance(held, str) else bytes(held).decode()
    except (UnicodeDecodeError, TypeError):
        raise Altered(f"its {name} cannot be read") from None


def _content(connection: Connection, entry: Row[Any], erased: Collection[int]) -> Content | None:
    """What the entry holds; None where it was erased and the ledger says so."""
    try:
        return content_of(connection, entry)
    except Erased:
        if entry.seq not in erased:
            raise Altered("its key is gone, and no entry says that it was destroyed") from None
        return None
    except (ValueError, TypeError):
        raise Altered("its content cannot be opened") from None


def _leaves(entry: Content) -> dict[str, bytes]:
    """The leaves of the body and of the answer. Raises `Altered` where either is not what a writer of ours writes."""
    try:
        leaves = {pointer: canonical(value) for pointer, value in orjson.loads(entry.body).items()}
        if body_text(leaves) != entry.body:
            raise Altered("its body is not in canonical form")
        if entry.answer is not None:
            own = answer_leaves(entry.answer, orjson.loads(entry.answer), cut_of(leaves))
            if not own.keys().isdisjoint(leaves):
                raise Altered("its body holds a leaf of the answer")
            leaves |= own
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Altered("its content cannot be read") from None
    return leaves
