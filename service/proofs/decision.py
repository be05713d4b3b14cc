"""One decision as a whole: what was advised and decided, who did what, its conditions, and what moved since."""

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select

from service.access.roles import Caller
from service.assessing.answer_changes import AnswerChange, Concluded, change_of, concluded
from service.assessing.assessment_index import row_of
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.sealed_answer import sealed_assessment
from service.decisions.listing import ListedDecision, decisions_about
from service.edge.errors import NotAnswerable
from service.edge.readers import READERS
from service.ledger.append import EntryRecord
from service.ledger.redaction import Part
from service.loan_files.listing import acts_about
from service.loan_files.record import FileCondition, FileDrawdown, FilePledge, LoanFile
from service.loan_files.tables import read_file
from service.loan_files.taking_up import file_of_form_1


class DecisionAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that was done: who did it, what was entered (as far as it is for the reader), and where."""

    kind: str
    by: str | None
    assessment: str | None
    content: Part
    record: EntryRecord


class MovedSince(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the newest assessment of the application says otherwise than the one that was decided on."""

    assessment: str
    asked_at: str
    then: Concluded
    now: Concluded
    change: AnswerChange


class WholeDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision. Money in fen.

    `decision` is the last one that rests on the assessment; `others`: what else was decided about the application, the
    latest first. `acts`: all that was done about it, in order. `moved`: null where there is no newer assessment.
    """

    decision: ListedDecision
    others: list[ListedDecision]
    conditions: list[FileCondition]
    drawdowns: list[FileDrawdown]
    pledges: list[FilePledge]
    acts: list[DecisionAct]
    moved: MovedSince | None


def whole_decision(connection: Connection, caller: Caller, assessment: str) -> WholeDecision:
    """What was decided on an assessment. Raises `NotAnswerable`, `NoSuchAssessment` or `Erased`."""
    every = decisions_about(connection, caller, assessment)
    found = next((one for one in every if one.assessment == assessment), None)
    if found is None:
        raise NotAnswerable("not_decided", assessment=assessment)
    inside = caller.place.fund is None
    audiences = READERS["court" if inside else "fund"]  # acts hold nothing that is a person's alone
    held = _file(connection, assessment)
    return WholeDecision(
        decision=found,
        others=[one for one in every if one is not found],
        conditions=[one if inside else replace(one, document=None) for one in held.conditions],
        drawdowns=list(held.drawdowns),
        pledges=list(held.pledges),
        acts=msgspec.convert(acts_about(connection, assessment, audiences), list[DecisionAct]),
        moved=_moved(connection, assessment, held.newest, inside=inside),
    )


def _file(connection: Connection, assessment: str) -> LoanFile:
    """The loan file of an assessment; of one of form 1 that no act took into a file, what was done then."""
    row = row_of(connection, assessment)
    led = connection.execute(select(LOAN_FILES.c.id).where(LOAN_FILES.c.id == row.file)).scalar()
    return file_of_form_1(connection, row) if led is None else read_file(connection, led)


def _moved(connection: Connection, decided: str, newest: str, *, inside: bool) -> MovedSince | None:
    if newest == decided:
        return None
    then, now = (sealed_assessment(connection, one) for one in (decided, newest))
    change = change_of(then.sent, now.sent)
    return MovedSince(
        assessment=newest,
        asked_at=now.answer.asked_at.isoformat(),
        then=concluded(then.sent),
        now=concluded(now.sent),
        change=change if inside else change.for_fund(),
    )
