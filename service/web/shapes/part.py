"""What every shape of an answer is made of."""

from functools import partial
from typing import Annotated, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Part(BaseModel):
    """A part of an answer: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid")


Struct = TypeVar("Struct", bound=msgspec.Struct)


class _Declared:
    """Reads a part as the structure that declares it where it is made; OpenAPI refers to that declaration."""

    def __get_pydantic_core_schema__(self, source: type[msgspec.Struct], _: GetCoreSchemaHandler) -> CoreSchema:
        """Nothing in it that the structure does not declare."""
        told = core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins)
        read = partial(as_declared, source)
        return core_schema.no_info_plain_validator_function(read, serialization=told, metadata={"of": source.__name__})

    def __get_pydantic_json_schema__(self, schema: CoreSchema, _: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The structure by its name; pydantic looks a bare reference up among its own models, where it is not."""
        return {"allOf": [{"$ref": f"#/components/schemas/{schema['metadata']['of']}"}]}


DECLARED = _Declared()


def as_declared(struct: type[Struct], value: object) -> Struct:
    """JSON values as the structure. Raises `ValueError` where they hold something else, or more than it declares."""
    try:
        found = msgspec.convert(value, struct)
    except msgspec.ValidationError as wrong:
        raise ValueError(str(wrong)) from None
    if not isinstance(value, struct) and not _holds(msgspec.json.decode(msgspec.json.encode(found)), value):
        raise ValueError(f"holds what {struct.__name__} does not declare")
    return found


def _holds(read: object, told: object) -> bool:
    """Whether all that was told was read; what is left out, as a fund may not see it, reads as not known."""
    if isinstance(read, dict) and isinstance(told, dict):
        return all(name in read and _holds(read[name], value) for name, value in told.items())
    if isinstance(read, list) and isinstance(told, list):
        return len(read) == len(told) and all(map(_holds, read, told))
    return read == told


class InLoanFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A loan file by its random id, and the how-manieth entry of it this is."""

    id: str
    n: int


class RecordOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the answer is recorded; the seal covers everything else in it."""

    entry: int
    at: str
    seal: str
    loan_file: Annotated[InLoanFile | None, msgspec.Meta(description="The loan file (卷宗) that it lies in")] = None
    of_firm: Annotated[int | None, msgspec.Meta(description="The how-manieth assessment of the firm at the bank")] = (
        None
    )
