"""The list of decisions, one decision, and the light on its proof, over HTTP: for an auditor and for the fund."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.models.underwriting.base_firm import WAN
from tests.service.conftest import NewLedger
from tests.service.decided import DECIDED, DecidedBank, decided_bank
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body
from tests.service.made import calm_bundle


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory, new_ledger: NewLedger) -> Iterator[DecidedBank]:
    """The bank, on either database."""
    place = tmp_path_factory.mktemp("decided")
    (place / "bundle").mkdir()
    calm_bundle(place / "bundle")
    with decided_bank(place, place / "bundle", new_ledger()) as bank:
        yield bank


def items(decided: DecidedBank, who: str, **query: object) -> list[Body]:
    """The decisions that a person's list holds."""
    found: list[Body] = decided.get("decisions", who, **query)["items"]
    return found


def firms(rows: list[Body]) -> list[str]:
    """Of which firms they are."""
    return [one["firm"].removeprefix("row:") for one in rows]


def test_the_list_tells_what_was_advised_and_what_was_decided(decided: DecidedBank) -> None:
    """The latest first; advice, amounts and name are those of the answer, the others those of the approval."""
    rows = items(decided, decided.auditor)
    assert firms(rows) == [*reversed(DECIDED)]
    by_firm = dict(zip(firms(rows), rows, strict=True))
    for name, row in by_firm.items():
        answer = decided.answers[name]
        assert row["assessment"] == answer["id"]
        assert row["advice"] == answer["recommendation"]["advice"]
        assert row["advised"] == answer["recommendation"]["amount"]
        assert row["probability"] == answer["pd"]["value"]
    better, two = by_firm["better"], by_firm["signed_by_two"]
    assert (better["outcome"], better["stands"], better["amount"]) == ("approved", "better", 100 * WAN)
    assert (better["waives"], better["by"]) == (1, [decided.people.head])
    assert (two["by"], two["amount"]) == (decided.people.branch, 300 * WAN)
    declined = by_firm["declined"]
    assert (declined["outcome"], declined["amount"], declined["state"]) == ("declined", None, "declined")
    drawn = by_firm["drawn"]
    assert (drawn["state"], drawn["drawn"]) == ("drawn", 200 * WAN)
    assert by_firm["returned"]["state"] == "returned"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"outcome": "declined"}, {"declined"}),
        ({"stands": "better"}, {"better"}),
        ({"advice": "advise_against"}, {"better"}),
        ({"state": "drawn"}, {"drawn"}),
        ({"least": 201 * WAN}, {"declined", "signed_by_two"}),
        ({"most": 150 * WAN}, {"better"}),
        ({"branch": "b1", "text": "ROW:dRAWN"}, {"drawn"}),
        ({"from": "2026-11-21"}, set()),
        ({"from": "2026-11-20", "to": "2026-11-20"}, set(DECIDED)),
        ({"to": "2026-11-19"}, set()),
    ],
)
def test_filters_hold(decided: DecidedBank, query: Body, expected: set[str]) -> None:
    """Each alone, and together with the days; of a refusal the amount asked is bounded."""
    assert set(firms(items(decided, decided.auditor, **query))) == expected


def test_pages_hold_each_decision_once(decided: DecidedBank) -> None:
    """Two a page, by the cursor, to the end."""
    found: list[str] = []
    cursor: dict[str, int] = {}
    while True:
        told = decided.get("decisions", decided.auditor, limit=2, **cursor)
        found += firms(told["items"])
        if told["next"] is None:
            break
        cursor = {"cursor": told["next"]}
    assert found == [*reversed(DECIDED)]
    assert decided.get("decisions", decided.auditor, limit=5)["next"] is None


def test_a_fund_sees_its_own_book_alone(decided: DecidedBank) -> None:
    """The fund's manager reads the same rows, another fund's and another bank's nothing."""
    assert items(decided, decided.manager) == items(decided, decided.auditor)
    assert items(decided, decided.stranger) == items(decided, decided.other_manager) == []
    path = f"decisions/{decided.answers['drawn']['id']}"
    for who in (decided.stranger, decided.other_manager):
        assert decided.get(path, who, 404)["type"].endswith("no-such-assessment")
    assert decided.get("decisions", decided.people.lead, 403)["type"].endswith("forbidden")


def test_the_list_as_a_file(decided: DecidedBank) -> None:
    """The same rows and filters, with names of codes, amounts in ten thousand yuan, who took it above."""
    client, headers = decided.people.client, decided.people.as_(decided.auditor)
    told = client.get("/v1/decisions?format=xlsx&stands=better&words=en", headers=headers)
    lines = CalamineWorkbook.from_filelike(BytesIO(told.content)).get_sheet_by_index(0).to_python()
    assert lines[0][0].startswith("PledgeScore · auditor-1 (auditor) · bank-1")
    row = dict(zip(lines[1], lines[2], strict=True))
    assert (row["Approved (RMB 10,000)"], row["Against the advice"]) == (100, "better than advised")
    assert f"{row['Decided at']:%Y-%m-%d %H:%M}" == "2026-11-20 12:03"
    assert len(lines) == 3
    table = client.get("/v1/decisions?format=csv", headers=headers).text
    assert len(table.splitlines()) == 2 + len(DECIDED)
    assert "不建议" in table


def test_one_decision_as_a_whole(decided: DecidedBank) -> None:
    """What was done, in order and by whom; conditions as they were met; the payment; nothing moved."""
    told = decided.get(f"decisions/{decided.answers['drawn']['id']}", decided.auditor)
    people = decided.people
    kinds = [(one["kind"], one["by"]) for one in told["acts"]]
    assert kinds[:3] == [("submitted", people.lead), ("reviewed", people.reviewer), ("approval", people.first)]
    assert kinds[-2:] == [("drawdown_check", people.desk), ("drawdown", people.lead)]
    assert told["conditions"][-1]["text"] == "追加存单质押"
    assert {one["state"] for one in told["conditions"]} == {"confirmed"}
    assert [one["amount"] for one in told["drawdowns"]] == [200 * WAN]
    assert (told["moved"], told["others"]) == (None, [])
    refused = decided.get(f"decisions/{decided.answers['undecided']['id']}", decided.auditor, 409)
    assert refused["code"] == "not_decided"


def test_a_fund_reads_of_an_act_what_a_pack_would_show(decided: DecidedBank) -> None:
    """The approval and its reason, but neither the reviewer's words nor what members of the committee said."""
    path = f"decisions/{decided.answers['better']['id']}"
    inside, fund = decided.get(path, decided.auditor), decided.get(path, decided.manager)
    assert [one["kind"] for one in inside["acts"]] == [one["kind"] for one in fund["acts"]]
    ours, theirs = ({one["kind"]: one["content"] for one in told["acts"]} for told in (inside, fund))
    assert ours["reviewed"]["opinion"] == "同意上报"
    assert theirs["approval"]["reason"] == "追加存单质押"
    assert not {"opinion", "answers"} & theirs["reviewed"].keys()
    assert theirs["vote"].keys() == {"seen"}
    assert not {"chair", "present", "meeting"} & theirs["minutes"].keys()


def test_what_moved_since_is_told(decided: DecidedBank) -> None:
    """A newer assessment of the application, by what it says otherwise; a fund does not read the bureau in it."""
    before = decided.answers["returned"]
    answer = decided.people.assess(cases.overdue(), firm="row:returned")
    assert answer["record"]["loan_file"]["id"] == before["record"]["loan_file"]["id"]
    path = f"decisions/{before['id']}"
    moved, seen = (decided.get(path, who)["moved"] for who in (decided.auditor, decided.manager))
    assert moved["assessment"] == answer["id"]
    assert moved["now"]["advice"] == answer["recommendation"]["advice"]
    turned = {one["rule"] for one in moved["change"]["findings"]}
    assert turned
    assert {one["rule"] for one in seen["change"]["findings"]} < turned
