"""Lists that were filed beside what was paid out: one to one, both ways, from JSON, CSV and Excel."""

import io
import json
from datetime import date
from itertools import permutations
from typing import Any

import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from service.decisions.drawn_loans import Drawn
from service.decisions.filed_lists import Filed
from service.decisions.orphans import OrphansFound
from service.decisions.pairing import DrawnIndex
from service.web.shapes.part import as_declared
from tests.service import lent
from tests.service.lent import Words, approved
from tests.service.made import applicant

DAY = "2026-11-20"
LOAN = {"firm": "row:1", "loan": "L1", "amount": 1_000_000, "on": DAY}


def asked(client: TestClient, filed: list[dict[str, Any]], **more: Any) -> Any:
    """What a list gets, in the shape that OpenAPI describes."""
    told = client.post("/v1/orphans", json={"filed": filed, **more})
    assert told.status_code == 200, told.text
    return as_declared(OrphansFound, told.json())


def sent(client: TestClient, content: bytes, query: str = "") -> Any:
    """What a file gets."""
    told = client.post(f"/v1/orphans/file{query}", content=content)
    assert told.status_code == 200, told.text
    return as_declared(OrphansFound, told.json())


def assessed(client: TestClient, seed: int) -> str:
    """The id of an assessment of one firm."""
    return str(client.post("/v1/assessments", content=json.dumps(applicant(seed, patents=2))).json()["id"])


@pytest.fixture(scope="module")
def client(shared_client: TestClient) -> TestClient:
    """Money was drawn by firms 1 and 4; firm 2 was only assessed, firm 3 only approved. No test adds a loan."""
    assessed(shared_client, 2)
    approved(shared_client, assessed(shared_client, 3))
    lent.drawn(shared_client, assessed(shared_client, 1))
    lent.drawn(shared_client, assessed(shared_client, 4), Words(loan="L9", registration="Y2026980009"))
    return shared_client


def test_what_has_no_drawdown_is_named_with_how_far_its_record_goes(client: TestClient) -> None:
    """A loan is found by its number; of the others it is said whether they were assessed, approved or drawn."""
    others = [{"firm": f"row:{n}", "loan": f"X{n}"} for n in (1, 2, 3, 9)]
    found = asked(client, [LOAN, *others])
    assert (found.compared, found.matched) == (5, 1)
    missing = [(one.line, one.why) for one in found.items if one.finding == "filed_not_drawn"]
    assert missing == [(2, "drawn_otherwise"), (3, "never_approved"), (4, "never_drawn"), (5, "never_assessed")]
    other_way = [one for one in found.items if one.finding == "drawn_not_filed"]
    assert [(one.line, one.firm, one.loan, one.amount) for one in other_way] == [(None, "row:4", "L9", 1_000_000)]
    assert found.counts == {"filed_not_drawn": 4, "drawn_not_filed": 1}
    (own,) = client.get("/v1/drawn-loans?text=Y2026980001").json()["items"]
    contract = client.get(f"/v1/loan-files/{own['loan_file']}").json()["contract"]
    for by in ({"contract": contract}, {"registration": "Y2026980001"}, {"firm": "row:1", "on": DAY}):
        assert asked(client, [{**by}]).matched == 1, by


def test_one_drawdown_answers_one_line(client: TestClient) -> None:
    """Of three lines of one firm and day one is the drawdown, the others are told to be duplicates of it."""
    same = [{"firm": "row:1", "on": DAY, "amount": 900_000}, {"firm": "row:1", "on": DAY, "amount": 1_000_000}] * 2
    found = asked(client, same)
    assert found.matched == 1
    twice = [one for one in found.items if one.finding == "duplicate"]
    assert [(one.line, one.taken_by) for one in twice] == [(1, 2), (3, 2), (4, 2)]
    assert len({one.entry for one in twice}) == 1
    found = asked(client, [LOAN, {**LOAN, "amount": 5}])
    assert [(one.finding, one.taken_by) for one in found.items if one.line] == [("duplicate", 1)]


def test_a_register_is_compared_both_ways(client: TestClient) -> None:
    """A pledge without a drawdown, a drawdown whose pledge is not in the list, over the days that are named."""
    pledges = [{"registration": "Y2026980001", "on": DAY}, {"registration": "Y2026990000", "on": "2026-11-01"}]
    found = asked(client, pledges, kind="registered")
    assert [one.finding for one in found.items] == ["registered_not_drawn", "drawn_not_registered"]
    assert (found.since, found.until) == (date(2026, 11, 1), date(2026, 11, 30))
    at_its_ends = asked(client, [{"loan": "L0", "on": "2026-11-05"}, {"loan": "L00", "on": "2026-11-12"}])
    assert [one.finding for one in at_its_ends.items] == [
        "filed_not_drawn",
        "filed_not_drawn",
        "drawn_not_filed",
        "drawn_not_filed",
    ]
    found = asked(client, pledges, kind="registered", until="2026-11-10")
    assert [one.finding for one in found.items] == ["registered_not_drawn"]
    found = asked(client, [{"loan": "L1"}])
    assert (found.since, found.until, found.items) == (None, None, [])


def test_what_differs_is_named_by_its_column(client: TestClient) -> None:
    """Firm, contract, registration, day and amount of the loan with the same number."""
    line = {"firm": "row:4", "loan": "L1", "contract": "X", "registration": "X", "on": "2026-11-21", "amount": 7}
    (found,) = (one for one in asked(client, [line]).items if one.line)
    assert found.finding == "differs"
    assert set(found.differs) == {"firm", "contract", "registration", "on", "amount"}
    own = found.entered
    assert own is not None
    assert (own.firm, own.registration, own.on[0], own.amount) == (
        "row:1",
        ("Y2026980001",),
        date(2026, 11, 20),
        1_000_000,
    )
    assert (own.loan, own.contract is None) == (None, False)


def test_one_bad_line_is_told_and_the_rest_compared(client: TestClient) -> None:
    """What is no line, names nothing, or holds what no column takes."""
    bad: list[Any] = [7, {"firm": "row:1"}, {"loan": "L1", "colour": "red"}, {**LOAN, "amount": -1}, {"loan": "a\x00"}]
    found = asked(client, [*bad, LOAN], until="2026-11-01")
    assert [(one.line, one.finding) for one in found.items] == [(n, "unreadable") for n in range(1, 6)]
    assert found.matched == 1
    assert all(one.message for item in found.items for one in item.errors)
    assert [one.pointer for one in found.items[2].errors] == ["/colour"]


CSV = """借据号,统一社会信用代码,放款日,贷款金额（万元）,备注
L1,row:1,{day},1.00,无
,row:9,2026-11-20,2
,,,
L7,,昨天,1
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("day", ["2026-11-20", "2026/11/20", "2026年11月20日", "20261120", "46346"])
def test_a_file_of_any_office_is_read(client: TestClient, encoding: str, day: str) -> None:
    """Headings in Chinese with their unit, days as people write them, lines by their number in the file."""
    found = sent(client, CSV.format(day=day).encode(encoding))
    told = [(one.line, one.finding) for one in found.items if one.line]
    assert told == [(3, "filed_not_drawn"), (5, "unreadable")]
    assert (found.compared, found.matched) == (3, 1)


def test_a_sheet_is_read_with_its_title_and_its_days(client: TestClient) -> None:
    """A workbook whose table begins below a title, with cells that are days and numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("台账")
        page.write_row(0, 0, ["某基金 2026 年 11 月备案台账"])
        page.write_row(2, 0, ["序号", "合同编号", "借据号", "放款日期", "备案金额（元）"])
        page.write_row(3, 0, [1, "", "L1"])
        page.write_datetime(3, 3, date(2026, 11, 20), book.add_format({"num_format": "yyyy-mm-dd"}))  # type: ignore[arg-type]
        page.write_number(3, 4, 10_000)
        page.write_row(4, 0, [2, 20260001])
    found = sent(client, out.getvalue())
    assert (found.compared, found.matched) == (2, 1)
    assert [(one.line, one.contract) for one in found.items if one.finding == "filed_not_drawn"] == [(5, "20260001")]


def test_amounts_need_their_unit(client: TestClient) -> None:
    """From the heading, the cell, or the query; without any each line says what is missing."""
    assert sent(client, b"loan,amount\nL1,1\n").counts == {"unreadable": 1}
    assert sent(client, b"loan,amount\nL1,1\n", "?unit=万元").items == []
    assert sent(client, "loan,amount\nL1,1万元\n".encode()).items == []


def test_days_that_end_before_they_begin_are_refused(client: TestClient) -> None:
    """At the last day, for a list and for a file; one day alone is a period."""
    days = {"since": "2026-11-20", "until": "2026-11-19"}
    for told in (
        client.post("/v1/orphans", json={"filed": [LOAN], **days}),
        client.post("/v1/orphans/file", content=b"loan\nL1\n", params=days),
    ):
        assert told.status_code == 422, told.text
        assert [(one["pointer"].rpartition("/")[2], one["code"]) for one in told.json()["errors"]] == [
            ("until", "ends_before_start")
        ]
    assert asked(client, [LOAN], since=DAY, until=DAY).since == date(2026, 11, 20)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b'a\rb\x00,"', b"PK\x03\x04", b"colour\nred\n", b'\r\r"\r'])
def test_a_file_that_is_no_list_is_refused(client: TestClient, body: bytes) -> None:
    """Never as a defect of ours: it is said what is wrong with it, and which columns there are."""
    told = client.post("/v1/orphans/file", content=body)
    assert (told.status_code, bool(told.json()["errors"])) == (422, True), told.text


NUMBERS = st.sampled_from([None, "1", "2"])
DAYS = st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)])
LINES = st.lists(
    st.builds(
        dict,
        loan=NUMBERS,
        contract=NUMBERS,
        registration=NUMBERS,
        firm=st.just("row:1"),
        on=DAYS,
        amount=st.integers(1, 2),
    ),
    max_size=4,
)
DRAWN = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, DAYS, st.integers(1, 2)), max_size=4)


@settings(deadline=None)
@given(LINES, DRAWN)
def test_pairs_are_one_to_one_and_none_is_left_that_could_be(lines: list[dict[str, Any]], told: list[Any]) -> None:
    """No drawdown answers two lines, no pair contradicts its strongest number, and what is left differs."""
    filed = [(n, Filed.model_validate(one | {"on": one["on"].isoformat()})) for n, one in enumerate(lines, start=1)]
    drawn = [
        Drawn(n, "a", "row:1", None, amount, loan, contract, (registration,) if registration else (), (on,))
        for n, (loan, contract, registration, on, amount) in enumerate(told, start=10)
    ]
    pairs = DrawnIndex(drawn).paired(filed)
    assert {n: one.entry for n, one in pairs.of_line.items()} == paired_plainly(filed, drawn)
    assert len({one.entry for one in pairs.of_line.values()}) == len(pairs.of_line)
    assert {found.entry: n for n, found in pairs.of_line.items()} == pairs.of_entry
    for n, line in filed:
        if n in pairs.of_line:
            assert one_of(line, pairs.of_line[n])
        else:
            assert not any(one_of(line, one) for one in drawn if one.entry not in pairs.of_entry)


def paired_plainly(lines: list[tuple[int, Filed]], drawn: list[Drawn]) -> dict[int, int]:
    """The same pairs by looking at every drawdown for every line."""
    numbers, found = ("loan", "contract", "registration"), dict[int, int]()

    def is_same(line: Filed, one: Drawn, names: tuple[str, ...]) -> bool:
        own = {"registration": one.registrations, "on": one.days}
        return all(getattr(line, name) in own.get(name, (getattr(one, name, None),)) for name in names)

    def is_other(line: Filed, one: Drawn, names: tuple[str, ...]) -> bool:
        return any(getattr(line, name) is not None and one.tells(name) for name in names)

    for level in (("loan",), ("contract",), ("registration",), ("firm", "on")):
        stronger = numbers[: numbers.index(level[0])] if level[0] in numbers else numbers
        for agreed in (("on", "amount"), ("on",), ("amount",), ()):
            for n, line in lines:
                if n in found or None in (getattr(line, name) for name in (*level, *agreed)):
                    continue
                same = (
                    one for one in drawn if is_same(line, one, (*level, *agreed)) and one.entry not in found.values()
                )
                if first := next((one for one in same if not is_other(line, one, stronger)), None):
                    found[n] = first.entry
    return found


def one_of(line: Filed, one: Drawn) -> bool:
    """Whether the strongest number that both tell is the same, else firm and day."""
    for name in ("loan", "contract", "registration"):
        mine, own = getattr(line, name), one.registrations if name == "registration" else (getattr(one, name),)
        if mine is not None and any(own):
            return mine in own
    return line.on in one.days


def test_an_exact_line_takes_its_drawdown_whatever_the_order() -> None:
    """Of drawdowns under one contract each line is the one with its day and amount, however lines and drawdowns lie."""
    days = [date(2026, 1, n) for n in (1, 2, 3)]
    drawn = [Drawn(n, "a", "row:1", None, 10 * n, None, "C", (), (day,)) for n, day in enumerate(days, start=1)]
    for order in permutations(range(3)):
        lines = [
            (n, Filed.model_validate({"contract": "C", "on": days[n].isoformat(), "amount": 10 * (n + 1)}))
            for n in order
        ]
        assert {n: one.entry for n, one in DrawnIndex(drawn).paired(lines).of_line.items()} == {0: 1, 1: 2, 2: 3}
