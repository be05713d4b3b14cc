"""GET /v1/vocabulary: what may be typed, made of the one declaration that rows are read by."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from features.policy import shipped
from features.tables import TABLES
from features.vocabulary import UNKNOWN, VOCABULARY
from features.vocabulary.evidence import fact_fault
from features.written import UNITS, normal_row

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(client: TestClient) -> dict[str, Any]:
    """The vocabulary."""
    answer = client.get("/v1/vocabulary")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_fact_is_listed_with_its_answers(client: TestClient) -> None:
    """Each fact of the vocabulary and of a scorecard; each answer with words in both languages and how it is read."""
    found = told(client)
    facts = {one["fact"]: one for one in found["facts"]}
    assert facts.keys() >= VOCABULARY.facts.keys()
    assert all(fact_fault(fact) is None for fact in facts)
    for name, words in VOCABULARY.facts.items():
        answers = {one["code"]: one for one in facts[name]["answers"]}
        assert answers.keys() == words.answers.words.keys()
        assert {one["reads"] for one in answers.values()} <= found["reads"]["zh"].keys() == found["reads"]["en"].keys()
        assert answers[UNKNOWN]["reads"] == "not_known"


def test_every_column_is_listed_and_every_word_is_read(client: TestClient) -> None:
    """Each column of each table; whatever word it lists for a code is stored as that code."""
    found = told(client)["tables"]
    assert found.keys() == TABLES.keys()
    for table, declared in TABLES.items():
        columns = {one["column"]: one for one in found[table]["columns"]}
        assert tuple(columns) == tuple(declared.columns)
        for column in declared.columns.values():
            assert columns[column.name].get("unit", "") == column.unit
            codes = columns[column.name].get("choices", [])
            assert tuple(one["code"] for one in codes) == column.choices
            for one in codes:
                for word in (*one["zh"], *one["en"]):
                    assert normal_row(table, {column.name: word})[column.name] == one["code"]


def test_units_of_amounts_are_listed(client: TestClient) -> None:
    """The units that an amount may carry, each in fen."""
    found = told(client)["units"]
    assert found == UNITS
    assert found["万元"] == 1_000_000


def test_it_is_fetched_once(client: TestClient) -> None:
    """Whoever holds it gets 304 by its ETag."""
    first = client.get("/v1/vocabulary")
    again = client.get("/v1/vocabulary", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_scorecards_fact_is_answered_by_yes_or_no(client: TestClient) -> None:
    """A fact that policy names and the vocabulary does not is listed, too."""
    assert shipped().names()
    own = [one for one in told(client)["facts"] if one["fact"] not in VOCABULARY.facts]
    assert own
    assert all([answer["code"] for answer in one["answers"]] == ["yes", "no", UNKNOWN] for one in own)
