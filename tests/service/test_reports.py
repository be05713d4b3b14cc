"""Inputs that once failed, each answered as it should be.

They lie beside the project; where they do not, these tests are skipped. `test_bad_input.py` keeps siblings of each.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import pledgescore
from features.lake import LakeWriter, Manifest, frames_of
from service.edge.settings import Settings
from service.web.app import create_app
from tests.beside import BESIDE
from tests.service.conftest import NOON

REPORTS = BESIDE / "cases" / "reports"
pytestmark = pytest.mark.skipif(not REPORTS.exists(), reason="../shared/cases/reports is not there")
FIRM = "uscc:91440300XX7D0HF076"


@pytest.fixture
def client(settings: Settings) -> Any:
    """A service that takes a whole loan file."""
    app = create_app(Settings(**{**vars(settings), "body_limit_mib": 4}), lambda: NOON)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def sent(name: str) -> dict[str, Any]:
    """A report whose rows are as complete as books are read today.

    Its evidence tells a fact that no rule reads and that is therefore refused now; prepayments and advances, without
    which the formula says nothing, are told.
    """
    body: dict[str, Any] = json.loads((REPORTS / name).read_bytes())
    del body["rows"]["evidence"]
    for books in body["rows"]["statements"]:
        books |= {"prepayments": 100_000_000, "advances_received": 50_000_000}
    return body


def asked(client: TestClient, body: dict[str, Any] | bytes, status: int) -> dict[str, Any]:
    """What is answered, in English."""
    content = body if isinstance(body, bytes) else json.dumps(body)
    answer = client.post("/v1/assessments?words=en", content=content)
    assert answer.status_code == status, answer.text[:500]
    told: dict[str, Any] = answer.json()
    return told


def entries(client: TestClient) -> int:
    """How many assessments are recorded."""
    return len(client.get("/v1/assessments").json()["items"])


def method(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """One method of the need."""
    found: dict[str, Any] = next(one for one in answer["limit"]["need"]["methods"] if one["method"] == name)
    return found


def test_01_one_bad_applicant_takes_down_no_list(client: TestClient) -> None:
    """Each place is answered; asked again under the same key, nothing is entered twice."""
    body = (REPORTS / "01_batch_placeholder_day.json").read_bytes()
    for _ in range(2):
        answer = client.post("/v1/assessments/batch?words=en", content=body, headers={"Idempotency-Key": "list"})
        assert answer.status_code == 200
        first, second, third = answer.json()["results"]
        assert ("assessment" in first, "problem" in second, "assessment" in third) == (True, True, True)
        assert second["problem"]["errors"][0]["pointer"] == "/as_of"
        assert entries(client) == 2


@pytest.mark.parametrize("name", ["02_cost_of_sales_1.json", "05_cost_of_sales_10_yuan.json"])
def test_02_05_a_cost_near_nothing_makes_no_need(client: TestClient, name: str) -> None:
    """The need is not known, and a person looks at it."""
    answer = asked(client, sent(name) | {"kind": "pledge"}, 201)
    assert answer["limit"]["need"]["amount"] is None
    assert method(answer, "annex_formula")["reason"] == {
        "code": "need.reason.turn_not_believed", "facts": {"item": "cost_of_sales", "days": 720},
    }  # fmt: skip
    referred = {one["rule"] for one in answer["findings"] if one.get("effect") == "refer"}
    assert "need_known" in referred
    assert answer["recommendation"]["advice"] != "recommend"


def test_03_a_count_that_leads_to_a_day_is_bounded(client: TestClient) -> None:
    """The column is named."""
    told = asked(client, sent("03_term_adjustment_3000000.json"), 422)
    assert {one["pointer"].rpartition("/")[2] for one in told["errors"]} == {"term_adjustment_days"}


@pytest.mark.parametrize("day", ["9999-12-31", "1999-12-31", "1900-01-01", "0001-01-01", "2200-01-01"])
def test_04_the_day_asked_about_is_bounded(client: TestClient, day: str) -> None:
    """The bounds are told."""
    body = json.loads((REPORTS / "04_as_of_9999.json").read_bytes())
    told = asked(client, body | {"as_of": day}, 422)
    assert [(one["pointer"], one["facts"]) for one in told["errors"]] == [
        ("/as_of", {"first": "2000-01-01", "last": "2199-12-31"})
    ]


def test_06_the_right_cause_is_named(client: TestClient) -> None:
    """Revenue is given: cost of sales is what stands in the way."""
    reason = method(asked(client, sent("06_cost_of_sales_0.json"), 201), "annex_formula")["reason"]
    assert reason == {"code": "need.reason.no_sales", "facts": {"items": ["cost_of_sales"]}}


@pytest.mark.parametrize("name", ["07_firm_with_control_characters.json", "08_firm_with_nul.json"])
def test_07_08_control_characters_reach_neither_terminal_nor_database(client: TestClient, name: str) -> None:
    """They are refused as those of rows are."""
    told = asked(client, (REPORTS / name).read_bytes(), 422)
    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [("/firm", "not_plain_text")]
    assert entries(client) == 0


def test_10_a_code_as_it_stands_in_the_register(client: TestClient) -> None:
    """As the firm asked about it is taken, with a warning; in a row of the register, too."""
    body = json.loads((REPORTS / "10_uscc_as_registered.json").read_bytes())
    assert "uscc_check_digit" in {one["code"] for one in asked(client, body, 201)["warnings"]}
    row = {"known_on": "2024-01-01", "source_kind": "register", "other": body["firm"], "role": "associate"}
    asked(client, body | {"firm": "row:1", "rows": {"related": [row]}}, 201)
    asked(client, body | {"firm": "row:1", "rows": {"related": [row | {"source_kind": "typed"}]}}, 422)


def test_11_a_table_that_stands_twice_loses_no_rows(client: TestClient) -> None:
    """The member and its place are named."""
    told = asked(client, (REPORTS / "11_table_twice.json").read_bytes(), 400)
    assert (told["code"], told["facts"]["member"]) == ("json_twice", "statements")


@pytest.fixture
def lake(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings, in the environment too, of a service that looks the reports' firm up."""
    folder = tmp_path / "lake"
    row = {"firm": FIRM, "known_on": date(2020, 1, 1), "source_kind": "register", "legal_name": "试验企业"}
    with LakeWriter(folder, Manifest("made", "CNY", 1, synthetic=True)) as writer:
        writer.add(frames_of({"firms": [row]}))
    for name, value in (("BUNDLE", settings.bundles[0]), ("DATABASE", settings.database), ("LAKE", folder)):
        monkeypatch.setenv(f"PLEDGESCORE_{name}", str(value))
    return settings


def score(file: Path) -> tuple[int, str]:
    """Exit code and all that `pledgescore score` prints."""
    result = CliRunner().invoke(pledgescore.app, ["--words", "en", "score", str(file)])
    return result.exit_code, result.output + str(result.exception or "")


@pytest.mark.parametrize("name", ["21_bom.json", "21_bom.jsonl"])
def test_21_a_byte_order_mark_is_skipped(lake: Settings, name: str) -> None:
    """A file as an office writes it is answered."""
    code, text = score(REPORTS / name)
    assert code == 0, text
    assert FIRM in text


def test_21_another_encoding_is_named(lake: Settings) -> None:
    """A sentence that says what the file seems to be, and no traceback."""
    code, text = score(REPORTS / "21_gbk.csv")
    assert code == 1
    assert "GBK" in text
    assert "Traceback" not in text


def test_07_a_terminal_obeys_no_applicant(lake: Settings, tmp_path: Path) -> None:
    """No control character leaves, whatever the file holds."""
    code, text = score(REPORTS / "07_firm_with_control_characters.json")
    assert code == 1
    named = tmp_path / "named.json"
    named.write_text(json.dumps({"firm": "row:1", "as_of": "2024-04-04", "rows": {"\x1b[31mX\x07": []}}))
    text += score(named)[1]
    assert "\x1b" not in text
    assert "\x07" not in text
