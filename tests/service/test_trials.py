"""Trials: what an assessment would come to on other facts; one engine, nothing altered, each counted."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from features.identifiers import application_check
from service.assessing.asking_again import again, sealed_rows
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.trial_records import TrialAnswer, TrialsListed
from service.assessing.trials import outcome_of
from service.edge.settings import Settings
from service.ledger.verification import verify
from service.web.app import create_app
from service.web.shapes.part import as_declared
from tests.amount import law
from tests.models.underwriting.base_firm import WAN
from tests.models.underwriting.whole_case import PATENTS, whole
from tests.service.banked import open_bank as open_bank_at
from tests.service.banked import verified
from tests.service.conftest import NOON
from tests.service.lent import Body, file_of, withdrawal
from tests.service.loan_case import question_of
from tests.service.made import applicant, make_bundle, offering

YEAR = "2025-12-31"
ASKED = 300 * WAN


def tried(client: TestClient, assessment: str, expect: int = 201, **told: Any) -> Body:
    """What a trial gets."""
    answer = client.post(f"/v1/assessments/{assessment}/trials", json=told)
    assert answer.status_code == expect, answer.text
    found: Body = answer.json()
    return found


def listed(client: TestClient, assessment: str, query: str = "") -> Body:
    """The trials, as declared."""
    told = client.get(f"/v1/assessments/{assessment}/trials{query}").json()
    as_declared(TrialsListed, told)
    found: Body = told
    return found


def size_of(client: TestClient) -> int:
    """How many entries the ledger has, each of which verifies."""
    app: Any = client.app
    with app.state.pledgescore.engine.connect() as connection:
        return int(verify(connection).verified)


def applied(rows: Body, change: Body) -> Body:
    """The rows of a question with what is tried put into them by hand."""
    made = deepcopy(rows)
    for table, own in change.get("rows", {}).items():
        for row in own:
            key = "period_end" if table == "statements" else "application"
            next(one for one in made[table] if one[key] == row.get(key, "A1")).update(row)
    gone = {row["item"] for row in change.get("without", {}).get("collateral", ())}
    made["collateral"] = [row for row in made["collateral"] if row.get("item") not in gone]
    return made


@pytest.fixture(scope="module")
def open_bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[TestClient]:
    """A service without sign-in, for laws that ask it many times."""
    file = tmp_path_factory.mktemp("trials") / "ledger.db"
    settings = Settings(database=f"sqlite:///{file}", bundles=(bundle,), sign_in="none")
    with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def answer(open_bank: TestClient) -> Body:
    """The assessment of the base firm."""
    told = open_bank.post("/v1/assessments", json=question_of(whole()))
    assert told.status_code == 201, told.text
    found: Body = told.json()
    return found


LEFT_OUT = st.sets(st.sampled_from(PATENTS), max_size=2)
CHANGES = st.builds(
    lambda amount, months, revenue, left: {
        "rows": {
            "applications": [{"amount": amount * WAN, "term_months": months}],
            "statements": [{"period_end": YEAR, "revenue": revenue * WAN}],
        },
        "without": {"collateral": [{"kind": "patent", "item": one} for one in sorted(left)]},
    },
    st.integers(10, 2_000),
    st.integers(1, 60),
    st.integers(1_001, 90_000),
    LEFT_OUT,
)


@law(40)
@given(change=CHANGES)
def test_a_trial_comes_to_what_an_assessment_of_the_same_facts_does(
    open_bank: TestClient, answer: Body, change: Body
) -> None:
    """There is no second engine: whoever assesses the changed rows is answered with every figure of the trial."""
    told = tried(open_bank, answer["id"], **change)
    rows = applied(question_of(whole())["rows"], change)
    fresh = open_bank.post("/v1/assessments?include=all", json=question_of(whole()) | {"rows": rows}).json()
    expected = outcome_of(json.dumps(fresh).encode())
    assert told["after"] == {
        "advice": expected.advice, "amount": expected.amount, "term_months": expected.term_months,
        "conditions": expected.conditions, "probability": expected.probability, "points": expected.points,
        "grade": expected.grade, "limit": expected.limit, "binding": expected.binding, "bounds": expected.bounds,
    }  # fmt: skip
    opened = {
        (one["rule"], one["subject"]): one
        for one in (*fresh["findings"], *(one for patent in fresh["patents"] for one in patent["findings"]))
    }
    for one in told["findings"]:
        found = opened.get((one["rule"], one["subject"]))
        assert one["after"] in (None if found is None else found["outcome"], "pass", "not_applicable")


def test_without_a_change_the_answer_is_the_sealed_one(open_bank: TestClient, answer: Body) -> None:
    """Asked again from its own rows it is the same to the byte, and what a trial tells beside it is what was told."""
    app: Any = open_bank.app
    state = app.state.pledgescore
    with state.engine.connect() as connection:
        of = sealed_assessment(connection, answer["id"])
    recall = state.trials.recall
    assert again(of, sealed_rows(of), recall.bundle(of), recall.policy(of)) == of.sent
    told = tried(open_bank, answer["id"], rows={"applications": [{"amount": 310 * WAN}]})
    before = told["before"]
    assert (before["probability"], before["points"], before["grade"]) == (
        answer["pd"]["value"], answer["points"], answer["grade"],
    )  # fmt: skip
    assert (before["limit"], before["binding"]) == (answer["limit"]["amount"], answer["limit"]["binding"])
    assert before["bounds"] == {name: one for name, one in answer["limit"]["bounds"].items() if one is not None}
    assert before["advice"] == answer["recommendation"]["advice"]


@law(40)
@given(less=st.integers(10, 3_000), more=st.integers(0, 3_000))
def test_asking_more_never_lowers_the_limit(open_bank: TestClient, answer: Body, less: int, more: int) -> None:
    """Of two trials that differ in the amount asked alone, the larger has no smaller limit."""
    limits = []
    for amount in (less * WAN, (less + more) * WAN):
        if amount == ASKED:
            limits.append(answer["limit"]["amount"])
        else:
            told = tried(open_bank, answer["id"], rows={"applications": [{"amount": amount}]})
            limits.append(told["after"]["limit"])
    assert limits[0] <= limits[1]


def test_a_trial_alters_nothing_and_is_counted(client: TestClient) -> None:
    """Answer, list, loan file and the file's head stay; one entry comes, and is told with what was tried."""
    body = question_of(whole())
    one = client.post("/v1/assessments", json=body).json()
    file = file_of(client, one["id"])
    kept = (f"/v1/assessments/{one['id']}?include=all", "/v1/assessments", f"/v1/loan-files/{file}")
    before, size = [client.get(path).json() for path in kept], size_of(client)
    told = tried(client, one["id"], rows={"applications": [{"amount": "180万元", "repayment": "等额本息"}]})
    as_declared(TrialAnswer, told)
    assert (told["trial"], told["counted"]) == (True, {"assessment": 1, "application": 1, "firm": 1})
    assert told["changes"] == [
        {"table": "applications", "key": {"application": "A1"}, "how": "changed", "columns": [
            {"column": "amount", "before": ASKED, "after": 180 * WAN},
            {"column": "repayment", "before": "interest_first", "after": "instalments"},
        ]}
    ]  # fmt: skip
    assert [client.get(path).json() for path in kept] == before
    assert size_of(client) == size + 1
    assert "pledgescore_trials_total" in client.get("/metrics").text


def test_whoever_reads_the_next_application_sees_the_trials_before(client: TestClient) -> None:
    """They are counted on the assessment, its application and the firm, the latest first, whichever is asked."""
    first = client.post("/v1/assessments", json=question_of(whole())).json()["id"]
    for amount in (200, 250):
        tried(client, first, rows={"applications": [{"amount": amount * WAN}]})
    again_asked = client.post("/v1/assessments", json=question_of(whole())).json()["id"]
    other = question_of(whole())
    other["rows"] = json.loads(json.dumps(other["rows"]).replace('"A1"', '"A2"'))
    elsewhere = client.post("/v1/assessments", json=other | {"application": "A2"}).json()["id"]
    bank = client.post("/v1/assessments", json=question_of(whole()) | {"bank": "bank-9"}).json()["id"]
    counted = {one: tuple(listed(client, one)["counted"].values()) for one in (first, again_asked, elsewhere, bank)}
    assert counted == {first: (2, 2, 2), again_asked: (0, 2, 2), elsewhere: (0, 0, 2), bank: (0, 0, 0)}
    page = listed(client, elsewhere, "?limit=1")
    assert page["items"][0]["changes"][0]["columns"][0]["after"] == 250 * WAN
    assert page["items"][0]["assessment"] == first
    following = listed(client, elsewhere, f"?limit=1&cursor={page['next']}")
    assert (following["items"][0]["changes"][0]["columns"][0]["after"], following["next"]) == (200 * WAN, None)


def test_rows_are_changed_added_and_left_out(open_bank: TestClient, answer: Body) -> None:
    """A share stays the number that it is, a paper is about the application, and what is left out counts no more."""
    deposit = {"kind": "存单", "item": "CD-1", "value": "100万元", "confirmed_value": "100万元",
               "valued_on": "2026-11-01", "owner_agrees": True}  # fmt: skip
    told = tried(
        open_bank,
        answer["id"],
        rows={
            "applications": [{"rate_asked": 0.043, "term_months": None}],
            "collateral": [deposit],
            "evidence": [{"fact": "controller_guarantee", "answer": "refused"}],
        },
        without={"collateral": [{"kind": "patent", "item": PATENTS[0]}]},
    )
    by_table = {(one["table"], one["how"]): one for one in told["changes"]}
    assert set(by_table) == {
        ("applications", "changed"), ("collateral", "added"), ("evidence", "added"), ("collateral", "left_out"),
    }  # fmt: skip
    columns = {one["column"]: one["after"] for one in by_table["applications", "changed"]["columns"]}
    assert columns == {"rate_asked": 0.043, "term_months": None}
    assert by_table["evidence", "added"]["key"]["subject"] == "A1"
    assert by_table["collateral", "left_out"]["key"]["item"] == PATENTS[0]
    assert listed(open_bank, answer["id"])["items"][0]["changes"] == told["changes"]
    turned = {one["rule"]: one["after"] for one in told["findings"]}
    assert turned["controller_guarantee"] == "fail"


STRANGE = f"CN201910000000.{application_check('201910000000')}"
"""A number of no patent here."""
LONG = {"applications": [{"amount": place} for place in range(101)]}


@pytest.mark.parametrize(
    ("told", "pointer", "code"),
    [
        ({}, "/rows", "trial_nothing"),
        ({"rows": {"applications": [{"amount": ASKED}]}}, "/rows", "trial_nothing"),
        ({"rows": {"nothing": [{}]}}, "/rows/nothing", "row_no_table"),
        ({"rows": {"applications": [{"amont": 1}]}}, "/rows/applications/0/amont", "row_no_column"),
        ({"rows": {"applications": [{"amount": "much"}]}}, "/rows/applications/0/amount", "row_value"),
        ({"rows": {"applications": [{"amount": 2**64}]}}, "/rows/applications/0/amount", "row_value"),
        ({"rows": {"applications": [{"known_on": "2026-11-01"}]}}, "/rows/applications/0/known_on", "trial_column"),
        ({"rows": {"applications": [{"firm": "row:2"}]}}, "/rows/applications/0/firm", "trial_column"),
        ({"rows": {"statements": [{"period_end": "2026-06-31"}]}}, "/rows/statements/0/period_end", "row_value"),
        ({"rows": {"statements": [{"revenue": 1}]}}, "/rows/statements/0", "trial_several"),
        ({"rows": {"statements": [{"period_end": YEAR}] * 2}}, "/rows/statements/1", "trial_twice"),
        ({"rows": {"evidence": [{"fact": "units_confirmed", "answer": "wrong"}]}}, "/rows/evidence/0/answer",
         "units_wrong"),
        ({"rows": {"evidence": [{"fact": "co_owner_agreement", "subject": STRANGE, "answer": "none"}]}},
         "/rows/evidence/0/subject", "evidence_patent"),
        ({"without": {"collateral": [{"item": "CN1"}]}}, "/without/collateral/0", "trial_no_row"),
        ({"without": {"collateral": [{"value": 1}]}}, "/without/collateral/0/value", "trial_column"),
        ({"rows": LONG}, "/rows", "trial_rows"),
        ({"rows": []}, "/body/rows", "dict_type"),
        ({"more": 1}, "/body/more", "extra_forbidden"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_place_and_entered_nowhere(
    open_bank: TestClient, answer: Body, told: Body, pointer: str, code: str
) -> None:
    """Every fault has the place that it was sent in, and nothing is counted."""
    before = size_of(open_bank)
    refused = tried(open_bank, answer["id"], 422, **told)
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in refused["errors"]]
    assert size_of(open_bank) == before


def test_a_trial_is_signed_reported_and_lent_on_nowhere(client: TestClient) -> None:
    """Its entry is no assessment by any name, the file rests on the answer, and a withdrawal ends the file."""
    one = client.post("/v1/assessments", json=question_of(whole())).json()
    entry = str(tried(client, one["id"], rows={"applications": [{"amount": 200 * WAN}]})["entry"])
    for name in (entry, f"trial-{entry}"):
        for path in ("", "/report", "/papers", "/acts", "/changes", "/replay", "/trials"):
            assert client.get(f"/v1/assessments/{name}{path}").status_code == 404
    file = file_of(client, one["id"])
    told = client.get(f"/v1/loan-files/{file}").json()
    assert (told["assessment"], told["newest"], told["asked"]) == (one["id"], one["id"], ASKED)
    submission = {"assessment": entry, "second": "陈静", "seen": told["seen"], "person": "李明", "amount": 200 * WAN,
                  "term_months": 12, "visits": ["2026-11-20"]}  # fmt: skip
    assert client.post("/v1/loan-files", json=submission).status_code == 404
    assert [item["id"] for item in client.get("/v1/assessments").json()["items"]] == [one["id"]]
    assert withdrawal(client, one["id"]).status_code == 201


@pytest.mark.sqlite_alone
def test_what_cannot_be_asked_again_is_not_tried(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    """A whitelist question; none of that id; and an answer that our code would not give any more."""
    make_bundle(tmp_path / "list", "whitelist")
    both = Settings(**{**vars(settings), "bundles": (bundle, tmp_path / "list")})
    amount: Body = {"rows": {"applications": [{"amount": 200 * WAN}]}}
    with TestClient(create_app(both, lambda: NOON)) as client:
        whitelist = client.post("/v1/assessments", json=applicant(1, kind="whitelist")).json()["id"]
        assert tried(client, whitelist, 409, **amount)["code"] == "trial_pledge_alone"
        assert tried(client, "none", 404, **amount)["code"] == "no_such_assessment"
        one = client.post("/v1/assessments", json=question_of(whole())).json()["id"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("service.assessing.trials.outcome_of", _lesser)
            assert tried(client, one, 409, **amount)["code"] == "trial_other_code"
        assert listed(client, one)["counted"]["firm"] == 0


def _lesser(sent: bytes) -> object:
    """Another outcome each time: as if the code had changed between the answers."""
    _lesser.times = getattr(_lesser, "times", 0) + 1  # type: ignore[attr-defined]
    return (outcome_of(sent), _lesser.times)  # type: ignore[attr-defined]


def test_the_model_and_policy_of_then_answer(settings: Settings, tmp_path: Path) -> None:
    """After another model came into service, a trial is still told by the one that answered."""
    with TestClient(create_app(settings, lambda: NOON)) as client:
        one = client.post("/v1/assessments", json=question_of(whole())).json()
        amount: Body = {"rows": {"applications": [{"amount": 200 * WAN}]}}
        first = tried(client, one["id"], **amount)
    make_bundle(tmp_path / "other", seed=2)
    other = Settings(**{**vars(settings), "bundles": (tmp_path / "other",)})
    with TestClient(create_app(other, lambda: NOON)) as client:
        second = tried(client, one["id"], **amount)
    assert (second["after"], second["bundle"]) == (first["after"], one["versions"]["bundle"])


@pytest.mark.parametrize("reader", ["bank", "fund"])
def test_a_pack_with_a_trial_is_complete(tmp_path: Path, bundle: Path, reader: str) -> None:
    """Whoever checks it offline sees that a trial was made, and misses nothing."""
    bank = open_bank_at(tmp_path, bundle, f"sqlite:///{tmp_path / 'ledger.db'}")
    with bank.client:
        one = bank.ask(offering(1))
        tried(bank.client, one["id"], rows={"applications": [{"amount": 12_345_678_900}]})
        bank.sign()
        bank.countersign()
        told = verified(bank.pack(one["id"], reader), "--bank-key", bank.key, "--fund-key", bank.fund_key)
    assert told.returncode == 0, told.stdout
    assert "试算 trial" in told.stdout
