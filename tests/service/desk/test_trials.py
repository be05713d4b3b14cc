"""试算 at the desk: before and after side by side, marked and counted, by the same use case as the API."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from service.access.roles import Place
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.trial_records import trials_of
from service.desk.formats import percent, points, wan
from service.desk.intake.trying import TrialSheet
from tests.models.underwriting.base_firm import WAN
from tests.models.underwriting.whole_case import PATENTS, whole
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_intake import post
from tests.service.loan_files.people import Body, People, done


class _Fields(HTMLParser):
    """What a browser would send of the form of a trial, if nothing were touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, Any] = {"record": []}
        self._select = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A field of the form."""
        told = dict(attrs)
        name = told.get("name") or ""
        self._inside = self._inside or (tag == "form" and told.get("id") == "trial")
        if not self._inside:
            return
        if tag == "select":
            self._select, self.found[name] = name, ""
        elif tag == "option" and "selected" in told:
            self.found[self._select] = told.get("value") or ""
        elif tag == "input" and name == "record":
            self.found[name].append(told["value"])
        elif tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.found[name] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """The form ends."""
        self._inside = self._inside and tag != "form"


def address(answer: Body) -> str:
    """The page of a trial."""
    return f"/desk/assessments/{answer['id']}/what-if"


def fields_of(bank: People, path: str) -> dict[str, Any]:
    """The form as the officer finds it."""
    return _Fields(page(bank, bank.lead, path).text).found


def field(fields: Body, table: str, column: str) -> str:
    """The name of the field of a column in the first record of a table that stands."""
    return next(name for name in fields if name.startswith(f"{table}.") and name.endswith(f".{column}"))


def counted(bank: People, answer: Body) -> int:
    """The trials on an assessment."""
    with bank.state.engine.connect() as connection:
        return trials_of(connection, answer["id"], 1).counted.assessment


@pytest.fixture(scope="module")
def answer(bank: People) -> Body:
    """An assessment that nobody tried anything on."""
    return bank.assess(whole(), firm="row:trials")


Changed = Callable[[Body], Body]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_before_and_after_stand_side_by_side(bank: People, language: str) -> None:
    """Each figure of the entry stands beside that of the answer, with what turned; the page says that it is a trial."""
    answer = bank.assess(whole(), firm=f"row:side-{language}")
    path = address(answer)
    sent = fields_of(bank, path)
    sent |= {field(sent, "applications", "amount"): "500", field(sent, "applications", "term_months"): "24"}
    told = post(bank, path, **sent)
    assert told.status_code == 303, text_of(told.text)
    made = bank.client.get(f"/v1/assessments/{answer['id']}/trials", headers=bank.as_(bank.lead)).json()["items"][0]
    assert told.headers["location"] == f"{path}?trial={made['entry']}"
    html = page(bank, bank.lead, told.headers["location"], language).text
    shown, after = text_of(html), made["after"]
    for figure in (percent(after["probability"], 2), points(after["points"]), after["grade"], wan(after["limit"])):
        assert figure in shown
    for bounds in (answer["limit"]["bounds"], after["bounds"]):
        assert all(wan(one) in shown for one in bounds.values())
    assert wan(after["amount"] - answer["recommendation"]["amount"], signed=True) in shown
    assert {one["rule"] for one in made["findings"]} >= {"instalments", "purpose_stated"}
    told_of = {"zh": ("分期还款", "试算：仅供比较，不是测算结论", "300.00", "500.00"),
               "en": ("instalments", "It is no assessment", "300.00", "500.00")}  # fmt: skip
    assert all(one in shown for one in told_of[language])
    assert 'class="ribbon trial"' in html
    assert len(html.encode()) < 60_000


def test_only_what_was_touched_is_tried(bank: People, answer: Body) -> None:
    """The form as it stands tries nothing, a field of many changes that one alone, what was not sent stays."""
    path, before = address(answer), counted(bank, answer)
    sent = fields_of(bank, path)
    assert post(bank, path, **sent).status_code == 422
    for nothing in ({}, {"record": "applications.0"}):
        assert post(bank, path, **nothing).status_code == 422
    assert counted(bank, answer) == before
    amount = field(sent, "applications", "amount")
    for form in (sent | {amount: "180"}, {amount: "180", "record": amount.rpartition(".")[0]}):
        assert post(bank, path, **form).status_code == 303
        told = bank.client.get(f"/v1/assessments/{answer['id']}/trials", headers=bank.as_(bank.lead)).json()
        columns = [{"column": "amount", "before": 300 * WAN, "after": 180 * WAN}]
        only = {"table": "applications", "key": {"application": "A1"}, "how": "changed", "columns": columns}
        assert told["items"][0]["changes"] == [only]


def test_a_trial_is_found_again_as_it_was_sent(bank: People, answer: Body) -> None:
    """The form of a trial holds what it changed, added and left out: sent again it is the same trial."""
    path = address(answer)
    sent = fields_of(bank, path)
    own = {
        field(sent, "applications", "purpose"): "equipment",
        field(sent, "applications", "rate_asked"): "4.3%",
        field(sent, "statements", "revenue"): "",
        "collateral.new.kind": "deposit",
        "collateral.new.item": "CD-1",
        "collateral.new.value": "1,234.5",
        "collateral.new.owner_agrees": "是",
        "guarantees.new.guarantor": "uscc:91350100M000100Y43",
        "guarantees.new.kind": "company",
        "guarantees.new.amount": "200万元",
        "evidence.new.fact": "controller_guarantee=refused",
    }
    with bank.state.engine.connect() as connection:
        sheet = TrialSheet.of(sealed_assessment(connection, answer["id"]))
    patent = next(of.place for of in sheet.records if of.table == "patents" and of.row["patent"] == PATENTS[1])
    del sent[f"take.{patent}"]
    first = post(bank, path, **sent | own)
    assert first.status_code == 303, text_of(first.text)
    again = post(bank, path, **fields_of(bank, first.headers["location"]))
    assert again.status_code == 303, text_of(again.text)
    told = bank.client.get(f"/v1/assessments/{answer['id']}/trials?limit=2", headers=bank.as_(bank.lead)).json()
    one, other = told["items"]
    assert one["changes"] == other["changes"]
    assert one["after"] == other["after"]
    assert [(row["table"], row["how"]) for row in one["changes"]] == [
        ("applications", "changed"), ("statements", "changed"), ("collateral", "added"), ("guarantees", "added"),
        ("evidence", "added"), ("collateral", "left_out"),
    ]  # fmt: skip
    shown = text_of(page(bank, bank.lead, again.headers["location"]).text)
    assert f"质押 {PATENTS[1]}" in shown
    assert "4.3%" in shown


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("applications", "amount", "三百"),
        ("applications", "term_months", "0"),
        ("applications", "rate_asked", "lots"),
        ("statements", "revenue", "-1e99"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(bank: People, answer: Body, table: str, column: str, text: str) -> None:
    """The page comes back with the text as it was typed, a link to the field, and nothing is counted."""
    path, before = address(answer), counted(bank, answer)
    sent = fields_of(bank, path)
    name = field(sent, table, column)
    told = post(bank, path, **sent | {name: text, "collateral.new.kind": "deposit"})
    assert told.status_code == 422
    assert f'href="#f-{name}"' in told.text
    assert f'id="e-{name}"' in told.text
    assert f'name="{name}" value="{text}"' in told.text
    assert counted(bank, answer) == before


def test_a_reviewer_sees_how_often_it_was_tried(bank: People) -> None:
    """On the answer, in the file and beside the opinion; whoever may not assess is offered no trial."""
    answer = bank.assess(whole(), firm="row:reviewed")
    file = answer["record"]["loan_file"]["id"]
    sent = fields_of(bank, address(answer))
    for amount in ("280", "260"):
        assert post(bank, address(answer), **sent | {field(sent, "applications", "amount"): amount}).status_code == 303
    second = bank.assess(whole(), firm="row:reviewed")
    done(bank.submit(second, 260))
    for path in (f"/desk/assessments/{second['id']}", f"/desk/files/{file}", f"/desk/files/{file}/review"):
        html = page(bank, bank.reviewer, path).text
        shown = text_of(html)
        assert "本测算 0 次 · 本笔申请 2 次 · 本企业 2 次" in shown, path
        assert "申请金额（万元） 300.00 → 260.00" in shown, path
        assert "/what-if" not in html, path
    assert "/what-if" in page(bank, bank.lead, f"/desk/assessments/{second['id']}").text
    page(bank, bank.reviewer, address(second), expect=403)


def test_no_other_bank_makes_a_trial(bank: People, answer: Body) -> None:
    """An officer of another bank and a fund are refused; nothing is counted."""
    before = counted(bank, answer)
    sent = fields_of(bank, address(answer)) | {"applications.0.amount": "10"}
    other = bank.account("credit_officer", Place("bank-2", "b1"), name="officer-2")
    assert post(bank, address(answer), other, **sent).status_code == 404
    fund = bank.account("fund_manager", Place(fund="fund-1"), name="fund-trials")
    assert bank.client.get(address(answer), headers=bank.as_(fund)).status_code == 403
    assert counted(bank, answer) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_are_named_as_people_call_them(bank: People, language: str) -> None:
    """A person by name, a supplier by its part of the key, amounts rounded; what was not touched is not tried."""
    rows = whole()
    rows["people"][0]["full_name"] = "张卫国"
    rows["statements"][2]["revenue"] = 1_483_657_949
    rows["uses"][0]["payee"] = "row:synthetic-supplier-7"
    answer = bank.assess(rows, firm=f"row:named-{language}")
    path = address(answer)
    sent = fields_of(bank, path)
    assert sent[field(sent, "statements", "revenue")] == "1,483.66"
    use = field(sent, "uses", "amount")
    told = post(bank, path, **sent | {use: "299.123456"})
    assert told.status_code == 303, text_of(told.text)
    made = bank.client.get(f"/v1/assessments/{answer['id']}/trials", headers=bank.as_(bank.lead)).json()["items"][0]
    assert [one["column"] for change in made["changes"] for one in change["columns"]] == ["amount"]
    for seen in (path, told.headers["location"], f"/desk/assessments/{answer['id']}"):
        shown = text_of(page(bank, bank.lead, seen, language).text)
        assert "row:" not in shown, seen
        assert "person:" not in shown, seen
        assert "uscc:" not in shown, seen
        assert "1483.657949" not in shown
    assert "synthetic-supplier-7" in text_of(page(bank, bank.lead, told.headers["location"], language).text)
    assert "张卫国" in text_of(page(bank, bank.lead, path, language).text)
    assert "300.00 → 299.12" in text_of(page(bank, bank.lead, f"/desk/assessments/{answer['id']}", language).text)
