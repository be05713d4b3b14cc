"""The one text of a value that is hashed: the same bytes from any language, whatever it thinks of floats and key order.

UTF-8 JSON without spaces, keys by code point. An integer is decimal. A float64 is a string of the 16 hex digits of its
big-endian bits, since languages write the same float as different texts. A day is `YYYY-MM-DD`, a time RFC 3339 in UTC
with microseconds. What JSON cannot carry (NaN, infinities, integers beyond 2**53) is refused.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

import orjson

_BITS = struct.Struct(">d")
_LARGEST = 2**53
_AS_THEY_ARE = frozenset({str, bool})


def canonical(value: object) -> bytes:
    """The canonical text of a value made of dicts, lists, texts, numbers, flags, days and times.

    Raises `ValueError` for a number that JSON cannot carry, `TypeError` for anything else that is not listed.
    """
    return orjson.dumps(_written(value), option=orjson.OPT_SORT_KEYS)


def float_text(number: float) -> str:
    """The 16 hex digits of a finite float64."""
    if not math.isfinite(number):
        raise ValueError(f"{number} is no number that JSON can carry")
    return _BITS.pack(number).hex()


def float_of(text: str) -> float:
    """The float64 that `float_text` wrote."""
    number: float = _BITS.unpack(bytes.fromhex(text))[0]
    return number


def floats_text(numbers: Iterable[float]) -> str:
    """The hex digits of finite float64s in a row, 16 each. Raises `ValueError` for any other."""
    return "".join([float_text(number) for number in numbers])


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds. Raises `ValueError` for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is no moment")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _written(value: object) -> object:
    """The value with each float, day and time as its text: itself where it holds none, else a copy of what does."""
    if type(value) is dict:
        changed = _changed(value.items())
        return value | changed if changed else value
    if type(value) is list:
        changed = _changed(enumerate(value))
        return [changed.get(place, part) for place, part in enumerate(value)] if changed else value
    if type(value) is float:
        return float_text(value)
    if type(value) is int and -_LARGEST <= value <= _LARGEST:
        return value
    return _written_rarely(value)


def _changed(members: Iterable[tuple[object, object]]) -> dict[object, object]:
    """Of the members those that are written as something else."""
    changed = {}
    for name, part in members:
        if part is None or type(part) in _AS_THEY_ARE:
            continue
        written = _written(part)
        if written is not part:
            changed[name] = written
    return changed


def _written_rarely(value: object) -> object:
    match value:
        case str() | bool() | None:
            return value
        case float():
            return float_text(float(value))
        case int():
            raise ValueError(f"{value} is beyond 2**53")
        case datetime():
            return time_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _written(part) for name, part in value.items()}
        case Sequence():
            return [_written(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical text")
