"""Tables as files, made in a process of its own, which opens a connection of its own that only reads."""

from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy import Select, select

from features.phrase import Language
from service.access.audit_log import AuditFilter, audit_lines
from service.access.roles import Caller, Reach
from service.access.tables import API_KEYS, PROPOSALS, USERS
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.loan_file_index import LOAN_FILES
from service.decisions.erasure import ERASURES
from service.decisions.listing import DecisionFilter, every_decision
from service.decisions.loan_list import LoanFilter, every_loan
from service.firm_lists.listing import firms_of_push
from service.firm_lists.tables import PUSHES
from service.jobs.listing import RowFilter, all_rows
from service.jobs.tables import JOBS
from service.ledger.opening import LedgerPlace, reading_only
from service.workbooks.audit_export import audit_file
from service.workbooks.decision_export import decisions_file
from service.workbooks.exports import ExportFormat, TakenBy
from service.workbooks.job_export import job_file
from service.workbooks.loan_export import loans_file
from service.workbooks.push_export import push_file

MOST_IN_A_FILE = 100_000
"""Rows of a file of the audit log; filters tell which."""
_THINGS = (ASSESSMENTS, LOAN_FILES, JOBS, PUSHES, ERASURES, PROPOSALS)
"""Tables of what a row of the audit log may be about by its id; accounts and keys are named."""


@dataclass(frozen=True)
class FileAsked:
    """A file that somebody takes away, from which ledger, and on which day in which zone."""

    ledger: LedgerPlace
    taken: TakenBy
    zone: tzinfo
    today: date
    language: Language
    form: ExportFormat


def decisions_taken(asked: FileAsked, caller: Caller, wanted: DecisionFilter) -> bytes:
    """The decisions within the caller's reach. Raises `InvalidRequest` for a bank or branch that is none of it."""
    with reading_only(asked.ledger) as connection:
        rows = every_decision(connection, caller, wanted, asked.zone)
        return decisions_file(rows, asked.taken, asked.zone, asked.language, asked.form)


def loans_taken(asked: FileAsked, caller: Caller, wanted: LoanFilter) -> bytes:
    """The drawn loans within the caller's reach. Raises `InvalidRequest` as `decisions_taken` does."""
    with reading_only(asked.ledger) as connection:
        rows = every_loan(connection, caller, wanted, asked.zone)
        return loans_file(rows, asked.taken, asked.language, asked.form)


def job_taken(asked: FileAsked, job: str, name: str, wanted: RowFilter) -> bytes:
    """The rows of a job."""
    with reading_only(asked.ledger) as connection:
        rows = all_rows(connection, job, wanted, asked.today)
        return job_file(rows, name, asked.taken.heading, asked.language, asked.form)


def audit_log_taken(asked: FileAsked, reach: Reach, wanted: AuditFilter) -> bytes:
    """The rows of the audit log within reach, the latest first."""
    with reading_only(asked.ledger) as connection:
        rows = audit_lines(connection, wanted, reach, MOST_IN_A_FILE, about_within(reach)).items
    return audit_file(rows, asked.taken.heading, asked.zone, asked.language, asked.form)


def push_taken(asked: FileAsked, push: str, start: int = 0) -> bytes:
    """A list that was pushed; `start`: how many of its firms are left out."""
    with reading_only(asked.ledger) as connection:
        found = firms_of_push(connection, push, asked.language, asked.today, start)
    return push_file(found, asked.taken.heading, asked.language, asked.form)


def about_within(reach: Reach) -> list[Select[tuple[str]]]:
    """Queries of what rows of the audit log may be about that lies within reach."""
    named = (USERS.c.name, API_KEYS.c.name)
    of_accounts = [select(name).where(reach.of(name.table)) for name in named]
    return [select(table.c.id).where(reach.of(table)) for table in _THINGS] + of_accounts
