"""The worked cases of underwriting over HTTP: rows go in; findings, advice, amount and bounds come out.

The score comes from a bundle that gives it, our own valuation and what comes back from the case, and nothing else does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.rules.registry import RULES
from service.edge.settings import Settings
from service.web.app import create_app
from tests.models.underwriting.base_firm import DAY, Rows
from tests.models.underwriting.test_advice import BASE, WEIGHING, expected, in_wan
from tests.models.underwriting.whole_case import FILED, PATENTS, RANGE, WAN, as_overrides, changed, valued, write_policy
from tests.models.underwriting.worked import WORKED, WorkedCase, asked, evidence, flows, never_asked
from tests.service.conftest import NOON
from tests.service.loan_case import question_of
from tests.service.scoring import READ, capital, make_scoring_bundle

Body = dict[str, Any]
SCORES = sorted({case.points for case in WORKED.values()})


def body_of(given: Rows, points: float = 620, as_of: date = DAY) -> Body:
    """A question about the rows of a case, whose score is told."""
    given["firms"][0][READ] = capital(points)
    return question_of(given, as_of=as_of)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, TestClient]]:
    """A service for each policy that some case asks for, all with the same model; by the policy's values as text."""
    bundle = tmp_path_factory.mktemp("scoring")
    make_scoring_bundle(bundle, SCORES)
    with ExitStack() as stack:
        found = {}
        for policy in {str(case.policy): case.policy for case in WORKED.values()}.values():
            place = tmp_path_factory.mktemp("service")
            own = place / "policy"
            own.mkdir()
            write_policy(own, dict(as_overrides(policy)))
            settings = Settings(
                database=f"sqlite:///{place / 'ledger.db'}", bundles=(bundle,), sign_in="none", body_limit_mib=16,
                policy=own if policy else None,
            )  # fmt: skip
            app = create_app(settings, lambda: NOON)
            found[str(policy)] = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        yield found


@pytest.fixture(scope="module")
def client(services: Mapping[str, TestClient]) -> TestClient:
    """The service of the shipped policy."""
    return services["{}"]


def answered(client: TestClient, bodies: list[Body]) -> list[Body]:
    """The answers to a list of applicants."""
    told = client.post("/v1/assessments/batch?include=all&words=none", json={"applicants": bodies})
    assert told.status_code == 200, told.text
    return [one["assessment"] for one in told.json()["results"]]


@pytest.fixture(scope="module")
def answers(services: Mapping[str, TestClient]) -> Mapping[str, Body]:
    """The answer to each worked case, asked in lists of those that are valued alike."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for name, case in WORKED.items():
        alike.setdefault((str(case.policy), case.own, case.parts), []).append(name)
    found = {}
    for (policy, own, parts), names in alike.items():
        bodies = [body_of(changed(*WORKED[name].changes), WORKED[name].points) for name in names]
        with valued(own, parts):
            found |= dict(zip(names, answered(services[policy], bodies), strict=True))
    return found


def told(answer: Body) -> list[str]:
    """The findings as a case lists them: those about the firm in their order, then those of patents with how many."""
    own = [_words(one) for one in answer["findings"] if _listed(one)]
    number = Counter(_words(one) for patent in answer["patents"] for one in patent["findings"] if _listed(one))
    return own + [words if times == 1 else f"{words} ×{times}" for words, times in number.items()]


def _listed(one: Body) -> bool:
    named = one["rule"] in ("pool_concentration", "within_limit")
    return one["outcome"] in ("fail", "unknown") and (one.get("effect", "info") != "info" or named)


def _words(one: Body) -> str:
    return f"{one['rule']} {one['outcome']} {one.get('effect', 'info')}"


def of_patents_last(case: WorkedCase) -> list[str]:
    """The findings that a case lists, those of patents after the others, as an answer holds them apart."""
    return sorted(expected(case), key=lambda words: RULES[words.split(" ")[0]].about == "patent")


def bounds_of(answer: Body) -> Body:
    """Need, debt, security and exposure in ten thousand yuan; None where not known."""
    bounds = answer["limit"]["bounds"]
    names = {"need": "need", "debt": "debt_capacity", "security": "security", "exposure": "exposure"}
    return {name: in_wan(bounds.get(bound)) for name, bound in names.items()}


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_case_is_answered_as_it_says(name: str, answers: Mapping[str, Body]) -> None:
    """Advice, amount, reasons and findings are those that the case names."""
    case, answer = WORKED[name], answers[name]
    said = answer["recommendation"]
    assert told(answer) == of_patents_last(case)
    assert (said["advice"], None if said["amount"] is None else said["amount"] / WAN) == (case.advice, case.amount)
    reasons = [one.split(" ")[0] for one in expected(case) if one.endswith(WEIGHING[case.advice])]
    assert list(dict.fromkeys(one["rule"] for one in said["because"])) == (reasons if WEIGHING[case.advice] else [])
    assert answer["points"] == case.points


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_case_has_its_bounds(name: str, answers: Mapping[str, Body]) -> None:
    """The bounds are those of the base firm but where the case differs; what sets the limit is named."""
    case, answer = WORKED[name], answers[name]
    limit = answer["limit"]
    assert bounds_of(answer) == {**BASE, **case.bounds}
    assert (
        limit["binding"] == "asked"
        if case.limit is None
        else case.limit
        == (
            in_wan(limit["amount"]),
            limit["binding"],
        )
    )


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("O1a", ["standing.pledge_contract", "standing.pledge_registered", "standing.facts_fresh"]),
        ("O2a", ["standing.pledge_contract", "standing.pledge_registered", "standing.facts_fresh"]),
        ("O28a", ["standing.pledge_contract", "standing.pledge_registered", "standing.items_registered",
                  "standing.facts_fresh"]),
        ("O47a", ["standing.guarantees_signed", "standing.facts_fresh"]),
        ("O27d", ["standing.facts_fresh"]),
    ],
)  # fmt: skip
def test_what_stands_before_every_drawdown(name: str, standing: list[str], answers: Mapping[str, Body]) -> None:
    """Every answer prints it; a pledge of ours is asked for where there is one, a guarantee where it counts."""
    assert [one["code"] for one in answers[name]["recommendation"]["standing"]] == standing


def test_the_base_firm_has_no_condition(answers: Mapping[str, Body]) -> None:
    """What stands is no condition, and is counted nowhere."""
    assert answers["O1a"]["recommendation"]["conditions"] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("O1a", "建议办理：申请 300.00 万元，建议 300.00 万元"),
        ("O1b", "建议办理：申请 500.00 万元，建议 450.00 万元，受限于担保可贷额度"),
        ("O1c", "提请重点审查：申请 950.00 万元，测算 450.00 万元，首要原因：申请金额与测算额度"),
        ("O22b", "提请重点审查：申请 300.00 万元，额度无法测算，首要原因：资金需求测算"),
        ("O2a", "不建议办理：申请 300.00 万元，首要原因：征信不良类余额"),
    ],
)
def test_one_sentence_is_shown_first(name: str, sentence: str, client: TestClient) -> None:
    """It tells the advice, what was asked, what is advised, and the first reason."""
    case = WORKED[name]
    with valued(RANGE):
        answer = client.post("/v1/assessments?words=zh", json=body_of(changed(*case.changes), case.points)).json()
    assert answer["recommendation"]["says"] == sentence


def one(client: TestClient, *changes: Any, status: int = 201) -> Body:
    """The answer to the base firm with some changes."""
    with valued(RANGE):
        answer = client.post("/v1/assessments?include=all&words=none", json=body_of(changed(*changes)))
    assert answer.status_code == status, answer.text
    found: Body = answer.json()
    return found


@pytest.mark.parametrize(
    ("answer", "conditions"), [("not_signed", []), ("incomplete", ["contract_incomplete"]), ("未签订", [])]
)
def test_a_contract_that_is_not_signed_is_no_condition(client: TestClient, answer: str, conditions: list[str]) -> None:
    """It stands before every drawdown; one that lacks something is a condition."""
    said = one(client, *evidence("pledge_contract", answer, "A1"))["recommendation"]
    assert said["advice"] == "recommend"
    assert [condition["rule"] for condition in said["conditions"]] == conditions


TAX = never_asked("tax_filings")


@pytest.mark.parametrize(
    ("inflows", "advice", "amount"), [(1700, "refer", 10), (4000, "recommend", 300)]
)  # fmt: skip
def test_a_condition_is_asked_again_with_what_was_supplied(
    client: TestClient, inflows: float, advice: str, amount: float
) -> None:
    """Flows that were asked for are judged as if they had been told at first: hiding them gives nothing."""
    said = one(client, *TAX, *flows(inflows))["recommendation"]
    assert (said["advice"], said["amount"] / WAN) == (advice, amount)


CO_OWNED = ("holdings", 99, {"patent": PATENTS[0], "holder": "row:partner", "from_on": FILED[0], "how": "original"})


def of_patent(answer: Body, rule: str) -> list[str]:
    """What a rule says of the first patent, where it is open."""
    return [_words(one) for one in answer["patents"][0]["findings"] if one["rule"] == rule]


def test_a_co_owner_consents_in_chinese(client: TestClient) -> None:
    """同意 is stored as its code beside what was written; the patent carries 0.7 of its part."""
    answer = one(client, CO_OWNED, *evidence("co_owner_consent", "同意", PATENTS[0]))
    assert of_patent(answer, "co_owner_consent") == []
    assert answer["patents"][0]["pledgeable"] is True
    assert answer["patents"][0]["carries"]["carries"] == 105 * WAN
    assert bounds_of(answer)["security"] == 405


def test_a_co_owner_refuses_in_chinese(client: TestClient) -> None:
    """不同意 drops the patent, which can be cured; two thirds of the least value carry, cut for concentration."""
    answer = one(client, CO_OWNED, *evidence("co_owner_consent", "不同意", PATENTS[0]))
    assert of_patent(answer, "co_owner_consent") == ["co_owner_consent fail drops_patent"]
    refused = next(found for found in answer["patents"][0]["findings"] if found["rule"] == "co_owner_consent")
    assert refused["cure"]["code"] == "co_owner_consent"
    assert answer["pledge"]["basis"]["amount"] == 1500 * WAN
    assert bounds_of(answer)["security"] == 270


def refused(answer: Body) -> list[str]:
    """The places that a refusal names."""
    return [told["pointer"] for told in answer["errors"]]


def test_an_answer_that_is_no_code_is_refused_with_the_list(client: TestClient) -> None:
    """Nothing is guessed, and nothing is scored: the refusal lists the codes with their words."""
    given = evidence("co_owner_consent", "同意，但须董事会批准", PATENTS[0])
    answer = one(client, CO_OWNED, *given, status=422)
    assert refused(answer) == ["/rows/evidence/1/answer"]
    assert answer["errors"][0]["facts"]["answers"] == "answer.co_owner_consent"


def test_a_fact_that_nobody_knows_is_refused_with_the_list(client: TestClient) -> None:
    """A name that was mistyped is not passed over."""
    answer = one(client, *evidence("co_owner_consnet", "同意", PATENTS[0]), status=422)
    assert refused(answer) == ["/rows/evidence/1/fact"]
    assert answer["errors"][0]["facts"]["facts"] == "fact"


@pytest.mark.parametrize(
    ("status", "found"), [("有效", []), ("未缴年费终止", ["ended_or_invalidated fail drops_patent"])]
)
def test_an_extract_says_its_status_in_chinese(client: TestClient, status: str, found: list[str]) -> None:
    """The register's word is read as its code: in force, or lapsed and left out."""
    answer = one(client, ("patent_events", 0, {"extract_status": status, "detail": None}))
    assert of_patent(answer, "ended_or_invalidated") == found


def test_a_status_that_no_register_prints_is_refused(client: TestClient) -> None:
    """正常 is no word of the register: the refusal lists those that are."""
    answer = one(client, ("patent_events", 0, {"extract_status": "正常"}), status=422)
    assert refused(answer) == ["/rows/patent_events/0/extract_status"]


def test_an_amount_may_carry_its_unit(client: TestClient) -> None:
    """300 万元 is 3,000,000 yuan; the same number without a unit is fen, and looks mistyped beside the sales."""
    with_unit = one(client, ("applications", 0, {"amount": {"value": 300, "unit": "万元"}}))
    assert with_unit["limit"]["bounds"]["asked"] == 300 * WAN
    plain = one(client, *asked(3))
    assert "units_suspect fail refer" in told(plain)
    assert plain["limit"]["amount"] is None


EARLIER = date(2023, 6, 1)


def shifted(given: Rows) -> Rows:
    """The rows as if they had been told on a day of 2023; books of part of a year are those of a quarter."""
    days = (DAY - EARLIER).days
    moved: Rows = {
        table: [
            {name: value - timedelta(days=days) if isinstance(value, date) else value for name, value in row.items()}
            for row in own
        ]
        for table, own in given.items()
    }
    for row, year in zip(moved["statements"][:3], (2020, 2021, 2022), strict=True):
        row["period_end"] = date(year, 12, 31)
    for row, year in zip(moved["statements"][3:], (2022, 2023), strict=True):
        row |= {"period_end": date(year, 3, 31), "months": 3, "revenue": row["revenue"] // 3}
    return moved


def test_a_missing_policy_takes_away_only_what_reads_it(client: TestClient) -> None:
    """Before recorded licences were counted the market check is not told; value, limit and term are."""
    body = body_of(shifted(changed()))
    told_on = EARLIER.isoformat()
    rows = {
        table: [row | {"known_on": told_on} | ({"asked_on": told_on} if table == "coverage" else {}) for row in own]
        for table, own in body["rows"].items()
    }
    with valued(RANGE):
        asked_then = body | {"as_of": told_on, "rows": rows}
        answer = client.post("/v1/assessments?include=all&words=none", json=asked_then).json()
    assert answer["value"]["market"] is None
    assert [part["part"] for part in answer["absent"]] == ["value.market"]
    assert answer["absent"][0]["reason"]["facts"]["first"] == "2023-09-01"
    assert answer["limit"]["amount"] == 300 * WAN
    assert answer["term"]["months"] > 0
    assert answer["licence_guidance"]["royalty"]["ceiling"] > 0
