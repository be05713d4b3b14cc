"""JSON in which an object states a member twice: parsers keep the last in silence, so that rows would be lost."""

import re

import jiter

from features.text_files import NotUtf8, decoded
from service.edge.errors import NotJson

_TWICE = re.compile(r'Detected duplicate key "?(.*?)"?$', re.DOTALL)
_PLACE = re.compile(r"(.*) at line (\d+) column (\d+)", re.DOTALL)


class JsonFault(Exception):
    """Where a text is no JSON, or states a member twice (else `member` is None)."""

    def __init__(self, line: int, column: int, member: str | None) -> None:
        super().__init__(line, column, member)
        self.line, self.column, self.member = line, column, member

    def refused(self, line: int, column: int) -> NotJson:
        """The refusal, for a place in what was sent."""
        if self.member is None:
            return NotJson("not_json", line=str(line), column=str(column))
        return NotJson("json_twice", member=self.member, line=str(line), column=str(column))


def check_json(body: bytes) -> None:
    """Raise `JsonFault`, or `NotJson` where the text is in another encoding than UTF-8."""
    try:
        jiter.from_json(body, catch_duplicate_keys=True)
    except ValueError as error:
        _check_encoding(body)
        found = _PLACE.fullmatch(str(error))
        said, line, column = found.groups() if found else (str(error), "1", "1")
        twice = _TWICE.match(said)
        raise JsonFault(int(line), int(column), twice[1] if twice else None) from None


def check_members(body: bytes) -> None:
    """Raise `NotJson` where an object states a member twice, or the body is in another encoding than UTF-8.

    What is no JSON for another reason is left to its reader.
    """
    try:
        check_json(body)
    except JsonFault as fault:
        if fault.member is not None:
            raise fault.refused(fault.line, fault.column) from None


def _check_encoding(body: bytes) -> None:
    """Raise `NotJson` where what is no JSON is not even UTF-8, naming what it may be in."""
    try:
        decoded(body)
    except NotUtf8 as error:
        raise NotJson("not_utf8_text", seems=str(error.facts["seems"])) from None


def check_members_of(body: bytes, members: int) -> None:
    """The same where so many members were read of the body: only where more may stand there is it parsed again.

    `":` ends every member's name, and stands elsewhere in a text with an escaped quotation mark alone.
    """
    if body.count(b'":') != members:
        check_members(body)


def members_of(value: object) -> int:
    """How many members the objects within a value have in all."""
    if isinstance(value, dict):
        return len(value) + sum(members_of(one) for one in value.values() if isinstance(one, dict | list))
    if isinstance(value, list):
        return sum(members_of(one) for one in value if isinstance(one, dict | list))
    return 0
