"""The decisions about loans, the latest first: what was advised, what was decided, by whom, and where the loan stands.

A row is a decision as a whole: an approval or a refusal with its last signature, or a decision of form 1. What was
erased is listed nowhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import islice
from typing import Literal, NamedTuple

import msgspec
import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, or_, select

from service.access.account_names import account_names
from service.access.roles import Caller
from service.assessing.assessment_index import ASSESSMENTS, check_places, row_of
from service.assessing.loan_file_index import LOAN_FILES
from service.decisions.decided import DECIDING, DecisionContent
from service.ledger.kinds import Kind
from service.ledger.months import span
from service.loan_files.assessed import TOLD, with_files
from service.loan_files.numbers import numbers_of
from service.loan_files.record import State
from service.loan_files.steps import STEPS
from service.loan_files.taking_up import file_of_form_1

DecisionOutcome = Literal["approved", "declined", "defer", "withdraw"]
"""What was decided; the last two in form 1 alone."""
Stands = Literal["as_advised", "worse", "referred", "better", "declined", "withdrawn"]
_OF_FORM_1: Mapping[str, DecisionOutcome] = {"approve": "approved", "decline": "declined"}
_AT_ONCE = 200
"""Decisions that are read at a time."""
_ENTERED = ("seq", "at", "kind", "content", "actor", "assessment")
_ASSESSED = ("bank", "branch", "firm", "application", "probability", "grade", "file")


@dataclass(frozen=True)
class DecisionFilter:
    """Which decisions are listed; days are those of the ledger's zone, amounts fen.

    `stands`: how it stands to the advice. `state`: what its loan waits for now. `least`, `most`: bounds of the amount
    granted, of the amount asked where nothing was granted. `text`: in the firm's name or code, the application, or a
    number of the loan: its file, contract, payment or registered pledge. `cursor`: the entry below which.
    """

    bank: str | None = None
    branch: str | None = None
    since: date | None = None
    until: date | None = None
    advice: str | None = None
    outcome: str | None = None
    stands: str | None = None
    state: str | None = None
    least: int | None = None
    most: int | None = None
    text: str | None = None
    cursor: int | None = None

    def conditions(self, zone: tzinfo) -> list[ColumnElement[bool]]:
        """What the tables' own columns tell."""
        table, found = ASSESSMENTS.c, list[ColumnElement[bool]]()
        found += [table[name] == value for name in ("bank", "branch") if (value := getattr(self, name))]
        if self.since is not None:
            found.append(STEPS.c.at >= span(self.since.isoformat(), zone)[0])
        if self.until is not None:
            found.append(STEPS.c.at < span(self.until.isoformat(), zone)[1])
        return found

    def admits_content(self, content: DecisionContent) -> bool:
        """Whether what the entry says matches; an amount that it does not grant is left to what is told of it."""
        outcome = str(content.outcome)
        if self.outcome not in (None, _OF_FORM_1.get(outcome, outcome)) or self.stands not in (None, content.stands):
            return False
        return content.amount is None or self._within(content.amount)

    def admits(self, one: "ListedDecision", numbers: Collection[str] = ()) -> bool:
        """Whether what else is told of a decision matches; `numbers`: those of its loan."""
        if self.advice not in (None, one.advice) or not self._within(one.asked if one.amount is None else one.amount):
            return False
        sought = (self.text or "").casefold()
        return any(
            sought in str(name).casefold() for name in (one.legal_name, one.firm, one.application, *numbers) if name
        )

    def _within(self, amount: int | None) -> bool:
        if amount is None:
            return self.least is None and self.most is None
        return (self.least is None or amount >= self.least) and (self.most is None or amount <= self.most)


class ListedDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision in a list. Money in fen.

    `entry`, `at`: where and when it was entered. `advice`, `asked`, `advised`, `binding`, `probability`, `grade` are
    those of the assessment that it rests on. `by`: who signed, the first first. `waives`: how many findings and
    conditions of the advice it sets aside. `state`, `drawn`: where the loan stands now. `superseded`: a later decision
    about the same application followed.
    """

    entry: int
    at: str
    assessment: str
    loan_file: str | None
    bank: str | None
    branch: str | None
    firm: str
    legal_name: str | None
    application: str | None
    advice: str | None
    asked: int | None
    advised: int | None
    binding: str | None
    probability: float | None
    grade: str | None
    outcome: DecisionOutcome
    amount: int | None
    term_months: int | None
    stands: Stands
    better_in: tuple[str, ...]
    reason_code: str | None
    waives: int
    by: tuple[str, ...]
    state: State
    drawn: int
    superseded: bool


class ListedDecisions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Decisions, the latest first, and the cursor of the next page (if there is one)."""

    items: list[ListedDecision]
    next: int | None


def decisions(
    connection: Connection, caller: Caller, wanted: DecisionFilter, limit: int, zone: tzinfo
) -> ListedDecisions:
    """A page of the decisions within the caller's reach."""
    found = list(islice(every_decision(connection, caller, wanted, zone, limit + 1), limit + 1))
    return ListedDecisions(found[:limit], found[limit - 1].entry if len(found) > limit else None)


def every_decision(
    connection: Connection, caller: Caller, wanted: DecisionFilter, zone: tzinfo, at_once: int = _AT_ONCE
) -> Iterator[ListedDecision]:
    """All of them, read so many at a time. Raises `InvalidRequest` for a bank or branch that is none of its reach."""
    check_places(connection, caller.reach, wanted.bank, wanted.branch)
    query = _query(caller.reach.of(ASSESSMENTS), *wanted.conditions(zone))
    below = wanted.cursor
    while True:
        some = query if below is None else query.where(STEPS.c.seq < below)
        rows = connection.execute(some.limit(at_once)).mappings().all()
        listed = _listed(connection, rows, caller, wanted)
        numbers = _numbers(connection, listed) if wanted.text else {}
        yield from (one for one in listed if wanted.admits(one, numbers.get(one.entry, ())))
        if len(rows) < at_once:
            return
        below = rows[-1]["seq"]


def _numbers(connection: Connection, found: Sequence[ListedDecision]) -> Mapping[int, Collection[str]]:
    """By entry the numbers of the loan: of its file, and of payments about an assessment that lies in none."""
    of_file = numbers_of(connection, {one.loan_file for one in found if one.loan_file is not None})
    alone = {one.assessment for one in found if one.loan_file is None}
    paid = select(STEPS.c.assessment, STEPS.c.content).where(
        STEPS.c.kind == Kind.DRAWDOWN.value, STEPS.c.assessment.in_(alone)
    )
    of_form_1: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(paid) if alone else ():
        of_form_1[row.assessment].append(str(orjson.loads(row.content).get("loan") or ""))
    return {
        one.entry: [
            *([] if one.loan_file is None else [one.loan_file, *of_file.get(one.loan_file, ())]),
            *of_form_1.get(one.assessment, ()),
        ]
        for one in found
    }


def decisions_about(connection: Connection, caller: Caller, assessment: str) -> list[ListedDecision]:
    """The decisions about the application of an assessment, the latest first. Raises `NoSuchAssessment`."""
    row = row_of(connection, assessment)
    same = ASSESSMENTS.c.id == assessment if row.file is None else ASSESSMENTS.c.file == row.file
    return _listed(connection, connection.execute(_query(same)).mappings().all(), caller, DecisionFilter())


def _query(*conditions: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    told = (ASSESSMENTS.c[name] for name in _ASSESSED)
    joined = select(*(STEPS.c[name] for name in _ENTERED), ASSESSMENTS.c.seq.label("assessed"), *told).join(
        ASSESSMENTS, ASSESSMENTS.c.id == STEPS.c.assessment
    )
    entered = (STEPS.c.kind.in_(DECIDING), ASSESSMENTS.c.firm.is_not(None))
    return joined.where(*entered, *conditions).order_by(STEPS.c.seq.desc())


def _listed(
    connection: Connection, rows: Sequence[RowMapping], caller: Caller, wanted: DecisionFilter
) -> list[ListedDecision]:
    """The rows that are decisions as a whole, with names, and where each loan stands.

    Names and answers, which lie under keys, are opened for what matches without them alone.
    """
    contents = {row["seq"]: msgspec.json.decode(row["content"], type=DecisionContent) for row in rows}
    whole = [row for row in rows if contents[row["seq"]].counts and wanted.admits_content(contents[row["seq"]])]
    stands = _stands(connection, whole)
    whole = [row for row in whole if wanted.state in (None, stands[row["assessment"]].state)]
    asked = [{"id": row["assessment"], "seq": row["assessed"], "file": row["file"]} for row in whole]
    told = {one["id"]: one for one in with_files(connection, asked, date.min, inside=False)}
    signed = _Signatures(connection, whole, inside=caller.place.fund is None)
    return [
        _one(row, contents[row["seq"]], told[row["assessment"]], stands[row["assessment"]], signed) for row in whole
    ]


def _one(
    row: RowMapping, content: DecisionContent, told: Mapping[str, object], stands: "_Stands", signed: "_Signatures"
) -> ListedDecision:
    shown = {name: told[name] for name in TOLD} | {name: row[name] for name in _ASSESSED if name != "file"}
    outcome = str(content.outcome)
    shown |= {name: getattr(content, name) for name in ("amount", "term_months", "stands", "better_in", "reason_code")}
    shown |= {
        "entry": row["seq"],
        "at": row["at"],
        "assessment": row["assessment"],
        "loan_file": row["file"],
        "outcome": _OF_FORM_1.get(outcome, outcome),
        "waives": len(content.set_aside),
        "by": signed.by(row, content),
        "superseded": signed.followed(row),
    }
    return msgspec.convert(shown | stands._asdict(), ListedDecision)


class _Stands(NamedTuple):
    """Where a loan stands now, and what was drawn, in fen."""

    state: str
    drawn: int


def _stands(connection: Connection, rows: Sequence[RowMapping]) -> Mapping[str, _Stands]:
    """By assessment; of one of form 1 that no act took into a file, as what was done then left it."""
    table, files = LOAN_FILES.c, {row["file"] for row in rows}
    found = connection.execute(select(table.id, table.state, table.drawn).where(table.id.in_(files)))
    held = {row.id: _Stands(row.state, row.drawn) for row in found}
    told = {row["assessment"]: held.get(row["file"]) for row in rows}
    return {one: stands or _of_form_1(connection, one) for one, stands in told.items()}


def _of_form_1(connection: Connection, assessment: str) -> _Stands:
    file = file_of_form_1(connection, row_of(connection, assessment))
    return _Stands(file.state, file.drawn)


class _Signatures:
    """All signatures about the applications of some decisions, and the names of who signed.

    Who told a name where nobody was signed in is the bank's to know; an account is named to whoever reads the entry.
    """

    def __init__(self, connection: Connection, rows: Sequence[RowMapping], *, inside: bool) -> None:
        files, alone = {row["file"] for row in rows}, {row["assessment"] for row in rows if row["file"] is None}
        of = or_(ASSESSMENTS.c.file.in_(files), ASSESSMENTS.c.id.in_(alone))
        self._inside = inside
        self._signed: defaultdict[object, list[_Signature]] = defaultdict(list)
        for row in connection.execute(_query(of)).mappings():
            content = msgspec.json.decode(row["content"], type=DecisionContent)
            self._signed[_application(row)].append(_Signature(row["seq"], row["actor"], content))
        signed = (one for many in self._signed.values() for one in many)
        self._names = account_names(connection, (one.actor for one in signed if one.actor is not None))

    def by(self, row: RowMapping, content: DecisionContent) -> tuple[str, ...]:
        """Who signed a decision, the first first."""
        until = [one for one in self._signed[_application(row)] if one.seq <= row["seq"]]
        return tuple(self._name(one) for one in reversed(until[: content.signature.of]))

    def followed(self, row: RowMapping) -> bool:
        """Whether a later decision about the same application followed."""
        return any(one.seq > row["seq"] and one.content.counts for one in self._signed[_application(row)])

    def _name(self, one: "_Signature") -> str:
        told = one.content.decider or (one.content.person if self._inside else None)
        return told or self._names.get(one.actor or "", one.actor or "-").removeprefix("user:")


class _Signature(NamedTuple):
    """A signature: the entry, the account, and what it says."""

    seq: int
    actor: str | None
    content: DecisionContent


def _application(row: RowMapping) -> object:
    """What a decision is about: a loan file, or an assessment that lies in none."""
    return row["file"] or row["assessment"]
