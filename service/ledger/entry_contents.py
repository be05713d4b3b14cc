"""What an entry says, by its kind: one structure each, whose fields are the entry's leaves.

The leaf of a field lies under `/` and the field's name. Its value is the canonical text of the field: no leaf holds a
float, so a share or a rate is declared as `Float64`, the 16 hex digits of its bits. All fields of a kind are leaves
in every entry of it, null where there is nothing to say, so that the number of leaves tells nothing.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec import Meta

from features.phrase import Phrase
from service.ledger.canonical import canonical, float_of
from service.ledger.kinds import Kind

Audience = Literal["public", "fund", "bank", "person"]


def leaf(audience: Audience, meaning: str, *, later: bool = False) -> Meta:
    """Says of a field who may see its leaf, and what it means; `later`: the first entries of form 2 are without it."""
    return Meta(description=meaning, extra={"audience": audience, "later": later})


def written(name: str) -> Meta:
    """Says under which word the page of the format tells how a value is written."""
    return Meta(extra={"type": name})


Fen = Annotated[int, written("fen")]
Day = Annotated[str, written("day")]
Moment = Annotated[str, written("time")]
Hash = Annotated[str, written("hash")]
Signature = Annotated[str, written("signature")]
Float64 = Annotated[str, written("float64")]
Account = Annotated[str, written("account")]
Coded = Annotated[Phrase, written("{code: text, facts: object}")]


class EntryRef(msgspec.Struct, frozen=True):
    """Another entry of the same ledger, by number and seal."""

    seq: int
    seal: Hash


class AssessmentRef(msgspec.Struct, frozen=True):
    """The assessment that an act rests on, by its id and the seal of its entry."""

    id: str
    seal: Hash


class FirstForm(msgspec.Struct, frozen=True):
    """The entries of form 1 that lie before the opening entry: how many, and the last seal."""

    n: int
    seal: Hash


class Month(msgspec.Struct, frozen=True):
    """A month's entries: the seal before the first, that of the last, and the tree's root over all up to there."""

    month: str
    first: int
    last: int
    before: Hash
    seal: Hash
    root: Hash


class FileHeads(msgspec.Struct, frozen=True):
    """How many loan files there are whose retention is not over, and the root over their heads."""

    count: int
    root: Hash


class EntryContent(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry says. `KIND` is its kind."""

    KIND: ClassVar[Kind]

    def leaves(self) -> dict[str, bytes]:
        """Canonical texts by pointer."""
        return {f"/{name}": canonical(value) for name, value in msgspec.to_builtins(self).items()}

    @classmethod
    def from_leaves(cls, body: Mapping[str, object]) -> Self:
        """The content whose leaves are these values by pointer; raises `msgspec.ValidationError` for others."""
        return msgspec.convert({pointer[1:]: value for pointer, value in body.items()}, cls)

    def to_dict(self) -> dict[str, object]:
        """Plain values by name, without what is null; a `Float64` as the number that it is."""
        told: dict[str, object] = msgspec.to_builtins(self)
        numbers = _numbers(type(self))
        return {
            name: float_of(str(value)) if name in numbers else value
            for name, value in told.items()
            if value is not None
        }


@cache
def _numbers(content: type[EntryContent]) -> frozenset[str]:
    return frozenset(one.name for one in fields(content) if one.type.startswith("float64"))


class LeafField(msgspec.Struct, frozen=True):
    """A leaf as the page of the format tells of it."""

    name: str
    type: str
    audience: str
    meaning: str
    later: bool = False


def fields(content: type[EntryContent]) -> Iterator[LeafField]:
    """The leaves of a kind."""
    told = msgspec.inspect.type_info(content)
    assert isinstance(told, msgspec.inspect.StructType)
    for field in told.fields:
        assert isinstance(field.type, msgspec.inspect.Metadata), f"{content.__name__}.{field.name} says nothing"
        extra, schema = field.type.extra or {}, field.type.extra_json_schema or {}
        later = extra.get("later", False)
        yield LeafField(field.encode_name, type_name(field.type), extra["audience"], schema["description"], later=later)


_WORDS = {"StrType": "text", "IntType": "whole", "BoolType": "flag", "CustomType": "JSON"}


def type_name(of: msgspec.inspect.Type) -> str:
    """The word for how a value is written; `?` behind it: or null."""
    match of:
        case msgspec.inspect.Metadata():
            told = type_name(of.type)
            named = (of.extra or {}).get("type")
            word = f"{named}{'?' if told.endswith('?') else ''}" if named else told
        case msgspec.inspect.UnionType():
            word = "/".join(type_name(one) for one in of.types if not isinstance(one, msgspec.inspect.NoneType)) + "?"
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            word = f"list of {type_name(of.item_type)}"
        case msgspec.inspect.DictType():
            word = f"object of {type_name(of.value_type)}"
        case msgspec.inspect.StructType():
            word = "{" + ", ".join(f"{one.encode_name}: {type_name(one.type)}" for one in of.fields) + "}"
        case msgspec.inspect.LiteralType():
            word = " | ".join(f"`{one}`" for one in of.values)
        case _:
            word = _WORDS[type(of).__name__]
    return word
