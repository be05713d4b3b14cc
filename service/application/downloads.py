"""A table as a file that a browser or a program takes away; the same for the API and the desk."""

from sqlalchemy import Connection
from starlette.responses import Response

from features.phrase import Language
from service.access.people import people_for
from service.access.roles import Caller
from service.application.state import AppState
from service.workbooks.exports import MEDIA, ExportFormat, TakenBy


def wanted_form(asked: str | None) -> ExportFormat:
    """The form that a page asks for: CSV where it says so, else Excel."""
    return "csv" if asked == "csv" else "xlsx"


def download(content: bytes, name: str, form: ExportFormat) -> Response:
    """The file as an attachment; `name` is without its ending, and of letters, digits and hyphens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


def taken_by(connection: Connection, state: AppState, caller: Caller, language: Language) -> TakenBy:
    """Who takes a file, in the language of the file."""
    people = people_for(connection, caller, language)
    name = people.of(caller.name.partition(":")[2] or caller.name)
    where = [one for one in (caller.place.bank, caller.place.branch, caller.place.fund) if one]
    moment = state.now().astimezone(state.settings.zone)
    return TakenBy(people, " · ".join(["PledgeScore", name, *where, moment.strftime("%Y-%m-%d %H:%M")]))
