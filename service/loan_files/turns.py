"""One act in a loan file: read, checked, entered and folded within the turn in which it alone writes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, select

from features.errors import Fault, fault
from features.policy import Policy
from models.records.working_days import DueDay, Period, WorkingDays
from service.access.accounts import check_hand
from service.access.roles import Caller
from service.access.tables import USERS
from service.assessing.assessment_index import AssessmentRecord, row_of
from service.edge.database import in_turn
from service.edge.errors import Erased, InvalidRequest, NotInTurn, OwnQuestion
from service.ledger.append import Draft, Sealed, append
from service.ledger.entry_contents import AssessmentRef, EntryContent, EntryRef
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from service.loan_files.folding import advanced
from service.loan_files.record import Duty, LoanFile, State
from service.loan_files.refusing import Tried, refusals_entered
from service.loan_files.row_check import check_rows
from service.loan_files.steps import EnteredAct, note_step
from service.loan_files.tables import read_file, write_file

DUTIES: tuple[Duty, ...] = ("investigate", "review", "vote", "approve", "release")


@dataclass(frozen=True)
class Desk:
    """Who acts, when and by which policy; `today` is the day where the bank is, in `zone`."""

    caller: Caller
    at: datetime
    today: date
    policy: Policy
    zone: tzinfo

    @cached_property
    def calendar(self) -> WorkingDays:
        """The working days."""
        return WorkingDays(self.policy, self.today)

    def due(self, state: str) -> dict[str, object]:
        """Until when a state is to be left, as leaves of an entry."""
        periods = msgspec.convert(self.policy("loan_file.due").on(self.today), dict[str, Period])
        return leaves_of(self.calendar.due(self.today, periods[state])) if state in periods else leaves_of(None)

    def days_late(self, happened_on: date) -> int:
        """By how many days it is told today, of a day, later than policy allows (迟报).

        0: in time, or the day until which it was to be told is provisional.
        """
        period = msgspec.convert(self.policy("loan_file.reported").on(self.today), Period)
        due = self.calendar.due(happened_on, period)
        return 0 if due.provisional else max((self.today - due.day).days, 0)

    def day_of(self, at: str) -> date:
        """The day where the bank is of an entry's time."""
        return datetime.fromisoformat(at).astimezone(self.zone).date()

    def tried(
        self, act: Kind, file: str | None = None, assessment: str | None = None, *, by_form: bool = False
    ) -> Tried:
        """What was tried, should it be refused."""
        return Tried(act, self.caller.id, self.at, file, assessment, by_form=by_form)

    def who(self, person: str | None, *, personal: bool = True) -> str:
        """The account that acts, or the name that is given where nobody is signed in.

        Raises `NotInTurn` for a key, `InvalidRequest` where a name is missing or given besides.
        """
        if not self.caller.signed_in:
            if person is None:
                raise InvalidRequest([fault("/person", "person_missing")])
            return person
        if personal and not self.caller.person:
            raise NotInTurn("person_acts")
        if person is not None:
            raise InvalidRequest([fault("/person", "person_given")])
        return self.caller.id


def leaves_of(due: DueDay | None) -> dict[str, object]:
    """A due day as leaves of an entry."""
    if due is None:
        return {"due_on": None, "provisional": False}
    return {"due_on": due.day.isoformat(), "provisional": due.provisional}


class FileTurn(NamedTuple):
    """What an act finds when its turn has come."""

    connection: Connection
    file: LoanFile
    desk: Desk

    @property
    def about(self) -> AssessmentRef:
        """The assessment on which the file rests."""
        return self.of(self.file.assessment)

    def of(self, assessment: str) -> AssessmentRef:
        """A reference to an assessment. Raises `NoSuchAssessment`."""
        row = row_of(self.connection, assessment)
        return AssessmentRef(row.id, row.seal)


Work = Callable[[FileTurn], EntryContent]
"""Makes of a turn what is to be entered. Raises `Refused`."""


@dataclass(frozen=True)
class FileDone:
    """An act as it is kept, and the loan file behind it."""

    act: EnteredAct
    file: LoanFile

    def to_dict(self) -> dict[str, object]:
        """The act, and where the file stands."""
        file = self.file
        stands = {"id": file.id, "state": file.state, "due_on": file.due_on, "seen": file.head}
        return {**self.act.to_dict(), "loan_file": stands | {"provisional": file.provisional}}


def act_in_file(engine: Engine, file: str, desk: Desk, act: Kind, work: Work, *, by_form: bool = False) -> FileDone:
    """Do one thing in a loan file; `by_form`: on a page, which tells which authority is needed before anybody signs.

    Raises `NoSuchLoanFile`, or what the work refuses, which may be entered.
    """

    def write(connection: Connection) -> FileDone:
        return entered(FileTurn(connection, read_file(connection, file), desk), work)

    with refusals_entered(engine, desk.policy, lambda: desk.tried(act, file=file, by_form=by_form)):
        return in_turn(engine, write)


def entered(turn: FileTurn, work: Work, taken_up: EntryRef | None = None) -> FileDone:
    """Enter what the work makes of the turn, and keep the file as it is then. `taken_up`: see `Draft`."""
    connection, file = turn.connection, turn.file
    check_hand(connection, turn.desk.caller)
    check_rows(connection, file.id)
    content = work(turn)
    draft = Draft.of(content, turn.desk.caller.id, firm=file.firm, bank=file.bank, file=file.id, taken_up=taken_up)
    entry: Sealed = append(connection, [draft])[0]
    act = note_step(connection, content, entry)
    after = advanced(file, content, entry)
    write_file(connection, after, None if taken_up else file)
    return FileDone(act, after)


def check_state(file: LoanFile, *states: State) -> None:
    """Raises `NotInTurn` where the file waits for something else."""
    if file.state not in states:
        raise NotInTurn("state_other", state=file.state, wanted=tuple(states))


def check_apart(file: LoanFile, who: str, duty: Duty) -> None:
    """Raises `NotInTurn` where a person would hold a second duty in the file."""
    for other in DUTIES:
        if other != duty and who in file.holders(other):
            raise NotInTurn("duty_held", held=other, wanted=duty)


def check_not_asker(turn: FileTurn, who: str) -> None:
    """Raises `OwnQuestion` where the person asked for the assessment on which the file rests."""
    seq = row_of(turn.connection, turn.file.assessment).seq
    asked_by = turn.connection.execute(select(ENTRIES.c.actor).where(ENTRIES.c.seq == seq)).scalar_one_or_none()
    if asked_by in (who, turn.desk.caller.name):  # entries of form 1 tell the name
        raise OwnQuestion("own_question")


def check_day(pointer: str, day: date, today: date, since: date | None = None) -> None:
    """Raises `InvalidRequest` where a told day lies ahead, or before the act that it rests on."""
    faults: list[Fault] = []
    if day > today:
        faults.append(fault(pointer, "ahead_of_today", today=today))
    if since is not None and day < since:
        faults.append(fault(pointer, "before_its_ground", since=since))
    if faults:
        raise InvalidRequest(faults)


def check_code(pointer: str, code: str | None, codes: Iterable[str]) -> None:
    """Raises `InvalidRequest` for a code that policy does not state."""
    if code is not None and code not in set(codes):
        raise InvalidRequest([fault(pointer, "reason_code_unknown", codes=tuple(codes))])


def accounts_of(turn: FileTurn, names: Sequence[tuple[str, str]], gone: Collection[str] = ()) -> list[str]:
    """The ids of accounts by pointer and name; where nobody is signed in, the names.

    `gone`: pointers of accounts that may be disabled by now, as of people who left. Raises `InvalidRequest` where an
    account is none of the bank's people.
    """
    if not turn.desk.caller.signed_in:
        return [name for _, name in names]
    table = USERS.c
    wanted = select(table.name, table.id, table.bank, table.disabled).where(table.name.in_([n for _, n in names]))
    known = {row.name: row for row in turn.connection.execute(wanted)}
    file = turn.file
    strangers = [
        fault(pointer, "account_unknown", account=name)
        for pointer, name in names
        if name not in known
        or known[name].bank not in (None, file.bank)
        or (known[name].disabled and pointer not in gone)
    ]
    if strangers:
        raise InvalidRequest(strangers)
    return [known[name].id for _, name in names]


def assessment_in_file(turn: FileTurn, assessment: str) -> AssessmentRecord:
    """The row of an assessment of the file. Raises `NoSuchAssessment`, `Erased` or `NotInTurn`."""
    row = row_of(turn.connection, assessment)
    if row.firm is None:
        raise Erased("assessment_erased", entry=row.seq)
    if row.file != turn.file.id:
        raise NotInTurn("assessment_of_other_file", assessment=assessment)
    return row
