"""The service over HTTP: what is answered, what is refused, and that nothing leaves that is not recorded."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from features.lake import LakeWriter, Manifest, frames_of
from features.matrix import named
from service.edge.settings import Settings
from service.ledger.verification import Verdict, verify
from service.web.app import create_app
from service.web.shapes.answers import Answer, Page, Results
from service.web.shapes.index import ANSWERS, STRUCTS
from service.web.shapes.part import as_declared
from tests.amount import law
from tests.service.conftest import NOON
from tests.service.lent import act, drawn, file_of, withdrawal
from tests.service.made import DAY, applicant, make_bundle, rows_of

Body = dict[str, Any]


def entries(client: TestClient) -> Verdict:
    """What the ledger of the application holds behind its opening entry."""
    app: Any = client.app
    with app.state.pledgescore.engine.connect() as connection:
        found = verify(connection)
    return replace(found, verified=found.verified - 1)


def ask(client: TestClient, body: Body | bytes, **headers: str) -> Any:
    """Post a question; the whole answer is asked for."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/assessments?include=all", content=content, headers=headers)


# --- what is answered ------------------------------------------------------------------------------------------------


def test_an_answer_is_whole_recorded_and_found_again(client: TestClient) -> None:
    """The answer has every part, its reasons and base sum to the score, and the same bytes are found under its id."""
    asked = ask(client, applicant(1))
    assert asked.status_code == 201
    answer = as_declared(Answer, asked.json())
    assert round(answer.base.points + sum(reason.points for reason in answer.reasons), 6) == answer.points
    assert not answer.retrospective
    assert answer.synthetic
    assert answer.sources["patents"].rows == 50
    assert answer.sources["applications"].typed == 1
    assert {named(feature.name).table for feature in answer.features} >= {"patents", "statements"}
    assert client.get(f"{asked.headers['location']}?include=all").content == asked.content
    found = entries(client)
    assert (found.verified, found.bad_seq, found.seal) == (1, None, answer.record.seal)


def test_answers_do_not_depend_on_company(app: FastAPI, client: TestClient) -> None:
    """A list of applicants, one firm twice among them, gets the answers that each gets alone."""
    bodies = [applicant(seed, patents=seed) for seed in range(6)] + [applicant(2, patents=9)]
    alone = [ask(client, body).json() for body in bodies]
    told = client.post("/v1/assessments/batch?include=all", json={"applicants": bodies})
    assert told.status_code == 200
    as_declared(Results, told.json())
    own = ("id", "case", "record", "asked_at", "links")
    for one, result in zip(alone, told.json()["results"], strict=True):
        together = result["assessment"]
        assert {k: v for k, v in together.items() if k not in own} == {k: v for k, v in one.items() if k not in own}
    assert entries(client).verified == 14


def test_one_bad_applicant_of_a_list_is_refused_alone(client: TestClient) -> None:
    """The others are answered; the refused one has its problem in its place."""
    told = client.post("/v1/assessments/batch", json={"applicants": [applicant(1), {"firm": "row:1"}, applicant(2)]})
    results = told.json()["results"]
    assert ["assessment" in result for result in results] == [True, False, True]
    assert results[1]["problem"]["errors"] == [
        {"pointer": "/as_of", "code": "missing", "facts": {}, "message": "必须填写"}
    ]
    assert entries(client).verified == 2


def test_a_row_known_only_later_is_ignored_and_listed(client: TestClient) -> None:
    """What nobody could know on the day changes nothing but the list of what was left out."""
    body = applicant(1, patents=3)
    plain = ask(client, body).json()
    later = body["rows"]["credit_events"] + [
        {"known_on": "2026-12-01", "source_kind": "register", "happened_on": "2026-11-01", "event": "dishonest_debtor"}
    ]
    told = ask(client, body | {"rows": body["rows"] | {"credit_events": later}}).json()
    assert told["ignored"] == [{"table": "credit_events", "count": 1, "known_on": "2026-12-01", "rows": [0]}]
    assert [told[part] for part in ("pd", "reasons", "features")] == [
        plain[part] for part in ("pd", "reasons", "features")
    ]


def test_an_empty_portfolio_says_so(client: TestClient) -> None:
    """No patents held is told as such where the holdings were asked for, and as not asked where they were not."""
    body = applicant(1, patents=0)
    assert "no_patents" in {warning["code"] for warning in ask(client, body).json()["warnings"]}
    del body["rows"]["holdings"], body["rows"]["patents"]
    assert "patents_not_asked" in {warning["code"] for warning in ask(client, body).json()["warnings"]}


def test_books_that_do_not_balance_are_a_warning_with_the_figure(client: TestClient) -> None:
    """A difference by rounding is told with its size and refuses nothing."""
    body = applicant(1)
    body["rows"]["statements"][0]["equity"] += 7
    warning = next(w for w in ask(client, body).json()["warnings"] if w["code"] == "books_unbalanced")
    assert warning["facts"]["gap"] == -7
    assert warning["says"].endswith("资产负债表不平，差额 -0.07 元")


@pytest.mark.sqlite_alone
def test_ten_thousand_patents_are_assessed(settings: Settings) -> None:
    """A portfolio of that size is one more question."""
    wide = Settings(**{**vars(settings), "body_limit_mib": 32})
    with TestClient(create_app(wide, lambda: NOON)) as client:
        answer = ask(client, applicant(1, patents=10_000)).json()
        assert answer["sources"]["patents"]["rows"] == 10_000
        assert entries(client).verified == 1


def test_another_day_than_today_is_retrospective_and_decides_nothing(client: TestClient) -> None:
    """The day where the bank is decides, in its own zone; such an answer takes no decision."""
    answer = ask(client, applicant(1, as_of=DAY - timedelta(days=1))).json()
    assert answer["retrospective"]
    body = {"assessment": answer["id"], "seen": "0" * 64, "person": "李明", "second": "陈静"}
    refused = client.post("/v1/loan-files", json=body | {"amount": 100, "term_months": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "retrospective")
    assert entries(client).verified == 1


def test_earlier_assessments_of_the_firm_are_listed(client: TestClient) -> None:
    """Whoever asks again sees what the same bank was told before, the latest first; another bank's are not shown."""
    first, second = (ask(client, applicant(1, patents=n)).json() for n in (3, 4))
    third = ask(client, applicant(1, patents=5)).json()
    other = ask(client, applicant(1, patents=5, bank="bank-2")).json()
    before = client.get(third["links"]["earlier"]).json()["items"]
    assert [one["id"] for one in before] == [second["id"], first["id"]]
    assert before[1]["seal"] == first["record"]["seal"]
    assert before[1]["probability"] == first["pd"]["value"]
    assert client.get(other["links"]["earlier"]).json() == {"items": [], "next": None}
    assert [one["record"]["of_firm"] for one in (first, second, third, other)] == [1, 2, 3, 1]


def test_a_kind_without_a_model_is_refused(client: TestClient) -> None:
    """A whitelist question where no such model serves is 503, not a guess."""
    refused = ask(client, applicant(1, kind="whitelist"))
    assert (refused.status_code, refused.json()["facts"]["kind"]) == (503, "whitelist")


def test_both_kinds_are_served_side_by_side(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    """A whitelist bundle answers in its own words beside the pledge bundle."""
    make_bundle(tmp_path / "list", "whitelist")
    both = Settings(**{**vars(settings), "bundles": (bundle, tmp_path / "list")})
    with TestClient(create_app(both, lambda: NOON)) as client:
        told = ask(client, applicant(1, kind="whitelist"))
        assert "admission" in told.json()
        as_declared(Answer, told.json())
        assert "pd" in ask(client, applicant(1)).json()
        assert {model["kind"] for model in client.get("/v1/models").json()["items"]} == {"pledge", "whitelist"}


def test_a_banks_own_policy_is_used_and_told(settings: Settings, tmp_path: Path) -> None:
    """A folder of overrides changes what it names, and the answer says so."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "expiry.yaml").write_text(
        "assessment:\n  description: Days for which an assessment may be relied on.\n  unit: day\n"
        "  reviewed_on: 2026-11-22\n  confidence: assumed\n"
        "  reference: [{title: The bank's own rule, document: none}]\n  values: {2000-01-01: 30}\n",
        encoding="utf-8",
    )
    own = Settings(**{**vars(settings), "policy": tmp_path / "own"})
    with TestClient(create_app(own, lambda: NOON)) as client:
        answer = ask(client, applicant(1)).json()
    assert answer["expires_on"] == "2026-12-20"
    assert answer["overrides"] == [{"policy": "expiry.assessment", "kind": "superseded"}]


# --- what is refused -------------------------------------------------------------------------------------------------


def without(name: str) -> Body:
    """A question without one field."""
    return {key: value for key, value in applicant(1, patents=2).items() if key != name}


def with_row(table: str, **changes: Any) -> Body:
    """A question whose first row of a table is changed."""
    body = applicant(1, patents=2)
    body["rows"][table][0] |= changes
    return body


def in_words(body: Body, word: str) -> bytes:
    """The question with a number that JSON cannot carry in the place of the rate."""
    measure = {"known_on": "2026-01-01", "source_kind": "typed", "measure": "tax", "value": 12345.5}
    text = json.dumps(body | {"rows": body["rows"] | {"measures": [measure]}})
    return text.replace("12345.5", word).encode()


BAD: dict[str, tuple[Callable[[], Body | bytes], int, str | None]] = {
    "malformed JSON": (lambda: b'{"as_of": "2026-11-20"', 400, None),
    "not UTF-8": (lambda: b'{"firm": "\xff"}', 400, None),
    "an empty body": (lambda: b"", 400, None),
    "NaN": (lambda: in_words(applicant(1), "NaN"), 422, "/rows/measures/0/value"),
    "minus infinity": (lambda: in_words(applicant(1), "-Infinity"), 422, "/rows/measures/0/value"),
    "1e400": (lambda: in_words(applicant(1), "1e400"), 422, "/rows/measures/0/value"),
    "no day": (lambda: without("as_of"), 422, "/as_of"),
    "a day as a number": (lambda: applicant(1) | {"as_of": 1763600000}, 422, "/as_of"),
    "a day that does not exist": (lambda: applicant(1) | {"as_of": "2026-02-30"}, 422, "/as_of"),
    "a code of the firm that lacks a digit": (lambda: applicant(1) | {"firm": "91350100M000100Y4"}, 422, "/firm"),
    "a wrong check digit of a patent": (
        lambda: with_row("patents", patent="CN201910561574.8"),
        422,
        "/rows/patents/0/patent",
    ),
    "a row that happened after it was known": (
        lambda: with_row("firms", founded_on="2026-11-19"),
        422,
        "/rows/firms/0/founded_on",
    ),
    "negative total assets": (lambda: with_row("statements", total_assets=-1), 422, "/rows/statements/0/total_assets"),
    "a patent granted before it was filed": (
        lambda: with_row("patents", granted_on="2001-01-01"),
        422,
        "/rows/patents/0/granted_on",
    ),
    "an unknown field": (lambda: applicant(1) | {"colour": "blue"}, 422, "/colour"),
    "an unknown table": (lambda: applicant(1) | {"rows": {"colours": []}}, 422, "/rows/colours"),
    "an unknown column": (lambda: with_row("patents", colour="blue"), 422, "/rows/patents/0/colour"),
    "money with a fraction": (
        lambda: with_row("statements", total_assets=1.5),
        422,
        "/rows/statements/0/total_assets",
    ),
    "a whole number beyond 2**53": (
        lambda: with_row("statements", revenue=2**53),
        422,
        "/rows/statements/0/revenue",
    ),
    "a row about another firm": (lambda: with_row("firms", firm="row:77"), 422, "/rows/firms/0/firm"),
    "an unknown kind": (lambda: applicant(1, kind="car"), 422, "/kind"),
    "a list instead of a question": (lambda: b"[]", 422, ""),
    "a firm to be looked up where there is no lake": (lambda: without("rows"), 404, None),
    "a body over the limit": (lambda: b" " * (2**20 + 1), 413, None),
}


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_and_nothing_is_written(client: TestClient, name: str) -> None:
    """Each has its status, a problem body that names the place, and leaves the ledger as it was."""
    make, status, pointer = BAD[name]
    refused = ask(client, make())
    assert refused.status_code == status, refused.text
    problem = _problem(refused)
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer, problem
    assert entries(client).verified == 0
    assert ask(client, applicant(1)).status_code == 201


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("path", ["/v1/assessments", "/v1/assessments/batch", "/v1/loan-files/none/approval"])
def test_a_body_over_the_limit_is_refused_on_every_route(client: TestClient, path: str) -> None:
    """Announced or coming in pieces, a body is cut off when it passes the limit."""
    for content in (b" " * (2**20 + 1), iter([b" " * 2**19] * 3)):
        refused = client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert refused.status_code == 413
        assert _problem(refused)["type"] == "urn:pledgescore:problem:body-too-large"


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/assessments", 405),
        ("GET", "/v1/assessments/none", 404),
        ("GET", "/v1/assessments?limit=0", 422),
        ("GET", "/v1/assessments?colour=blue", 422),
        ("GET", "/v1/assessments/none/acts", 404),
        ("POST", "/v1/loan-files/none/approval", 422),
        ("GET", "/v1/firms", 422),
        ("GET", "/v1/firms?name=x", 404),
    ],
)
def test_every_refusal_is_a_problem(client: TestClient, method: str, path: str, status: int) -> None:
    """What the framework refuses leaves in the same shape as what we refuse."""
    refused = client.request(method, path)
    assert refused.status_code == status
    _problem(refused)


def test_a_defect_of_ours_is_a_problem_that_tells_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen error is 500 without its text, and writes nothing."""

    def broken(*_: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr("service.assessing.story.conclude", broken)
    refused = ask(client, applicant(1))
    assert refused.status_code == 500
    assert "secret" not in refused.text
    assert _problem(refused)["type"] == "urn:pledgescore:problem:unforeseen"
    assert entries(client).verified == 0


def _problem(refused: Any) -> Body:
    assert refused.headers["content-type"] == "application/problem+json"
    problem: Body = refused.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == refused.status_code
    return problem


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.sqlite_alone
@law(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(applicant(1, patents=1))), json_values)
def test_whatever_is_put_into_a_field_never_breaks_the_service(client: TestClient, field: str, value: Any) -> None:
    """Any JSON value in the place of any field is answered or refused; it is never a defect of ours."""
    body = json.dumps(applicant(1, patents=1) | {field: value}).encode("utf-8", errors="replace")
    told = ask(client, body)
    assert told.status_code in (201, 400, 404, 422, 503)
    orjson.loads(told.content)


# --- the same question twice -----------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer_and_one_entry(client: TestClient) -> None:
    """A repeated request is answered by the entry that stands, byte for byte."""
    body = applicant(1)
    first, again = (ask(client, body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert entries(client).verified == 1


def test_a_key_with_another_body_is_refused(client: TestClient) -> None:
    """A key belongs to one question."""
    ask(client, applicant(1), **{"Idempotency-Key": "k1"})
    refused = ask(client, applicant(2), **{"Idempotency-Key": "k1"})
    assert refused.status_code == 409
    assert entries(client).verified == 1


def test_a_key_that_is_too_long_is_refused(client: TestClient) -> None:
    """A key is kept for ever, so it has a bound."""
    assert ask(client, applicant(1), **{"Idempotency-Key": "k" * 201}).status_code == 422
    assert entries(client).verified == 0


def test_a_key_is_remembered_after_a_restart(settings: Settings) -> None:
    """The key stands in the transaction of its answer, so a new process knows it."""
    contents = []
    for _ in range(2):
        with TestClient(create_app(settings, lambda: NOON)) as client:
            contents.append(ask(client, applicant(1), **{"Idempotency-Key": "k1"}).content)
            assert entries(client).verified == 1
    assert contents[0] == contents[1]


def test_a_list_with_a_key_is_entered_once(client: TestClient) -> None:
    """The key of a list covers each applicant in its place."""
    body = {"applicants": [applicant(seed, patents=1) for seed in range(3)]}
    first, again = (
        client.post("/v1/assessments/batch", json=body, headers={"Idempotency-Key": "list"}) for _ in range(2)
    )
    assert first.content == again.content
    assert entries(client).verified == 3


# --- finding again ---------------------------------------------------------------------------------------------------


def test_assessments_are_listed_by_filter_page_by_page(client: TestClient) -> None:
    """The latest come first, a cursor leads through all, and every filter narrows."""
    ids = [ask(client, applicant(seed % 3, patents=1, bank=f"bank-{seed % 2}")).json()["id"] for seed in range(7)]
    seen, cursor = [], ""
    while True:
        told = client.get(f"/v1/assessments?limit=3{cursor}")
        page = as_declared(Page, told.json())
        seen += [item.id for item in page.items]
        if page.next is None:
            break
        cursor = f"&cursor={page.next}"
    assert seen == ids[::-1]
    assert {item["firm"] for item in client.get("/v1/assessments?firm=row:1").json()["items"]} == {"row:1"}
    assert len(client.get("/v1/assessments?bank=bank-1").json()["items"]) == 3
    assert client.get("/v1/assessments?as_of_to=2026-11-19").json()["items"] == []
    assert len(client.get("/v1/assessments?kind=pledge&retrospective=false").json()["items"]) == 7


def test_the_list_comes_as_csv_that_no_spreadsheet_executes(client: TestClient) -> None:
    """The same columns as a file; a text that looks like a formula is quoted."""
    ask(client, applicant(1, patents=1, case="=2+3"))
    told = client.get("/v1/assessments?format=csv")
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = told.content.decode("utf-8-sig").split("\r\n")[:2]
    assert header.startswith("id,case,firm,kind,as_of")
    assert ",'=2+3,row:1," in row


def test_a_firm_is_found_by_name_and_assessed_from_the_lake(settings: Settings, tmp_path: Path) -> None:
    """With a lake only the code is needed; rows known later than the day are counted as left out."""
    rows = {table: [{"firm": "row:5", **row} for row in own] for table, own in rows_of(5, patents=4).items() if own}
    rows["firms"].append(rows["firms"][0] | {"known_on": date(2026, 12, 1), "staff": 1})
    with LakeWriter(tmp_path / "lake", Manifest("made", "CNY", 2, synthetic=True)) as lake:
        lake.add(frames_of(rows))
    with_lake = Settings(**{**vars(settings), "lakes": (tmp_path / "lake",)})
    with TestClient(create_app(with_lake, lambda: NOON)) as client:
        firm = client.get("/v1/firms", params={"name": "企业5"}).json()["items"][0]["firm"]
        looked_up = ask(client, {"as_of": DAY.isoformat(), "firm": firm, "bank": "bank-1"})
        assert looked_up.status_code == 201
        assert looked_up.json()["ignored"] == [{"table": "firms", "count": 1, "known_on": "2026-12-01", "rows": []}]
        given_ = ask(client, applicant(5, patents=4)).json()
        assert looked_up.json()["pd"] == given_["pd"]
        assert ask(client, {"as_of": DAY.isoformat(), "firm": "row:6"}).status_code == 404


# --- what the bank then did ------------------------------------------------------------------------------------------


def test_what_was_done_is_entered_in_its_order(client: TestClient) -> None:
    """Each act is sealed, names the assessment's seal, and is found under it."""
    answer = ask(client, applicant(1)).json()
    file = drawn(client, answer["id"])
    act(client, file, "closure", person="王芳", closed_on="2026-11-20", outcome="repaid", loss=0)
    acts = client.get(f"/v1/assessments/{answer['id']}/acts").json()["items"]
    assert [one["kind"] for one in acts if one["kind"] not in ("vote", "minutes")][:2] == ["submitted", "reviewed"]
    assert [one["kind"] for one in acts][-3:] == ["drawdown_check", "drawdown", "closure"]
    assert [one["record"]["entry"] for one in acts] == list(range(3, 3 + len(acts)))
    assert entries(client).seal == acts[-1]["record"]["seal"]


def test_an_act_that_cannot_follow_leaves_no_entry(client: TestClient) -> None:
    """It is refused with a problem; what was done before it stands."""
    answer = ask(client, applicant(1)).json()
    file = file_of(client, answer["id"])
    assert withdrawal(client, answer["id"]).status_code == 201
    before = entries(client).verified
    closed = {"person": "王芳", "closed_on": "2026-11-20", "outcome": "repaid", "loss": 0}
    for what, body, status in (("closure", closed, 409), ("closure", closed | {"colour": "blue"}, 422)):
        refused = client.post(f"/v1/loan-files/{file}/{what}", json=body)
        assert refused.status_code == status
        _problem(refused)
    assert withdrawal(client, answer["id"]).status_code == 409
    assert entries(client).verified == before


def test_an_expired_assessment_decides_nothing(settings: Settings) -> None:
    """After its last day an assessment is history."""
    moment = [NOON]
    with TestClient(create_app(settings, lambda: moment[0])) as client:
        answer = ask(client, applicant(1)).json()
        seen = client.get(f"/v1/loan-files/{file_of(client, answer['id'])}").json()["seen"]
        moment[0] = NOON + timedelta(days=91)
        body = {"assessment": answer["id"], "seen": seen, "person": "李明", "second": "陈静"}
        refused = client.post("/v1/loan-files", json=body | {"amount": 100, "term_months": 1})
        assert (refused.status_code, refused.json()["facts"]["expires_on"]) == (409, answer["expires_on"])


# --- around it -------------------------------------------------------------------------------------------------------


def test_the_interactive_description_loads_nothing_from_elsewhere(client: TestClient) -> None:
    """Every address in /docs is our own, and is there."""
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/assets/{asset}" in page
        assert client.get(f"/docs/assets/{asset}").status_code == 200


def test_openapi_names_every_shape_and_its_examples_work(settings: Settings) -> None:
    """The schema resolves, names our answers and problems, and the examples with rows are answered."""
    with TestClient(create_app(settings, lambda: NOON)) as client:
        schema = client.get("/openapi.json").json()
        parts = schema["components"]["schemas"]
        assert {model.__name__ for model in (*ANSWERS, *STRUCTS)} <= set(parts)
        for reference in _references(schema):
            assert reference.removeprefix("#/components/schemas/") in parts, reference
        content = schema["paths"]["/v1/assessments"]["post"]["requestBody"]["content"]["application/json"]
        for example in ("rows given", "rows and a register extract"):
            told = ask(client, content["examples"][example]["value"])
            assert told.status_code == 201, told.text


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in _references(value)]
    return [found for value in part for found in _references(value)] if isinstance(part, list) else []


def test_health_and_figures(client: TestClient) -> None:
    """The process lives, is ready with its model, and counts what it recorded and refused."""
    ask(client, applicant(1))
    ask(client, b"{")
    assert client.get("/healthz").json() == {"alive": True}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], list(ready.json()["models"])) == (200, True, ["pledge"])
    figures = client.get("/metrics").text
    assert 'pledgescore_assessments_total{grade="' in figures
    assert 'pledgescore_refusals_total{code="not-json"} 1.0' in figures
