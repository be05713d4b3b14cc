"""The question that is asked about an applicant, checked while it is parsed."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated

import orjson
from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from features.errors import MOST_FAULTS, Fault, fault, refusal_phrase
from features.phrase import Phrase
from features.row_checks import RowProblem
from features.schema import Row, problems, row_adapter, rows_model
from features.tables import TABLES
from features.written import normal_row
from models.collateral.bank_assumptions import LONGEST
from models.score.kind import KindName
from models.words.faults import fault_of, phrase_of, pointer
from service.assessing.register_extract import Extracts, RegisterExtract, place_in_request
from service.edge.errors import InvalidRequest
from service.edge.fields import STRICT, AsOf, Firm, Name, Note, Share
from service.edge.json_pieces import LARGEST, Pieces, PieceTooLong
from service.edge.json_text import check_members, check_members_of, members_of

AT_ONCE = 2**18
"""Bytes of a body that a parser takes in one go; a larger one is read row by row."""
LONGEST_LIST = 10_000
"""Of extracts or assumptions, each of which has a length of its own."""


class _RowsOfTables:
    """Lets raw rows be checked, and described, by the tables' own declaration."""

    def __get_pydantic_core_schema__(self, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(rows_model(first_fault=True))


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
    assumptions: Annotated[list[Assumption], Field(max_length=LONGEST_LIST), AfterValidator(_each_once)] | None = Field(
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
    """The question in a body, rows in normal form.

    Raises `NotJson`, or `InvalidRequest` naming what is wrong: of more than a hundred places those that come first, and
    nothing behind them is read.
    """
    body = body.removeprefix(BOM_UTF8)
    try:
        return _read_at_once(body) if len(body) <= AT_ONCE else _Reading(body, most=0).read()
    except (ValidationError, InvalidRequest):
        return _Reading(body, normal=True).read()  # as people write, or wrong


def _read_at_once(body: bytes) -> ApplicantRequest:
    """Raises `ValidationError`, which names the first row of each table that is wrong, or `NotJson`."""
    asked = _applicant().validate_json(body)
    if asked.extract is None:
        check_members_of(body, _members(asked))
    else:
        check_members(body)
    return asked


def _members(asked: ApplicantRequest) -> int:
    """How many members the objects of a question have in all."""
    own = sum(len(one.model_fields_set) for one in (asked, *(asked.assumptions or ())))
    return own + members_of(asked.rows)


class _Enough(Exception):
    """So much is wrong that nothing further is read."""


class _Reading:
    """Reads a question row by row; what stands beside the rows is parsed once all rows were read.

    `normal`: rows are brought to normal form first. `most`: faults with which it goes on; one more ends it.
    """

    def __init__(self, body: bytes, *, normal: bool = False, most: int = MOST_FAULTS) -> None:
        self._pieces, self._normal, self._most = Pieces(body), normal, most
        self._rows: dict[str, list[Row]] = {}
        self._faults: list[Fault] = []

    def read(self) -> ApplicantRequest:
        """The question. Raises `NotJson` or `InvalidRequest`."""
        try:
            beside = self._object() if self._pieces.opening == b"{" else self._value("")
            self._pieces.end()
        except _Enough:
            raise InvalidRequest(self._faults, more=True) from None
        try:
            asked = _applicant().validate_json(beside)
        except ValidationError as error:
            raise InvalidRequest([*_told(error), *self._faults]) from None
        if self._faults:
            raise InvalidRequest(self._faults)
        return asked if asked.rows is None else asked.model_copy(update={"rows": self._rows})

    def _object(self) -> bytes:
        """The question as JSON, its rows without what was read of them."""
        told = []
        for name in self._pieces.members():
            if name == "rows" and self._pieces.opening == b"{":
                told.append(_member(name, self._tables()))
            elif name in _each() and self._pieces.opening == b"[":
                told.append(_member(name, self._list(name)))
            elif name in ApplicantRequest.model_fields:
                told.append(_member(name, self._value(f"/{name}")))
            else:
                self._not_known(f"/{name}", refusal_phrase("extra_forbidden"))
        return b"{" + b",".join(told) + b"}"

    def _tables(self) -> bytes:
        told = []
        for table in self._pieces.members():
            if table not in TABLES:
                self._not_known(f"/rows/{table}", refusal_phrase("row_no_table", table=table))
            elif self._pieces.opening != b"[":
                told.append(_member(table, self._value(f"/rows/{table}")))
            else:
                self._rows[table] = own = []
                for n, _ in enumerate(self._pieces.items()):
                    own += self._row(table, n)
                told.append(_member(table, b"[]"))
        return b"{" + b",".join(told) + b"}"

    def _row(self, table: str, n: int) -> list[Row]:
        """The row that comes next; none where it is wrong."""
        text = self._value(f"/rows/{table}/{n}")
        try:
            return [row_adapter(table).validate_json(_in_normal_form(table, text) if self._normal else text)]
        except ValidationError as error:
            self._tell(_row_fault(one) for one in problems(error, at=(table, n)))
            return []

    def _list(self, name: str) -> bytes:
        """The list that comes next, where each of it is right or it is too long; else none."""
        told, before = [], len(self._faults)
        for n, _ in enumerate(self._pieces.items()):
            told.append(self._value(f"/{name}/{n}"))
            try:
                _each()[name].validate_json(told[-1])
            except ValidationError as error:
                found = error.errors(include_url=False, include_input=False)
                self._tell(Fault(pointer((name, n, *one["loc"])), phrase_of(one)) for one in found)
            if n > LONGEST_LIST:
                raise self._stopped(fault(f"/{name}", "too_long", max_length=LONGEST_LIST))
        return b"null" if len(self._faults) > before else b"[" + b",".join(told) + b"]"

    def _value(self, at: str) -> bytes:
        """The text of the value that comes next."""
        try:
            return self._pieces.checked()
        except PieceTooLong:
            raise self._stopped(fault(at, "piece_too_long", most=LARGEST)) from None

    def _not_known(self, at: str, phrase: Phrase) -> None:
        """What comes next stands under a name that nothing has."""
        self._value(at)
        self._tell([Fault(at, phrase)])

    def _tell(self, found: Iterable[Fault]) -> None:
        self._faults += found
        if len(self._faults) > self._most:
            raise _Enough

    def _stopped(self, found: Fault) -> _Enough:
        """Where nothing further can be read."""
        self._faults.append(found)
        return _Enough()


def _member(name: str, value: bytes) -> bytes:
    return orjson.dumps(name) + b":" + value


@cache
def _each() -> Mapping[str, TypeAdapter[RegisterExtract] | TypeAdapter[Assumption]]:
    """What reads one of a list."""
    return {"extract": TypeAdapter(RegisterExtract), "assumptions": TypeAdapter(Assumption)}


def _in_normal_form(table: str, text: bytes) -> str | bytes:
    """A row with its values in normal form; as it is where it is no object."""
    try:
        row = json.loads(text)
    except ValueError:
        return text
    return json.dumps(normal_row(table, row), ensure_ascii=False) if isinstance(row, dict) else text


def _row_fault(problem: RowProblem) -> Fault:
    place = ("rows", problem.table, problem.row, problem.column)
    return Fault(pointer(part for part in place if part not in (None, "")), problem.phrase)


def _told(error: ValidationError) -> list[Fault]:
    """The error without what was sent: it may be NaN, which no answer can carry."""
    found = error.errors(include_url=False, include_input=False)
    return [_fault(one, problem) for one, problem in zip(found, problems(error, within=1), strict=True)]


def _fault(found: ErrorDetails, problem: RowProblem) -> Fault:
    match found["loc"][:1]:
        case ("rows",):
            return _row_fault(problem)
        case ("extract",):
            return Fault(place_in_request(found["loc"]), phrase_of(found))
    return fault_of(found)
