"""What the bank has lent to a borrower and its group before a loan: as it was told, or as this ledger knows it."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from features.policy import Policy
from models.rules.underwriting.exposure import Exposed, exposed
from service.assessing.leaves import rows_of
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.sealed_answer import sealed_assessment
from service.loan_files.record import APPROVED, LoanFile


def exposure_before(connection: Connection, file: LoanFile, assessment: str, policy: Policy) -> int:
    """In fen, without what the loan renews: of each firm the greater of what was told and what is approved here."""
    sealed = sealed_assessment(connection, assessment)
    told = exposed(rows_of(sealed.body), sealed.answer.case, policy)
    firms = {file.firm, *told.by_firm}
    here = dict.fromkeys(firms, 0)
    for firm, amount in _approved(connection, file, firms):
        here[firm] += amount
    return _total(told, here)


def _total(told: Exposed, here: dict[str, int]) -> int:
    whole = sum(max(told.by_firm.get(firm, 0), amount) for firm, amount in here.items())
    return max(whole - told.renewed, 0)


def _approved(connection: Connection, file: LoanFile, firms: set[str]) -> Iterator[tuple[str, int]]:
    """What is approved in other files of the same bank, drawn or still to be drawn."""
    table = LOAN_FILES.c
    of_bank = table.bank.is_(None) if file.bank is None else table.bank == file.bank
    live = select(table.firm, table.amount).where(of_bank, table.firm.in_(firms), table.id != file.id)
    for row in connection.execute(live.where(table.state.in_(sorted(APPROVED)))):
        yield row.firm, row.amount or 0
