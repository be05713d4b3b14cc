"""Which parts of an answer leave besides those that always do: `?include=features&include=reasons`, or `all`."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Query
from starlette.types import Scope

from features.errors import fault
from service.assessing.selection import INCLUDED, Include
from service.edge.errors import InvalidRequest
from service.web.query import said

INCLUDE = "include"
_WHAT = """What the answer carries besides what an officer needs; may be given several times.

* `features`: every number that the model saw
* `reasons`: also those of less than a point, whose sum `further_reasons` tells otherwise
* `findings`: every finding with the first day of the value that was applied; otherwise what passed, does not apply, or
  weighs nothing and has no cure stands by its code
* `titles`: how the self-estimates of titles came out, item by item
* `quality`: indicators and percentiles of each patent
* `all`: the whole answer as it is sealed"""
IncludeParam = Annotated[list[Include] | None, Query(alias=INCLUDE, description=_WHAT)]


def check_include(scope: Scope) -> None:
    """Raises `InvalidRequest` where a request names a part that there is none of."""
    if any(one not in INCLUDED for one in said(scope, INCLUDE)):
        raise InvalidRequest([fault(f"/query/{INCLUDE}", INCLUDE, expected=INCLUDED)])


def include_asked(scope: Scope) -> Collection[Include]:
    """The parts that a request names."""
    names = said(scope, INCLUDE)
    return [one for one in INCLUDED if one in names]
