"""The question that is asked about an applicant, checked while it is parsed."""

import json
from codecs import BOM_UTF8
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError

from features.errors import Fault
from features.schema import Row, problems, rows_model
from features.written import normal_rows
from models.collateral.bank_assumptions import LONGEST
from models.score.kind import KindName
from models.words.faults import fault_of, phrase_of, pointer
from service.assessing.register_extract import Extracts, place_in_request
from service.edge.errors import InvalidRequest, Refused
from service.edge.faults import not_json
from service.edge.fields import STRICT, AsOf, Firm, Name, Note, Share
from service.edge.json_text import check_members, check_members_of, members_of


class _RowsOfTables:
    """Lets raw rows be checked, and described, by the tables' own declaration."""

    def __get_pydantic_core_schema__(self, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(rows_model())


class Assumption(BaseModel):
    """What the bank assumes of one patent in place of our own assumptions; what is left out stays ours."""

    model_config = STRICT

    patent: Name
    royalty: Share | None = Field(default=None, description="Royalty on net sales, share")
    life: Annotated[float, Field(ge=0, le=LONGEST)] | None = Field(
        default=None, description="Economic life left from `as_of`, years"
    )
    revenue_share: Share | None = Field(default=None, description="Share of the firm's revenue that rests on it")
    source: Note | None = Field(default=None, description="Where it comes from")


def _each_once(given: list[Assumption]) -> list[Assumption]:
    if len({one.patent for one in given}) < len(given):
        raise PydanticCustomError("twice", "each patent is named once")
    return given


class ApplicantRequest(BaseModel):
    """One question: may we lend to this firm (`pledge`), or does it resemble those admitted to a list (`whitelist`)?

    `firm` is a unified social credit code or a key with its prefix. Without `rows` the firm is looked up in the lake.
    With `rows`, a table that is present was asked for, be it empty; what is absent is unknown. Money is in the minor
    unit (fen).
    """

    model_config = STRICT

    kind: KindName = "pledge"
    as_of: AsOf = Field(description="The day on which the question is asked; another day than today is retrospective")
    firm: Firm
    case: Name | None = Field(default=None, description="The bank's own number of the question")
    application: Name | None = Field(
        default=None, description="Which application is asked about; if left out and the rows hold one, that one"
    )
    bank: Name | None = None
    branch: Name | None = None
    assumptions: Annotated[list[Assumption], Field(max_length=10_000), AfterValidator(_each_once)] | None = Field(
        default=None, description="The bank's own assumptions about patents, for their value; shown as the bank's"
    )
    rows: Annotated[dict[str, list[Row]], _RowsOfTables()] | None = None
    extract: Extracts | None = Field(
        default=None, description="A register extract, or several, each typed once: it becomes rows beside those given"
    )


@cache
def _applicant() -> TypeAdapter[ApplicantRequest]:
    return TypeAdapter(ApplicantRequest)


def read_applicant(body: bytes) -> ApplicantRequest:
    """The question in a body, rows in normal form. Raises `NotJson` or `InvalidRequest`, naming all that is wrong."""
    body = body.removeprefix(BOM_UTF8)
    try:
        asked = _applicant().validate_json(body)
    except ValidationError as error:
        check_members(body)
        normal = _in_normal_form(body)
        if normal is None:
            raise _refusal(error) from None
    else:
        if asked.extract is None:
            check_members_of(body, _members(asked))
        else:
            check_members(body)
        return asked
    try:
        return _applicant().validate_json(normal)
    except ValidationError as error:
        raise _refusal(error) from None


def _members(asked: ApplicantRequest) -> int:
    """How many members the objects of a question have in all."""
    own = sum(len(one.model_fields_set) for one in (asked, *(asked.assumptions or ())))
    return own + members_of(asked.rows)


def _in_normal_form(body: bytes) -> str | None:
    """The body with its rows in normal form; None where it has no rows, or they were."""
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    rows = asked.get("rows") if isinstance(asked, dict) else None
    if not isinstance(rows, dict) or (normal := normal_rows(rows)) == rows:
        return None
    return json.dumps(asked | {"rows": normal}, ensure_ascii=False)


def _refusal(error: ValidationError) -> Refused:
    """The error without what was sent: it may be NaN, which no answer can carry."""
    faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return not_json(faults[0])
    told = []
    for found, problem in zip(faults, problems(error, within=1), strict=True):
        if found["loc"][:1] == ("rows",):
            place = ["rows", problem.table, problem.row, problem.column]
            where = pointer(part for part in place if part not in (None, ""))
            told.append(Fault(where, problem.phrase))
        elif found["loc"][:1] == ("extract",):
            told.append(Fault(place_in_request(found["loc"]), phrase_of(found)))
        else:
            told.append(fault_of(found))
    return InvalidRequest(told)
