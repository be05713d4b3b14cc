"""An officer types one register extract once: it becomes the rows that it says, and those are sealed."""

import json
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from service.assessing.leaves import rows_of
from tests.service.made import offering

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DRAWN = "2026-11-18"
HOLDER = "91350100M000100Y43"


def asked(seed: int = 3, **extract: Any) -> dict[str, Any]:
    """A question with an extract about the first patent that it offers."""
    body = offering(seed, patents=3, offered=2)
    patent = body["rows"]["patents"][0]["patent"]
    told = {"patent": patent, "drawn_on": DRAWN, "status": "专利权维持"}
    return body | {"extract": told | extract}


def answered(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    """The answer."""
    answer = client.post("/v1/assessments?include=all", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(client: TestClient, body: dict[str, Any]) -> dict[str, str]:
    """The codes of a refusal by their places."""
    answer = client.post("/v1/assessments?words=en", json=body)
    assert answer.status_code == 422, answer.text
    return {one["pointer"]: one["code"] for one in answer.json()["errors"]}


def sealed_rows(client: TestClient, identity: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that an assessment was answered from, as its entry holds them."""
    from sqlalchemy import text

    engine = client.app.state.pledgescore.engine  # type: ignore[attr-defined]
    from service.assessing.sealed_answer import sealed_assessment

    with engine.connect() as connection:
        assert connection.execute(text("select 1")).scalar() == 1
        return rows_of(sealed_assessment(connection, identity).body)


def outcome_of(answer: dict[str, Any], rule: str, patent: str) -> str:
    """What a rule concludes of a patent: those that pass are not listed."""
    row = next(one for one in answer["patents"] if one["patent"] == patent)
    return next((str(one["outcome"]) for one in row["findings"] if one["rule"] == rule), "pass")


def test_an_extract_becomes_rows_and_they_are_sealed(client: TestClient) -> None:
    """Status, fees, holders, pledges, licences and preservations stand in three tables, known on its day."""
    number = offering(3, patents=3, offered=2)["rows"]["patents"][0]
    body = asked(
        fees_paid_to="2027-06-26",
        number="2026-0001",
        holders=[{"holder": "row:3", "share": 0.5}, {"holder": HOLDER, "since": "2024-03-01", "share": 0.5}],
        pledges=[
            {"registration": "Y2024-1", "registered_on": "2024-05-06", "pledgee": "某银行", "amount":
             {"value": 300, "unit": "万元"}, "released_on": "2025-05-06"},
        ],
        licences=[{"record": "X2025-1", "from_on": "2025-01-02", "exclusive": False}],
        preservations=[],
        remarks="副本共三页",
    )  # fmt: skip
    rows = sealed_rows(client, answered(client, body)["id"])
    new = {
        table: [row for row in own if row["known_on"].isoformat() == DRAWN and row["source_kind"] == "register"]
        for table, own in rows.items()
    }
    (patent,) = new["patents"]
    assert (patent["patent"], patent["fees_paid_to"].isoformat()) == (number["patent"], "2027-06-26")
    assert patent["claims"] == number["claims"]  # what the extract does not say stays as it was known
    assert {row["holder"]: row["from_on"].isoformat() for row in new["holdings"]} == {
        "row:3": "2021-01-01", f"uscc:{HOLDER}": "2024-03-01",
    }  # fmt: skip
    events = {row["event"]: row for row in new["patent_events"]}
    assert events.keys() == {"register_extract", "pledged", "pledge_released", "licensed"}
    assert events["register_extract"]["extract_status"] == "in_force"
    assert json.loads(events["register_extract"]["as_written"]) == {"extract_status": "专利权维持"}
    assert events["pledged"]["amount"] == 300_000_000
    assert events["pledge_released"]["reference"] == "Y2024-1"


def test_it_is_the_same_as_its_rows(client: TestClient) -> None:
    """The same rows given by hand lead to the same answer."""
    body = asked(fees_paid_to="2027-06-26")
    one = answered(client, body)
    rows = sealed_rows(client, one["id"])
    given = {table: own for table, own in rows.items() if table != "coverage"}
    by_hand = orjson.loads(orjson.dumps(body | {"rows": given}))
    del by_hand["extract"]
    other = answered(client, by_hand | {"rows": by_hand["rows"] | {"credit_events": []}})
    for part in ("pd", "recommendation", "limit", "patents"):
        assert one[part] == other[part], part


@pytest.mark.parametrize(
    ("status", "rule", "outcome"),
    [
        ("有效", "ended_or_invalidated", "pass"), ("未缴年费终止", "ended_or_invalidated", "fail"),
        ("届满", "ended_or_invalidated", "fail"), ("宣告无效", "ended_or_invalidated", "fail"),
        ("放弃", "ended_or_invalidated", "fail"), ("滞纳期", "fee_arrears", "fail"),
        ("中止", "suspended_or_preserved", "fail"), ("部分无效", "invalidation_risk", "fail"),
        ("质押", "already_pledged", "fail"), ("有效", "register_extract", "pass"),
    ],
)  # fmt: skip
def test_every_status_is_read(client: TestClient, status: str, rule: str, outcome: str) -> None:
    """What an extract states as the legal status is what the rules conclude from."""
    body = asked(status=status, fees_paid_to="2027-12-26")
    patent = body["extract"]["patent"]
    for row in body["rows"]["patents"]:
        row["fees_paid_to"] = "2027-12-26"
    assert outcome_of(answered(client, body), rule, patent) == outcome


def test_a_holder_that_is_not_named_holds_it_no_more(client: TestClient) -> None:
    """Holders are all that the extract names on its day."""
    body = asked(holders=[{"holder": HOLDER, "since": "2026-10-01", "bought": True}])
    rows = sealed_rows(client, answered(client, body)["id"])
    (ended,) = [row for row in rows["holdings"] if row.get("to_on")]
    assert (ended["holder"], ended["to_on"].isoformat()) == ("row:3", DRAWN)


def test_several_extracts_are_typed_in_one_question(client: TestClient) -> None:
    """A list of extracts, one a patent; what is wrong is told at the extract that it stands in."""
    body = asked()
    patents = [row["patent"] for row in body["rows"]["patents"][:2]]
    body["extract"] = [{"patent": one, "drawn_on": DRAWN, "status": "有效"} for one in patents]
    answer = answered(client, body)
    assert [outcome_of(answer, "register_extract", one) for one in patents] == ["pass", "pass"]
    body["extract"][1]["status"] = "还好"
    assert refused(client, body) == {"/extract/1/status": "row_value"}


@pytest.mark.parametrize(
    ("extract", "faults"),
    [
        ({"status": "大概有效"}, {"/extract/status": "row_value"}),
        ({"patent": "CN109999999B"}, {"/extract/patent": "publication_number"}),
        ({"patent": "ZL201910561574.8"}, {"/extract/patent": "patent_check_digit"}),
        ({"patent": "CN201910561574.9"}, {"/extract/filed_on": "extract_filed_on"}),
        ({"drawn_on": "2026-11-21"}, {"/extract/drawn_on": "extract_after_asked"}),
        ({"drawn_on": "2026/11/18"}, {"/extract/drawn_on": "day"}),
        ({"holders": [{"holder": HOLDER}]}, {"/extract/holders/0/since": "extract_holder_since"}),
        ({"holders": [{"holder": HOLDER, "since": "2024-03-01", "share": 2}]},
         {"/extract/holders/0/share": "less_than_equal"}),
        ({"holder": []}, {"/extract/holder": "extra_forbidden"}),
        ({"pledges": [{"registered_on": "2026-11-19"}]}, {"/extract/pledges/0/registered_on": "after_extract"}),
        ({"pledges": [{"registered_on": "2026-01-19", "amount": {"value": 0.001, "unit": "元"}}]},
         {"/extract/pledges/0/amount": "row_value"}),
        ({"fees_paid_to": "2026-02-30"}, {"/extract/fees_paid_to": "day"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(
    client: TestClient, extract: dict[str, Any], faults: dict[str, str]
) -> None:
    """Every fault names the place in the extract, and nothing is recorded."""
    assert refused(client, asked(**extract)) == faults
    assert client.get("/v1/assessments").json()["items"] == []


def test_a_patent_that_nobody_told_of_is_typed_by_its_extract_alone(client: TestClient) -> None:
    """Filing day and holder told, the extract alone makes the patent known; its kind follows from the number."""
    holders = [{"holder": "row:3", "since": "2019-06-26"}]
    body = asked(patent="ZL 2019 1 0561574.9", filed_on="2019-06-26", granted_on="2021-08-03", holders=holders)
    rows = sealed_rows(client, answered(client, body)["id"])
    (patent,) = [row for row in rows["patents"] if row["patent"] == "CN201910561574.9"]
    assert (patent["kind"], patent["source"]) == ("invention", "专利登记簿副本")


def test_a_member_that_stands_twice_in_an_extract_is_refused(client: TestClient) -> None:
    """The last of two would win in silence."""
    text = json.dumps(asked()).replace('"drawn_on"', '"status": "终止", "drawn_on"')
    answer = client.post("/v1/assessments", content=text)
    assert (answer.status_code, answer.json()["code"]) == (400, "json_twice")
