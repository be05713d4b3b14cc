"""Types of the fields that requests hold, checked while they are parsed."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from features.identifiers import IdentifierError, firm_key

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})")
STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def _day(given: object) -> object:
    """A day from `YYYY-MM-DD` alone: pydantic would take a number of seconds too."""
    if isinstance(given, str) and _ISO_DAY.fullmatch(given):
        return date.fromisoformat(given)
    raise PydanticCustomError("day", "no day")


def _moment(given: object) -> object:
    """A moment from RFC 3339 with its zone: without one it would be anybody's."""
    if isinstance(given, str) and _MOMENT.fullmatch(given):
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise PydanticCustomError("moment", "no moment")


def _firm(code: str) -> str:
    try:
        return firm_key(code)
    except IdentifierError as fault:
        raise PydanticCustomError(fault.code, "no key of a firm", dict(fault.facts)) from None


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Firm = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_firm)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Note = Annotated[str, Field(min_length=1, max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[int, Field(ge=0, le=2**53 - 1)]
