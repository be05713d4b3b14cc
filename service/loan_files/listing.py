"""Loan files as they are shown: lists with what waits for whom, one file as a whole, and what is due across files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from features.policy import Policy
from service.access.account_names import account_names
from service.access.roles import Caller, Reach
from service.assessing.assessment_index import ASSESSMENTS, row_of
from service.assessing.loan_file_index import LOAN_FILES, opened_names
from service.ledger import actors
from service.ledger.canonical import float_of
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from service.loan_files.advised import AdvisedAnswer, advised, worse_to_release
from service.loan_files.assessed import with_files
from service.loan_files.authority import committee_sits, levels_on
from service.loan_files.closing import put_forward
from service.loan_files.numbers import numbers_of
from service.loan_files.queues import own_files
from service.loan_files.record import FileVote, LoanFile, is_late
from service.loan_files.returned import wanted_in
from service.loan_files.reviewing import to_answer
from service.loan_files.steps import EnteredAct, leaves_for, steps_of, steps_of_file, submitted_on
from service.loan_files.tables import TASKS, open_votes, read_file

Order = Literal["latest", "due"]
MOST_OPENED = 5_000
"""Files whose names a search opens at most."""
_OPENED_AT_ONCE = 200
_LISTED = (
    "id", "bank", "branch", "firm", "application", "legal_name", "advice", "asked", "advised", "binding", "state",
    "back_to", "amount", "term_months", "stands", "level", "released", "drawn", "lead", "due_on", "provisional",
    "assessment", "newest", "seq", "at",
)  # fmt: skip
_OF_FILE = ("id", "newest", "legal_name", "firm", "bank", "branch")
_PEOPLE = ("actor", "second", "chair", "owner", "from", "to")
"""Members of a step's content that may name an account."""


@dataclass(frozen=True)
class FileFilter:
    """Which files are listed: what waits, until when, of whom, of which firm and branch, how it was advised.

    `mover`: of those that a caller may move on now. `order`: the last moved first, or the earliest due. `cursor`: the
    entry below which; by due days how many were told.
    """

    states: Sequence[str] = ()
    lead: str | None = None
    firm: str | None = None
    due_before: date | None = None
    cursor: int | None = None
    advice: str | None = None
    branch: str | None = None
    order: Order = "latest"
    mover: Caller | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on the table."""
        table = LOAN_FILES.c
        given: list[tuple[object, ColumnElement[bool]]] = [
            (self.states, table.state.in_(self.states)),
            (self.lead, table.lead == self.lead),
            (self.firm, table.firm == self.firm),
            (self.due_before, table.due_on <= (self.due_before.isoformat() if self.due_before else "")),
            (self.advice, table.advice == self.advice),
            (self.branch, table.branch == self.branch),
            (self.order == "latest" and self.cursor, table.seq < (self.cursor or 0)),
        ]
        own = [] if self.mover is None else [own_files(self.mover)]
        return [*(condition for value, condition in given if value), *own]


def listed(connection: Connection, reach: Reach, wanted: FileFilter, limit: int, today: date) -> dict[str, object]:
    """A page of loan files within reach, with the cursor of the next."""
    table, by_due = LOAN_FILES.c, wanted.order == "due"
    columns = (table[name] for name in _LISTED)
    query = select(*columns).where(reach.of(LOAN_FILES), *wanted.conditions())
    query = query.order_by(*((table.due_on.is_(None), table.due_on) if by_due else ()), table.seq.desc())
    told = wanted.cursor or 0
    rows = connection.execute(query.offset(told if by_due else 0).limit(limit + 1)).mappings().all()
    page = as_listed(connection, [dict(row) for row in rows[:limit]], today)
    following = told + limit if by_due else page[-1]["seq"] if page else None
    return {"items": page, "next": following if len(rows) > limit else None}


def counted(connection: Connection, reach: Reach, wanted: FileFilter) -> int:
    """How many files within reach a list goes through, on all its pages."""
    whole = replace(wanted, cursor=None)
    query = select(func.count()).select_from(LOAN_FILES).where(reach.of(LOAN_FILES), *whole.conditions())
    return int(connection.execute(query).scalar_one())


def found_by(connection: Connection, reach: Reach, text: str, limit: int, today: date) -> dict[str, object]:
    """The files within reach of which a name or number holds the text, the last moved first.

    Names and numbers: of the firm, its code, the application, the file, contract, loan and registered pledges.

    Names lie under the firms' keys, so they are opened: of the files that moved last, `MOST_OPENED` at most.
    """
    table = LOAN_FILES.c
    query = select(*(table[name] for name in _LISTED)).where(reach.of(LOAN_FILES)).order_by(table.seq.desc())
    rows = connection.execute(query.limit(MOST_OPENED)).mappings()
    sought, found = text.casefold(), []
    for batch in rows.partitions(_OPENED_AT_ONCE):
        some = opened_names(connection, [dict(row) for row in batch])
        numbers = numbers_of(connection, [str(row["id"]) for row in some])
        for row in some:
            names = (row["legal_name"], row["firm"], row["application"], row["id"], *numbers.get(str(row["id"]), ()))
            if any(sought in str(name).casefold() for name in names if name is not None):
                found.append(row)
        if len(found) >= limit:
            break
    return {"items": _with_lead(connection, found[:limit], today), "next": None}


def as_listed(connection: Connection, rows: Sequence[Mapping[str, object]], today: date) -> list[dict[str, object]]:
    """Rows as lists show them: names as texts, and whether each is late."""
    return _with_lead(connection, opened_names(connection, rows), today)


def _with_lead(connection: Connection, rows: Sequence[Mapping[str, object]], today: date) -> list[dict[str, object]]:
    names = _Names(connection, (str(row["lead"]) for row in rows if row["lead"]))
    late = [is_late(row["due_on"], row["provisional"], today) for row in rows]
    return [{**row, "lead": names.of(row["lead"]), "late": so} for row, so in zip(rows, late, strict=True)]


def due_items(
    connection: Connection, reach: Reach, until: date, owner: str | None, limit: int, *, warnings: bool = False
) -> dict[str, object]:
    """What is due after loans were paid out, until a day, and warnings, or `warnings` alone: the earliest first."""
    table, files = TASKS.c, LOAN_FILES.c
    told = (table.n, table.what, table.subject, table.due_on, table.provisional, table.owner, table.level)
    query = select(*told, *(files[name] for name in _OF_FILE)).join(LOAN_FILES, files.id == table.file)
    query = query.where(reach.of(LOAN_FILES), table.closed_seq.is_(None), table.due_on <= until.isoformat())
    if owner is not None:
        query = query.where(table.owner == owner)
    if warnings:
        query = query.where(table.what == "warning")
    rows = connection.execute(query.order_by(table.due_on, table.file, table.n).limit(limit)).mappings().all()
    names = _Names(connection, (row["owner"] for row in rows))
    items = []
    for row in opened_names(connection, [dict(row) for row in rows]):
        file = {"file": row.pop("id"), "owner": names.of(row.pop("owner"))}
        del row["newest"]
        items.append({**row, **file})
    return {"items": items}


def shown(connection: Connection, file: str, policy: Policy, today: date) -> dict[str, object]:
    """A loan file as a whole: where it stands, what is asked next, its parts and its steps; open votes stay hidden."""
    found = read_file(connection, file)
    steps, asked = steps_of_file(connection, file), _asked_in(connection, file)
    told: dict[str, object] = msgspec.to_builtins(found)
    names = _Names(connection, _accounts(found, steps) | {str(one["actor"]) for one in asked})
    told["rate"] = None if found.rate is None else float_of(found.rate)
    told["seen"], told["waives"] = told.pop("head"), sorted(found.waived)
    told["late"] = is_late(found.due_on, found.provisional, today)
    for part in ("duties", "conditions", "drawdowns", "pledges", "tasks"):
        told[part] = names.shown(msgspec.to_builtins(getattr(found, part)))
    told |= {"lead": names.of(found.lead), "votes": [_vote(found, one, names) for one in found.votes]}
    told["steps"] = [_step(_with_open_vote_hidden(found, one), names) for one in steps]
    pending = put_forward(steps)
    told["closing"] = None if pending is None else _step(pending, names)["content"]
    told["wanted"] = [msgspec.to_builtins(one) for one in wanted_in(found, steps)]
    newest = advised(connection, found.newest)
    told["assessments"] = [_assessed(one, names) for one in with_files(connection, asked, today, inside=False)]
    told["worse"] = _worse(connection, found, newest)
    told["reassess"] = needs_new_answer(found, steps, newest, policy, today)
    return told | _asked_next(found, newest, policy, today)


def _asked_in(connection: Connection, file: str) -> list[dict[str, object]]:
    """The assessments of a file, the first first."""
    of = ASSESSMENTS.c
    query = select(of.id, of.seq, of.file, ENTRIES.c.at, ENTRIES.c.actor).join(ENTRIES, ENTRIES.c.seq == of.seq)
    return [dict(row) for row in connection.execute(query.where(of.file == file).order_by(of.seq)).mappings()]


def _assessed(one: Mapping[str, object], names: "_Names") -> dict[str, object]:
    told = {"id": one["id"], "entry": one["seq"], "at": one["at"], "by": names.of(one["actor"])}
    return told | {name: one[name] for name in ("advice", "advised")}


def _worse(connection: Connection, file: LoanFile, newest: AdvisedAnswer) -> list[str]:
    """What the newest assessment finds worse than the one that was approved, while money waits for it."""
    if file.state not in ("to_fulfil", "to_draw") or file.newest == file.assessment:
        return []
    return worse_to_release(advised(connection, file.assessment), newest, file.amount or 0)


def needs_new_answer(
    file: LoanFile, steps: Sequence[EnteredAct], newest: AdvisedAnswer, policy: Policy, today: date
) -> bool:
    """Whether the application must be assessed anew before anybody can move the file on."""
    match file.state:
        case "draft" | "returned":
            return newest.expires_on < today or (file.turn > 0 and submitted_on(steps) == file.newest)
        case "to_fulfil":
            asked = any(one.rule is not None and one.state == "open" for one in file.conditions)
            return asked and file.newest == file.assessment
        case "to_draw":
            return newest.as_of < today - timedelta(days=policy("authority.drawdown_check").on(today))
    return False


def _asked_next(file: LoanFile, answer: AdvisedAnswer, policy: Policy, today: date) -> dict[str, object]:
    """What whoever acts next must answer, set aside or report; whether the committee must pass the terms that stand."""
    level = next((one for one in levels_on(policy, today) if one.level == file.level), None)
    return {
        "to_answer": [{"rule": rule, "subject": subject} for rule, subject in to_answer(answer)],
        "blocking": list(dict.fromkeys(one.rule for one in answer.blocking)),
        "advised_conditions": answer.conditions,
        "advised_term": None if answer.recommendation is None else answer.recommendation.term_months,
        "standing": list(answer.standing),
        "expires": answer.expires_on.isoformat(),
        "signatures_needed": None if level is None else level.signatures,
        "committee": level is not None and committee_sits(level, answer, file.waived),
    }


def _vote(file: LoanFile, vote: FileVote, names: "_Names") -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(vote)
    hidden = {"vote": None, "reason": None, "seal": None} if vote.round == file.round else {}
    return {**told, **hidden, "member": names.of(vote.member)}


def acts_about(connection: Connection, assessment: str, audiences: Collection[str]) -> list[dict[str, object]]:
    """What was done about the application of an assessment, as readers of these audiences may see it, in order.

    Votes that the minutes have not closed are left out. Raises `NoSuchAssessment`.
    """
    file = row_of(connection, assessment).file
    steps = steps_of(connection, assessment) if file is None else steps_of_file(connection, file)
    hidden: set[object] = set(connection.execute(open_votes()).scalars())
    seen = [replace(one, content=leaves_for(one, audiences)) for one in steps if one.record.entry not in hidden]
    names = _Names(connection, (one for step in seen for one in _named_in(step) if one is not None))
    return [_step(one, names) for one in seen]


def _with_open_vote_hidden(file: LoanFile, step: EnteredAct) -> EnteredAct:
    content = step.content
    if step.kind == Kind.VOTE and content.get("round") == file.round:
        content = {name: content[name] for name in ("round", "meeting") if name in content}
    return replace(step, content=content)


def _step(step: EnteredAct, names: "_Names") -> dict[str, object]:
    content = dict(step.content)
    content |= {name: names.of(content[name]) for name in _PEOPLE if isinstance(content.get(name), str)}
    if isinstance(present := content.get("present"), list):
        content["present"] = [names.of(one) for one in present]
    return {
        "kind": step.kind,
        "by": _by(step, names),
        "assessment": step.assessment,
        "content": content,
        "record": msgspec.to_builtins(step.record),
    }


def _by(step: EnteredAct, names: "_Names") -> object:
    """Who acted: the account, or the name that was told where nobody was signed in."""
    told = step.content.get("person") or (step.content.get("by") if step.actor == actors.OPEN else None)
    return told or names.of(step.actor)


def _accounts(file: LoanFile, steps: Iterable[EnteredAct]) -> set[str | None]:
    found = {file.lead, *(one.account for one in file.duties), *(one.member for one in file.votes)}
    found |= {one.owner for one in file.tasks} | {one.closed_by for one in file.tasks}
    found |= {one.done_by for one in file.conditions} | {one.checked_by for one in file.conditions}
    return found.union(*map(_named_in, steps))


def _named_in(step: EnteredAct) -> set[str | None]:
    """The accounts that a step names."""
    content = step.content
    present = content.get("present")
    told = {v for name in _PEOPLE if isinstance(v := content.get(name), str)}
    return {step.actor, *told, *(present if isinstance(present, list) else ())}


class _Names:
    """Whom ids of accounts stand for; a name that was given where nobody was signed in is shown as it is."""

    def __init__(self, connection: Connection, ids: Iterable[str | None]) -> None:
        known = account_names(connection, (one for one in ids if one is not None))
        self._known = {one: name.removeprefix("user:") for one, name in known.items()}

    def of(self, account: object) -> str | None:
        return None if account is None else self._known.get(str(account), str(account))

    def shown(self, rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        people = ("account", "done_by", "checked_by", "owner", "closed_by")
        return [{name: self.of(value) if name in people else value for name, value in row.items()} for row in rows]
