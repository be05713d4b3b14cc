"""The shape of what is asked over HTTP or on the command line, checked while it is parsed."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError

from features.identifiers import IdentifierError, firm_key
from features.schema import problems, rows_model
from models.collateral.bank_assumptions import LONGEST
from models.score.kind import KindName
from service.access.roles import Place
from service.edge.errors import InvalidRequest, NotJson, Refused

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})")
_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def _day(given: object) -> object:
    """A day from `YYYY-MM-DD` alone: pydantic would take a number of seconds too."""
    if isinstance(given, str) and _ISO_DAY.fullmatch(given):
        return date.fromisoformat(given)
    raise PydanticCustomError("day", "a day is written YYYY-MM-DD")


def _moment(given: object) -> object:
    """A moment from RFC 3339 with its zone: without one it would be anybody's."""
    if isinstance(given, str) and _MOMENT.fullmatch(given):
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise PydanticCustomError("moment", "a moment is written YYYY-MM-DDThh:mm:ssZ, with its zone")


def _firm(code: str) -> str:
    try:
        return firm_key(code)
    except IdentifierError as fault:
        raise PydanticCustomError("firm", "{fault}", {"fault": str(fault)}) from None


class _RowsOfTables:
    """Lets raw rows be checked, and described, by the tables' own declaration."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(rows_model())


Row = dict[str, Any]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Firm = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_firm)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Note = Annotated[str, Field(min_length=1, max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Assumption(BaseModel):
    """What the bank assumes of one patent in place of our own assumptions; what is left out stays ours."""

    model_config = _STRICT

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


class Applicant(BaseModel):
    """One question: may we lend to this firm (`pledge`), or does it resemble those admitted to a list (`whitelist`)?

    `firm` is a unified social credit code or a key with its prefix. Without `rows` the firm is looked up in the lake.
    With `rows`, a table that is present was asked for, be it empty; what is absent is unknown. Money is in the minor
    unit (fen).
    """

    model_config = _STRICT

    kind: KindName = "pledge"
    as_of: Day = Field(description="The day on which the question is asked; another day than today is retrospective")
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


class Waived(BaseModel):
    """A condition of the advice that is not asked for, by its rule, and why."""

    model_config = _STRICT

    rule: Name
    reason: Note


class Met(BaseModel):
    """A condition that is met: an advised one by its rule, the bank's own by its words."""

    model_config = _STRICT

    condition: Note
    met_on: Day
    proof: Note


class Decision(BaseModel):
    """What the bank decided, also when it agrees with the advice.

    Worse than advised needs a reason; better needs a reason with its code, an end, and higher authority (policy
    `authority`). `seen` is the digest of the dossier that it rests on.
    """

    model_config = _STRICT

    outcome: Literal["approve", "decline", "defer", "withdraw"]
    decider: Name | None = Field(default=None, description="Who decided, where nobody is signed in")
    reason: Note | None = None
    reason_code: Name | None = Field(default=None, description="One of policy authority.reason_codes")
    expires_on: Day | None = Field(default=None, description="Last day to draw under a decision better than advised")
    seen: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Digest of the dossier; needed from whoever is signed in"
    )
    waived: list[Waived] = Field(default_factory=list, max_length=50)
    amount: Money | None = Field(default=None, description="Amount granted, minor unit; needed to approve")
    term_months: Annotated[int, Field(ge=1, le=600)] | None = None
    rate: Share | None = Field(default=None, description="Yearly interest rate, share")
    conditions: list[Note] = Field(default_factory=list, max_length=50)


class Drawdown(BaseModel):
    """That money was paid out under an approval."""

    model_config = _STRICT

    drawn_on: Day
    amount: Money
    due_on: Day
    by: Name = Field(description="Who released the money")
    loan: Name | None = None
    registration: Name | None = Field(default=None, description="Pledge registration number")
    registered_on: Day | None = None
    conditions_met: bool = Field(description="Every condition of the decision was met")
    conditions: list[Met] = Field(default_factory=list, max_length=100, description="Each condition, and its proof")


class Closure(BaseModel):
    """How the loan ended."""

    model_config = _STRICT

    closed_on: Day
    outcome: Literal["repaid", "renewed", "guarantor_paid", "insurer_paid", "fund_paid", "sold", "written_off"]
    by: Name = Field(description="Who closed the loan in the books")
    loss: Money = Field(description="Principal and interest lost for good, minor unit; 0 where nothing was")
    recovered: Money | None = None


class SignIn(BaseModel):
    """What a person signs in with; `new_password` takes the place of a password that was good for once."""

    model_config = _STRICT

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="The authenticator app's six digits")]
    new_password: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class RoleAt(BaseModel):
    """A role and where it holds: a bank, a branch of it, a fund, or (with nothing) everywhere."""

    model_config = _STRICT

    role: Name
    bank: Name | None = None
    branch: Name | None = None
    fund: Name | None = None

    @property
    def place(self) -> Place:
        """Where it holds."""
        return Place(self.bank, self.branch, self.fund)


class UserPlace(RoleAt):
    """What an account may do and where: `authority` says how far against the advice (policy `authority`)."""

    authority: Annotated[int, Field(ge=0, le=9)] = 0


class NewUser(UserPlace):
    """An account to be made; with `subject` the person signs in by the OpenID Connect provider alone."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
    shown: Name
    subject: Name | None = None


class NewApiKey(RoleAt):
    """A machine's key to be made; without scopes it may do all that a machine of its role may."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
    scopes: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    expires_at: Moment


class Validation(BaseModel):
    """What an independent validator found of a model: signed until a day, or refused."""

    model_config = _STRICT

    bundle: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    outcome: Literal["signed", "refused"]
    findings: Annotated[list[Note], Field(max_length=100)] = Field(default_factory=list)
    expires_on: Day | None = Field(default=None, description="Until when the signature holds; needed to sign")


@cache
def _applicant() -> TypeAdapter[Applicant]:
    return TypeAdapter(Applicant)


def read_applicant(body: bytes) -> Applicant:
    """The question in a body. Raises `NotJson` or `InvalidRequest`, naming every place that is wrong."""
    try:
        return _applicant().validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> Refused:
    """The error without what was sent: it may be NaN, which no answer can carry."""
    faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return NotJson(faults[0]["msg"])
    told = []
    for fault, problem in zip(faults, problems(error, within=1), strict=True):
        if fault["loc"][:1] == ("rows",):
            place = ["rows", problem.table, problem.row, problem.column]
            told.append((_pointer(part for part in place if part not in (None, "")), problem.message))
        else:
            told.append((_pointer(fault["loc"]), str(fault["msg"])))
    return InvalidRequest(told)


def _pointer(place: Iterable[object]) -> str:
    return "".join(f"/{part}" for part in place)
