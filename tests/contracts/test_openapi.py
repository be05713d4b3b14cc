"""The description of the interface is kept: what clients rely on may be added to, never taken away.

`PLEDGESCORE_KEEP_OPENAPI=1 python -m pytest tests/contracts/test_openapi.py` writes the kept one anew.
"""

import json
import os
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
            elif name != "required" or not isinstance(part, list):
                yield from lost(part, now[name], f"{place}/{name}")


def test_the_description_is_the_kept_one(described: dict[str, Any]) -> None:
    """Every difference is seen when it is made: it is kept on purpose and named in the changelog."""
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get(KEEP):
        gone = list(lost(json.loads(KEPT.read_text("utf-8")), described)) if KEPT.exists() else []
        assert not gone, "clients rely on what is gone"
        KEPT.write_text(text, encoding="utf-8")
    assert text == KEPT.read_text("utf-8"), f"if it is meant: {KEEP}=1, and a line in CHANGELOG.md"


def test_what_is_gone_is_found() -> None:
    """A route, a property or a choice of answers that is taken away is named by its place; words may change."""
    before = {"paths": {"/v1/a": {"get": {"summary": "A"}}}, "properties": {"x": {"type": "string"}}}
    assert list(lost(before, {"paths": {}, "properties": {"x": {}}})) == ["/paths//v1/a", "/properties/x/type"]
    assert not list(lost(before, {**before, "paths": {"/v1/a": {"get": {}}}, "more": 1}))
