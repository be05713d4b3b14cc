"""The pages, one module a family of them; `DESK` lists their routes."""

from service.desk.routes import (
    accounts,
    asking,
    assessments,
    audit_log,
    decisions,
    entrance,
    files,
    firm_lists,
    handing_over,
    inbox,
    intake,
    jobs,
    lists,
    models,
    orphans,
    papers,
    peers,
    reassessing,
    signing_in,
    trials,
)

_FAMILIES = (
    entrance,
    signing_in,
    inbox,
    files,
    papers,
    reassessing,
    handing_over,
    assessments,
    trials,
    peers,
    asking,
    intake,
    jobs,
    firm_lists,
    decisions,
    orphans,
    models,
    lists,
    accounts,
    audit_log,
)
DESK = [route for family in _FAMILIES for route in family.router.routes]
"""All routes of the desk, in the order in which a path is sought."""
