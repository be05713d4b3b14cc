"""Whether what a path names lies within a caller's reach; what does not is answered as if it were not there."""

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.access.route_rules import RouteRule
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.errors import NoSuchAssessment
from service.web.authorization import ScopeCheck
from service.web.state import AppState


def scope_check(state: AppState) -> ScopeCheck:
    """The look into the database that the authorization of a request needs."""

    def check_assessment(assessment: str, caller: Caller) -> None:
        wanted = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.id == assessment, caller.reach.of(ASSESSMENTS))
        with state.engine.connect() as connection:
            if connection.execute(wanted).first() is None:
                raise NoSuchAssessment("no_such_assessment", assessment=assessment)

    def check_user(user: str, caller: Caller) -> None:
        state.accounts.one(user, caller.reach)

    def check_key(key: str, caller: Caller) -> None:
        state.keys.check_within(key, caller.reach)

    checks = {"assessment": check_assessment, "user": check_user, "key": check_key}

    async def check(rule: RouteRule, named: str, caller: Caller) -> None:
        if rule.about is not None:
            await run_in_threadpool(checks[rule.about], named, caller)

    return check
