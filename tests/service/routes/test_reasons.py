"""GET /v1/assessments/{id}/reasons: what sets an applicant apart, as a client gets it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from fastapi.testclient import TestClient

from features.matrix import named
from features.policy import shipped
from models.score.bundle import Bundle, load
from models.score.reference_sample import AGAINST
from service.web.shapes.answers import ContrastOut
from service.web.shapes.part import as_declared
from tests.contradictions import contradictions
from tests.models.boosters import lightgbm_of
from tests.service.made import applicant

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def answer(client: TestClient) -> dict[str, Any]:
    """An assessment just made."""
    told: dict[str, Any] = client.post("/v1/assessments?include=all", json=applicant(7, patents=3)).json()
    return told


@pytest.fixture(scope="module")
def served(bundle: Path) -> Bundle:
    """The bundle that serves."""
    return load(bundle, shipped())


def asked(client: TestClient, answer: dict[str, Any], against: str) -> Any:
    """The second list, in the shape that OpenAPI describes."""
    found = client.get(f"{answer['links']['reasons']}?against={against}")
    assert found.status_code == 200, found.text
    return as_declared(ContrastOut, found.json())


@pytest.mark.parametrize("group", AGAINST)
def test_the_second_list_sums_to_the_same_score(client: TestClient, answer: dict[str, Any], group: str) -> None:
    """Base and reasons against any group sum exactly to the points that were told, and none contradicts itself."""
    found = asked(client, answer, group)
    parts = [found.base.points, *(reason.points for reason in found.sets_apart)]
    assert sum(Decimal(str(part)) for part in parts) == Decimal(str(answer["points"]))
    assert found.base.name.partition(":")[0] == found.against == group
    told = msgspec.to_builtins(found)
    assert not contradictions(told | {"kind": "pledge", "reasons": told["sets_apart"]})


def test_a_sector_is_the_applicants_own(client: TestClient, answer: dict[str, Any]) -> None:
    """The base names division or section of the applicant, and how many cases it holds."""
    industry = applicant(7, patents=3)["rows"]["firms"][0]["industry"]
    base = asked(client, answer, "sector").base
    assert base.name.partition(":")[2] in {industry[:3], industry[:1]}
    assert base.name.partition(":")[2] in base.says
    assert 20 <= base.n <= 64


def test_the_points_come_from_the_groups_rows(client: TestClient, answer: dict[str, Any], served: Bundle) -> None:
    """The base is the mean margin of the frozen rows; each reason is within a tenth of its interventional value."""
    row = np.array([value_of(feature) for feature in answer["features"]])
    tables = served.against("all")
    rows = served.reference_sample.background("all")
    margin, contributions = tables.explain(row[None])
    assert tables.base == pytest.approx(float(np.mean(lightgbm_of(served.booster).predict(rows, raw_score=True))))
    per = served.scale.per_log_odds * served.calibration.stretch(margin, tables.base)[0]
    exact = dict(zip(served.features, (per * contributions[0]).tolist(), strict=True))
    told = {reason.feature: reason.points for reason in asked(client, answer, "all").sets_apart}
    assert told.keys() == {name for name, points in exact.items() if points}
    assert all(abs(points - exact[name]) < 0.1 for name, points in told.items())


def value_of(feature: dict[str, Any]) -> float:
    """A value as the model saw it, from how the answer tells it."""
    value = feature["value"]
    if value is None:
        return float("nan")
    return float(named(feature["name"]).categories.index(value)) if isinstance(value, str) else value


def test_it_is_no_part_of_the_answer(client: TestClient, answer: dict[str, Any]) -> None:
    """Asking changes nothing: the answer stays byte for byte, and nothing is entered."""
    before = client.get(f"/v1/assessments/{answer['id']}").content
    asked(client, answer, "approved_sector")
    after = client.post("/v1/assessments", json=applicant(8, patents=1)).json()
    assert client.get(f"/v1/assessments/{answer['id']}").content == before
    assert after["record"]["entry"] == answer["record"]["entry"] + 1
    assert "sets_apart" not in answer


@pytest.mark.parametrize("query", ["", "?against=", "?against=neighbours"])
def test_an_unknown_group_is_refused_with_those_that_there_are(
    client: TestClient, answer: dict[str, Any], query: str
) -> None:
    """422 names the parameter and, where one was given, the groups."""
    refused = client.get(f"{answer['links']['reasons']}{query}")
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert error["pointer"] == "/query/against"
    assert not query or all(group in error["message"] for group in AGAINST)


def test_an_unknown_assessment_is_not_found(client: TestClient) -> None:
    """404 as everywhere."""
    assert client.get("/v1/assessments/none/reasons?against=all").status_code == 404


def test_a_sector_nobody_was_learned_from_is_told(client: TestClient) -> None:
    """409 says how many cases are asked for, and of which industry there are fewer."""
    body = applicant(9, patents=1)
    body["rows"]["firms"][0]["industry"] = "A01"
    answer = client.post("/v1/assessments", json=body).json()
    refused = client.get(f"{answer['links']['reasons']}?against=sector")
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["facts"]["least"]) == ("too_few_peers", 20)
    assert refused.json()["facts"]["industry"].startswith("A01")
    assert asked(client, answer, "all").base.n == 64
