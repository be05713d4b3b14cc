"""What a browser or a program takes away as a file; the same for the API and the desk."""

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from features.phrase import Language
from service.access.people import people_for
from service.access.roles import Caller
from service.application.caller import caller_of
from service.application.state import AppState
from service.application.taking import FileAsked
from service.workbooks.exports import MEDIA, ExportFormat, TakenBy
from service.workbooks.prefilled import known_question, known_rows
from service.workbooks.template import empty_workbook, written_workbook

P = ParamSpec("P")
AsFile: TypeAlias = tuple[Language, ExportFormat]
"""How somebody takes a table away."""


def download(content: bytes, name: str, form: ExportFormat) -> Response:
    """The file as an attachment; `name` is without its ending, and of letters, digits and hyphens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


async def template(state: AppState, request: Request, language: Language, firm: str | None) -> bytes:
    """The workbook to be filled in; with a firm, filled with what is known of it. Raises `TooMany`, `UnknownFirm`."""
    digest = state.assessor.policy.digest
    if firm is None:
        return await run_in_threadpool(empty_workbook, language, digest)
    state.making.check(caller_of(request))
    known = await run_in_threadpool(_known, state, caller_of(request), firm)
    return await state.making.run(request, written_workbook, language, digest, [known])


def _known(state: AppState, caller: Caller, firm: str) -> Mapping[str, object]:
    today = state.today(state.now())
    with state.engine.connect() as connection:
        rows = known_rows(connection, state.assessor.firms, firm, caller, today)
    return known_question(rows, firm, today)


async def table(
    state: AppState,
    request: Request,
    name: str,
    as_file: AsFile,
    work: Callable[Concatenate[FileAsked, P], bytes],
    *wanted: P.args,
    **named: P.kwargs,
) -> Response:
    """A table as the work makes it, in its turn in a process of its own; `name` as `download` takes it.

    Raises `TooMany`, and what the work does.
    """
    state.making.check(caller_of(request))
    asked = await run_in_threadpool(_asked, state, caller_of(request), *as_file)
    return download(await state.making.run(request, work, asked, *wanted, **named), name, as_file[1])


def _asked(state: AppState, caller: Caller, language: Language, form: ExportFormat) -> FileAsked:
    with state.engine.connect() as connection:
        people = people_for(connection, caller, language)
    name = people.of(caller.name.partition(":")[2] or caller.name)
    where = [one for one in (caller.place.bank, caller.place.branch, caller.place.fund) if one]
    now, zone = state.now(), state.settings.zone
    heading = " · ".join(["PledgeScore", name, *where, now.astimezone(zone).strftime("%Y-%m-%d %H:%M")])
    return FileAsked(state.ledger, TakenBy(people, heading), zone, state.today(now), language, form)
