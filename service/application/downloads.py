"""A table as a file that a browser or a program takes away; the same for the API and the desk."""

from starlette.responses import Response

from service.workbooks.exports import MEDIA, ExportFormat


def wanted_form(asked: str | None) -> ExportFormat:
    """The form that a page asks for: CSV where it says so, else Excel."""
    return "csv" if asked == "csv" else "xlsx"


def download(content: bytes, name: str, form: ExportFormat) -> Response:
    """The file as an attachment; `name` is without its ending, and of letters, digits and hyphens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)
