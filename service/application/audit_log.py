"""The audit log as a page or as a file; the same for the API and the desk."""

from features.phrase import Language
from service.access.audit_log import AuditLines
from service.access.requests import AuditAsked
from service.access.roles import Caller
from service.application.downloads import taken_by
from service.application.state import AppState
from service.workbooks.audit_export import audit_file
from service.workbooks.exports import ExportFormat

MOST_IN_A_FILE = 100_000
"""Rows of a file; filters tell which."""


def audit_lines(state: AppState, caller: Caller, asked: AuditAsked, limit: int) -> AuditLines:
    """A page of the rows within the caller's reach."""
    return state.audit_log.listed(asked.filter(state.settings.zone), caller.reach, limit)


def audit_log_file(state: AppState, caller: Caller, asked: AuditAsked, language: Language, form: ExportFormat) -> bytes:
    """The rows within the caller's reach as a file, the latest first."""
    rows = audit_lines(state, caller, asked, MOST_IN_A_FILE).items
    with state.engine.connect() as connection:
        heading = taken_by(connection, state, caller, language).heading
    return audit_file(rows, heading, state.settings.zone, language, form)
