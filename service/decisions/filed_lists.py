"""Lists that others keep: loans filed with a fund, or pledges in the register; each line read by itself."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias

import jiter
import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from features.errors import MOST_FAULTS, Fault, fault
from features.written import minor_unit
from models.words.faults import fault_of, pydantic_error
from service.edge.errors import InvalidRequest
from service.edge.fields import Day, Firm, Money, Name
from service.edge.json_pieces import LARGEST, Pieces, PieceTooLong

MOST = 100_000
"""Lines of one list."""
ListKind: TypeAlias = Literal["filed", "registered"]
"""Loans filed with the fund, or pledges in the register."""


class Filed(BaseModel):
    """One loan or pledge as it was filed; what is not stated is not compared. `on`: drawn, or registered."""

    model_config = ConfigDict(extra="forbid")

    firm: Firm | None = None
    bank: Name | None = None
    loan: Name | None = Field(default=None, description="Number of the loan (借据号)")
    contract: Name | None = Field(default=None, description="Number of the loan contract")
    registration: Name | None = Field(default=None, description="Number of the pledge's registration")
    on: Day | None = None
    amount: Annotated[Money, BeforeValidator(minor_unit)] | None = Field(
        default=None, description='Minor unit, or {"value": 300, "unit": "万元"}'
    )

    @model_validator(mode="after")
    def _named(self) -> "Filed":
        if not (self.loan or self.contract or self.registration or (self.firm and self.on)):
            raise pydantic_error("filed_unnamed")
        return self


@dataclass(frozen=True)
class FiledLine:
    """A line of a list: its number there, what it says, or what is wrong with it."""

    n: int
    filed: Filed | None
    faults: Sequence[Fault] = ()

    @classmethod
    def of(cls, n: int, given: object) -> "FiledLine":
        """A line as it was given."""
        try:
            return cls(n, Filed.model_validate(given))
        except ValidationError as wrong:
            found = wrong.errors(include_url=False, include_input=False)[:MOST_FAULTS]
            return cls(n, None, [fault_of(one) for one in found])


@dataclass(frozen=True)
class Comparison:
    """What the list is, and over which days of drawing its other direction is looked at (None: those of its lines)."""

    kind: ListKind = "filed"
    since: date | None = None
    until: date | None = None


class ListAsked(BaseModel):
    """The same as it is asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: ListKind = Field(default="filed", description="Loans filed with the fund, or pledges in the register")
    since: Day | None = Field(default=None, description="First day of drawing; else of the first month of the lines")
    until: Day | None = Field(default=None, description="Last day of drawing; else of the last month of the lines")

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo[object]) -> date | None:
        since: date | None = info.data.get("since")
        if since is not None and until is not None and until < since:
            raise pydantic_error("ends_before_start", since=since)
        return until

    @property
    def comparison(self) -> Comparison:
        """What is compared."""
        return Comparison(self.kind, self.since, self.until)


_Line = Annotated[object, WithJsonSchema(Filed.model_json_schema())]


class Filings(ListAsked):
    """Loans filed with the fund, or pledges registered. A line that cannot be read is told; the rest is compared."""

    filed: Annotated[list[_Line], Field(min_length=1, max_length=MOST)]


def read_filings(body: bytes) -> tuple[list[FiledLine], Comparison]:
    """The lines in a body, read one by one, and what they are. Raises `NotJson` or `InvalidRequest`."""
    pieces, lines, beside = Pieces(body.removeprefix(BOM_UTF8)), list[FiledLine](), list[bytes]()
    try:
        if pieces.opening != b"{":
            pieces.checked()
            raise InvalidRequest([fault("", "dict_type")])
        for name in pieces.members():
            value = b"null"
            if name == "filed" and pieces.opening == b"[":
                lines = list(_lines(pieces))
                value = b"[0]" if lines else b"[]"
            else:
                value = pieces.checked()
            beside.append(orjson.dumps(name) + b":" + value)
            if len(beside) > MOST_FAULTS:
                break  # no request has so many members: what comes behind changes nothing
        else:
            pieces.end()
    except PieceTooLong:
        raise InvalidRequest([fault("/filed", "piece_too_long", most=LARGEST)], more=True) from None
    try:
        asked = Filings.model_validate_json(b"{" + b",".join(beside) + b"}")
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_input=False)
        raise InvalidRequest([fault_of(one) for one in found]) from None
    return lines, asked.comparison


def _lines(pieces: Pieces) -> Iterator[FiledLine]:
    for n, _ in enumerate(pieces.items(), start=1):
        if n > MOST:
            raise InvalidRequest([fault("/filed", "too_long", max_length=MOST)])
        yield FiledLine.of(n, jiter.from_json(pieces.checked()))
