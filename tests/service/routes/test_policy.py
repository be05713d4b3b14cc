"""Policy over HTTP: what stands in force on a day, its history, and what a bank's own folder changed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from features.policy import load, shipped
from features.policy.parameters import SHIPPED
from service.edge.metrics import Metrics
from service.web.problems import handle_errors
from service.web.routes import policy
from service.web.shapes.reference import ParameterOut, PolicyOut

OWN = """
pd_blocks:
  description: Our own line.
  unit: point
  reviewed_on: 2026-11-22
  confidence: assumed
  reference: [{title: Minutes of the credit committee, document: "2026-07"}]
  values: {2000-01-01: 500, 2026-08-01: 520}
"""


def client(stated: Any) -> TestClient:
    """A client of the routes alone, over a given policy."""
    app = FastAPI(routes=policy.router.routes)
    app.state.pledgescore = SimpleNamespace(assessor=SimpleNamespace(policy=stated))
    handle_errors(app, Metrics())
    return TestClient(app)


def get(path: str, stated: Any = None) -> httpx2.Response:
    """The answer to one request."""
    return client(stated or shipped()).get(path)


def test_one_parameter_with_its_history() -> None:
    """A parameter comes with every value, its reference, its confidence and what a day before the first means."""
    told = get("/v1/policy/star.rd_amount").json()
    ParameterOut.model_validate(told)
    assert told["values"] == {"2020-03-20": 60_000_000, "2024-04-30": 80_000_000}
    assert (told["before"], told["source"]) == ("not_applicable", "shipped")


@pytest.mark.parametrize(("day", "value"), [("2024-04-29", 60_000_000), ("2024-04-30", 80_000_000)])
def test_value_of_a_day(day: str, value: int) -> None:
    """With a day comes the value in force on it."""
    assert get(f"/v1/policy/star.rd_amount?on={day}").json()["value"] == value


def test_day_before_the_first_value_is_not_found() -> None:
    """On a day before its first value a parameter is not there, and the problem says what that means for a rule."""
    answer = get("/v1/policy/star.rd_amount?on=2020-03-19")
    assert (answer.status_code, answer.json()["facts"]["before"]) == (404, "not_applicable")


def test_unknown_parameter_is_not_found() -> None:
    """A name that no file states is a problem with status 404."""
    answer = get("/v1/policy/star.none")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_all_in_force_on_a_day() -> None:
    """The list of a day leaves out what had no value yet, and its digest is that of the whole policy."""
    told = get("/v1/policy?on=2020-03-19").json()
    PolicyOut.model_validate(told)
    names = [item["name"] for item in told["items"]]
    assert "star.rd_amount" not in names
    assert "patent_terms.invention" in names
    assert told["digest"] == shipped().digest


def test_own_values_are_shown_as_such(tmp_path: Path) -> None:
    """A value of the bank's own folder is told as superseding the shipped one."""
    (tmp_path / "recommendation.yaml").write_text(OWN, encoding="utf-8")
    stated = load(SHIPPED, tmp_path)
    told = get("/v1/policy/recommendation.pd_blocks?on=2026-11-20", stated).json()
    assert (told["source"], told["value"]) == ("superseded", 520)
    assert get("/v1/policy", stated).json()["overrides"] == [
        {"name": "recommendation.pd_blocks", "folder": str(tmp_path), "kind": "superseded"}
    ]
