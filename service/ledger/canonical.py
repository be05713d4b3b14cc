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
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def canonical(value: object) -> bytes:
    """The canonical text of a value made of dicts, lists, texts, numbers, flags, days and times.

    Raises `ValueError` for a number that JSON cannot carry, `TypeError` for anything else that is not listed.
    """
    written = _written(value)
    try:
        return orjson.dumps(written, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:  # 2**53 itself is allowed; whatever else was found is named
        _check_integers(written)
        return orjson.dumps(written, option=orjson.OPT_SORT_KEYS)


def without_floats(value: object) -> bytes:
    """The canonical text of a value that holds no float and no time; a day is written as `canonical` writes it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)


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
    """The value with each float, day and time as its text, in one pass: what needs none is not looked into."""
    if type(value) is dict:
        return {name: part if type(part) in _AS_THEY_ARE else _written(part) for name, part in value.items()}
    if type(value) is list or type(value) is tuple:
        return [part if type(part) in _AS_THEY_ARE else _written(part) for part in value]
    return float_text(value) if type(value) is float else _written_rarely(value)


def _written_rarely(value: object) -> object:
    match value:
        case str() | int() | None:
            return value
        case float():
            return float_text(float(value))
        case datetime():
            return time_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _written(part) for name, part in value.items()}
        case Sequence():
            return [_written(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical text")


def _check_integers(written: object) -> None:
    """Raises `ValueError` where an integer is beyond 2**53."""
    match written:
        case bool():
            return
        case int() if not -_LARGEST <= written <= _LARGEST:
            raise ValueError(f"{written} is beyond 2**53")
        case dict():
            for part in written.values():
                _check_integers(part)
        case list():
            for part in written:
                _check_integers(part)
