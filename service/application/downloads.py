"""A table as a file that a browser or a program takes away; the same for the API and the desk."""

from starlette.responses import Response

from service.access.roles import Caller
from service.application.state import AppState
from service.workbooks.exports import MEDIA, ExportFormat


def wanted_form(asked: str | None) -> ExportFormat:
    """The form that a page asks for: CSV where it says so, else Excel."""
    return "csv" if asked == "csv" else "xlsx"


def download(content: bytes, name: str, form: ExportFormat) -> Response:
    """The file as an attachment; `name` is without its ending, and of letters, digits and hyphens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


def taken_by(state: AppState, caller: Caller) -> str:
    """What stands above a file that somebody takes away: who, where, when."""
    name = caller.name.partition(":")[2] or caller.name
    where = [one for one in (caller.place.bank, caller.place.branch, caller.place.fund) if one]
    moment = state.now().astimezone(state.settings.zone)
    return " · ".join(["PledgeScore", name, *where, moment.strftime("%Y-%m-%d %H:%M")])
