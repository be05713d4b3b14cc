"""Writes the floats of an answer as their texts, where its structures declare floats: nothing else is looked into.

The ledger's canonical text does the same of any value, and whoever verifies uses it. An answer is declared, so that
most of it (findings, sources, what was said) is known to hold no float.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

import msgspec
from msgspec import inspect

from models.answer import PledgeAnswer, WhitelistAnswer
from service.ledger.canonical import float_text

_OF_KIND: Mapping[str, type[msgspec.Struct]] = {"pledge": PledgeAnswer, "whitelist": WhitelistAnswer}
_Writer = Callable[[object], object]


def floats_written(answer: Mapping[str, object]) -> Mapping[str, object]:
    """The answer with the 16 hex digits of each float in its place; parts without floats are the same objects."""
    written = _writer_of_answer(str(answer["kind"]))(answer)
    assert isinstance(written, dict)
    return written


@cache
def _writer_of_answer(kind: str) -> _Writer:
    writer = _writer(inspect.type_info(_OF_KIND[kind]))
    assert writer is not None
    return writer


def _writer(declared: inspect.Type) -> _Writer | None:
    """What writes the floats of a declared type; None where it holds none."""
    match declared:
        case inspect.FloatType():
            return _number
        case inspect.StructType(fields=fields):
            found = {one.encode_name: writer for one in fields if (writer := _writer(one.type)) is not None}
            return _of_struct(found) if found else None
        case inspect.DictType(value_type=each):
            return _repeated(_of_values, (each,))
        case inspect.VarTupleType(item_type=each) | inspect.ListType(item_type=each):
            return _repeated(_of_items, (each,))
        case inspect.TupleType(item_types=types) | inspect.UnionType(types=types):
            return _repeated(_of_items if isinstance(declared, inspect.TupleType) else _the_same, types)
    return None


def _repeated(make: Callable[[_Writer], _Writer], types: Iterable[inspect.Type]) -> _Writer | None:
    """The writer made of the one of the types that holds floats; the others are left as they are."""
    writers = {id(writer): writer for one in types if (writer := _writer(one)) is not None}
    if len(writers) > 1:
        raise TypeError("two types that hold floats may stand in one place")
    return next((make(writer) for writer in writers.values()), None)


def _the_same(writer: _Writer) -> _Writer:
    return writer


def _number(value: object) -> object:
    return float_text(value) if type(value) is float else value


def _of_struct(writers: Mapping[str, _Writer]) -> _Writer:
    numbers = tuple(name for name, writer in writers.items() if writer is _number)
    parts = tuple((name, writer) for name, writer in writers.items() if writer is not _number)

    def write(value: object) -> object:
        if type(value) is not dict:
            return value
        written = value.copy()
        for name in numbers:
            if type(number := value.get(name)) is float:
                written[name] = float_text(number)
        for name, writer in parts:
            if (part := value.get(name)) is not None:
                written[name] = writer(part)
        return written

    return write


def _of_values(writer: _Writer) -> _Writer:
    return lambda value: {name: writer(part) for name, part in value.items()} if type(value) is dict else value


def _of_items(writer: _Writer) -> _Writer:
    return lambda value: [writer(part) for part in value] if type(value) is list or type(value) is tuple else value
