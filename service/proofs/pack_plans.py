"""What a pack is about, and which entries it must hold so that nothing of that is missing."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from sqlalchemy import Connection, and_, func, literal, or_, select

from features.errors import fault
from service.access.roles import UNBOUND, Reach
from service.access.tables import API_KEYS, USERS
from service.assessing.assessment_index import ASSESSMENTS, row_of
from service.assessing.trial_records import TRIALS
from service.assessing.what_ifs import WHAT_IFS
from service.decisions.erasure import ERASURES
from service.edge.errors import InvalidRequest, NoSuchLoanFile, Refused
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES
from service.ledger.canonical import time_text
from service.ledger.change_log import CHANGES
from service.ledger.kinds import FOR_EVERY_FUND, Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.months import span
from service.ledger.outer import SCOPE
from service.ledger.seal import FORM as ENTRY
from service.ledger.seal import FORM_1
from service.ledger.segments import archived_to, closed
from service.ledger.tables import ENTRIES, FILE_HEADS
from service.loan_files.steps import STEPS

MOST_SHOWN, MOST_ENTRIES = 10_000, 1_000_000
"""Entries in one pack that are shown in full, and all: what a reader's machine takes in minutes."""


class TooMuch(Refused):
    """A pack would hold too many entries."""

    status, problem = HTTPStatus.CONFLICT, "too-much"


class EntriesArchived(Refused):
    """Entries that a pack must hold were moved to a file."""

    status, problem = HTTPStatus.CONFLICT, "entries-archived"


class PackAbout(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a pack is about: a loan file, an assessment that lies in none, or a month or day. `asked`: by which id."""

    file: str | None = None
    assessment: str | None = None
    period: str | None = None
    asked: str | None = None


@dataclass(frozen=True)
class PackSubject:
    """What a pack is about, and its entries: single ones, and those of a period without a hole from `first` to `last`.

    `reached`: the entries of the period that may be shown; None: all. An empty period has a `last` before its `first`.
    """

    about: PackAbout
    single: Sequence[int] = ()
    first: int = 1
    last: int = 0
    reached: Set[int] | None = None

    @property
    def begins(self) -> int:
        """The first entry that a checkpoint must cover."""
        return min([*self.single[:1], *([self.first] if self.last >= self.first else [])], default=1)


def of_assessment(connection: Connection, assessment: str) -> PackSubject:
    """The loan file of an assessment; of one of form 1 that lies in none, it and what was done about it.

    Raises `NoSuchAssessment`.
    """
    row = row_of(connection, assessment)
    if row.file is not None:
        return _of_file(connection, PackAbout(file=row.file, asked=assessment))
    done = select(STEPS.c.seq).where(STEPS.c.assessment == assessment)
    return PackSubject(PackAbout(assessment=assessment), sorted({row.seq, *connection.execute(done).scalars()}))


def of_file(connection: Connection, file: str) -> PackSubject:
    """A loan file. Raises `NoSuchLoanFile`."""
    return _of_file(connection, PackAbout(file=file))


def of_absent_file(connection: Connection, file: str) -> PackSubject | None:
    """What shows that there is no loan file of an id; None where there is one, or was."""
    own = select(ENTRIES.c.seq).where(ENTRIES.c.file == file).limit(1)
    head = select(FILE_HEADS.c.seq).where(FILE_HEADS.c.id == file)
    known = any(connection.execute(query).first() is not None for query in (own, head))
    return None if known else PackSubject(PackAbout(file=file))


def _of_file(connection: Connection, about: PackAbout) -> PackSubject:
    own = select(ENTRIES.c.seq).where(ENTRIES.c.file == about.file)
    taken_up = select(ASSESSMENTS.c.id, ASSESSMENTS.c.seq).where(ASSESSMENTS.c.file == about.file)
    before = connection.execute(taken_up).all()
    done = select(STEPS.c.seq).where(STEPS.c.file.is_(None), STEPS.c.assessment.in_([row.id for row in before]))
    found = {row.seq for row in before} | {seq for one in (own, done) for seq in connection.execute(one).scalars()}
    if not found:
        raise NoSuchLoanFile("no_such_loan_file", file=about.file)
    _check_here(connection, min(found))
    return PackSubject(about, sorted(found))


def of_period(connection: Connection, period: str, reach: Reach, *, by_scope: bool = False) -> PackSubject:
    """A month or a day (`2026-11`, `2026-11-20`), in the ledger's zone; entries of form 1 by UTC, those within reach.

    `by_scope`: a fund asks, which is shown what was sealed as in its scope, also of a bank that left since.

    Raises `InvalidRequest`, also for a day on which there was no ledger, `TooMuch` or `EntriesArchived`.
    """
    settings = settings_of(connection)
    try:
        begins, ends = span(period, settings.zone)
    except (ValueError, OverflowError):
        raise InvalidRequest([fault("/period", "no_period", period=period)]) from None
    _check_lived(connection, period, begins, ends)
    at, second = ENTRIES.c.at, ENTRIES.c.form == ENTRY
    seq = ENTRIES.c.seq
    bounds = select(func.min(seq), func.max(seq)).where(second, at >= begins, at < ends)
    first, last = connection.execute(bounds).one()
    if first is None:  # nothing was entered: the entry before and the one behind show it
        before = select(func.max(seq)).where(or_(~second, at < begins))
        first, last = (connection.execute(before).scalar() or 0) + 1, 0
    reached = None if by_scope or reach == UNBOUND else _within(connection, first, last, reach)
    if last - first >= MOST_ENTRIES:
        raise TooMuch("too_many_entries", period=period, most=MOST_ENTRIES)
    within = and_(ENTRIES.c.form == FORM_1, at.startswith(period))
    single = _first_form(connection, within, reach)
    _check_here(connection, first, *single[:1])
    return PackSubject(PackAbout(period=period), single, first, last, reached)


def _check_lived(connection: Connection, period: str, begins: str, ends: str) -> None:
    bounds = select(func.min(ENTRIES.c.at), func.max(ENTRIES.c.at))
    first, last = connection.execute(bounds).one()
    gone = archived_to(connection)[0]
    now = time_text(settings_of(connection).clock())
    if last is None or (ends <= first and not gone) or begins > max(last, now):
        raise InvalidRequest([fault("/period", "period_without_ledger", period=period)])


def _check_here(connection: Connection, *seqs: int) -> None:
    gone = archived_to(connection)[0]
    if any(0 < seq <= gone for seq in seqs):
        raise EntriesArchived("entries_archived", entry=gone)


def _within(connection: Connection, first: int, last: int, reach: Reach) -> frozenset[int]:
    """Of entries of form 2 those that whoever has the reach may see: of assessments and of the ledger itself.

    And of what is a bank's beside assessments: lists and their feedback, erasures, accounts, keys of machines.
    """
    seq = ENTRIES.c.seq
    files = select(ASSESSMENTS.c.file).where(reach.of(ASSESSMENTS), ASSESSMENTS.c.file.is_not(None))
    searched = (
        select(table.c.seq).join(ASSESSMENTS, ASSESSMENTS.c.id == table.c.assessment).where(reach.of(ASSESSMENTS))
        for table in (WHAT_IFS, TRIALS)
    )
    of_accounts = (
        select(CHANGES.c.seq)
        .join(named, CHANGES.c.subject == literal(begins).concat(named.c.name))
        .where(CHANGES.c.kind == Kind.USER.value, reach.of(named))
        for begins, named in (("user:", USERS), ("key:", API_KEYS))
    )
    found = (
        select(ASSESSMENTS.c.seq).where(reach.of(ASSESSMENTS)),
        select(seq).where(ENTRIES.c.file.in_(files)),
        *searched,
        select(PUSHES.c.seq).where(reach.of(PUSHES)),
        select(PUSH_FEEDBACK.c.seq).join(PUSHES, PUSHES.c.id == PUSH_FEEDBACK.c.push).where(reach.of(PUSHES)),
        select(ERASURES.c.entry).where(reach.of(ERASURES), ERASURES.c.entry.is_not(None)),
        *of_accounts,
        select(seq).where(ENTRIES.c.kind.in_([kind.value for kind in FOR_EVERY_FUND])),
    )
    return frozenset(
        one
        for query in found
        for one in connection.execute(query.where(query.selected_columns[0].between(first, last))).scalars()
    )


def _first_form(connection: Connection, within: object, reach: Reach) -> list[int]:
    """Entries of form 1 in a period: assessments within reach, what was done about them, and those of the ledger."""
    asked = select(ASSESSMENTS.c.seq).join(ENTRIES, ENTRIES.c.seq == ASSESSMENTS.c.seq).where(reach.of(ASSESSMENTS))
    done = select(STEPS.c.seq).join(ASSESSMENTS, ASSESSMENTS.c.id == STEPS.c.assessment).where(reach.of(ASSESSMENTS))
    done = done.join(ENTRIES, ENTRIES.c.seq == STEPS.c.seq)
    own = select(ENTRIES.c.seq).where(ENTRIES.c.kind.in_([Kind.KEY, Kind.RECEIPT, Kind.ANCHOR]))
    found: set[int] = set()
    for query in (asked, done, own):
        found |= set(connection.execute(query.where(within).limit(MOST_SHOWN + 1)).scalars())  # type: ignore[arg-type]
    if len(found) > MOST_SHOWN:
        raise TooMuch("too_many_entries", period="form-1", most=MOST_SHOWN)
    return sorted(found)


def count_in_scope(connection: Connection, subject: PackSubject, fund: str) -> int:
    """How many entries of the period are in the fund's scope."""
    marked = f'"{SCOPE}{fund}":true'.encode()
    between = select(ENTRIES.c.facts).where(ENTRIES.c.seq.between(subject.first, subject.last))
    rows: Iterable[bytes | None] = connection.execute(between.execution_options(yield_per=5000)).scalars()
    return sum(facts is not None and marked in facts for facts in rows)


def closing_anchor(connection: Connection, period: str) -> int | None:
    """The entry that closes a month, if one does."""
    return next((one.anchor for one in closed(connection) if one.month == period), None)
