"""Parts of an answer are described by the structures that make them: what these do not declare is no answer."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Struct
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from models.collateral.pledge import Term
from models.rules.finding import Cure
from models.score.reasons import Compared
from service.web.shapes.part import DECLARED, Part, as_declared
from service.web.shapes.worded import Says, outgoing

TERM = {"months": 36, "binding": "product_term", "patent": None}
COMPARED = {"of": "median", "value": 0.5, "relation": "above", "n": 60}


class Holder(Part):
    """Two parts, one of which may be absent."""

    term: Annotated[Term, DECLARED]
    compared: Annotated[Compared, DECLARED] | None = None


def test_a_part_is_read_as_its_structure() -> None:
    """Values are those of the structure, and are written as they came."""
    found = Holder.model_validate({"term": TERM, "compared": COMPARED})
    assert found.term == Term(36, "product_term", None)
    assert found.model_dump() == {"term": TERM, "compared": COMPARED}
    assert Holder(term=found.term).compared is None


@pytest.mark.parametrize(
    "wrong", [TERM | {"more": 1}, TERM | {"months": "36"}, {"months": 36}, TERM | {"binding": "mood"}, [], None]
)
def test_what_is_not_declared_is_refused(wrong: Any) -> None:
    """A member too many, one too few, another type, a word that there is none of."""
    with pytest.raises(ValidationError):
        Holder.model_validate({"term": wrong})


class Sealed(Struct, frozen=True, omit_defaults=True):
    """What is sealed."""

    cure: Cure
    term: Term | None = None
    seen: tuple[Cure, ...] = ()


class Other(Struct, frozen=True):
    """What is sealed of another kind."""

    cure: Cure
    days: int


LEFT = outgoing("Left", Sealed, added={"says": Says})
EITHER = outgoing("Either", (Sealed, Other), may_lack=("cure",))
CURE = {"code": "pay", "says": "pay it", "where": "there"}


def written(part: Struct) -> Any:
    """The part as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(part))


def test_a_part_leaves_as_it_is_sealed_with_its_words() -> None:
    """Its own fields and those of what it holds, with sentences or without; nothing that neither declares."""
    for told in ({"cure": CURE, "says": "so", "term": TERM, "seen": [CURE]}, {"cure": {"code": "pay"}}):
        assert written(as_declared(LEFT, told)) == told
    for wrong in ({}, {"cure": CURE | {"why": "so"}}, {"cure": CURE, "seen": [{"office": "bank"}]}, {"cure": 1}):
        with pytest.raises(ValueError, match=r"required|unknown field|Expected"):
            as_declared(LEFT, wrong)


def test_a_part_of_either_kind_may_lack_what_the_other_has() -> None:
    """What both have is required, unless a reader may lack it."""
    for told in ({"days": 3}, {"cure": CURE, "days": 3}, {"term": None}, {"seen": []}, {}):
        assert written(as_declared(EITHER, told)) == told
    assert msgspec.json.schema(LEFT)["$defs"]["Left"]["required"] == ["cure"]
    assert msgspec.json.schema(EITHER)["$defs"]["Either"]["required"] == []


def test_openapi_refers_to_the_structure() -> None:
    """By name; the structure describes itself."""
    _, made = models_json_schema([(Holder, "serialization")], ref_template="#/components/schemas/{model}")
    schema = made["$defs"]["Holder"]["properties"]
    assert schema["term"]["allOf"] == [{"$ref": "#/components/schemas/Term"}]
    assert {"allOf": [{"$ref": "#/components/schemas/Compared"}]} in schema["compared"]["anyOf"]
