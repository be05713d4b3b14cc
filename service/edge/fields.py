"""Types of the fields that requests hold, checked while they are parsed."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from features.columns import FIRST_DAY, LAST_DAY, PLAIN, PLAIN_LINES
from features.identifiers import IdentifierError, firm_key
from models.words.faults import pydantic_error

FIRST_ASKED = date(2000, 1, 1)
"""The first day that may be asked about: policy begins there."""
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def _day(given: object) -> object:
    """A day, bounded as days of tables are."""
    return _within(_calendar_day(given), FIRST_DAY)


def _month(given: str) -> str:
    """A month whose days are bounded as days are: the ends of the calendar have no time in another zone."""
    _within(_calendar_day(f"{given}-01"), FIRST_DAY)
    return given


def _calendar_day(given: object) -> date:
    """A day of the calendar from `YYYY-MM-DD` alone: pydantic would take a number of seconds too."""
    if isinstance(given, str) and _ISO_DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise PydanticCustomError("day", "no day")


def _within(day: date, first: date) -> date:
    """A slip of the pen or a placeholder for *never* is refused."""
    if not first <= day <= LAST_DAY:
        raise pydantic_error("day_between", first=first, last=LAST_DAY)
    return day


def _day_asked_about(given: object) -> object:
    """A day that there is any policy for; told with its own bounds, whichever it breaks."""
    return _within(_calendar_day(given), FIRST_ASKED)


def _moment(given: object) -> object:
    """A moment from RFC 3339 with its zone: without one it would be anybody's. Its day, in any zone, is one we know."""
    if isinstance(given, str) and _MOMENT.fullmatch(given):
        try:
            told = datetime.fromisoformat(given)
        except ValueError:
            raise PydanticCustomError("moment", "no moment") from None
        _within(told.date(), FIRST_DAY)
        return told
    raise PydanticCustomError("moment", "no moment")


def _firm(code: str) -> str:
    try:
        return firm_key(code, registered=True)  # the answer warns where a check digit is wrong
    except IdentifierError as fault:
        raise PydanticCustomError(fault.code, "no key of a firm", dict(fault.facts)) from None


LEAST_SAID = 4
"""Letters or digits of a sentence: the shortest that banks write (存单质押, 同意上报) have so many.

No value of policy: it weighs nothing, and only tells a text from none."""


def _sentence(text: str) -> str:
    """A dot, 无 or a letter says nothing; neither does one letter many times, nor a number alone."""
    said = [one for one in text.casefold() if one.isalnum()]
    if len(said) < LEAST_SAID or len(set(said)) == 1 or not any(one.isalpha() for one in said):
        raise pydantic_error("says_nothing", least=LEAST_SAID)
    return text


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Month = Annotated[str, Field(pattern=f"^{MONTH.pattern}$"), AfterValidator(_month)]
"""As `2026-11`."""
AsOf = Annotated[date, BeforeValidator(_day_asked_about, json_schema_input_type=date)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Firm = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN), AfterValidator(_firm)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
Note = Annotated[str, Field(min_length=1, max_length=4000, pattern=PLAIN_LINES)]
Sentence = Annotated[
    Note, AfterValidator(_sentence), Field(description=f"In words: at least {LEAST_SAID} letters or digits")
]
"""Why something is done, or what answers an open question: whoever reads it later must learn something."""
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[int, Field(ge=0, le=2**53 - 1)]
LARGEST_ORDINAL = 2**31 - 1
"""As PostgreSQL keeps them: a larger number in a statement breaks it off."""
Ordinal = Annotated[int, Field(ge=1, le=LARGEST_ORDINAL)]
"""The number of an entry, a row or a part, also in a path: a larger one than a database holds is refused by name."""
