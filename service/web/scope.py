"""Whether what a path names lies within a caller's reach; what does not is answered as if it were not there."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Engine, select
from starlette.concurrency import run_in_threadpool

from service.access.accounts import Accounts
from service.access.roles import Caller
from service.access.route_rules import RouteRule
from service.application.state import AppState
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.loan_file_index import LOAN_FILES
from service.decisions.erasure import ERASURES
from service.edge.database import DatabaseTable
from service.edge.errors import NoSuchAssessment, NoSuchErasure, NoSuchJob, NoSuchLoanFile, NoSuchPush
from service.firm_lists.tables import PUSHES
from service.jobs.tables import JOBS
from service.web.authorization import ScopeCheck


def scope_check(state: AppState) -> ScopeCheck:
    """The look into the database that the authorization of a request needs."""
    checks: dict[str, Callable[[str, Caller], None]] = {
        "assessment": partial(_check_assessment, state.engine),
        "loan_file": partial(_check_file, state.engine),
        "job": partial(_check_job, state.engine),
        "push": partial(_check_push, state.engine),
        "erasure": partial(_check_erasure, state.engine),
        "user": partial(_check_user, state.accounts),
        "proposal": lambda proposal, caller: state.proposals.check_within(proposal, caller.reach),
        "key": lambda key, caller: state.keys.check_within(key, caller.reach),
    }

    async def check(rule: RouteRule, named: str, caller: Caller) -> None:
        if rule.about is not None:
            await run_in_threadpool(checks[rule.about], named, caller)

    return check


def _check_assessment(engine: Engine, assessment: str, caller: Caller) -> None:
    if not _reached(engine, ASSESSMENTS, assessment, caller):
        raise NoSuchAssessment("no_such_assessment", assessment=assessment)


def _check_file(engine: Engine, file: str, caller: Caller) -> None:
    if not _reached(engine, LOAN_FILES, file, caller):
        raise NoSuchLoanFile("no_such_loan_file", file=file)


def _check_job(engine: Engine, job: str, caller: Caller) -> None:
    if not _reached(engine, JOBS, job, caller):
        raise NoSuchJob("no_such_job", job=job)


def _check_push(engine: Engine, push: str, caller: Caller) -> None:
    if not _reached(engine, PUSHES, push, caller):
        raise NoSuchPush("no_such_push", push=push)


def _check_erasure(engine: Engine, erasure: str, caller: Caller) -> None:
    if not _reached(engine, ERASURES, erasure, caller):
        raise NoSuchErasure("no_such_erasure", erasure=erasure)


def _check_user(accounts: Accounts, user: str, caller: Caller) -> None:
    accounts.one(user, caller.reach)


def _reached(engine: Engine, table: DatabaseTable, named: str, caller: Caller) -> bool:
    wanted = select(table.c.id).where(table.c.id == named, caller.reach.of(table))
    with engine.connect() as connection:
        return connection.execute(wanted).first() is not None
