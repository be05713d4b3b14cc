"""Which later call uses what an earlier one answered: OpenAPI links, derived from the names in the paths.

Schemathesis links creations and lists to what is called alike (an id of a job to `/v1/jobs/{job}`); this adds what it
does not find: things that are listed under another name, what lies in one thing (`conditions/{n}` of a loan file), and
members of a body that the answer about the same thing tells (`seen`).
"""

from copy import deepcopy
from typing import Any

from schemathesis.specs.openapi.stateful.links import SCHEMATHESIS_LINK_EXTENSION

Json = dict[str, Any]
SAYS = ("id", "name", "n", "assessment", "entry")
"""What a list calls what a path names, the likeliest first."""


def linked(document: Json) -> Json:
    """The same description with links."""
    document = deepcopy(document)
    for path, operations in document["paths"].items():
        if "200" in operations.get("get", {}).get("responses", ()):
            told = _answer_of(document, operations["get"])
            for target, method, one in _under(document, path):
                link = _link(document, path, told, target, one)
                if link is not None:
                    links = operations["get"]["responses"]["200"].setdefault("links", {})
                    links[f"{method} {target}"] = link | {"operationId": one["operationId"]}
    return document


def _under(document: Json, path: str) -> list[tuple[str, str, Json]]:
    """The operations on what lies under a path."""
    below = [(other, operations) for other, operations in document["paths"].items() if other.startswith(f"{path}/")]
    return [(other, method, one) for other, operations in below for method, one in operations.items()]


def _link(document: Json, path: str, told: Json, target: str, operation: Json) -> Json | None:
    """From the answer to `GET path` to an operation under it; None where it tells nothing that is asked for there."""
    parts, given = target.split("/"), path.split("/")
    parameters: dict[str, str] = {}
    for place, part in enumerate(parts):
        if not part.startswith("{"):
            continue
        name = part[1:-1]
        found = f"$request.path.{name}" if part in given else _told_as(document, told, parts[place - 1], given)
        if found is None:
            return None
        parameters[f"path.{name}"] = found
    body = _same_members(document, told, operation)
    if not parameters and not body:
        return None
    link: Json = {"parameters": parameters, SCHEMATHESIS_LINK_EXTENSION: {"is_inferred": True}}
    return link | ({"requestBody": body} if body else {})


def _told_as(document: Json, told: Json, collection: str, given: list[str]) -> str | None:
    """Where an answer tells what is in a collection: in its list, or in its member of that name."""
    own = given[-1] == collection
    listed = properties(document, told).get("items" if own else collection, {})
    members = properties(document, resolved(document, resolved(document, listed).get("items", {})))
    name = next((one for one in SAYS if one in members), None)
    return name and f"$response.body#/{'items' if own else collection}/*/{name}"


def _same_members(document: Json, told: Json, operation: Json) -> dict[str, str]:
    """The members of a body that the answer tells under the same name, and as the same kind."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    asked, answered = (properties(document, one) for one in (content.get("schema", {}), told))
    texts = [name for name in asked.keys() & answered.keys() if _kind(asked[name]) == _kind(answered[name]) == "string"]
    return {name: f"$response.body#/{name}" for name in texts}


def _kind(schema: Json) -> str:
    kinds = [one.get("type") for one in schema.get("anyOf", [schema])]
    return next((one for one in kinds if one not in (None, "null")), "")


def _answer_of(document: Json, operation: Json) -> Json:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return resolved(document, content.get("schema", {}))


def resolved(document: Json, schema: Json) -> Json:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def properties(document: Json, schema: Json) -> Json:
    """The members that a schema describes, by name."""
    found: Json = resolved(document, schema).get("properties", {})
    return found
