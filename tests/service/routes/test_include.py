"""`?include=`: an answer leaves with what an officer needs, and with the rest for who asks; what is sealed is whole."""

import gzip
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from models.score.reasons import PRINCIPAL
from service.assessing.selection import INCLUDED, LEAST_POINTS
from service.web.shapes.answers import Answer
from service.web.shapes.part import as_declared
from tests.models.underwriting.whole_case import whole
from tests.service.loan_case import question_of
from tests.service.made import applicant, offering

KILO = 1_000
MOST = {"zh": 60 * KILO, "none": 32 * KILO}
"""Bytes of an answer about a usual applicant, by language."""
ZIPPED = 12 * KILO

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def usual() -> dict[str, Any]:
    """Like the demonstration's applicant: a complete loan file, seven patents offered of eleven."""
    told, pool = question_of(whole(), "row:3"), offering(3, patents=11, offered=7, application="A1")
    return told | {"rows": told["rows"] | {name: pool["rows"][name] for name in ("patents", "holdings", "collateral")}}


def told(client: TestClient, *include: str, words: str = "none", body: dict[str, Any] | None = None) -> Any:
    """The answer to an applicant, in the shape that OpenAPI describes."""
    found = client.post("/v1/assessments", params={"words": words, "include": include}, json=body or usual())
    assert found.status_code == 201, found.text
    as_declared(Answer, found.json())
    return found.json()


def without_own(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what no two share."""
    return {name: part for name, part in answer.items() if name not in ("id", "asked_at", "links", "record", "case")}


def test_an_answer_leaves_compressed_for_who_takes_it_so(client: TestClient) -> None:
    """With `Accept-Encoding: gzip` it leaves within the bound; without, as it is."""
    sent = client.post("/v1/assessments", json=usual(), headers={"Accept-Encoding": "gzip"})
    assert sent.headers["content-encoding"] == "gzip"
    assert int(sent.headers["content-length"]) <= ZIPPED < len(sent.content)
    plain = client.post("/v1/assessments", json=usual(), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("words", list(MOST))
def test_an_answer_is_as_small_as_is_asked(client: TestClient, words: str) -> None:
    """Of a usual applicant it keeps within its bounds, compressed too; whole it is larger."""
    answer, whole = told(client, words=words), told(client, "all", words=words)
    text = orjson.dumps(answer)
    assert len(text) <= MOST[words]
    assert len(gzip.compress(text, 6)) <= ZIPPED
    assert len(orjson.dumps(whole)) > 1.5 * len(text)


def test_nothing_that_weighs_is_left_out(client: TestClient) -> None:
    """Advice, limit, values and each finding that weighs stand in both; of the others the codes do, by outcome."""
    answer, whole = told(client), told(client, "all")
    kept = (
        "pd",
        "points",
        "grade",
        "base",
        "recommendation",
        "limit",
        "term",
        "value",
        "pledge",
        "warnings",
        "missing",
    )
    assert {name: answer[name] for name in kept} == {name: whole[name] for name in kept}
    opened = [
        one for one in whole["findings"] if one["outcome"] in ("fail", "unknown") and ("effect" in one or "cure" in one)
    ]
    bare = [
        {n: v for n, v in one.items() if n not in ("since", "detail") and (n != "policy" or "effect" in one)}
        for one in opened
    ]
    assert answer["findings"] == bare
    by_code = {"pass": "passed", "not_applicable": "not_applicable", "fail": "failed", "unknown": "unknown"}
    for outcome, name in by_code.items():
        named = [(rule, subject) for rule, subjects in answer[name].items() for subject in subjects]
        rest = [one for one in whole["findings"] if one["outcome"] == outcome and one not in opened]
        assert sorted(named) == sorted((one["rule"], one["subject"]) for one in rest)
    for short, full in zip(answer["patents"], whole["patents"], strict=True):
        weighing = [one for one in full["findings"] if one.get("effect", "info") != "info"]
        assert [one["rule"] for one in short["findings"]] == [one["rule"] for one in weighing]
        assert {*short["failed"], *short["unknown"]} == {one["rule"] for one in full["findings"]} - {
            one["rule"] for one in weighing
        }
        assert short["passed"] == full["passed"]


def test_reasons_of_a_point_and_the_sum_of_the_others(client: TestClient) -> None:
    """The principal reasons and those of a point or more are told; base, they and the sum of the rest are the score."""
    answer, whole = told(client), told(client, "all")
    kept = [
        one for place, one in enumerate(whole["reasons"]) if place < PRINCIPAL or abs(one["points"]) >= LEAST_POINTS
    ]
    assert answer["reasons"] == kept
    further = answer["further_reasons"]
    assert further["count"] == len(whole["reasons"]) - len(kept) > 0
    parts = [answer["base"]["points"], further["points"], *(one["points"] for one in answer["reasons"])]
    assert round(sum(parts), 1) == answer["points"]


@pytest.mark.parametrize("part", [one for one in INCLUDED if one != "all"])
def test_each_part_is_there_for_who_asks(client: TestClient, part: str) -> None:
    """A name adds what the whole answer holds there, and nothing that the whole does not hold."""
    answer, plain, whole = (without_own(told(client, *include)) for include in ((part,), (), ("all",)))
    found = {
        "features": lambda of: of.get("features"),
        "reasons": lambda of: of["reasons"],
        "findings": lambda of: [[n for n in one if n != "detail"] for one in of["findings"]],
        "titles": lambda of: [one["detail"] for one in of["findings"] if "detail" in one],
        "quality": lambda of: [one["quality"] for one in of["patents"]],
    }[part]
    assert found(answer) == found(whole) != found(plain)


def test_all_is_what_is_sealed(client: TestClient) -> None:
    """Whatever was asked for at first, the whole is found again: by all the names, and as it is sealed by `all`."""
    first = told(client)
    path = f"/v1/assessments/{first['id']}"
    whole = client.get(path, params={"words": "none", "include": "all"}).json()
    named = client.get(path, params={"words": "none", "include": [one for one in INCLUDED if one != "all"]}).json()
    del named["topics"], named["further_topics"]  # sums of what is sealed
    assert named == whole
    assert client.get(path, params={"words": "none"}).json() == first
    assert "features" in whole
    listed = client.post("/v1/assessments/batch?include=features", json={"applicants": [applicant(1), usual()]}).json()
    assert all("features" in one["assessment"] and "further_reasons" in one["assessment"] for one in listed["results"])


def test_a_part_that_there_is_none_of_is_refused_by_name(client: TestClient) -> None:
    """The refusal has a code of its own, names the query, and says what there is; nothing is recorded."""
    for refused in (
        client.post("/v1/assessments?include=everything", json=usual()),
        client.post("/v1/assessments/batch?include=features&include=", json={"applicants": [usual()]}),
        client.get("/v1/assessments/none?include=Features"),
    ):
        assert refused.status_code == 422
        (fault,) = refused.json()["errors"]
        assert (fault["pointer"], fault["code"], fault["facts"]["expected"]) == (
            "/query/include",
            "include",
            list(INCLUDED),
        )
    assert client.get("/v1/assessments").json()["items"] == []


def test_topics_sum_to_the_score_as_the_reasons_do(client: TestClient) -> None:
    """Base, topics and the others are the points, to a tenth, each topic the sum of its reasons, whatever is shown."""
    answer, whole = told(client, words="zh"), told(client, "all")
    tenths = [round(10 * one["points"]) for one in (answer["base"], *answer["topics"], answer["further_topics"])]
    assert sum(tenths) == round(10 * answer["points"])
    own: dict[str, int] = {}
    for one in whole["reasons"]:
        own[one["code"]] = own.get(one["code"], 0) + round(10 * one["points"])
    assert [one["points"] for one in answer["topics"]] == [own[one["code"]] / 10 for one in answer["topics"]]
    assert answer["further_topics"]["count"] == len(own) - len(answer["topics"])
    assert all(one["says"] for one in answer["topics"])


@pytest.mark.parametrize("words", ["zh", "en"])
def test_sources_are_named(client: TestClient, words: str) -> None:
    """A table is told by its name with the kinds of its rows, and a finding's source by what it is called."""
    body = usual()
    asked = {"known_on": body["as_of"], "source_kind": "typed", "about": "credit_events", "asked_on": body["as_of"]}
    event = {"happened_on": "2026-10-01", "event": "abnormal_operation", "reference": "1", "grade": None}
    row = {name: value for name, value in event.items() if value is not None}
    body["rows"]["credit_events"] = [{"known_on": "2026-10-02", "source_kind": "register"} | row]
    body["rows"]["coverage"] = [*body["rows"].get("coverage", []), asked]
    answer = told(client, words=words, body=body)
    named = {"zh": "登记簿", "en": "register"}[words]
    assert named in answer["sources"]["patents"]["says"].lower()
    assert [one["proof"]["says"] for one in answer["findings"] if one["rule"] == "credit_listing"] == [named]


def test_the_grade_is_told_among_all_and_what_is_not_known_stays_so(client: TestClient) -> None:
    """Its place, how many there are, and nothing of how it came out where the model keeps nothing of that."""
    answer = told(client)
    assert answer["grading"] == {"place": int(answer["grade"]), "many": 10, "judged": None}
    limit, basis = answer["recommendation"]["amount"], answer["pledge"]["basis"]["amount"]
    expected = limit / basis if limit is not None and basis else None
    assert answer["pledge"]["loan_to_value"]["advised"] == expected
