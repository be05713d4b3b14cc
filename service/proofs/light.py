"""Looks at what stands for the proof of a loan file: its entries, the rows made from them, the fund's countersignature.

Each is looked at anew, in this ledger and by this service. What could not be looked at is told as not known. Whoever
trusts no server takes a pack and checks it with `verify.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from features.phrase import Fact, Language, Phrase
from models.words.templates import phrase, say
from service.ledger.checkpoints import checkpoint, countersigned, without_checkpoint
from service.ledger.contents import entries_with_keys
from service.ledger.opened import opened
from service.ledger.segments import archived_to
from service.ledger.signing_keys import is_signed
from service.ledger.tables import ENTRIES, FILE_HEADS, EntryRow
from service.ledger.tree import OutsideTree, Tree, leaf
from service.ledger.verification import Altered, check_file
from service.offline.verify import Wrong, included
from service.proofs.pack_plans import EntriesArchived, of_assessment
from service.proofs.rebuild import differences_of_file

LightOn = Literal["sealed", "rows", "countersigned"]
LightState = Literal["holds", "not_yet", "fails", "unknown"]


class ProofLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a look at one thing found: a code with its facts, and a sentence (`says`; absent with `words=none`)."""

    on: LightOn
    state: LightState
    code: str
    facts: Mapping[str, Fact]
    says: str | None = None

    def in_words(self, language: Language | None) -> "ProofLook":
        """The same with its sentence in the language."""
        told = Phrase(self.code, self.facts)
        return msgspec.structs.replace(self, says=language and say(told, language))


class ProofLight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands for the proof of an assessment and all that was done about its application.

    `sealed`: whether its entries are as they were sealed. `rows`: whether lists and pages show what the entries say.
    `countersigned`: whether the fund's witness has signed for them.
    """

    assessment: str
    loan_file: str | None
    entries: list[int]
    looks: list[ProofLook]

    def in_words(self, language: Language | None) -> "ProofLight":
        """The same with sentences in the language."""
        return msgspec.structs.replace(self, looks=[one.in_words(language) for one in self.looks])


@dataclass(frozen=True)
class LightKeys:
    """Public keys in hex: the bank's own (None: this service has none), and those of the fund that it was told."""

    bank: str | None
    fund: Sequence[str]


def proof_light(connection: Connection, assessment: str, keys: LightKeys) -> ProofLight:
    """Look at it now. Raises `NoSuchAssessment`."""
    try:
        subject = of_assessment(connection, assessment)
    except EntriesArchived:
        return ProofLight(assessment, None, [], _archived(connection))
    seqs, file = list(subject.single), subject.about.file
    wanted = entries_with_keys().where(ENTRIES.c.seq.in_(seqs)).order_by(ENTRIES.c.seq)
    rows: Sequence[EntryRow] = connection.execute(wanted).all()
    if len(rows) == len(seqs):
        looks = [
            _first_found(lambda: _sealed(connection, rows, file, keys)),
            _rows(connection, rows, file),
            _first_found(lambda: _countersigned(connection, rows, keys)),
        ]
    elif seqs[0] <= archived_to(connection)[0]:
        looks = _archived(connection)
    else:  # tables tell of an entry that is not here
        looks = [
            _look("sealed", "fails", "not_all", count=len(rows)),
            _look("rows", "unknown", "unreadable"),
            _look("countersigned", "unknown", "unreadable"),
        ]
    return ProofLight(assessment, file, seqs, looks)


def _archived(connection: Connection) -> list[ProofLook]:
    """Nothing can be looked at."""
    return [_look(on, "unknown", "archived", entry=archived_to(connection)[0]) for on in _ON]


_ON: tuple[LightOn, ...] = ("sealed", "rows", "countersigned")


def _look(on: LightOn, state: LightState, code: str, **facts: Fact) -> ProofLook:
    told = phrase(f"proof.{on}.{code}", **facts)
    return ProofLook(on, state, told.code, told.facts)


class _FoundError(Exception):
    """What was found that keeps something from holding."""

    def __init__(self, found: ProofLook) -> None:
        super().__init__(found.code)
        self.found = found


def _first_found(look: Callable[[], ProofLook]) -> ProofLook:
    try:
        return look()
    except _FoundError as stopped:
        return stopped.found


def _must(holds: bool, on: LightOn, state: LightState, code: str, **facts: Fact) -> None:
    if not holds:
        raise _FoundError(_look(on, state, code, **facts))


def _sealed(connection: Connection, rows: Sequence[EntryRow], file: str | None, keys: LightKeys) -> ProofLook:
    try:
        check_file(connection, rows)
    except Altered as wrong:
        return _look("sealed", "fails", "altered", why=wrong.phrase.nested)
    _must(_is_chained(connection, rows), "sealed", "fails", "unchained")
    _must(file is None or _is_whole(connection, rows, file), "sealed", "fails", "not_all", count=len(rows))
    covered = _covered(connection, rows, keys)
    _must(not any(map(_is_erased, rows)), "sealed", "unknown", "erased", count=len(rows))
    return _look("sealed", "holds", "as_sealed", count=len(rows), covered=covered)


def _covered(connection: Connection, rows: Sequence[EntryRow], keys: LightKeys) -> int:
    """How many of the entries lie in the newest checkpoint, which the bank signed."""
    signed = checkpoint(connection)
    if signed is None:
        return 0
    statement = signed["checkpoint"]
    size = statement["size"]
    covered = [row for row in rows if row.seq <= size]
    if covered:
        _must(_lie_in(connection, covered, size, statement["root"]), "sealed", "fails", "not_in_checkpoint", size=size)
        # Where this service has no key, or another since, nothing is said about the signature.
        _must(keys.bank == statement["key"], "sealed", "unknown", "other_key", size=size)
        _must(is_signed(signed, "checkpoint", statement["key"]), "sealed", "fails", "forged_checkpoint", size=size)
    return len(covered)


def _is_chained(connection: Connection, rows: Sequence[EntryRow]) -> bool:
    """Whether each entry names the seal of the one before it, where that is here."""
    wanted = select(ENTRIES.c.seq, ENTRIES.c.seal).where(ENTRIES.c.seq.in_([row.seq - 1 for row in rows]))
    seals = {row.seq: row.seal for row in connection.execute(wanted)}
    return all(seals.get(row.seq - 1, row.before) == row.before for row in rows)


def _is_whole(connection: Connection, rows: Sequence[EntryRow], file: str) -> bool:
    """Whether the last entry is the one that the file's head names; in form 1 a file has no head."""
    head = connection.execute(select(FILE_HEADS.c.seal).where(FILE_HEADS.c.id == file)).scalar()
    return head is None or (bool(rows) and rows[-1].seal == head)


def _lie_in(connection: Connection, rows: Sequence[EntryRow], size: int, root: str) -> bool:
    """Whether each entry leads to the root over so many."""
    tree = Tree(connection, size)
    try:
        found = {included(leaf(row.seal), row.seq - 1, size, tree.inclusion(row.seq, size)).hex() for row in rows}
    except (Wrong, OutsideTree):
        return False
    return found == {root}


def _is_erased(row: EntryRow) -> bool:
    return row.key is not None and row.material is None


def _rows(connection: Connection, rows: Sequence[EntryRow], file: str | None) -> ProofLook:
    if any(_is_erased(row) for row in rows):
        return _look("rows", "unknown", "erased")
    try:
        entries = [opened(connection, row) for row in rows]
        found = list(differences_of_file(connection, file, entries))
    except (ValueError, TypeError, KeyError, msgspec.MsgspecError):  # what is not as sealed cannot be read
        return _look("rows", "unknown", "unreadable")
    if found:
        tables = tuple(sorted({one.table.name for one in found}))
        return _look("rows", "fails", "otherwise", count=len(found), tables=tables)
    return _look("rows", "holds", "as_entered", count=len(rows))


def _countersigned(connection: Connection, rows: Sequence[EntryRow], keys: LightKeys) -> ProofLook:
    on: LightOn = "countersigned"
    if without_checkpoint(connection) is not None:
        return _look(on, "fails", "not_in_tree", size=rows[-1].seq)
    both = countersigned(connection, rows[-1].seq) or countersigned(connection)
    if both is None:
        return _look(on, "not_yet", "never")
    receipt = both[1]["receipt"]
    size, covered = receipt["size"], [row for row in rows if row.seq <= receipt["size"]]
    _must(bool(keys.fund), on, "unknown", "no_key", size=size)
    _must(any(is_signed(both[1], "receipt", key) for key in keys.fund), on, "fails", "forged", size=size)
    _must(not covered or _lie_in(connection, covered, size, receipt["root"]), on, "fails", "not_in_tree", size=size)
    told = {"covered": len(covered), "count": len(rows), "size": size}
    _must(len(covered) == len(rows), on, "not_yet", "part", **told)
    return _look(on, "holds", "all", count=len(rows), size=size)
