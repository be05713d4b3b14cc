"""Checks the whole ledger from its first entry and names the first that is not as it was written."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import orjson
from sqlalchemy import Connection, CursorResult, LargeBinary, cast, select

from features.errors import PledgeScoreError, refusal_phrase
from features.phrase import Phrase
from service.edge.errors import Erased
from service.ledger.append import head
from service.ledger.canonical import canonical
from service.ledger.contents import FIRM_KEYS, WITH_KEYS, Content, as_text, content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.opened import Seen, unseen
from service.ledger.outer import InFile, OfFirm, Outer, outer_secret
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.seal import FORM, FORM_1, NOTHING_BEFORE, SUITE, body_root, body_text, header_of
from service.ledger.segments import archived_rows, archived_to
from service.ledger.tables import ENTRIES, HEAD, EntryRow
from service.ledger.turn import turn_of

_TEXTS = ("form", "suite", "before", "at", "actor", "kind", "root", "seal")
_MAYBE = ("file", "outer", "key")
_BATCH = 100
"""Entries read at a time."""


@dataclass(frozen=True)
class Verdict:
    """How many entries were found as written and, where one is not, its number and what is wrong with it."""

    verified: int
    seal: str
    bad_seq: int | None = None
    fault: Phrase | None = None


class Altered(PledgeScoreError):
    """An entry is not as it was written; says what is wrong."""


@dataclass
class HeldColumns:
    """The columns of an entry that are not its content, as the database holds them."""

    seq: int
    form: str
    suite: str
    before: str
    at: str
    actor: str
    kind: str
    root: str
    seal: str
    outer: str | None
    file: str | None
    facts: bytes | None

    @classmethod
    def read(cls, entry: EntryRow) -> "HeldColumns":
        """Raises `Altered` where one is no text."""
        texts = {name: _text(entry, name) for name in _TEXTS}
        return cls(entry.seq, **texts, outer=_maybe(entry, "outer"), file=_maybe(entry, "file"), facts=entry.facts)


@dataclass
class Walk:
    """What is known of the entries before: the last, the opening entry, and the end of each loan file.

    `files` holds number and seal of each file's last entry: some 200 bytes a file, and the rest is bounded.
    """

    seq: int
    before: str
    key: bytes
    erased: Collection[int]
    at: str = ""
    opening: int | None = None
    whole: bool = True
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


def verify(connection: Connection, seen: Seen = unseen, archive: Path | None = None) -> Verdict:
    """Every entry in order, then the head row: a change, a removal (of the last one too) and a swap each show.

    Where segments were archived it begins behind them, at the seal where they end; or, with the folder of their files
    (`archive`), at the first. Raises `NotClosable` where such a file is not whole.
    """
    size, last = head(connection)
    seq, before = (0, NOTHING_BEFORE) if archive else archived_to(connection)
    walk = Walk(seq, before, _key(connection), erased_entries(connection, archive), whole=seq == 0)
    for row in archived_rows(connection, archive) if archive else ():
        try:
            _check(connection, row, walk)
        except Altered as wrong:
            return Verdict(walk.seq, walk.before, walk.seq + 1, wrong.phrase)
    with _entries(connection) as entries:
        for entry in entries:
            try:
                _check(connection, entry, walk)
            except Altered as wrong:
                return Verdict(walk.seq, walk.before, walk.seq + 1, wrong.phrase)
            size, last = entry.head_size or 0, entry.head_seal
            if entry.seq % _BATCH == 0:
                seen(entry.seq, size)
    if walk.seq < size:
        return Verdict(walk.seq, walk.before, walk.seq + 1, refusal_phrase("altered_short", count=size))
    if walk.seq > size or walk.before != last:
        return Verdict(walk.seq, walk.before, max(walk.seq, 1), refusal_phrase("altered_head"))
    return Verdict(walk.seq, walk.before)


def _key(connection: Connection) -> bytes:
    """The key of the outer secrets; empty where it cannot be opened: then the first entry that needs it is named."""
    try:
        return turn_of(connection).key
    except ValueError:
        return b""


def _entries(connection: Connection) -> CursorResult[*tuple[object, ...]]:
    """All entries in order of their number, each with the head row as it stood when they were asked for.

    SQLite's texts come as bytes, since an altered byte need not be UTF-8.
    """
    sqlite, read = connection.dialect.name == "sqlite", (*_TEXTS, *_MAYBE)
    columns = [cast(c, LargeBinary).label(c.name) if sqlite and c.name in read else c for c in ENTRIES.c]
    own = select(HEAD).where(HEAD.c.id == 1).subquery()
    heads = [select(own.c[name]).scalar_subquery().label(f"head_{name}") for name in ("size", "seal")]
    kept = select(*columns, FIRM_KEYS.c.material, *heads).select_from(WITH_KEYS).order_by(ENTRIES.c.seq)
    return connection.execute(kept.execution_options(yield_per=_BATCH))


def erased_entries(connection: Connection, archive: Path | None = None) -> frozenset[int]:
    """The numbers of the entries whose content was erased, as the entries that record it name them."""
    return frozenset(seq for one in erasures(connection, archive) for seq in one.entries)


class DestroyedKey(msgspec.Struct, frozen=True):
    """Of what an entry says about an erasure: the key that was destroyed, and the entries that were under it."""

    key: str
    entries: list[int]


def erasures(connection: Connection, archive: Path | None = None) -> list[DestroyedKey]:
    """What the entries of erasures say, as far as they can be read: an altered one is named where it stands."""
    found = []
    archived = (row for row in (archived_rows(connection, archive) if archive else ()) if row.kind == Kind.ERASURE)
    for entry in (*archived, *connection.execute(entries_with_keys().where(ENTRIES.c.kind == Kind.ERASURE.value))):
        with suppress(ValueError, TypeError, KeyError, msgspec.ValidationError):
            body = orjson.loads(content_of(connection, entry).body)
            told = {name[1:]: value for name, value in body.items()} if entry.form == FORM else body["/erasure"]
            found.append(msgspec.convert(told, DestroyedKey))
    return found


def _check(connection: Connection, entry: EntryRow, walk: Walk) -> None:
    seq = walk.seq + 1
    if entry.seq != seq:
        raise Altered("altered_missing") if entry.seq > seq else Altered("altered_place", entry=entry.seq)
    held = HeldColumns.read(entry)
    if held.before != walk.before:
        raise Altered("altered_chain")
    leaves = _check_held(connection, entry, held, walk)
    if held.form == FORM:
        _check_opening(leaves or {}, held.kind, walk, seq)
    walk.seq, walk.before = seq, held.seal


def check_file(connection: Connection, entries: Iterable[EntryRow]) -> None:
    """The entries of one loan file in order: each by itself, and that none is missing between them.

    Of erased ones what stands outside their content. Raises `Altered`.
    """
    walk = Walk(0, "", _key(connection), erased_entries(connection))
    for entry in entries:
        held = HeldColumns.read(entry)
        _check_held(connection, entry, held, walk)
        walk.opening = held.seq if held.form == FORM else None


def _check_held(connection: Connection, entry: EntryRow, held: HeldColumns, walk: Walk) -> dict[str, bytes] | None:
    """An entry by itself, and that its loan file goes on; its leaves, None where they were erased."""
    if held.suite != SUITE:
        raise Altered("altered_suite", suite=held.suite)
    content = _content(connection, entry, walk.erased)
    leaves = None if content is None else _leaves(content)
    if content is not None and body_root(leaves or {}, content.secret) != held.root:
        raise Altered("altered_content")
    if held.form == FORM:
        _check_second_form(held, walk)
    else:
        _check_first_form(held, walk)
    if header_of(held).seal != held.seal:
        raise Altered("altered_seal")
    walk.at = held.at
    return leaves


def _check_first_form(held: HeldColumns, walk: Walk) -> None:
    if held.form != FORM_1:
        raise Altered("altered_form", form=held.form)
    if walk.opening is not None:
        raise Altered("altered_behind_opening", opening=walk.opening)
    if held.facts is not None or held.outer is not None or held.file is not None:
        raise Altered("altered_outer_of_form1")


def _check_second_form(held: HeldColumns, walk: Walk) -> None:
    """The outer leaves are those of the root and of the columns; times do not fall; loan files go on."""
    try:
        outer = Outer.from_text(held.facts or b"")
    except ValueError:
        raise Altered("altered_outer_unreadable") from None
    if outer.root(outer_secret(walk.key, held.before, held.seq)) != held.outer:
        raise Altered("altered_outer")
    told = (outer.actor, outer.kind, None if outer.file is None else outer.file.id)
    if told != (held.actor, held.kind, held.file):
        raise Altered("altered_columns")
    if walk.opening is not None and held.at < walk.at:
        raise Altered("altered_time")
    if outer.file is not None:
        _check_file(outer.file, held.seal, walk)
    _check_firm(outer.firm)


def _check_file(file: InFile, seal: str, walk: Walk) -> None:
    n, before = walk.files.get(file.id, (0, None))
    if (file.n, file.before) != (n + 1, before) and (walk.whole or n):
        raise Altered("altered_file", count=n)
    walk.files[file.id] = (file.n, seal)


def _check_firm(firm: OfFirm | None) -> None:
    if firm is not None and (firm.n == 1) != (firm.before is None):
        raise Altered("altered_count")


def _check_opening(leaves: dict[str, bytes], kind: str, walk: Walk, seq: int) -> None:
    """The first entry of form 2, and it alone, is the opening entry, and says what lies before it."""
    if (kind == Kind.OPENING) != (walk.opening is None and (walk.whole or kind == Kind.OPENING)):
        raise Altered("altered_no_opening" if walk.opening is None else "altered_second_opening")
    if kind == Kind.OPENING and leaves.get("/form1") != canonical({"n": seq - 1, "seal": walk.before}):
        raise Altered("altered_opening")
    if walk.opening is None:
        walk.opening = seq


def _text(entry: EntryRow, name: str) -> str:
    try:
        return as_text(getattr(entry, name))
    except (UnicodeDecodeError, TypeError):
        raise Altered("altered_column", column=name) from None


def _maybe(entry: EntryRow, name: str) -> str | None:
    return None if getattr(entry, name) is None else _text(entry, name)


def _content(connection: Connection, entry: EntryRow, erased: Collection[int]) -> Content | None:
    """What the entry holds; None where it was erased and the ledger says so."""
    try:
        return content_of(connection, entry)
    except Erased:
        if entry.seq not in erased:
            raise Altered("altered_key_gone") from None
        return None
    except (ValueError, TypeError):
        raise Altered("altered_locked") from None


def _leaves(entry: Content) -> dict[str, bytes]:
    """The leaves of the body and of the answer. Raises `Altered` where either is not what a writer of ours writes."""
    try:
        leaves = {pointer: canonical(value) for pointer, value in orjson.loads(entry.body).items()}
        if body_text(leaves) != entry.body:
            raise Altered("altered_form_of_text")
        if entry.answer is not None:
            own = answer_leaves(entry.answer, orjson.loads(entry.answer), cut_of(leaves))
            if not own.keys().isdisjoint(leaves):
                raise Altered("altered_leaf")
            leaves |= own
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Altered("altered_unreadable") from None
    return leaves
