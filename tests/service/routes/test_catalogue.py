"""GET /v1/catalogue: everything that an answer names by code has its entry, once for all answers."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from features.registry import CATALOGUE
from models.rules.registry import RULES
from tests.service.made import offering

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HAN = re.compile(r"[\u4e00-\u9fff]")


def told(client: TestClient, **query: Any) -> dict[str, Any]:
    """The catalogue."""
    answer = client.get("/v1/catalogue", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_feature_and_rule_has_its_entry(client: TestClient) -> None:
    """Features with family, unit, table and topic; rules with what they weigh and the policies that they apply."""
    found = told(client)
    assert found["features"].keys() == set(CATALOGUE) == found["names"]["zh"]["feature"].keys()
    assert found["rules"].keys() == set(RULES) == found["names"]["zh"]["rule"].keys()
    applied = {name for rule in found["rules"].values() for name in rule["policies"]}
    of_lists = {name.replace("list_NAME", "list_own") for name in applied}
    assert of_lists <= found["policy"].keys()
    assert {one["reason"] for one in found["features"].values()} <= found["names"]["zh"]["topic"].keys()
    assert {one["table"] for one in found["features"].values()} <= found["names"]["zh"]["table"].keys()
    assert all(one["documents"] and one["since"] for one in found["policy"].values())


def test_what_an_answer_names_is_there(client: TestClient) -> None:
    """Rules, features, topics and effects of a real answer are found by its reader."""
    answer = client.post("/v1/assessments?words=none&include=all", json=offering(3, patents=3)).json()
    found = told(client)
    names = found["names"]["zh"]
    assert {one["rule"] for one in answer["findings"]} <= names["rule"].keys()
    assert {one["outcome"] for one in answer["findings"]} <= names["outcome"].keys()
    assert {one["effect"] for one in answer["findings"] if "effect" in one} <= names["effect"].keys()
    assert {one["code"] for one in answer["reasons"]} <= names["topic"].keys()
    assert {one["name"] for one in answer["features"]} <= found["features"].keys()
    assert answer["versions"]["policy"] == found["policy_digest"]


def test_in_the_languages_asked_for(client: TestClient) -> None:
    """Chinese unless asked otherwise, both where both are named, none at all where codes are enough."""
    assert told(client)["names"].keys() == {"zh"}
    both = told(client, words=["zh", "en"])["names"]
    assert {family: names.keys() for family, names in both["zh"].items()} == {
        family: names.keys() for family, names in both["en"].items()
    }
    assert not any(
        HAN.search(name) for names in both["en"].values() for name in names.values() if names is not both["en"]["title"]
    )
    assert told(client, words="none")["names"] == {}
    assert client.get("/v1/catalogue?words=fr").status_code == 422


def test_it_is_fetched_once(client: TestClient) -> None:
    """Whoever holds it gets 304 by its ETag; another language has another."""
    first = client.get("/v1/catalogue")
    again = client.get("/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/v1/catalogue?words=en", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert other.headers["ETag"] != first.headers["ETag"]
