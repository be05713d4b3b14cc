"""Asking for assessments, one or many, and finding them again."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, select
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from features.errors import fault
from features.phrase import DEFAULT_WORDS, Language, WordsChoice, language_of
from features.text_files import harmless
from models.score.kind import KindName
from service.application.caller import Who, caller_of
from service.application.state import State, state_of
from service.assessing.assessment_index import ASSESSMENTS, check_places, earlier
from service.assessing.fund_view import answer_for_fund
from service.assessing.records import Recorded, answer_of
from service.assessing.selection import Include
from service.assessing.wording import as_seen, leaving, wording_of
from service.edge.errors import InvalidRequest
from service.edge.fields import Firm, Ordinal
from service.edge.json_pieces import Pieces
from service.loan_files.assessed import with_files
from service.web.include import IncludeParam, include_asked
from service.web.lists import LONGEST_KEY, Key, answered_list, questions_of_list
from service.web.openapi import LIST, NOT_FOUND, ONE, REFUSALS, answered
from service.web.responses import JSON, json_response
from service.web.words import AsParam, WordsParam, language_asked

_ONE = {201: answered("Answer", "The assessment, recorded")} | REFUSALS
_MANY = {200: answered("Results", "What became of each applicant, in their order")} | REFUSALS
_PAGE = {200: answered("Page", "A page of the list, as JSON or as a table", csv=True)} | REFUSALS
_KEPT = {200: answered("Answer", "The assessment as it is sealed, with sentences")} | NOT_FOUND
_EARLIER = {200: answered("EarlierAssessments", "The latest first, with what changed since")} | NOT_FOUND
_Limit = Annotated[int, Query(ge=1, le=10_000)]
_Cursor = Annotated[Ordinal | None, Query(description="`next` of the page before")]
_ITEM = (*(column for column in ASSESSMENTS.c if column.name not in ("seq", "file", "inputs")), ASSESSMENTS.c.file)


class Filters(BaseModel):
    """Which assessments are listed: all that match every filter, the latest first."""

    model_config = ConfigDict(extra="forbid")

    firm: Firm | None = None
    kind: KindName | None = None
    bank: str | None = None
    branch: str | None = None
    application: str | None = None
    grade: str | None = None
    retrospective: bool | None = None
    as_of_from: date | None = None
    as_of_to: date | None = None
    cursor: Annotated[Ordinal, Field(description="`next` of the page before")] | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 100
    format: Literal["json", "csv"] = "json"
    words: WordsChoice = DEFAULT_WORDS

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters as conditions of a query."""
        equal = ("firm", "kind", "bank", "branch", "application", "grade", "retrospective")
        found: list[ColumnElement[bool]] = [ASSESSMENTS.c.firm.is_not(None)]  # what was erased is listed nowhere
        found += [ASSESSMENTS.c[name] == value for name in equal if (value := getattr(self, name)) is not None]
        if self.as_of_from is not None:
            found.append(ASSESSMENTS.c.as_of >= self.as_of_from.isoformat())
        if self.as_of_to is not None:
            found.append(ASSESSMENTS.c.as_of <= self.as_of_to.isoformat())
        if self.cursor is not None:
            found.append(ASSESSMENTS.c.seq < self.cursor)
        return found


router = APIRouter(prefix="/v1/assessments", tags=["assessments"])


# Described here, answered by `ASKING`, which stands in front of it.
@router.post("", status_code=201, openapi_extra=ONE, responses=_ONE, summary="Assess one applicant")
async def assess(
    state: State,
    request: Request,
    caller: Who,
    key: Key = None,
    words: WordsParam = DEFAULT_WORDS,
    include: IncludeParam = None,
) -> Response:
    language = language_of(words)
    recorded = await state.batcher.ask(state.question(await request.body(), key, caller, language))
    return _answered(recorded, language, include or ())


@router.post("/batch", openapi_extra=LIST, responses=_MANY, summary="Assess a list of applicants")
async def assess_all(
    state: State,
    request: Request,
    caller: Who,
    key: Key = None,
    words: WordsParam = DEFAULT_WORDS,
    include: IncludeParam = None,
) -> Response:
    bodies = await run_in_threadpool(_applicants, await request.body(), state.settings.applicants)
    asked = questions_of_list(state, bodies, key, caller, language_of(words))
    return await answered_list(state, asked, include or ())


@router.get("", summary="List assessments", responses=_PAGE)
def listed(state: State, filters: Annotated[Filters, Query()], caller: Who) -> Response:
    query = select(*_ITEM, ASSESSMENTS.c.seq).where(caller.reach.of(ASSESSMENTS), *filters.conditions())
    with state.engine.connect() as connection:
        check_places(connection, caller.reach, filters.bank, filters.branch)
        found = connection.execute(query.order_by(ASSESSMENTS.c.seq.desc()).limit(filters.limit + 1)).mappings()
        rows = [dict(row) for row in found]
        inside, today = caller.place.fund is None, state.today(state.now())
        page = list(with_files(connection, rows[: filters.limit], today, inside=inside))
    following = page[-1]["seq"] if len(rows) > filters.limit else None
    for row in page:
        del row["seq"]
    return _csv(page, following) if filters.format == "csv" else _page(page, following)


@router.get("/{assessment}/earlier", summary="List earlier assessments of the firm", responses=_EARLIER)
def asked_before(state: State, assessment: str, limit: _Limit = 100, cursor: _Cursor = None) -> Response:
    with state.engine.connect() as connection:
        return json_response(earlier(connection, assessment, limit, cursor))


@router.get("/{assessment}", summary="Read an assessment; a fund sees what it may", responses=_KEPT)
def one(
    state: State,
    assessment: str,
    caller: Who,
    words: WordsParam = DEFAULT_WORDS,
    as_: AsParam = None,
    include: IncludeParam = None,
) -> Response:
    with state.engine.connect() as connection:
        wording = as_seen(connection, assessment) if as_ else wording_of(language_of(words))
        if caller.place.fund is None:
            sent = answer_of(connection, assessment)
        else:
            sent = orjson.dumps(answer_for_fund(connection, assessment))
    return Response(leaving(sent, wording, include or ()), media_type=JSON)


async def _assess(request: Request) -> Response:
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidRequest([fault("/header/Idempotency-Key", "idempotency_key", most=LONGEST_KEY)])
    state, language = state_of(request), language_asked(request.scope)
    question = state.question(await request.body(), key, caller_of(request), language)
    return _answered(await state.batcher.ask(question), language, include_asked(request.scope))


ASKING = Route("/v1/assessments", _assess, methods=["POST"])
"""POST /v1/assessments without what the framework does for a described route: it costs a tenth of an answer."""


def _answered(recorded: Recorded, language: Language | None, include: Collection[Include]) -> Response:
    headers = {"Location": f"/v1/assessments/{recorded.id}"}
    if recorded.again:
        headers["Idempotent-Replayed"] = "true"
    body = leaving(recorded.body, wording_of(language), include, recorded.parts)
    return Response(body, status_code=201, media_type=JSON, headers=headers)


def _applicants(body: bytes, most: int) -> list[bytes]:
    """The body of each applicant of a list. Raises `NotJson` or `InvalidRequest`."""
    pieces, bodies = Pieces(body.removeprefix(BOM_UTF8)), list[bytes]()
    alone = InvalidRequest([fault("", "applicants_alone")])
    if pieces.opening != b"{":
        pieces.checked(len(body))
        raise alone
    for name in pieces.members():
        if name != "applicants" or pieces.opening != b"[":
            raise alone
        for _ in pieces.items():
            bodies.append(pieces.checked(len(body)))
            if len(bodies) > most:
                break
        if not 1 <= len(bodies) <= most:
            raise InvalidRequest([fault("/applicants", "applicants_count", most=most)])
    pieces.end()
    if not bodies:
        raise alone
    return bodies


def _page(items: Sequence[Mapping[str, object]], following: object) -> Response:
    return Response(orjson.dumps({"items": items, "next": following}), media_type=JSON)


def _csv(items: Sequence[Mapping[str, object]], following: object) -> Response:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(items[0] if items else (column.name for column in _ITEM))
    writer.writerows([_cell(value) for value in one.values()] for one in items)
    headers = {"Content-Disposition": 'attachment; filename="assessments.csv"'}
    if following is not None:
        headers["Link"] = f'</v1/assessments?cursor={following}>; rel="next"'
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    """A cell that a spreadsheet cannot take for a formula."""
    return harmless(value) if isinstance(value, str) else value
