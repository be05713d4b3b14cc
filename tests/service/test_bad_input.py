"""Any day, amount or text in any column of any route is answered or refused: no defect, nothing half recorded."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from features.columns import Column
from features.tables import TABLES
from service.edge.settings import Settings
from service.ledger.tables import ENTRIES
from service.web.app import create_app
from tests.amount import law
from tests.service.conftest import NOON, NewLedger
from tests.service.made import offering
from tests.service.mistakes import right

FEW = law(
    30,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
Json = Any

# --- what somebody may write --------------------------------------------------------------------------------------

DAYS = st.one_of(
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from(("0001-01-01", "1899-12-31", "1900-01-01", "2000-01-01", "2024-02-29", "2025-02-29", "2026-11-20",
                     "2199-12-31", "2200-01-01", "9999-12-31", "2026/11/20", "20261120", "2026-11-20T00:00:00Z")),
)  # fmt: skip
LARGE = (2**31, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64, 10**30)
WHOLE = st.one_of(st.integers(-(2**54), 2**54), st.sampled_from((0, 1, *LARGE, *(-one for one in LARGE))))
NUMBERS = st.one_of(
    WHOLE,
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((0.0, -0.0, 5e-324, 1e-300, 1e300, 1.7976931348623157e308, 0.1, 1.0000000000000002)),
)
AMOUNTS = st.one_of(
    WHOLE,
    st.fixed_dictionaries(
        {"value": st.one_of(NUMBERS, st.text(max_size=8)), "unit": st.sampled_from(("元", "万元", "亿元", "万", ""))}
    ),
    st.sampled_from(("300万元", "-1,234.5 元", "３００万元", "99999999999亿元")),
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(("", " ", "\x00", "a\x00b", "\x1b[31mX\x07", "\u202etxt", "\u2066", "\ud800", "\udfff\ud800",
                     "é" * 300, "本行", "us", "=1+1", "＝1", "CN201910561574.9", "ZL201910561574.9",
                     "91350100M000100Y43", "uscc:", "row:", "row:\u00a0", "person:1", "' or 1=1 --",
                     "%00", "𝟗𝟏", "NaN", "null", "9" * 4001)),
)  # fmt: skip
ANYTHING: st.SearchStrategy[Json] = st.one_of(
    st.none(), st.booleans(), NUMBERS, AMOUNTS, TEXTS, DAYS, st.just([]), st.just({}), st.just([[[]]]),
    st.just({"a": {"a": None}}),
)  # fmt: skip


def plausible(column: Column) -> st.SearchStrategy[Json]:
    """A value that the column may take."""
    least = int(column.least if column.least is not None else -(10**6))
    most = int(column.most if column.most is not None else 2**53 - 1)
    match column.kind:
        case "choice":
            return st.sampled_from(column.choices)
        case "flag":
            return st.booleans()
        case "day":
            return st.dates(min_value=FIRST, max_value=LAST).map(lambda day: day.isoformat())
        case "money" | "count":
            return st.one_of(st.integers(least, most), st.sampled_from((least, most, max(least, min(1, most)))))
        case "number":
            return st.floats(least, most if column.most is not None else 1e300)
        case _:
            return st.sampled_from(PLAUSIBLE.get(column.name, ("1", "C39", "A-1", "CN201910561574.9", "own_x")))


FIRST, LAST = date(1900, 1, 1), date(2026, 11, 20)
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "patent": ("CN201910561574.9",), "twin": ("CN201910561574.9",), "holder": ("row:3", "uscc:91350100M000100Y43"),
    "other": ("row:4",), "industry": ("C39", "C3921"), "region": ("4403",), "person": ("person:1",),
    "ipc": ("H04L9/32",),
    "locarno": ("14-02",), "office": ("CN",), "application": ("a1",), "fact": ("own_x", "funds_misused"),
    "answer": ("yes", "misused", "unknown"), "measure": ("m",), "document": ("0" * 64,), "about": ("patents", "people"),
}  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, dict[str, Json]]:
    """A row of any table, each column told or not, of which some hold anything."""
    table = draw(st.sampled_from(sorted(TABLES)))
    columns = TABLES[table].columns
    named = [name for name, one in columns.items() if one.required and name != "firm"]
    named += draw(st.lists(st.sampled_from(sorted(columns.keys() - {"firm", *named})), unique=True))
    row = {name: draw(plausible(columns[name])) for name in named}
    row |= {"known_on": "2026-11-20"} if draw(st.booleans()) else {}
    for name in draw(st.lists(st.sampled_from(sorted(columns)), max_size=2, unique=True)):
        row[name] = draw(ANYTHING)
    return table, row


@st.composite
def extreme_rows(draw: st.DrawFn) -> list[tuple[str, dict[str, Json]]]:
    """Rows that the tables take, of the least and the greatest that their columns allow."""
    found = []
    for table in draw(
        st.lists(st.sampled_from(sorted(TABLES.keys() - {"evidence", "coverage"})), min_size=1, max_size=3)
    ):
        columns = TABLES[table].columns
        row: dict[str, Json] = {name: draw(plausible(one)) for name, one in columns.items() if name not in _LEFT}
        row |= {"known_on": "2026-11-20"}
        for first, second in (*TABLES[table].orders, *TABLES[table].orders):
            if row[first] > row[second]:
                row[first], row[second] = row[second], row[first]
        found.append((table, row))
    return found


_LEFT = frozenset({"firm", "withdrawn", "as_written"})


def with_rows(told: list[tuple[str, dict[str, Json]]]) -> dict[str, Json]:
    """A question that holds further rows."""
    body = deepcopy(BASE)
    for table, row in told:
        body["rows"].setdefault(table, []).append(row)
    return body


BASE = offering(3, patents=2, offered=1)
MEMBERS = ("kind", "as_of", "firm", "case", "application", "bank", "branch", "assumptions", "rows", "extract", "other")


# --- the service --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def service(new_ledger: NewLedger, bundle: Any) -> Iterator[TestClient]:
    """A service on either database, for all questions of this module."""
    app = create_app(Settings(database=new_ledger(), bundles=(bundle,), sign_in="none"), lambda: NOON)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def entries(client: TestClient) -> int:
    """How many entries the ledger holds."""
    app = client.app
    assert isinstance(app, FastAPI)
    with app.state.pledgescore.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one())


def ask(client: TestClient, body: Json) -> int:
    """Ask; a 201 enters one entry, anything else none. Gives the status."""
    before = entries(client)
    answer = client.post("/v1/assessments", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 404, 422), answer.text[:1000]
    assert entries(client) == before + (answer.status_code == 201)
    return answer.status_code


@FEW
@given(told=st.lists(rows(), min_size=1, max_size=4))
def test_any_rows(service: TestClient, told: list[tuple[str, dict[str, Json]]]) -> None:
    """Rows of any table with anything in any column."""
    ask(service, with_rows(told))


@FEW
@given(told=extreme_rows())
def test_any_amount_that_is_allowed(service: TestClient, told: list[tuple[str, dict[str, Json]]]) -> None:
    """What follows from the least and the greatest amounts, counts and days is answered, or refused as too large."""
    ask(service, with_rows(told))


@FEW
@given(member=st.sampled_from(MEMBERS), value=st.one_of(ANYTHING, DAYS, st.text(max_size=10)))
def test_any_member(service: TestClient, member: str, value: Json) -> None:
    """Anything in any member of the question."""
    ask(service, {**deepcopy(BASE), member: value})


@FEW
@given(data=st.data())
def test_any_extract(service: TestClient, data: st.DataObject) -> None:
    """Anything in any place of a register extract."""
    body = right()
    body["extract"]["holders"][0]["since"] = data.draw(st.one_of(st.just("2019-06-26"), ANYTHING))
    body["extract"]["pledges"] = [{"registered_on": "2026-01-01", "amount": data.draw(AMOUNTS)}]
    name = data.draw(st.sampled_from([*sorted(body["extract"]), "kind", "remarks", "other"]))
    body["extract"][name] = data.draw(ANYTHING)
    ask(service, body)


@pytest.mark.sqlite_alone
@FEW
@given(told=st.lists(rows(), min_size=1, max_size=3))
def test_a_list_answers_each_place(service: TestClient, told: list[tuple[str, dict[str, Json]]]) -> None:
    """One applicant of whatever kind takes down no list; asked again under the same key, nothing is entered."""
    body = {"applicants": [BASE | {"case": "A"}, with_rows(told), BASE | {"case": "C"}]}
    before, key = entries(service), uuid4()
    found = []
    for _ in range(2):
        answer = service.post(
            "/v1/assessments/batch",
            content=json.dumps(body),
            headers={"Idempotency-Key": str(key), "Content-Type": "application/json"},
        )
        if answer.status_code == 400:  # a text that no JSON reader takes
            assert entries(service) == before
            return
        assert answer.status_code == 200, answer.text[:500]
        results = answer.json()["results"]
        assert [*map(len, results)] == [1, 1, 1]
        assert "assessment" in results[0]
        assert "assessment" in results[2]
        assert results[1].get("problem", {}).get("status", 422) < 500
        assert entries(service) == before + sum("assessment" in one for one in results)
        found.append([one.get("assessment", {}).get("id") for one in results])
    assert found[0] == found[1]


QUERIES = {
    "/v1/assessments": ("firm", "kind", "bank", "branch", "application", "grade", "retrospective", "as_of_from",
                        "as_of_to", "cursor", "limit", "format", "words"),
    "/v1/firms": ("name", "limit", "words"), "/v1/history": ("at", "words"), "/v1/policy": ("on", "words"),
    "/v1/policy/patent_terms.invention": ("on", "words"), "/v1/overrides": ("words", "other"),
    "/v1/catalogue": ("words",), "/v1/vocabulary": ("words",), "/v1/validations": ("limit", "cursor"),
    "/v1/ledger/pack": ("period", "for"), "/v1/ledger/consistency": ("from", "to"), "/v1/models": ("words",),
}  # fmt: skip
ASKED = st.one_of(
    TEXTS, DAYS, NUMBERS.map(str), st.sampled_from(("true", "json", "csv", "9223372036854775808", "-1", "2026-13"))
)


@FEW
@given(route=st.sampled_from(sorted(QUERIES)), data=st.data())
def test_any_query(service: TestClient, route: str, data: st.DataObject) -> None:
    """Anything in any parameter of lists, searches and looks into what was in force."""
    names = data.draw(st.lists(st.sampled_from(QUERIES[route]), min_size=1, unique=True))
    query = {name: data.draw(ASKED).encode("utf-8", "replace").decode() for name in names}
    answer = service.get(route, params=query)
    assert answer.status_code < 500, (route, query, answer.text[:500])


def test_a_nul_in_an_address_is_refused(service: TestClient) -> None:
    """Before any database is asked: PostgreSQL takes no text that holds one."""
    for path in ("/v1/assessments/a%00b", "/v1/loan-files/%00", "/v1/users/%00/role", "/desk/files/a%00b"):
        assert service.get(path).status_code == 404
    told = service.get("/v1/assessments?bank=a%00b&firm=row:1")
    assert (told.status_code, [one["pointer"] for one in told.json()["errors"]]) == (422, ["/query/bank"])
    assert service.get("/desk/?state=%00").status_code == 422


PATHS = (
    "/v1/assessments/{}", "/v1/assessments/{}/acts", "/v1/assessments/{}/earlier", "/v1/assessments/{}/replay",
    "/v1/assessments/{}/changes", "/v1/assessments/{}/reasons", "/v1/policy/{}", "/v1/ledger/entries/{}/proof",
)  # fmt: skip


@FEW
@given(path=st.sampled_from(PATHS), text=ASKED)
def test_any_path(service: TestClient, path: str, text: str) -> None:
    """Anything in a path."""
    answer = service.get(path.format(quote(text.encode("utf-8", "replace"), safe="")))
    assert answer.status_code < 500, (path, text, answer.text[:500])


STEPS: dict[str, dict[str, Json]] = {
    "decision": {"outcome": "approve", "decider": "x", "amount": 1, "term_months": 12, "rate": 0.04},
    "drawdown": {"drawn_on": "2026-11-20", "amount": 1, "due_on": "2027-11-20", "by": "x", "conditions_met": True},
    "closure": {"closed_on": "2026-11-20", "outcome": "repaid", "by": "x", "loss": 0},
}


@FEW
@given(step=st.sampled_from(sorted(STEPS)), data=st.data())
def test_any_act(service: TestClient, step: str, data: st.DataObject) -> None:
    """Anything in what the bank says it did; what is refused enters nothing."""
    listed = service.get("/v1/assessments?limit=1").json()["items"]
    identity = listed[0]["id"] if listed else "nobody"
    body = STEPS[step] | {data.draw(st.sampled_from(sorted(STEPS[step]))): data.draw(ANYTHING)}
    before = entries(service)
    answer = service.post(f"/v1/assessments/{identity}/{step}", content=json.dumps(body))
    assert answer.status_code < 500, (step, body, answer.text[:500])
    assert entries(service) == before + (answer.status_code == 201)
