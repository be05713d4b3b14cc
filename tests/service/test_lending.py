"""What an answer carries beside its score over HTTP: findings, security, advice, and what would change it."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from features.policy import shipped
from service.commands.printing import printed
from service.edge.settings import Settings
from service.ledger.verification import verify
from service.web.app import create_app
from service.web.shapes.answers import Answer, Changes
from service.web.shapes.part import as_declared
from tests.models.underwriting.whole_case import whole
from tests.models.words.test_chinese import latin
from tests.service.conftest import NOON
from tests.service.loan_case import question_of
from tests.service.made import applicant, make_bundle, offering

pytestmark = pytest.mark.sqlite_alone

Body = dict[str, Any]
NO_EXTRACTS = whole() | {"patent_events": []}
"""A complete loan file of which no register extract was seen."""


def ask(client: TestClient, body: Body) -> Body:
    """The whole answer to a question, checked against its description."""
    told = client.post("/v1/assessments?include=all", content=json.dumps(body).encode())
    assert told.status_code == 201, told.text
    as_declared(Answer, told.json())
    answer: Body = told.json()
    return answer


def finding(answer: Body, rule: str) -> Body:
    """The firm's finding by a rule."""
    return next(one for one in answer["findings"] if one["rule"] == rule)


def test_an_answer_carries_rules_security_and_advice(client: TestClient) -> None:
    """Findings with effects and cures, patents, both values, limit, term, recoverable share, advice and link."""
    answer = ask(client, question_of(NO_EXTRACTS))
    assert answer["legal_name"] == "基准企业"
    assert [one["patent"] for one in answer["patents"]] == sorted(one["patent"] for one in answer["patents"])
    assert len(answer["patents"]) == 3
    opened = [one for patent in answer["patents"] for one in patent["findings"]]
    assert any(one.get("cure") for one in opened)
    assert {one["outcome"] for one in opened} <= {"fail", "unknown"}
    going, default = answer["value"]["range"], answer["value_on_default"]["range"]
    assert all(default[point] <= going[point] for point in going)
    limit = answer["limit"]
    assert limit["amount"] == min(limit["bounds"].values()) == limit["bounds"][limit["binding"]]
    assert answer["term"]["months"] > 0
    assert answer["recoverable"]["p10"] <= answer["recoverable"]["p50"] <= answer["recoverable"]["p90"]
    table = shipped()("pledge.read_together").on(date.fromisoformat(answer["as_of"]))
    assert answer["read_together"]["word"] in {word for row in table for word in row}
    assert answer["recommendation"]["expires_on"] == answer["expires_on"]
    conditions = [one["rule"] for one in answer["recommendation"]["conditions"]]
    assert "register_extract" in conditions
    assert {one["patent"] for one in answer["quality"]["carriers"]} <= {one["patent"] for one in answer["patents"]}


def test_the_parts_are_sealed(client: TestClient) -> None:
    """Every part of such an answer is a leaf of its entry, and the ledger verifies."""
    answer = ask(client, offering(2))
    app: Any = client.app
    with app.state.pledgescore.engine.connect() as connection:
        assert verify(connection).bad_seq is None
    assert client.get(f"/v1/assessments/{answer['id']}?include=all").json() == answer


def test_the_day_of_the_loan_decides_which_thresholds_hold(settings: Settings) -> None:
    """The same facts asked on 2024-04-29 and on 2024-05-01: the thresholds rose on 2024-04-30."""
    known = {"known_on": "2024-04-20", "source_kind": "document"}
    year = {"months": 12, "scope": "parent", "basis": "statutory"}
    rows = {
        "firms": [
            known
            | {"legal_name": "精测", "industry": "C3983", "founded_on": "2012-01-01", "staff": 100, "rd_staff": 30}
        ],
        "statements": [
            known | year | {"period_end": f"{end}-12-31", "revenue": 100_000_000_000, "rd_expense": 2_100_000_000}
            for end in (2021, 2022, 2023)
        ],
    }  # 70 million RMB of research a year makes 6300 of three; below 8000, above 6000 (in 万元)
    body = {"kind": "pledge", "firm": "row:1", "bank": "bank-1", "rows": rows}
    with TestClient(create_app(settings, lambda: NOON)) as client:
        before, after = (ask(client, body | {"as_of": day}) for day in ("2024-04-29", "2024-05-01"))
    early, late = finding(before, "star_research"), finding(after, "star_research")
    assert (early["outcome"], early["since"]) == ("pass", "2020-03-20")
    assert (late["outcome"], late["since"]) == ("fail", "2024-04-30")
    assert "observed" not in early  # what is met stands by its outcome alone
    assert late["required"]["code"] == "finding.star_research.required"
    facts = late["observed"]["facts"], late["required"]["facts"]
    before_amount, amount = (shipped()("star.rd_amount").on(date(2024, *day)) * 100 for day in ((4, 29), (5, 1)))
    assert before_amount < facts[0]["amount"] == 6_300_000_000 < facts[1]["amount"] == amount


def test_the_banks_own_assumptions_are_used_and_shown_as_its_own(client: TestClient) -> None:
    """A royalty given for a patent moves its value and is marked as the bank's."""
    body = offering(1)
    first = ask(client, body)
    number = next(one["patent"] for one in first["patents"] if one["value"]["p50"] > 0)
    given = [{"patent": number, "royalty": 0.2, "source": "licence of 2025"}]
    second = ask(client, body | {"assumptions": given})
    ours, own = (next(one for one in a["patents"] if one["patent"] == number) for a in (first, second))
    assert ours["assumptions"]["royalty"]["by"] == "policy"
    assert own["assumptions"]["royalty"] == {"value": 0.2, "by": "bank", "source": "licence of 2025"}
    assert f"{number}（本行参数：licence of 2025）" in printed(second, "zh")
    assert f"{number} (the bank's own: licence of 2025)" in printed(second, "en")
    assert own["value"]["p50"] > ours["value"]["p50"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ([{"patent": "CN1"}], "/assumptions"),
        ([{"patent": "CN1", "royalty": 2.0}], "/assumptions/0/royalty"),
        ([{"patent": "CN1"}, {"patent": "CN1"}], "/assumptions"),
    ],
    ids=["a patent that nobody knows", "a royalty above one", "the same patent twice"],
)
def test_an_assumption_that_cannot_be_used_is_refused(client: TestClient, given: list[Body], pointer: str) -> None:
    """It is refused with its place, and in a list of applicants alone."""
    refused = client.post("/v1/assessments", json=offering(1) | {"assumptions": given})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer
    both = [offering(1) | {"assumptions": given}, offering(2)]
    results = client.post("/v1/assessments/batch", json={"applicants": both}).json()["results"]
    assert ["assessment" in result for result in results] == [False, True]


def test_what_cannot_be_told_says_why(client: TestClient) -> None:
    """Without application and patents there is no advice; without revenue no value."""
    body = applicant(1, patents=2)
    del body["rows"]["applications"], body["application"]
    bare = ask(client, body | {"rows": {"firms": body["rows"]["firms"]}})
    assert bare["recommendation"] is None
    assert {one["part"]: one["outcome"] for one in bare["absent"]}["recommendation"] == "not_applicable"
    no_books = ask(client, body | {"rows": {k: v for k, v in body["rows"].items() if k != "statements"}})
    assert no_books["recommendation"] is not None
    assert {one["part"]: one["outcome"] for one in no_books["absent"]}["value"] == "unknown"


def test_a_whitelist_answer_says_why_and_why_not(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    """For each list its outcome, all its findings, and the rules that keep the firm off."""
    make_bundle(tmp_path / "list", "whitelist")
    both = Settings(**{**vars(settings), "bundles": (bundle, tmp_path / "list")})
    with TestClient(create_app(both, lambda: NOON)) as client:
        answer = ask(client, applicant(1, patents=4, kind="whitelist"))
        assert {one["list"] for one in answer["lists"]} == {"push", "coordination", "own"}
        for one in answer["lists"]:
            keeping = [f["rule"] for f in one["findings"] if f["outcome"] != "pass" and f.get("effect") == "blocks"]
            assert one["why_not"] == keeping
            assert (one["outcome"] == "pass") == (not keeping)
            assert finding(one, "list_admission")["outcome"] in ("pass", "fail")
        assert "changes" not in answer["links"]
        assert client.get(f"/v1/assessments/{answer['id']}/changes").status_code == 409


def test_what_would_change_it_is_computed_from_the_entry_and_counted(client: TestClient) -> None:
    """The link answers; each time is counted in the ledger and in the figures, and the assessment stays as it was."""
    answers = [ask(client, offering(seed)) for seed in range(6)]
    told = [client.get(answer["links"]["changes"]) for answer in answers]
    for answer, one in zip(answers, told, strict=True):
        assert one.status_code == 200, one.text
        changes = as_declared(Changes, one.json())
        assert (changes.counted, changes.policy_changed) == (1, False)
        assert changes.log_odds == pytest.approx(answer["log_odds"], abs=1e-9)
        assert "评分" in changes.says
    assert client.get(answers[0]["links"]["changes"]).json()["counted"] == 2
    assert client.get(f"/v1/assessments/{answers[0]['id']}?include=all").json() == answers[0]
    assert "pledgescore_what_ifs_total" in client.get("/metrics").text
    app: Any = client.app
    with app.state.pledgescore.engine.connect() as connection:
        assert verify(connection).verified == 1 + 6 + 7


def test_what_would_change_it_needs_the_same_model(settings: Settings, tmp_path: Path) -> None:
    """An assessment by a bundle that no longer serves is not explained by another one; none has another id."""
    with TestClient(create_app(settings, lambda: NOON)) as client:
        answer = ask(client, offering(1))
        assert client.get("/v1/assessments/none/changes").status_code == 404
    make_bundle(tmp_path / "other", seed=2)
    other = Settings(**{**vars(settings), "bundles": (tmp_path / "other",)})
    with TestClient(create_app(other, lambda: NOON)) as client:
        refused = client.get(answer["links"]["changes"])
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:pledgescore:problem:not-answerable")


def test_what_would_change_it_keeps_the_banks_own_assumptions(client: TestClient) -> None:
    """Assumptions sealed with the question are read again."""
    body = offering(1)
    number = body["rows"]["patents"][0]["patent"]
    answer = ask(client, body | {"assumptions": [{"patent": number, "life": 3.0, "source": "own"}]})
    assert client.get(answer["links"]["changes"]).status_code == 200


def english_in(text: str) -> set[str]:
    """Latin words of a printed answer, but identifiers: keys, numbers, models, the address of changes."""
    identifiers = {
        "row",
        "uscc",
        "GET",
        "assessments",
        "changes",
        "pledge",
        "whitelist",
        "made-pledge",
        "made-whitelist",
    }
    return {word for word in latin(text) if not re.search(r"\d", word)} - identifiers


@pytest.mark.parametrize("kind", ["pledge", "whitelist"])
def test_the_answer_is_printed_readably(settings: Settings, bundle: Path, tmp_path: Path, kind: str) -> None:
    """In both languages: advice, limit in ten thousands, patents with both values; or each list with why not."""
    make_bundle(tmp_path / "list", "whitelist")
    both = Settings(**{**vars(settings), "bundles": (bundle, tmp_path / "list")})
    with TestClient(create_app(both, lambda: NOON)) as client:
        answer = ask(client, question_of(NO_EXTRACTS, "row:7", kind=kind))
    zh, en = (printed(answer, language) for language in ("zh", "en"))
    assert not english_in(zh)
    assert "基准企业" in zh
    if kind == "whitelist":
        assert all(one["name"]["zh"] in zh and one["name"]["en"] in en for one in answer["lists"])
        return
    assert f"{answer['limit']['amount'] / 1e6:,.2f} 万元，决定因素：申请金额；次低：担保可贷额度" in zh
    assert "advice: Advised against: RMB 3,000,000 asked; first reason: Probability of default" in en
    assert all(one["patent"] in zh for one in answer["patents"])
    assert answer["links"]["changes"] in en
    assert "order an extract of the patent register" in en


def test_what_cannot_be_told_is_printed_with_its_reason(client: TestClient) -> None:
    """A bare question prints no advice and why."""
    body = applicant(1, patents=0)
    bare = {"kind": "pledge", "as_of": body["as_of"], "firm": "row:1", "rows": {"firms": body["rows"]["firms"]}}
    text = printed(ask(client, bare), "en")
    assert "not told: recommendation [not applicable] no patent is offered" in text
    assert "advice:" not in text


def test_a_day_before_the_policies_of_value_is_answered_without_them(client: TestClient) -> None:
    """An old day is scored; value, pledge and limit are told to be unknown, each with the policy that is in want."""
    body = offering(1)
    body |= {"as_of": "2012-03-30", "application": None, "rows": {"firms": [], "patents": []}}
    answer = ask(client, body)
    assert answer["limit"] is None
    unknown = {gap["part"] for gap in answer["absent"] if gap["reason"]["code"] == "absent.not_yet"}
    assert {"value", "pledge", "limit", "term"} <= unknown
    assert printed(answer, "zh")
