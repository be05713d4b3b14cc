"""The audit log as a page or as a file; the same for the API and the desk."""

from sqlalchemy import Select, select

from features.phrase import Language
from service.access.audit_log import AuditLines
from service.access.requests import AuditAsked
from service.access.roles import Caller, Reach
from service.access.tables import API_KEYS, PROPOSALS, USERS
from service.application.downloads import taken_by
from service.application.state import AppState
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.loan_file_index import LOAN_FILES
from service.decisions.erasure import ERASURES
from service.firm_lists.tables import PUSHES
from service.jobs.tables import JOBS
from service.workbooks.audit_export import audit_file
from service.workbooks.exports import ExportFormat

MOST_IN_A_FILE = 100_000
"""Rows of a file; filters tell which."""


_THINGS = (ASSESSMENTS, LOAN_FILES, JOBS, PUSHES, ERASURES, PROPOSALS)
"""Tables of what a row may be about by its id; accounts and keys are named."""


def audit_lines(state: AppState, caller: Caller, asked: AuditAsked, limit: int) -> AuditLines:
    """A page of the rows within the caller's reach."""
    return state.audit_log.listed(asked.filter(state.settings.zone), caller.reach, limit, _own(caller.reach))


def _own(reach: Reach) -> list[Select[tuple[str]]]:
    """Queries of what rows may be about that lies within reach."""
    named = (USERS.c.name, API_KEYS.c.name)
    of_accounts = [select(name).where(reach.of(name.table)) for name in named]
    return [select(table.c.id).where(reach.of(table)) for table in _THINGS] + of_accounts


def audit_log_file(state: AppState, caller: Caller, asked: AuditAsked, language: Language, form: ExportFormat) -> bytes:
    """The rows within the caller's reach as a file, the latest first."""
    rows = audit_lines(state, caller, asked, MOST_IN_A_FILE).items
    with state.engine.connect() as connection:
        heading = taken_by(connection, state, caller, language).heading
    return audit_file(rows, heading, state.settings.zone, language, form)
