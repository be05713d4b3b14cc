"""An officer's own words: Chinese labels and amounts in ten thousands alone are read as codes and fen."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from features.tables import TABLES
from features.written import AS_WRITTEN, UNITS, normal_row

FILE = Path(__file__).parents[2] / "examples" / "officer" / "applicant.json"
FIRM, PATENT = "uscc:91350100M000100Y43", "CN201910561574.9"


def in_codes(body: dict[str, Any]) -> dict[str, Any]:
    """The same question in codes and fen, with the extract's rows written by hand."""
    rows = {table: [normal_row(table, row) for row in own] for table, own in body["rows"].items()}
    for table in rows.values():
        assert isinstance(table, list)
        for row in table:
            row.pop(AS_WRITTEN, None)
    told = {"known_on": "2026-11-18", "source_kind": "register", "source": "专利登记簿副本"}
    rows["patents"] = [
        told | {"patent": PATENT, "kind": "invention", "title": "一种压力传感器", "filed_on": "2019-06-26",
                "granted_on": "2021-08-03", "fees_paid_to": "2027-06-26"}
    ]  # fmt: skip
    rows["holdings"] = [told | {"patent": PATENT, "holder": FIRM, "from_on": "2019-06-26", "share": 1.0}]
    rows["patent_events"] = [
        told | {"patent": PATENT, "happened_on": "2026-11-18", "event": "register_extract", "reference": "2026年第1号",
                "extract_status": "in_force", "detail": "unencumbered"}
    ]  # fmt: skip
    return {name: part for name, part in body.items() if name != "extract"} | {"firm": FIRM, "rows": rows}


def answered(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    """The answer, whole."""
    answer = client.post("/v1/assessments?include=all", json=body)
    assert answer.status_code == 201, answer.text[:2000]
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_chinese_words_and_ten_thousands_are_read_as_codes_and_fen(client: TestClient) -> None:
    """The example answers as the same question in codes does: whoever typed it need know no code."""
    typed = json.loads(FILE.read_text(encoding="utf-8"))
    one, other = answered(client, typed), answered(client, in_codes(typed))
    for part in ("case", "pd", "features", "findings", "patents", "limit", "term", "recommendation", "value"):
        assert one[part] == other[part], part
    assert one["limit"]["bounds"]["asked"] == 300_000_000
    assert [row["patent"] for row in one["patents"]] == [PATENT]


def test_the_example_holds_chinese_words_and_units_alone() -> None:
    """No choice is written as its code, and no amount is a bare number."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"]
    for table, own in rows.items():
        for row in own:
            for name, value in row.items():
                column = TABLES[table].columns[name]
                if column.kind == "choice":
                    assert value not in column.choices, (table, name)
                if column.kind == "money":
                    assert value["unit"] in UNITS, (table, name)
