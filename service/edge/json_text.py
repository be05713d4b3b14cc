"""JSON in which an object states a member twice: parsers keep the last in silence, so that rows would be lost."""

import re

import jiter

from features.text_files import NotUtf8, decoded
from service.edge.errors import NotJson

_TWICE = re.compile(r'Detected duplicate key "?(.*?)"? at line (\d+) column (\d+)', re.DOTALL)


def check_members(body: bytes) -> None:
    """Raise `NotJson` where an object states a member twice, or the body is in another encoding than UTF-8.

    What is no JSON for another reason is left to its reader.
    """
    try:
        jiter.from_json(body, catch_duplicate_keys=True)
    except ValueError as error:
        if found := _TWICE.match(str(error)):
            raise NotJson("json_twice", member=found[1], line=found[2], column=found[3]) from None
        _check_encoding(body)


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
