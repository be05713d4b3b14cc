"""The description of the interface is kept: what clients rely on may be added to, never taken away.

`PLEDGESCORE_KEEP_OPENAPI=1 python -m pytest tests/contracts/test_openapi.py` writes the kept one anew.
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.edge.settings import Settings
from service.web.app import close, create_app

KEPT = Path(__file__).with_name("openapi.json")
KEEP = "PLEDGESCORE_KEEP_OPENAPI"
SHRINKABLE = frozenset(("description", "summary", "title", "examples", "example", "default"))
"""What tells people something, and binds no client."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a service without a model says of its routes."""
    folder = tmp_path_factory.mktemp("openapi")
    settings = Settings(
        database=f"sqlite:///{folder / 'ledger.db'}",
        keys=folder / "keys",
        tracking_uri=f"sqlite:///{folder / 'none.db'}",
    )
    app = create_app(settings, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    try:
        told: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    finally:
        close(app.state.pledgescore)
    return told


def lost(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """The places of what stood before and is gone."""
    if isinstance(before, dict):
        if not isinstance(now, dict):
            yield place
            return
        for name, part in before.items():
            if name in SHRINKABLE:
                continue
            if name not in now:
                yield f"{place}/{name}"
            elif name == "enum" and isinstance(part, list):
                yield from (f"{place}/enum/{value}" for value in part if value not in now[name])
            elif name != "required" or not isinstance(part, list):
                yield from lost(part, now[name], f"{place}/{name}")


def demanded(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """The places of what a request must hold now, and need not have held before."""
    for path, own in before["paths"].items():
        for method in own.keys() & now["paths"].get(path, {}).keys():
            old, new, place = own[method], now["paths"][path][method], f"/paths/{path}/{method}"
            needed = {(one["in"], one["name"]) for one in old.get("parameters", ()) if one.get("required")}
            for one in new.get("parameters", ()):
                if one.get("required") and (one["in"], one["name"]) not in needed:
                    yield f"{place}/parameters/{one['name']}"
            if new.get("requestBody", {}).get("required") and not old.get("requestBody", {}).get("required"):
                yield f"{place}/requestBody"
            bodies = (one.get("requestBody", {}).get("content", {}) for one in (old, new))
            yield from more_required((before, now), *bodies, f"{place}/requestBody", set())


def more_required(
    documents: tuple[dict[str, Any], dict[str, Any]], before: Any, now: Any, place: str, seen: set[str]
) -> Iterator[str]:
    """The members that a schema requires and did not; references are followed, each once."""
    if isinstance(before, list) and isinstance(now, list):
        for number, pair in enumerate(zip(before, now, strict=False)):
            yield from more_required(documents, *pair, f"{place}/{number}", seen)
    if not isinstance(before, dict) or not isinstance(now, dict):
        return
    if "$ref" in before and "$ref" in now:
        if now["$ref"] in seen:
            return
        seen.add(now["$ref"])
        schemas = (document["components"]["schemas"] for document in documents)
        before, now = (own[one["$ref"].split("/")[-1]] for own, one in zip(schemas, (before, now), strict=True))
    if isinstance(now.get("required"), list):
        yield from (f"{place}/required/{name}" for name in now["required"] if name not in before.get("required", ()))
    for name in before.keys() & now.keys() - {"required", "examples", "example", "default"}:
        yield from more_required(documents, before[name], now[name], f"{place}/{name}", seen)


def test_the_description_is_the_kept_one(described: dict[str, Any]) -> None:
    """Every difference is seen when it is made: it is kept on purpose and named in the changelog."""
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get(KEEP):
        kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else None
        assert not (kept and list(lost(kept, described))), "clients rely on what is gone"
        assert not (kept and list(demanded(kept, described))), "clients do not send what is asked for now"
        KEPT.write_text(text, encoding="utf-8")
    assert text == KEPT.read_text("utf-8"), f"if it is meant: {KEEP}=1, and a line in CHANGELOG.md"


def test_every_reference_leads_to_a_schema(described: dict[str, Any]) -> None:
    """A response that names a shape names one that is described."""
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named - described["components"]["schemas"].keys() == set()


def test_what_is_gone_is_found() -> None:
    """A route, a property or a choice of answers that is taken away is named by its place; words may change."""
    before = {"paths": {"/v1/a": {"get": {"summary": "A"}}}, "properties": {"x": {"type": "string"}}}
    assert list(lost(before, {"paths": {}, "properties": {"x": {}}})) == ["/paths//v1/a", "/properties/x/type"]
    assert not list(lost(before, {**before, "paths": {"/v1/a": {"get": {}}}, "more": 1}))
    word = {"enum": ["a", "b"]}
    assert list(lost(word, {"enum": ["b", "c"]})) == ["/enum/a"]
    assert not list(lost(word, {"enum": ["a", "b", "c"]}))


def test_what_a_request_must_hold_from_now_on_is_found() -> None:
    """A member, a parameter or a body that becomes required is named by its place; of answers nothing is asked."""

    def document(*required: str, parameters: tuple[dict[str, Any], ...] = (), body: bool = False) -> dict[str, Any]:
        asked = {"type": "object", "properties": {"x": {}, "y": {}}, "required": list(required)}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}}
        told = {"parameters": list(parameters), "requestBody": {"required": body, "content": content}}
        schemas = {"Asked": asked, "Told": {"type": "object", "required": ["z", *required]}}
        return {"paths": {"/v1/a": {"post": told}}, "components": {"schemas": schemas}}

    schema = "/paths//v1/a/post/requestBody/application/json/schema"
    assert list(demanded(document("x"), document("x", "y"))) == [f"{schema}/required/y"]
    assert not list(demanded(document("x", "y"), document("x")))
    name = {"in": "query", "name": "n"}
    needed = document(parameters=({**name, "required": True},))
    assert list(demanded(document(parameters=(name,)), needed)) == ["/paths//v1/a/post/parameters/n"]
    assert list(demanded(document(), document(body=True))) == ["/paths//v1/a/post/requestBody"]
    assert not list(demanded(needed, needed))


LARGE = {"amount", "least", "most"}
"""Amounts, which have 64 bits."""


def test_no_whole_number_is_larger_than_a_database_holds(described: dict[str, Any]) -> None:
    """Each that a path or a query takes has an upper bound, so that one too large is refused by its name."""
    asked = [
        (f"{method} {path} {one['name']}", kind)
        for path, own in described["paths"].items()
        for method, operation in own.items()
        for one in operation.get("parameters", ())
        for kind in one["schema"].get("anyOf", [one["schema"]])
        if kind.get("type") == "integer"
    ]
    assert len(asked) > 20
    bits = [
        (place, 53 if place.rpartition(" ")[2] in LARGE else 31, kind.get("maximum", 2**63)) for place, kind in asked
    ]
    assert [place for place, most, found in bits if found >= 2**most] == []
