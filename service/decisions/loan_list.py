"""放款台账: one row for each drawn loan, the latest first, with its numbers, where it stands, and the papers held.

A loan stands here once, however often it was decided on. Of one whose content was erased there is the entry alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import islice
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from service.access.roles import Caller
from service.assessing.assessment_index import ASSESSMENTS, check_places
from service.assessing.loan_file_index import LOAN_FILES, opened_names
from service.decisions.drawn_loans import DrawnPledge, StandingDrawdown, standing_drawdowns
from service.ledger.months import month_of, span
from service.loan_files.assessed import with_files
from service.loan_files.drawdown_papers import LoanPaper, PaperBeside, PaperKind, missing, papers_beside, papers_of
from service.loan_files.steps import STEPS

LoanState = Literal["outstanding", "closed", "erased"]
_AT_ONCE = 200
"""Loans that are read at a time."""


@dataclass(frozen=True)
class LoanFilter:
    """Which loans are listed. `month`: in which they were drawn (YYYY-MM); of an erased one, in which that was entered.

    `text`: in the firm's name or code, or a number of the loan, its contract, file or registered pledge. `cursor`: the
    entry below which.
    """

    bank: str | None = None
    branch: str | None = None
    month: str | None = None
    state: LoanState | None = None
    text: str | None = None
    cursor: int | None = None

    def admits(self, one: "DrawnLoan", zone: tzinfo) -> bool:
        """Whether a loan is listed."""
        month = month_of(one.at, zone) if one.drawn_on is None else f"{one.drawn_on:%Y-%m}"
        if self.month not in (None, month) or self.state not in (None, one.state):
            return False
        sought = (self.text or "").casefold()
        numbers = (one.loan, one.contract, one.loan_file, *(pledge.registration for pledge in one.pledges))
        return not sought or any(sought in name.casefold() for name in (one.legal_name, one.firm, *numbers) if name)


class DrawnLoan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A drawn loan. Money in fen.

    `entry`, `at`: where and when the drawdown was entered; `decision`: the entry of the approval that it rests on.
    `state`: outstanding, closed (with day, outcome and loss of its loan file), or erased: then the rest is not there.
    `missing`: the papers that are not held.
    """

    entry: int
    at: str
    assessment: str
    loan_file: str | None
    bank: str | None
    branch: str | None
    firm: str | None
    legal_name: str | None
    loan: str | None
    contract: str | None
    pledges: tuple[DrawnPledge, ...]
    amount: int | None
    drawn_on: date | None
    due_on: date | None
    decision: int | None
    state: LoanState
    closed_on: date | None
    outcome: str | None
    loss: int | None
    papers: tuple[LoanPaper, ...]
    missing: tuple[PaperKind, ...]


class DrawnLoans(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drawn loans, the latest first, and the cursor of the next page (if there is one)."""

    items: list[DrawnLoan]
    next: int | None


def loans(connection: Connection, caller: Caller, wanted: LoanFilter, limit: int, zone: tzinfo) -> DrawnLoans:
    """A page of the drawn loans within the caller's reach."""
    found = list(islice(every_loan(connection, caller, wanted, zone), limit + 1))
    return DrawnLoans(found[:limit], found[limit - 1].entry if len(found) > limit else None)


def every_loan(connection: Connection, caller: Caller, wanted: LoanFilter, zone: tzinfo) -> Iterator[DrawnLoan]:
    """All of them. Raises `InvalidRequest` for a bank or branch that is none of the caller's reach."""
    check_places(connection, caller.reach, wanted.bank, wanted.branch)
    table = ASSESSMENTS.c
    conditions = [caller.reach.of(ASSESSMENTS)]
    conditions += [table[name] == value for name in ("bank", "branch") if (value := getattr(wanted, name))]
    if wanted.month is not None:  # money is told of on the day or later, never before
        conditions.append(STEPS.c.at >= span(wanted.month, zone)[0])
    drawn = standing_drawdowns(connection, *conditions, below=wanted.cursor, at_once=_AT_ONCE)
    while some := list(islice(drawn, _AT_ONCE)):
        yield from (one for one in _listed(connection, some, caller) if wanted.admits(one, zone))


def _listed(connection: Connection, some: Sequence[StandingDrawdown], caller: Caller) -> Iterator[DrawnLoan]:
    files = {one.loan_file for one in some if one.loan_file is not None and one.paid is not None}
    names = _names(connection, files) | _names_of_form_1(connection, some)
    beside = papers_beside(connection, files, caller)
    for one in some:
        yield _one(one, names.get(one.loan_file or one.assessment), beside.get(one.loan_file or "", ()))


def _one(one: StandingDrawdown, name: str | None, beside: Sequence[PaperBeside]) -> DrawnLoan:
    paid, closure = one.paid, one.closure
    papers = () if paid is None else papers_of(paid.loan, beside)
    return DrawnLoan(
        entry=one.entry,
        at=one.at,
        assessment=one.assessment,
        loan_file=one.loan_file,
        bank=one.bank,
        branch=one.branch,
        firm=one.firm,
        legal_name=name,
        loan=None if paid is None else paid.loan,
        contract=one.contract,
        pledges=one.pledges,
        amount=None if paid is None else paid.amount,
        drawn_on=None if paid is None else paid.drawn_on,
        due_on=None if paid is None else paid.due_on,
        decision=one.decision,
        state="erased" if paid is None else "outstanding" if closure is None else "closed",
        closed_on=None if closure is None else closure.closed_on,
        outcome=None if closure is None else closure.outcome,
        loss=None if closure is None else closure.loss,
        papers=papers,
        missing=() if paid is None else missing(papers),
    )


def _names(connection: Connection, files: set[str]) -> dict[str, str | None]:
    """By loan file the firm's name."""
    told = (LOAN_FILES.c[name] for name in ("id", "newest", "firm", "bank", "legal_name"))
    rows = connection.execute(select(*told).where(LOAN_FILES.c.id.in_(files))).mappings()
    return {str(row["id"]): _text(row["legal_name"]) for row in opened_names(connection, [dict(row) for row in rows])}


def _names_of_form_1(connection: Connection, some: Sequence[StandingDrawdown]) -> dict[str, str | None]:
    """By assessment the firm's name, of drawdowns of form 1 that lie in no loan file."""
    alone = {one.assessment for one in some if one.loan_file is None and one.paid is not None}
    wanted = select(ASSESSMENTS.c.id, ASSESSMENTS.c.seq, ASSESSMENTS.c.file).where(ASSESSMENTS.c.id.in_(alone))
    rows = [dict(row) for row in connection.execute(wanted).mappings()] if alone else []
    return {str(row["id"]): _text(row["legal_name"]) for row in with_files(connection, rows, date.min, inside=False)}


def _text(name: object) -> str | None:
    return None if name is None else str(name)
