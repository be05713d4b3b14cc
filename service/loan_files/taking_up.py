"""The loan file of an assessment; of one that was entered before there were any, what was done about it until then."""

import msgspec
from sqlalchemy import Connection, Engine, select

from service.assessing.assessment_index import ASSESSMENTS, AssessmentRecord, IndexedAnswer, row_of
from service.assessing.loan_file_index import LOAN_FILES, file_row
from service.assessing.loan_files import file_of_act
from service.assessing.records import entry_of, sealed_of
from service.edge.database import in_turn
from service.edge.errors import Erased, NotInTurn
from service.ledger.entry_contents import EntryRef
from service.ledger.kinds import Kind
from service.loan_files.old_steps import joined, opened_by, with_old_steps
from service.loan_files.record import APPROVED, LoanFile
from service.loan_files.refusing import refusals_entered
from service.loan_files.steps import steps_of
from service.loan_files.tables import read_file
from service.loan_files.turns import Desk, FileDone, FileTurn, Work, entered


def file_of_assessment(connection: Connection, row: AssessmentRecord) -> tuple[LoanFile, EntryRef | None]:
    """The file, and the entry of form 1 that the next act takes into it.

    Raises `NotInTurn` for what is no loan, or was asked without an application or in retrospect: nobody works on that.
    """
    if row.retrospective:
        raise NotInTurn("retrospective")
    if row.kind != "pledge":
        raise NotInTurn("no_loan")
    file, taken_up = file_of_act(connection, row)
    if connection.execute(select(LOAN_FILES.c.id).where(LOAN_FILES.c.id == file)).first() is not None:
        found = read_file(connection, file)
        return (found if taken_up is None else joined(found, row.id, steps_of(connection, row.id))), taken_up
    if taken_up is None:
        raise NotInTurn("no_application")
    return file_of_form_1(connection, row, file), taken_up


def check_no_old_approval(connection: Connection, file: LoanFile) -> None:
    """Raises `NotInTurn` where an approval of form 1 stands about the application, and no act took it into a file."""
    table = ASSESSMENTS.c
    of_bank = table.bank.is_(None) if file.bank is None else table.bank == file.bank
    same = (table.firm == file.firm, table.application == file.application, of_bank, table.file.is_(None))
    for one in connection.execute(select(table.id).where(*same).order_by(table.seq)).scalars().all():
        state = with_old_steps(file, steps_of(connection, one)).state
        if state in APPROVED and file.state not in APPROVED:
            raise NotInTurn("old_approval_stands", state=state, assessment=one)


def act_about(engine: Engine, assessment: str, desk: Desk, act: Kind, work: Work) -> FileDone:
    """Do one thing in the loan file of an assessment, which may be one of form 1 without a file. Raises `Refused`."""

    def write(connection: Connection) -> FileDone:
        row = row_of(connection, assessment)
        if row.firm is None:
            raise Erased("assessment_erased", entry=row.seq)
        file, taken_up = file_of_assessment(connection, row)
        return entered(FileTurn(connection, file, desk), work, taken_up)

    with refusals_entered(engine, desk.policy, lambda: desk.tried(act, assessment=assessment)):
        return in_turn(engine, write)


def file_of_form_1(connection: Connection, row: AssessmentRecord, file: str = "") -> LoanFile:
    """The loan file that an assessment of form 1 would be taken into, as what was done about it left it."""
    sealed = sealed_of(connection, entry_of(connection, row.id))
    answer = msgspec.json.decode(sealed.answer or b"{}", type=IndexedAnswer)
    return with_old_steps(opened_by({**file_row(answer, sealed), "id": file}), steps_of(connection, row.id))
