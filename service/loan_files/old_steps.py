"""What was done about an assessment in form 1, before there were loan files, folded into the file that took it up."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from service.assessing.loan_file_index import DRAFT
from service.loan_files.folding import Changes
from service.loan_files.record import FileDrawdown, LoanFile
from service.loan_files.steps import EnteredAct

_DECIDED = {"approve": "to_draw", "decline": "declined", "withdraw": "withdrawn"}


def opened_by(row: Mapping[str, object]) -> LoanFile:
    """The file that an assessment opens, by its row."""
    return msgspec.convert(dict(row), LoanFile)


def joined(file: LoanFile, assessment: str, steps: list[EnteredAct]) -> LoanFile:
    """A file that an assessment of form 1 is taken into: while nobody submitted it, what was done then stands in it."""
    after = with_old_steps(file, steps) if file.state == DRAFT else file
    return replace(after, assessment=assessment) if after.state != file.state else file


def with_old_steps(file: LoanFile, steps: list[EnteredAct]) -> LoanFile:
    """A file behind what was done in form 1 about an assessment of it."""
    for one in steps:
        file = replace(file, **_after(file, one))
    return file


class OldDecision(msgspec.Struct, frozen=True):
    """Of a decision of form 1 what its file carries; amount in fen."""

    outcome: str
    amount: int | None = None
    term_months: int | None = None
    stands: str | None = None
    expires_on: str | None = None


class OldDrawdown(msgspec.Struct, frozen=True):
    """Of a drawdown of form 1 what its file carries; amount in fen."""

    amount: int
    drawn_on: str
    due_on: str
    loan: str | None = None


def _after(file: LoanFile, step: EnteredAct) -> Changes:
    match step.kind:
        case "decision":
            told = msgspec.convert(step.content, OldDecision)
            state = _DECIDED.get(told.outcome, file.state)
            granted = ("amount", "term_months", "stands", "expires_on") if told.outcome == "approve" else ()
            return {"state": state} | {name: getattr(told, name) for name in granted}
        case "drawdown":
            paid = msgspec.convert(step.content, OldDrawdown)
            one = FileDrawdown(
                file.next_drawdown, paid.loan, paid.amount, paid.drawn_on, paid.due_on, checked=False,
                seq=step.record.entry,
            )  # fmt: skip
            return {"state": "drawn", "drawn": file.drawn + one.amount, "drawdowns": (*file.drawdowns, one)}
        case _:
            return {"state": "closed"}
