"""Erases what a bank holds about a firm by destroying its key: two persons must want it, and nothing may hold it back.

Each bank has a key of its own for a firm, so that none erases, holds back, or learns of, what another has. Every seal
stays as it is, so the chain and every proof still verify; what was under the key can be read by nobody.
Backups of keys that were taken before must be let expire: they are the only other place where the key may lie.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, null, select, update
from sqlmodel import Field, SQLModel

from features.errors import Fault, fault
from features.policy import Policy
from service.access.accounts import check_hand
from service.access.drafts import forget_drafts
from service.access.roles import OPEN, Caller, Reach
from service.assessing.assessment_index import ASSESSMENTS, KEYS
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.trial_records import TRIALS
from service.assessing.what_ifs import WHAT_IFS
from service.decisions.requests import ErasureReason
from service.edge.database import in_turn
from service.edge.errors import Forbidden, NoSuchErasure, OnHold, UnknownFirm
from service.firm_lists.tables import PUSH_FEEDBACK
from service.jobs.queue import forget_firm_in_jobs
from service.ledger.append import Draft, append
from service.ledger.canonical import time_text
from service.ledger.contents import FIRM_KEYS, key_for
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.tables import ENTRIES, FIRM_HEADS
from service.ledger.written_kinds import ErasureEntry
from service.loan_files.attachments import forget_papers
from service.loan_files.holding import standing_holds
from service.loan_files.refusing import Tried, refusals_entered
from service.loan_files.steps import STEPS, standing, steps_of
from service.loan_files.tables import forget_files


class ErasureRecord(SQLModel, table=True):
    """A request to erase a firm's content; once done it no longer says whose, and names the entry that tells of it.

    `bank`, `branch`: where whoever asked for it belongs, and whose content it is; null: of all.
    """

    __tablename__ = "erasures"

    id: str = Field(primary_key=True)
    firm: str | None = None
    reason: str
    asked_by: str
    asked_at: str
    confirmed_by: str | None = None
    entry: int | None = None
    bank: str | None = None
    branch: str | None = None


ERASURES = SQLModel.metadata.tables["erasures"]


@dataclass(frozen=True)
class Person:
    """Who acts, by the account's id, when, and how far he reaches; `today` is the day where the bank is.

    `hand`: as whom the request let him in, which must still hold when it is done.
    """

    id: str
    reach: Reach
    at: datetime
    today: date
    hand: Caller = OPEN

    @property
    def banks(self) -> Reach:
        """The banks within reach, all their branches."""
        return Reach(self.reach.banks)

    def for_bank(self, bank: str | None) -> "Person":
        """The same with no more than one bank within reach."""
        return self if bank is None else replace(self, reach=Reach(frozenset({bank}), self.reach.branch))


def ask(engine: Engine, firm: str, reason: ErasureReason, person: Person, policy: Policy) -> ErasureRecord:
    """Record that a person wants a firm's content erased. Raises `UnknownFirm`, or `OnHold` naming each hold."""

    def write(connection: Connection) -> ErasureRecord:
        check_hand(connection, person.hand)
        _check(connection, firm, person, policy)
        asked_at = time_text(person.at)
        place = person.hand.place
        asked = ErasureRecord(
            id=str(uuid4()), firm=firm, reason=reason, asked_by=person.id, asked_at=asked_at,
            bank=place.bank, branch=place.branch,
        )  # fmt: skip
        connection.execute(insert(ERASURES), asked.model_dump())
        return asked

    with refusals_entered(engine, policy, lambda: _tried(engine, firm, person, policy)):
        return in_turn(engine, write)


def confirm(engine: Engine, erasure: str, person: Person, policy: Policy) -> ErasureRecord:
    """Destroy the key, as another person than the one who asked; the entry that records it names what was erased.

    Raises `NoSuchErasure`, `Forbidden` for the same person, or `OnHold`.
    """

    def write(connection: Connection) -> ErasureRecord:
        check_hand(connection, person.hand)
        asked = _record(connection, erasure)
        if asked is None or not person.reach.holds(asked.bank, asked.branch):
            raise NoSuchErasure("no_such_erasure", erasure=str(erasure))
        if asked.entry is not None or asked.firm is None:
            return asked
        if asked.asked_by == person.id:
            raise Forbidden("another_confirms")
        own = person.for_bank(asked.bank)
        _check(connection, asked.firm, own, policy)
        entry = _destroy(connection, asked, asked.firm, own)
        return ErasureRecord(**asked.model_dump() | {"firm": None, "confirmed_by": person.id, "entry": entry})

    with refusals_entered(engine, policy, lambda: _tried(engine, _firm_of(engine, erasure), person, policy)):
        told = in_turn(engine, write)
    _forget_pages(engine)
    return told


def listed(connection: Connection, reach: Reach) -> list[ErasureRecord]:
    """The requests within reach, the latest first."""
    wanted = select(ERASURES).where(reach.of(ERASURES)).order_by(ERASURES.c.asked_at.desc())
    found = connection.execute(wanted).mappings()
    return [ErasureRecord(**row) for row in found]


@dataclass(frozen=True)
class Hold:
    """Why a firm's content must be kept: `hold` is a code; until when, and which assessment or entry, where it says."""

    hold: str
    assessment: str | None = None
    until: date | None = None
    entry: int | None = None


def _tried(engine: Engine, firm: str | None, person: Person, policy: Policy) -> Tried | None:
    """What is entered where it is refused: about what is held first, else the firm's newest assessment within reach."""
    own = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.firm == firm, person.reach.of(ASSESSMENTS))
    with engine.connect() as connection:
        within = list(connection.execute(own.order_by(ASSESSMENTS.c.seq.desc())).scalars())
        if not within or firm is None:
            return None
        held = [one.assessment for one in holds(connection, firm, policy, person)]
    about = next((one for one in held if one in within), within[0])
    return Tried(Kind.ERASURE, person.id, person.at, assessment=about)


def _firm_of(engine: Engine, erasure: str) -> str | None:
    with engine.connect() as connection:
        asked = _record(connection, erasure)
    return None if asked is None else asked.firm


class LoanEnd(msgspec.Struct, frozen=True):
    """When a loan ended, as its closure says."""

    closed_on: date


def holds(connection: Connection, firm: str, policy: Policy, person: Person) -> list[Hold]:
    """Why content within a person's reach must be kept: an open drawdown, a fund's hold, or retention, until when.

    What holds it elsewhere is not told.
    """
    of, own = ASSESSMENTS.c, person.reach.of(ASSESSMENTS)
    asked = select(of.id, of.asked_at, LOAN_FILES.c.at).outerjoin(LOAN_FILES, LOAN_FILES.c.id == of.file)
    assessments = connection.execute(asked.where(of.firm == firm, own).order_by(of.seq)).all()
    found = (
        hold
        for one in assessments
        for hold in _holds_of(connection, one.id, [one.asked_at, one.at or one.asked_at], policy, person.today)
    )
    return sorted(found, key=lambda hold: hold.until or date.min)


def _holds_of(connection: Connection, assessment: str, moved: list[str], policy: Policy, today: date) -> Iterator[Hold]:
    """`moved`: when it was asked, and when its loan file last moved."""
    steps = steps_of(connection, assessment)
    for one in standing_holds(steps, today):
        told = one.content.get("until")
        until = date.fromisoformat(str(told)) if told else None
        yield Hold("of_fund_until" if until else "of_fund", assessment, until, one.record.entry)
    done = {act.kind: act.content for act in standing(steps)}
    if Kind.DRAWDOWN in done and Kind.CLOSURE not in done:
        yield Hold("drawdown_without_closure", assessment)
        return
    closed = done.get(Kind.CLOSURE)
    began = settings_of(connection).day_of(max(*moved, *(one.record.at for one in steps if one.kind != Kind.REFUSED)))
    if closed:
        began = max(began, msgspec.convert(closed, LoanEnd).closed_on)
    until = _years_later(began, policy("retention.loan" if closed else "retention.question").on(today))
    if today < until:
        yield Hold("retention", assessment, until)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _check(connection: Connection, firm: str, person: Person, policy: Policy) -> None:
    wanted = select(ASSESSMENTS.c.bank, ASSESSMENTS.c.branch, ENTRIES.c.seq, ENTRIES.c.key)
    kept = wanted.outerjoin(ENTRIES, ENTRIES.c.seq == ASSESSMENTS.c.seq)  # an archived one lies in a file, locked alike
    every = connection.execute(kept.where(ASSESSMENTS.c.firm == firm)).all()
    found = [row for row in every if person.banks.holds(row.bank, None)]
    if not any(person.reach.holds(row.bank, row.branch) for row in found):
        raise UnknownFirm("nothing_held")
    keys = _keys(connection, firm, [row.bank for row in found])
    shared = any(key.bank is None for key in keys)
    held = holds(connection, firm, policy, person)
    if (shared and len(found) < len(every)) or not all(person.reach.holds(row.bank, row.branch) for row in found):
        held.append(Hold("asked_by_others"))
    plain = [row.seq for row in found if row.seq is not None and row.key is None]
    if not keys:
        plain = plain or [None]  # all of it was archived before there were keys
    for seq in plain:
        held.append(Hold("written_before_keys", entry=seq) if seq else Hold("archived_before_keys"))
    if held:
        raise OnHold("on_hold", count=len(held), faults=[_fault(one) for one in held])


@dataclass(frozen=True)
class _HeldKey:
    """A key that is there; `bank`: null where banks had it together."""

    id: str
    bank: str | None


def _keys(connection: Connection, firm: str, banks: Iterable[str | None]) -> list[_HeldKey]:
    """The keys that banks write with about a firm."""
    table = FIRM_KEYS.c
    rows = connection.execute(select(table.id, table.bank).where(table.firm == firm))
    held = {(firm, row.bank): _HeldKey(row.id, row.bank) for row in rows}
    found = (key_for((firm, bank or ""), held) for bank in banks)
    return list(dict.fromkeys(key for key in found if key is not None))


def _fault(one: Hold) -> Fault:
    facts = {"assessment": one.assessment, "until": one.until, "entry": one.entry}
    return fault("", f"hold_{one.hold}", **{name: fact for name, fact in facts.items() if fact is not None})


def _destroy(connection: Connection, asked: ErasureRecord, firm: str, person: Person) -> int:
    """Destroy the keys of the firm at the person's banks; the number of the first entry that records it."""
    of_firm = select(ASSESSMENTS.c.bank).where(ASSESSMENTS.c.firm == firm, person.banks.of(ASSESSMENTS)).distinct()
    drafts, seqs = [], list[int]()
    keys = _keys(connection, firm, connection.execute(of_firm).scalars())
    for key in keys:
        found = _about(connection, firm, key, person.banks)
        seqs += [one.seq for one in found]
        for (file, bank), held in groupby(sorted(found, key=_whose), key=lambda one: (one.file, one.bank)):
            told = ErasureEntry(
                key=key.id,
                entries=[one.seq for one in held],
                reason=asked.reason,
                asked_by=asked.asked_by,
                confirmed_by=person.id,
            )
            drafts.append(Draft.of(told, person.id, bank=bank, file=file))
    entry = append(connection, drafts)[0]
    gone = FIRM_KEYS.c.id.in_([key.id for key in keys])
    connection.execute(update(FIRM_KEYS).where(gone), {"firm": None, "bank": None, "material": None})
    _forget(connection, firm, seqs, person.banks)
    done = {"firm": None, "confirmed_by": person.id, "entry": entry.seq}
    connection.execute(update(ERASURES).where(ERASURES.c.id == asked.id), done)
    others = update(ERASURES).where(ERASURES.c.firm == firm, person.banks.of(ERASURES))
    connection.execute(others, {"firm": None, "entry": entry.seq})
    return entry.seq


@dataclass(frozen=True)
class _EntryAbout:
    """An entry about a firm, the loan file that it lies in or was taken into, and the bank."""

    seq: int
    file: str | None
    bank: str | None


def _whose(one: _EntryAbout) -> tuple[str, str, int]:
    return one.file or "", one.bank or "", one.seq


def _about(connection: Connection, firm: str, key: _HeldKey, reach: Reach) -> list[_EntryAbout]:
    """The entries about a firm: those under a key, and those of the bank whose it is that were archived."""
    of = ASSESSMENTS.c
    own = [of.firm == firm, reach.of(ASSESSMENTS)]
    if key.bank is not None:
        own.append(of.bank == key.bank if key.bank else of.bank.is_(None))
    done = (
        select(table.c.seq, of.file, of.bank).join(ASSESSMENTS, of.id == table.c.assessment).where(*own)
        for table in (STEPS, WHAT_IFS, TRIALS, PUSH_FEEDBACK)
    )
    under_key = select(ENTRIES.c.seq, ENTRIES.c.file, null().label("bank")).where(ENTRIES.c.key == key.id)
    asked = (under_key, select(of.seq, of.file, of.bank).where(*own), *done)
    found = {row.seq: _EntryAbout(*row) for one in asked for row in connection.execute(one)}
    return [found[seq] for seq in sorted(found)]


def _forget(connection: Connection, firm: str, seqs: Sequence[int], reach: Reach) -> None:
    """Empty what tells of the firm wherever it was kept within reach to be found by."""
    told = dict.fromkeys(("firm", "case", "application", "inputs", "probability", "points", "grade"))
    forget_firm_in_jobs(connection, firm, reach)
    connection.execute(update(STEPS).where(STEPS.c.seq.in_(seqs)), {"content": "{}"})
    told_back = {"reason": None, "outcome": None, "reason_code": None, "person": None}
    connection.execute(update(PUSH_FEEDBACK).where(PUSH_FEEDBACK.c.seq.in_(seqs)), told_back)
    connection.execute(update(KEYS).where(KEYS.c.seq.in_(seqs)), {"body": ""})
    connection.execute(update(ASSESSMENTS).where(ASSESSMENTS.c.firm == firm, reach.of(ASSESSMENTS)), told)
    forget_drafts(connection, firm, reach)
    forget_papers(connection, firm, reach)
    forget_files(connection, firm, reach)
    heads = delete(FIRM_HEADS).where(FIRM_HEADS.c.firm == firm)
    connection.execute(heads if reach.banks is None else heads.where(FIRM_HEADS.c.bank.in_(sorted(reach.banks))))


def _forget_pages(engine: Engine) -> None:
    """Let SQLite's log not keep the pages as they were; of PostgreSQL the owner's `database compact` does so."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def _record(connection: Connection, erasure: str) -> ErasureRecord | None:
    found = connection.execute(select(ERASURES).where(ERASURES.c.id == erasure)).mappings().one_or_none()
    return None if found is None else ErasureRecord(**found)
