"""How an entry moves a loan file on: from what stood and what the entry says alone, so that entries tell all of it."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Protocol

from msgspec import convert
from msgspec.structs import replace

from service.assessing.loan_file_index import PREPARED, RETURNED, TOLD
from service.ledger.append import Sealed
from service.ledger.entry_contents import EntryContent
from service.ledger.loan_file_kinds import (
    ApprovalEntry,
    ClosingEntry,
    ConditionMetEntry,
    CorrectionEntry,
    DocumentEntry,
    DrawdownCheckEntry,
    DueItem,
    HandedOverEntry,
    HoldEntry,
    LoanTerms,
    MinutesEntry,
    MonitoredEntry,
    RefusedEntry,
    ReviewedEntry,
    SentBackEntry,
    SubmittedEntry,
    VoteEntry,
    WarningEntry,
    WithdrawnEntry,
)
from service.ledger.opened import OpenedEntry
from service.ledger.written_kinds import ClosureEntry, DecisionEntry, DrawdownEntry
from service.loan_files.record import (
    Duty,
    FileCondition,
    FileDocument,
    FileDrawdown,
    FileDuty,
    FilePledge,
    FileTask,
    FileVote,
    LoanFile,
)

Place = Sealed | OpenedEntry
Changes = dict[str, object]
"""Fields of a loan file by name, as they are after an entry."""
_KEEPS_HEAD = (VoteEntry, DocumentEntry, HoldEntry)
"""What is entered without changing what others have before them: votes stay hidden until the minutes close them."""


def advanced(file: LoanFile, content: EntryContent, entry: Place) -> LoanFile:
    """The loan file behind an entry of its own."""
    if isinstance(content, RefusedEntry):
        return file  # nothing was done
    changes = {"seq": entry.seq, "at": entry.at, **_changes(content, file, entry)}
    if not isinstance(content, _KEEPS_HEAD):
        changes["head"] = entry.seal
    return replace(file, **changes)


def noted(file: LoanFile | None, row: Mapping[str, object]) -> LoanFile:
    """The loan file behind an assessment of its application, by the row that it would open."""
    if file is None:
        return convert(dict(row), LoanFile)
    told = {name: row[name] for name in TOLD}
    return replace(file, **told, assessment=row["assessment"] if file.state in PREPARED else file.assessment)


@singledispatch
def _changes(content: EntryContent, _: LoanFile, __: Place) -> Changes:
    """What an entry changes, by its kind."""
    raise TypeError(content.KIND)


def who_acts(content: EntryContent, entry: Place) -> str:
    """The account that acts, or the name of whoever does where nobody is signed in."""
    person: str | None = getattr(content, "person", None)
    return person or entry.outer.actor


def returned(to: str) -> Changes:
    """A file that goes back to its officers, and comes back to a step; an approval that stood is void."""
    return {
        "state": RETURNED,
        "back_to": to,
        "conditions": (),
        "signatures": 0,
        "expires_on": None,
        "contract": None,
        "released": 0,
        "pledges": (),
    }


class _HasDue(Protocol):
    """An entry that says until when the next step is due."""

    @property
    def due_on(self) -> str | None:
        """The day, if there is a next step."""

    @property
    def provisional(self) -> bool:
        """Whether its calendar is not published yet."""


def _due(content: _HasDue) -> Changes:
    return {"due_on": content.due_on, "provisional": content.provisional}


def _terms(content: LoanTerms) -> Changes:
    return {
        "amount": content.amount,
        "term_months": content.term_months,
        "rate": content.rate,
        "stands": content.stands,
        "level": content.level,
        "waives": " ".join(one.rule for one in content.waives),
    }


def _with(file: LoanFile, duty: Duty, entry: Place, *accounts: str) -> Changes:
    held = file.holders(duty)
    new = (FileDuty(duty, one, entry.seq) for one in dict.fromkeys(accounts) if one not in held)
    return {"duties": tuple(sorted((*file.duties, *new), key=lambda one: (one.duty, one.account)))}


@_changes.register
def _submitted(content: SubmittedEntry, file: LoanFile, entry: Place) -> Changes:
    lead = who_acts(content, entry)
    fresh: Changes = {"back_to": None, "cap": None, "cap_months": None, "signatures": 0, "conditions": ()}
    fresh |= {"state": content.to, "turn": content.turn, "lead": lead, "assessment": content.assessment.id}
    return fresh | _due(content) | _terms(content) | _with(file, "investigate", entry, lead, content.second)


@_changes.register
def _reviewed(content: ReviewedEntry, file: LoanFile, entry: Place) -> Changes:
    return {"state": content.to} | _due(content) | _with(file, "review", entry, who_acts(content, entry))


@_changes.register
def _sent_back(content: SentBackEntry, _: LoanFile, __: Place) -> Changes:
    return returned(content.to) | _due(content)


@_changes.register
def _voted(content: VoteEntry, file: LoanFile, entry: Place) -> Changes:
    member = who_acts(content, entry)
    vote = FileVote(content.round, member, content.vote, content.reason, entry.seq, entry.seal)
    votes = tuple(sorted((*file.votes, vote), key=lambda one: (one.round, one.member)))
    return {"votes": votes} | _with(file, "vote", entry, member)


@_changes.register
def _minuted(content: MinutesEntry, file: LoanFile, entry: Place) -> Changes:
    found: Changes = {"state": content.to, "round": file.round + 1} | _due(content)
    if content.outcome == "passed":
        found |= _terms(content) | {"cap": content.amount, "cap_months": content.term_months}
    return found | _with(file, "vote", entry, content.chair)


@_changes.register
def _approved(content: ApprovalEntry, file: LoanFile, entry: Place) -> Changes:
    found = _due(content) | _with(file, "approve", entry, who_acts(content, entry)) | {"state": content.to}
    if content.outcome == "declined":
        return found
    waived = {one.rule for one in content.waives}
    advised = [FileCondition(0, rule, "before_drawdown", rule) for rule in content.advised if rule not in waived]
    own = [FileCondition(0, one.text, one.due) for one in content.conditions]
    numbered = tuple(replace(one, n=n) for n, one in enumerate((*advised, *own), start=1))
    granted = {"conditions": numbered, "signatures": content.signature.n, "expires_on": content.expires_on}
    return found | _terms(content) | granted


@_changes.register
def _condition(content: ConditionMetEntry, file: LoanFile, entry: Place) -> Changes:
    if content.outcome == "returned":
        return returned("to_review") | _due(content)
    who = who_acts(content, entry)
    told: Changes = {"state": "confirmed", "checked_by": who}
    if content.outcome == "done":
        told = {"state": "done", "done_by": who, "done_on": content.happened_on, "proof": content.proof}
        told |= {"document": content.document, "rerun": content.rerun.id if content.rerun else None, "checked_by": None}
    after = tuple(replace(one, **told) if one.n == content.n else one for one in file.conditions)
    return {"state": content.to, "conditions": after} | _due(content)


@_changes.register
def _checked(content: DrawdownCheckEntry, file: LoanFile, entry: Place) -> Changes:
    duty = _with(file, "release", entry, who_acts(content, entry))
    if content.outcome == "returned":
        return returned("to_review") | _due(content) | duty
    held = {one.registration: one for one in file.pledges}
    for one in content.pledges:
        held[one.registration] = FilePledge(one.registration, one.registered_on, one.amount, one.maximum, live=True)
    found: Changes = {"released": file.drawn + content.amount, "contract": content.contract or file.contract}
    return found | {"pledges": tuple(held[name] for name in sorted(held)), "state": content.to} | _due(content) | duty


@_changes.register
def _drawn(content: DrawdownEntry, file: LoanFile, entry: Place) -> Changes:
    drawn = file.drawn + content.amount
    one = FileDrawdown(
        file.next_drawdown,
        content.loan,
        content.amount,
        content.drawn_on,
        content.due_on,
        checked=drawn <= file.released,
        seq=entry.seq,
    )
    found: Changes = {"state": "drawn", "drawn": drawn, "drawdowns": (*file.drawdowns, one), "due_on": None}
    return found | {"provisional": False, "tasks": _tasks(file, content.due, entry)}


def _tasks(file: LoanFile, due: list[DueItem], entry: Place) -> tuple[FileTask, ...]:
    owner = file.lead or entry.outer.actor
    new = (
        FileTask(n, one.what, one.subject, one.due_on, one.provisional, owner, entry.seq)
        for n, one in enumerate(due, start=file.next_task)
    )
    return (*file.tasks, *new)


def _closed_task(file: LoanFile, n: int | None, on: str, who: str, entry: Place) -> tuple[FileTask, ...]:
    """The due items with one of them, or with all that are open, done."""
    return tuple(
        replace(one, closed_on=on, closed_by=who, closed_seq=entry.seq)
        if one.closed_seq is None and n in (None, one.n)
        else one
        for one in file.tasks
    )


@_changes.register
def _closed(content: ClosureEntry, file: LoanFile, entry: Place) -> Changes:
    pledges = tuple(replace(one, live=False) for one in file.pledges)
    tasks = _closed_task(file, None, content.closed_on, entry.outer.actor, entry)
    return {"state": "closed", "pledges": pledges, "tasks": tasks, "due_on": None, "provisional": False}


@_changes.register
def _closing(_content: ClosingEntry, _file: LoanFile, _: Place) -> Changes:
    """Nothing changes before another person closes the loan."""
    return {}


@_changes.register
def _corrected(content: CorrectionEntry, file: LoanFile, _: Place) -> Changes:
    """What the act had changed is as it was: a payment is gone, a loan that had ended runs on."""
    seq = content.reverses.seq
    found: Changes = {"state": content.to} | _due(content)
    gone = next((one for one in file.drawdowns if one.seq == seq), None)
    if gone is not None:
        found |= {"drawn": file.drawn - gone.amount, "drawdowns": tuple(one for one in file.drawdowns if one != gone)}
        return found | {"tasks": tuple(one for one in file.tasks if one.raised_seq != seq)}
    open_again = {"closed_on": None, "closed_by": None, "closed_seq": None}
    tasks = tuple(replace(one, **open_again) if one.closed_seq == seq else one for one in file.tasks)
    return found | {"tasks": tasks, "pledges": tuple(replace(one, live=True) for one in file.pledges)}


@_changes.register
def _monitored(content: MonitoredEntry, file: LoanFile, entry: Place) -> Changes:
    done = _closed_task(file, content.n, content.happened_on, who_acts(content, entry), entry)
    following = [] if content.following is None else [content.following]
    return {"tasks": _tasks(replace(file, tasks=done), following, entry)}


@_changes.register
def _warned(content: WarningEntry, file: LoanFile, entry: Place) -> Changes:
    if content.state == "closed":
        return {"tasks": _closed_task(file, content.n, entry.at[:10], who_acts(content, entry), entry)}
    task = FileTask(
        content.n, "warning", content.code, content.due_on or "", False, content.owner, entry.seq, content.level
    )
    return {"tasks": (*file.tasks, task)}


@_changes.register
def _handed_over(content: HandedOverEntry, file: LoanFile, entry: Place) -> Changes:
    tasks = tuple(
        replace(one, owner=content.after) if one.owner == content.before and one.closed_seq is None else one
        for one in file.tasks
    )
    lead = content.after if file.lead == content.before else file.lead
    return {"tasks": tasks, "lead": lead} | _with(file, "investigate", entry, content.after)


@_changes.register
def _withdrawn(_content: WithdrawnEntry, _: LoanFile, __: Place) -> Changes:
    return returned("") | {"state": "withdrawn", "back_to": None, "due_on": None, "provisional": False}


@_changes.register
def _documented(content: DocumentEntry, file: LoanFile, entry: Place) -> Changes:
    paper = FileDocument(entry.seq, content.hash, content.what, content.dated_on, content.about)
    return {"documents": (*file.documents, paper)}


_OUTCOMES = {"approve": "to_draw", "decline": "declined", "withdraw": "withdrawn"}


@_changes.register
def _held(_content: HoldEntry, _: LoanFile, __: Place) -> Changes:
    """A hold binds whoever would erase; the file stands where it stood."""
    return {}


@_changes.register
def _decided(content: DecisionEntry, file: LoanFile, _: Place) -> Changes:
    """A decision that one person took, before loan files: it stands as an approval, or ends the file."""
    found: Changes = {"state": _OUTCOMES.get(content.outcome, file.state), "due_on": None, "provisional": False}
    if content.outcome == "approve":
        found |= {"amount": content.amount, "term_months": content.term_months, "rate": content.rate}
        found |= {"stands": content.stands, "expires_on": content.expires_on}
    return found
