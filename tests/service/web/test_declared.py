"""Parts of an answer are described by the structures that make them: what these do not declare is no answer."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from models.collateral.pledge import Term
from models.score.reasons import Compared
from service.web.shapes.part import DECLARED, Part

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


def test_openapi_refers_to_the_structure() -> None:
    """By name; the structure describes itself."""
    _, made = models_json_schema([(Holder, "serialization")], ref_template="#/components/schemas/{model}")
    schema = made["$defs"]["Holder"]["properties"]
    assert schema["term"]["allOf"] == [{"$ref": "#/components/schemas/Term"}]
    assert {"allOf": [{"$ref": "#/components/schemas/Compared"}]} in schema["compared"]["anyOf"]
