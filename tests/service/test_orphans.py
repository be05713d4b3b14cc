"""What was filed elsewhere and what was entered: who has no entry is named, and how far its record goes."""

import json

import pytest
from fastapi.testclient import TestClient

from service.web.shapes.decisions import Orphans
from tests.service import lent
from tests.service.lent import approved
from tests.service.made import applicant


def drawn(client: TestClient) -> str:
    """The id of an assessment under which money was drawn; two other firms were only assessed, or only approved."""
    ids = [
        client.post("/v1/assessments", content=json.dumps(applicant(seed, patents=2))).json()["id"]
        for seed in (1, 2, 3)
    ]
    approved(client, ids[2])
    lent.drawn(client, ids[0])
    return str(ids[0])


def test_what_has_no_entry_is_named_with_how_far_its_record_goes(client: TestClient) -> None:
    """A loan filed is found by its number; of the others it is said whether they were assessed, approved or drawn."""
    own = drawn(client)
    filed = [
        {"firm": "row:1", "loan": "L1", "amount": 1000000, "on": "2026-11-20"},
        {"firm": "row:1", "loan": "L2"},
        {"firm": "row:2", "loan": "L3"},
        {"firm": "row:3", "loan": "L4"},
        {"firm": "row:9", "loan": "L5"},
        {"firm": "row:1", "registration": "Y2026980001", "on": "2026-11-20", "amount": 120},
    ]
    told = client.post("/v1/orphans", json={"filed": filed})
    assert told.status_code == 200
    Orphans.model_validate_json(told.content)
    found = told.json()
    assert (found["compared"], found["matched"]) == (6, 2)
    assert [(one["line"], one["why"]) for one in found["orphans"]] == [
        (2, "drawn_otherwise"),
        (3, "never_approved"),
        (4, "never_drawn"),
        (5, "never_assessed"),
    ]
    assert [(one["line"], one["differs"], one["assessment"]) for one in found["differing"]] == [(6, ["amount"], own)]


def test_a_csv_file_is_compared_as_well(client: TestClient) -> None:
    """The columns are the fields; a cell that makes no sense is named by its line and column."""
    drawn(client)
    text = "\ufefffirm,loan,amount,on\r\nrow:1,L1,1000000,2026-11-20\r\nrow:9,,,\r\n"
    found = client.post("/v1/orphans/csv", content=text.encode()).json()
    assert [(one["line"], one["firm"], one["why"]) for one in found["orphans"]] == [(2, "row:9", "never_assessed")]
    for bad, pointer in ((b"firm,amount\nrow:1,many\n", "/0/amount"), (b"firm,colour\nrow:1,blue\n", "/0/colour")):
        refused = client.post("/v1/orphans/csv", content=bad)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert client.post("/v1/orphans/csv", content=b"\xff\xfe").status_code == 422


@pytest.mark.parametrize("body", [b"firm\rrow:1\r", b"firm,bank\r\nrow:1,b\r\n"])
def test_a_file_of_any_line_ends_is_read(client: TestClient, body: bytes) -> None:
    """Whatever wrote the file, its lines are those it means."""
    told = client.post("/v1/orphans/csv", content=body, headers={"Content-Type": "text/csv"})
    assert (told.status_code, told.json()["compared"]) == (200, 1)


@pytest.mark.parametrize("body", [b'a\rb\x00,"', b"firm,bank\nrow:1,b,c,d\n", b"firm\n" + b"x" * 200_000, b'\r\r"\r'])
def test_a_file_that_is_no_table_is_refused(client: TestClient, body: bytes) -> None:
    """Never as a defect of ours: it is said what is wrong with it."""
    told = client.post("/v1/orphans/csv", content=body, headers={"Content-Type": "text/csv"})
    assert (told.status_code, bool(told.json()["errors"])) == (422, True), told.text
