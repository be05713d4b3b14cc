"""Packs: what proves entries of the ledger to a reader who trusts nobody's server, in one zip, made as it leaves.

`entries/NUMBER.jsonl` hold the entries, a line each; `pack.json` tells what the pack is about, and holds a checkpoint,
the fund's receipt, and the entries that show that nothing is missing; beside them lie answers as they left, bundles,
policies and `verify.py`. `manifest.json`, the last, lists the members under the bank's signature.
"""

import io
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

import msgspec
import orjson
from sqlalchemy import Connection, Engine, func, select

from features.errors import fault
from features.phrase import LANGUAGES, Language
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.catalogue import catalogue
from service.edge.errors import Erased, InvalidRequest, Refused
from service.edge.readers import Reader
from service.ledger.canonical import canonical, time_text
from service.ledger.change_log import CHANGES
from service.ledger.checkpoints import BankCheckpoint, FundReceipt, checkpoint, consistency_from, countersigned
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.key_days import SIGNING, KeyDays, key_days
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.outer import outer_of
from service.ledger.seal import FORM as ENTRY
from service.ledger.signing_keys import Signer
from service.ledger.tables import ENTRIES, EntryRow
from service.ledger.tree import Tree
from service.ledger.turn import turn_of
from service.loan_files.tables import open_votes
from service.offline.verify import FORM
from service.proofs.head_proof import absence_proof, head_proof
from service.proofs.pack_entries import PackedEntries, PackedEntry
from service.proofs.pack_plans import MOST_SHOWN, PackSubject, TooMuch, closing_anchor, count_in_scope

_EPOCH = (1980, 1, 1, 0, 0, 0)
_TOGETHER = 25
"""Entries that are read at a time, each time by a connection of its own: a slow reader holds none.

After as many it is seen whether the reader is still there, and other packs have their turn.
"""
PART_BYTES = 2**23
"""Of a member with entries."""
IN_FORCE = (Kind.POLICY, Kind.SCHEME, Kind.ALIAS)
DECIDING = (Kind.APPROVAL, Kind.DECISION)


class NotYetSigned(Refused):
    """No checkpoint covers what is asked for."""

    status, problem = HTTPStatus.CONFLICT, "not-yet-signed"


@dataclass(frozen=True)
class Wanted:
    """Which pack is asked for, for whom; `since`: a size from which the reader wants history proven too.

    `fund`: which fund reads it, where it is known; whether entries are in its scope is shown then. `with_models`:
    whether a period holds bundles and policies too, which it names by their digests else.
    """

    subject: PackSubject
    reader: Reader
    since: int | None = None
    fund: str | None = None
    with_models: bool = False


@dataclass(frozen=True)
class PackPlan:
    """A pack before it is made: what `pack.json` says, and what is written after it."""

    wanted: Wanted
    size: int
    told: dict[str, object]
    entries: PackedEntries
    days: list[KeyDays]
    """Of every signing key as they stand now, for the signed list: empty where no entry names a key."""

    @property
    def single(self) -> list[int]:
        """Entries that are proven one by one."""
        return [seq for seq in self.wanted.subject.single if seq <= self.size]

    @property
    def count(self) -> int:
        """How many entries it holds."""
        return len(self.single) + max(0, self.last - self.wanted.subject.first + 1)

    @property
    def last(self) -> int:
        """The last of the entries without a hole."""
        return min(self.wanted.subject.last, self.size)


def planned(connection: Connection, wanted: Wanted) -> PackPlan:
    """Settle what the pack holds. Raises `NotYetSigned`, `TooMuch`, or `InvalidRequest` where a fund must be named."""
    wanted = _with_fund(connection, wanted)
    subject = wanted.subject
    if wanted.fund is not None and count_in_scope(connection, subject, wanted.fund) > MOST_SHOWN:
        raise TooMuch("too_many_entries", period=subject.about.period, most=MOST_SHOWN)
    signed, receipt = _checkpoint(connection, subject.begins)
    size = signed["checkpoint"]["size"]
    tree = Tree(connection, size)
    closed: frozenset[int] = frozenset(row.seq for row in connection.execute(open_votes()))
    of_period = subject.about.period is not None
    key = turn_of(connection).key
    models = wanted.with_models or not of_period
    entries = PackedEntries(wanted.reader, wanted.fund, key, closed, with_models=models, with_sent=not of_period)
    kept = [seq for seq in subject.single if seq <= size]
    told: dict[str, object] = {
        "form": FORM,
        "reader": {"for": wanted.reader, "fund": wanted.fund},
        "about": _about(wanted, kept, size),
        "left_out": [seq for seq in subject.single if seq > size]
        + list(range(max(size + 1, subject.first), subject.last + 1)),
        "checkpoint": signed,
        "receipt": receipt,
        "consistency": consistency_from(connection, tree, wanted.since),
        "beside": _Beside(connection, wanted, tree, replace(entries, with_models=False)).told(kept),
        "head": None if subject.about.file is None else _head(connection, size, subject.about.file),
        "firm": None if of_period else _firm(connection, kept, size),
    }
    return PackPlan(wanted, size, told, entries, key_days(connection))


def packed(engine: Engine, signer: Signer, plan: PackPlan, at: datetime) -> Generator[bytes]:
    """The zip, piece by piece: never more than a member's part is held; empty pieces where it may be left.

    Closed in the middle, it does nothing further.
    """
    out = _Out()
    listed: dict[str, str] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:

        def put(name: str, content: bytes) -> None:
            zipped.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
            listed[name] = sha256(content).hexdigest()

        put("pack.json", canonical(plan.told))
        yield out.taken()
        number = 0
        for part in _parts(engine, plan):
            if part:
                number += 1
                put(f"entries/{number:06}.jsonl", part)
            yield out.taken()
        with engine.connect() as connection:
            beside = {"verify.py": _verifier(), "catalogue.json": _catalogue(connection)}
        for name, content in sorted((plan.entries.beside | beside).items()):
            put(name, content)
            yield out.taken()
        statement: dict[str, object] = {"form": FORM, "at": time_text(at), "members": dict(listed)}
        statement |= {name: plan.told[name] for name in ("about", "reader")} | (
            {"keys": plan.days} if plan.days else {}
        )
        put("manifest.json", canonical(signer.signed("manifest", statement)))
    yield out.taken()


class _Out:
    """What a zip writes into that cannot be gone back in."""

    def __init__(self) -> None:
        self._held = io.BytesIO()

    def write(self, piece: bytes) -> int:
        return self._held.write(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        found, self._held = self._held.getvalue(), io.BytesIO()
        return found


def _parts(engine: Engine, plan: PackPlan) -> Iterator[bytes]:
    """Lines of entries, together no more than a part may hold; nothing, each time that some were read."""
    held: list[bytes] = []
    size = 0
    for n, entry in enumerate(_lines(engine, plan)):
        if n % _TOGETHER == 0:
            yield b""
        line = canonical(entry) + b"\n"
        if held and size + len(line) > PART_BYTES:
            yield b"".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield b"".join(held)


def _lines(engine: Engine, plan: PackPlan) -> Iterator[PackedEntry]:
    subject = plan.wanted.subject
    for start in range(0, len(plan.single), _TOGETHER):
        with engine.connect() as connection:
            tree = Tree(connection, plan.size)
            rows = list(_rows(connection, plan.single[start : start + _TOGETHER]))
            shown = [plan.entries.whole(connection, row, tree) for row in rows]
        yield from shown
    for first in range(subject.first, plan.last + 1, _TOGETHER):
        with engine.connect() as connection:
            rows = list(_rows(connection, range(first, min(first + _TOGETHER, plan.last + 1))))
            shown = [_one(connection, plan, row) for row in rows]
        yield from shown


def _one(connection: Connection, plan: PackPlan, row: EntryRow) -> PackedEntry:
    """An entry of a period: in full where it is the reader's, else what shows that it is not."""
    subject, entries = plan.wanted.subject, plan.entries
    own = subject.reached is None or row.seq in subject.reached
    if plan.wanted.fund is not None:
        holds = entries.in_scope(row)
        if holds is False:
            return entries.stub(row)
        own = own and holds is True  # of another bank's entry, whoever takes the pack away sees no more than that it is
    return entries.whole(connection, row) if own else entries.bare(row)


def _rows(connection: Connection, entries: Sequence[int]) -> Iterable[EntryRow]:
    wanted = entries_with_keys().where(ENTRIES.c.seq.in_(entries))
    yield from connection.execute(wanted.order_by(ENTRIES.c.seq))


def _with_fund(connection: Connection, wanted: Wanted) -> Wanted:
    """A pack for a fund that names none: of a file, for the one in whose scope it lies; of a period, for the only one.

    Raises `InvalidRequest` for a period where there are several.
    """
    if wanted.reader != "fund" or wanted.fund is not None:
        return wanted
    period = wanted.subject.about.period is not None
    funds = _funds(connection) if period else _in_scope(connection, wanted.subject)
    if period and len(funds) > 1:
        raise InvalidRequest([fault("/fund", "which_fund", funds=tuple(funds))])
    return replace(wanted, fund=funds[0] if len(funds) == 1 else None)


def _funds(connection: Connection) -> list[str]:
    settings = settings_of(connection)
    at = turn_of(connection).at
    return sorted(settings.funds(settings.day_of(at))) if at else []


def _in_scope(connection: Connection, subject: PackSubject) -> list[str]:
    """The funds in whose scope the newest entry of a file lies."""
    for row in _rows(connection, subject.single[-1:]):
        return sorted(fund for fund, holds in outer_of(row).scopes.items() if holds) if row.form == ENTRY else []
    return []


def _about(wanted: Wanted, kept: Sequence[int], size: int) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(wanted.subject.about)
    if wanted.subject.about.period is not None:
        return told | {"size": size, "first": wanted.subject.first, "last": min(wanted.subject.last, size)}
    return told | {"size": size, "n": len(kept)}


def _checkpoint(connection: Connection, first: int) -> tuple[BankCheckpoint, FundReceipt | None]:
    """A checkpoint that covers at least the first entry: one that the fund countersigned, if there is one."""
    both = countersigned(connection, first)
    if both is not None:
        return both
    own = checkpoint(connection, first)
    if own is None:
        raise NotYetSigned("not_yet_signed", entry=first)
    return own, None


def _head(connection: Connection, size: int, file: str) -> dict[str, object] | None:
    """The head of the loan file, by the anchor that the checkpoint ends with."""
    anchor = next(iter(_rows(connection, [size])), None)
    if anchor is None or anchor.kind != Kind.ANCHOR or anchor.form != ENTRY:
        return None
    return head_proof(connection, anchor, file) or absence_proof(connection, anchor, file)


def _firm(connection: Connection, kept: Sequence[int], size: int) -> dict[str, object] | None:
    """How often the firm was assessed at the bank by then, and which of these entries the pack does not hold."""
    of = ASSESSMENTS.c
    own = connection.execute(select(of.firm, of.bank).where(of.seq.in_(kept)).limit(1)).one_or_none()
    if own is None or own.firm is None:
        return None
    wanted = select(of.seq).where(of.firm == own.firm, of.bank.is_not_distinct_from(own.bank), of.seq <= size)
    every = connection.execute(wanted.order_by(of.seq)).scalars().all()
    return {"assessments": len(every), "others": [seq for seq in every if seq not in set(kept)]}


@dataclass(frozen=True)
class _Beside:
    """The entries that show that nothing is missing, and what was in force: each with its proof, or chained."""

    connection: Connection
    wanted: Wanted
    tree: Tree
    entries: PackedEntries

    def told(self, kept: Sequence[int]) -> dict[str, object]:
        """By what they are there for."""
        subject = self.wanted.subject
        last = min(subject.last, self.tree.size)
        of_period = subject.about.period is not None
        first = subject.first if of_period else 1
        behind = max(last, first - 1) + 1
        opening = turn_of(self.connection).opening
        return {
            "opening": self._whole(opening),
            "anchor": self._whole(
                closing_anchor(self.connection, subject.about.period or "") if of_period else self.tree.size
            ),
            "before": self._bare(first - 1 if of_period else None),
            "after": self._bare(behind if of_period else None),
            "last": self._bare(last if of_period and last >= first else None),
            "in_force": [] if of_period else [self._whole(seq) for seq in self._in_force(kept)],
            "erasures": [] if of_period else [self._whole(seq) for seq in self._erasures(kept)],
            "keys": [one for seq in self._keys() if (one := self._whole(seq)) is not None],
        }

    def _row(self, seq: int | None) -> EntryRow | None:
        if seq is None or not 0 < seq <= self.tree.size:
            return None
        return next(iter(_rows(self.connection, [seq])), None)

    def _whole(self, seq: int | None) -> PackedEntry | None:
        row = self._row(seq)
        return None if row is None else self.entries.whole(self.connection, row, self.tree)

    def _bare(self, seq: int | None) -> PackedEntry | None:
        row = self._row(seq)
        return None if row is None else self.entries.bare(row, self.tree)

    def _in_force(self, kept: Sequence[int]) -> list[int]:
        """The last policy, schemes and models before the approval; before the last entry, where there is none."""
        kinds = {row.seq: row.kind for row in _rows(self.connection, kept)}
        until = next((seq for seq, kind in kinds.items() if kind in DECIDING), max(kinds, default=0))
        latest = select(func.max(CHANGES.c.seq)).where(CHANGES.c.kind.in_(IN_FORCE), CHANGES.c.seq < until)
        return sorted(self.connection.execute(latest.group_by(CHANGES.c.kind, CHANGES.c.subject)).scalars())

    def _keys(self) -> Sequence[int]:
        """Where signing keys were made, exchanged and revoked."""
        of = CHANGES.c
        wanted = select(of.seq).where(of.kind == Kind.KEY, of.subject == SIGNING, of.seq <= self.tree.size)
        return self.connection.execute(wanted.order_by(of.seq)).scalars().all()

    def _erasures(self, kept: Sequence[int]) -> list[int]:
        """Erasures of no loan file that name an entry of the pack."""
        wanted = entries_with_keys().where(ENTRIES.c.kind == Kind.ERASURE, ENTRIES.c.seq <= self.tree.size)
        found = []
        for row in self.connection.execute(wanted.where(ENTRIES.c.seq.not_in(kept))):
            try:
                body = orjson.loads(content_of(self.connection, row).body)
            except Erased:
                continue
            named = body["/entries"] if row.form == ENTRY else body["/erasure"]["entries"]
            if set(named) & set(kept):
                found.append(row.seq)
        return found


def _catalogue(connection: Connection) -> bytes:
    """What the codes of answers mean, in both languages, by the policy in force: a pack is read without the service."""
    return msgspec.json.encode(catalogue(settings_of(connection).policy, LANGUAGES), order="sorted")


def verify_command(pack: str, bank_key: str, fund_key: str, language: Language | None) -> str:
    """The command by which a reader checks a pack without us; it tells reasons and findings in their language."""
    told = f" --tell {language}" if language is not None else ""
    return f"python3 -I verify.py {pack} --bank-key {bank_key} --fund-key {fund_key}{told}"


def _verifier() -> bytes:
    return files("service.offline").joinpath("verify.py").read_bytes()
