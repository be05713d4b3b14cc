"""The pages, one module a family of them; `DESK` lists their routes."""

from service.desk.routes import asking, assessments, entrance, files, inbox, intake, jobs, lists, signing_in

DESK = [
    route
    for family in (entrance, signing_in, inbox, files, assessments, asking, intake, jobs, lists)
    for route in family.router.routes
]
"""All routes of the desk, in the order in which a path is sought."""
