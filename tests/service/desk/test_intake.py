"""新建测算 typed on a page: the same sealed body as by workbook and API, errors at their fields, one's own drafts."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from httpx import Response
from sqlalchemy import select

from service.access.drafts import DRAFTS
from service.desk.intake.entries import TypedApplicant, question_of
from service.desk.intake.layout import LISTS, blocks
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.tables import ENTRIES
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.desk.test_asking import filled, upload
from tests.service.loan_files.people import Body, People

OFFICER = Path(__file__).parents[3] / "examples" / "officer" / "applicant.json"
WRITTEN = ("as_written", "source")
"""What may differ by the way in which a fact came: how it was written."""


def text(name: str, value: Any) -> str:
    """A value as one types it."""
    if isinstance(value, dict):
        return f"{value['value']}{value['unit']}"
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value * 100:g}" if name in ("rate_asked", "share") else str(value)


def as_typed(body: Body) -> dict[str, Any]:
    """The fields of a page on which the question of a body was typed."""
    fields: dict[str, Any] = {name: body[name] for name in ("firm", "case", "application", "as_of")}
    records = []

    def put(place: str, row: Body) -> None:
        records.append(place)
        for name in row.keys() - {"application", *LISTS}:
            fields[f"{place}.{name}"] = text(name, row[name])

    fields |= {f"none.{table}": "1" for table, rows in body["rows"].items() if not rows}
    for table, rows in body["rows"].items():
        for number, row in enumerate(rows):
            answered = {"fact": f"{row['fact']}={row['answer']}"} if table == "evidence" else {}
            put(f"{table}.{number}", {name: row[name] for name in row if name != "answer"} | answered)
    extracts = [body["extract"]] if "extract" in body else []
    for extract in extracts:
        put("extract.0", extract)
        fields |= {f"extract.0.{name}.none": "1" for name in LISTS if not extract[name]}
        for place, one in ((f"extract.0.{name}.{n}", one) for name in LISTS for n, one in enumerate(extract[name])):
            put(place, one)
    return fields | {"record": records}


def begin(bank: People, who: str = "", **head: str) -> str:
    """The address of a draft that somebody just began, empty unless it is said otherwise."""
    head = {"empty": "1"} | head
    told = post(bank, "/desk/new", who, **head)
    assert told.status_code == 303, text_of(told.text)
    return told.headers["location"].partition("?")[0]


def post(bank: People, path: str, who: str = "", /, part: bool = False, **fields: Any) -> Response:
    """What a form of the desk gets."""
    headers = {**bank.as_(who or bank.lead), **OWN_PAGE, **({"X-Part": "draft"} if part else {})}
    return bank.client.post(path, data=fields, headers=headers, follow_redirects=False)


def sealed(bank: People, assessment: str) -> Body:
    """The body of an entry, without who asked, when and how it was written."""
    state = bank.state
    with state.engine.connect() as connection:
        told = bank.client.get(f"/v1/assessments/{assessment}", headers=bank.as_(bank.lead)).json()
        row = connection.execute(entries_with_keys().where(ENTRIES.c.seq == told["record"]["entry"])).one()
        body: Body = orjson.loads(content_of(connection, row).body)
    return body


def plain(body: Any) -> Any:
    """A body without what differs by who wrote it, when, and in which form."""
    if isinstance(body, dict):
        left = ("id", "asked_at", "at", "actor", "links", "as_written", "case", "head", "words")
        return {name: plain(value) for name, value in body.items() if name not in left}
    return [plain(one) for one in body] if isinstance(body, list) else body


@pytest.fixture(scope="module")
def officer() -> Body:
    """The officer's question of the examples."""
    body: Body = orjson.loads(OFFICER.read_bytes())
    return body


def test_a_question_typed_by_hand_is_the_one_of_the_api(bank: People, officer: Body) -> None:
    """The same sealed body but for actor, time, ids and what was written; the draft is gone, and once is once."""
    draft = begin(bank, firm=officer["firm"])
    told = post(bank, draft, **as_typed(officer), do="ask")
    assert told.status_code == 303, text_of(told.text)
    typed = told.headers["location"].rpartition("/")[2]
    asked = {name: value for name, value in officer.items() if name != "bank"}  # it follows from the account
    of_api = bank.client.post("/v1/assessments", json=asked, headers=bank.as_(bank.lead))
    assert of_api.status_code == 201
    by_hand, by_api = sealed(bank, typed), sealed(bank, of_api.json()["id"])
    assert plain(by_hand) == plain(by_api)
    assert page(bank, bank.lead, draft, expect=404).status_code == 404


def test_what_is_wrong_is_told_at_its_field_all_at_once(bank: People, officer: Body) -> None:
    """Each field with its sentence, a box with links, what was typed still there; nothing is recorded."""
    draft = begin(bank, firm=officer["firm"])
    wrong = {
        "statements.0.revenue": "五千万", "firms.0.founded_on": "2014-13-40", "extract.0.filed_on": "昨天",
        "applications.0.term_months": "900", "uses.0.use": "", "extract.0.patent": "ZL201910561574.8",
    }  # fmt: skip
    before = bank.client.get("/v1/assessments", headers=bank.as_(bank.lead)).json()["items"]
    told = post(bank, draft, **as_typed(officer) | wrong, do="ask")
    assert (told.status_code, "<title>错误: " in told.text) == (422, True)
    for name in wrong:
        assert f'href="#f-{name}"' in told.text, name
        assert f'id="e-{name}"' in told.text, name
    for text in ("五千万", "2014-13-40", "昨天", "ZL201910561574.8"):
        assert f'value="{text}"' in told.text
    assert bank.client.get("/v1/assessments", headers=bank.as_(bank.lead)).json()["items"] == before
    again = page(bank, bank.lead, draft).text
    assert 'value="五千万"' in again
    assert 'aria-invalid="true"' not in again


def test_a_script_is_told_what_is_wrong_while_one_types(bank: People, officer: Body) -> None:
    """What stands in a field is looked at, what is still empty is not; doubtful figures are told, and no score."""
    draft = begin(bank, firm=officer["firm"])
    some = {"record": ["firms.0", "statements.0"], "firm": officer["firm"], "firms.0.founded_on": "2014-13-40",
            "statements.0.revenue": "12"}  # fmt: skip
    told = post(bank, draft, part=True, **some).json()
    assert list(told["faults"]) == ["firms.0.founded_on"]
    assert told["note"].startswith("草稿已保存 ")
    for slip, words in (("revenue", "金额单位疑误："), ("total_assets", "资产负债表平衡：")):
        told = post(bank, draft, part=True, **as_typed(officer) | {f"statements.1.{slip}": "62300000"}).json()
        assert told["faults"] == {}
        assert any(one.startswith(words) for one in told["doubts"]), told
    assert "points" not in str(told)


def test_records_come_and_go_without_scripts(bank: People, officer: Body) -> None:
    """Buttons add and remove records and entries of an extract; what was typed stays, and a bound holds."""
    draft = begin(bank, firm=officer["firm"])
    told = post(bank, draft, record=["firms.0"], do="add:titles", **{"firms.0.legal_name": "某某公司"})
    assert told.headers["location"] == f"{draft}#f-titles.0"
    post(bank, draft, record=["firms.0", "extract.0", "titles.0"], do="add:extract.0.pledges",
         **{"firms.0.legal_name": "某某公司"})  # fmt: skip
    shown = page(bank, bank.lead, draft).text
    assert 'id="f-extract.0.pledges.0.registered_on"' in shown
    assert 'value="某某公司"' in shown
    post(bank, draft, record=["firms.0", "titles.0", "nonsense.0", "titles.x", "firms.0.holders.1"], do="drop:titles.0")
    shown = page(bank, bank.lead, draft).text
    assert 'id="f-titles.0"' not in shown
    assert "nonsense" not in shown
    many = [f"uses.{number}" for number in range(30)]
    post(bank, draft, record=many, do="add:uses")
    assert 'id="f-uses.30"' not in page(bank, bank.lead, draft).text


def test_a_draft_is_its_writers_alone(bank: People, officer: Body) -> None:
    """Another officer, an auditor and nobody see nothing of it and can neither change nor discard it."""
    draft = begin(bank, firm=officer["firm"])
    post(bank, draft, record=["firms.0"], **{"firms.0.legal_name": "草稿企业"}, do="save")
    for path in (draft, "/desk/new", "/desk/"):
        shown = bank.client.get(path, headers=bank.as_(bank.second)).text
        assert "草稿企业" not in shown, path
    for path in (draft, f"{draft}/deletion"):
        assert post(bank, path, bank.second, do="save").status_code == 404
    assert "草稿企业" in page(bank, bank.lead, "/desk/new").text
    assert "草稿企业" in page(bank, bank.lead, "/desk/").text
    assert post(bank, f"{draft}/deletion").status_code == 303
    page(bank, bank.lead, draft, expect=404)


def window(shown: str) -> dict[str, str]:
    """What a page sends of its window: its id, and when the draft that it showed was saved."""
    (told,) = re.findall('name="window" value="([^"]+)"><input type="hidden" name="saved" value="([^"]*)"', shown)
    return {"window": told[0], "saved": told[1]}


def test_two_windows_of_a_draft_lose_nothing(bank: People, officer: Body) -> None:
    """What one window saved is not written over: the other is told, keeps what was typed, and may save it then."""
    draft = begin(bank, firm=officer["firm"])
    first, second = (page(bank, bank.lead, draft).text for _ in range(2))
    bank.now[0] += timedelta(seconds=1)
    for name in ("甲公司", "乙公司"):  # a window saves as often as it likes
        told = post(bank, draft, part=True, record=["firms.0"], **{"firms.0.legal_name": name}, **window(first))
        assert "草稿已保存" in told.json()["note"]
    other = {"record": ["firms.0"], "firms.0.legal_name": "丙公司"}
    told = post(bank, draft, part=True, **other, **window(second))
    assert (told.status_code, "另一窗口" in told.json()["note"]) == (409, True)
    again = post(bank, draft, do="ask", **other, **window(second))
    assert again.status_code == 409
    assert "丙公司" in again.text
    assert f'<a href="{draft}">打开另一窗口保存的草稿</a>' in again.text
    assert "乙公司" in page(bank, bank.lead, draft).text
    assert post(bank, draft, do="save", **other, **window(again.text)).status_code == 303
    assert "丙公司" in page(bank, bank.lead, draft).text


def test_a_draft_ends_after_its_days_and_with_its_firm(bank: People, officer: Body) -> None:
    """Thirty days after the last saving it is gone; an erasure of the firm takes it at once."""
    from service.access.drafts import forget_drafts
    from service.access.roles import UNBOUND
    from service.edge.database import in_turn

    held = begin(bank, firm=officer["firm"])
    gone = begin(bank, firm="91350100MA002210X2")
    in_turn(bank.state.engine, lambda connection: forget_drafts(connection, "uscc:91350100MA002210X2", UNBOUND))
    page(bank, bank.lead, gone, expect=404)
    page(bank, bank.lead, held)
    bank.now[0] += timedelta(days=31)
    bank.sign_in_again()
    page(bank, bank.lead, held, expect=404)
    begin(bank)
    with bank.state.engine.connect() as connection:
        left = connection.execute(select(DRAFTS.c.id)).scalars().all()
    assert held.rpartition("/")[2] not in left
    bank.now[0] -= timedelta(days=31)
    bank.sign_in_again()


def test_what_was_begun_in_a_form_of_a_file_is_found_again(bank: People, answers: dict[str, Body]) -> None:
    """Saved by a button or a script, shown in the form and the inbox, and gone once it is sent; others see nothing."""
    file = answers["refer"]["record"]["loan_file"]["id"]
    path = f"/desk/files/{file}/submission"
    seen = bank.file(file)["seen"]
    long = "企业经营稳定，" * 40
    told = post(bank, path, draft="1", seen=seen, second=bank.second, note=long)
    assert (told.status_code, told.headers["location"]) == (303, path)
    told = post(bank, path, part=True, seen=seen, second=bank.second, note=long, amount="200")
    assert told.json()["note"].startswith("草稿已保存 ")
    shown = page(bank, bank.lead, path).text
    assert long in shown
    assert "草稿已保存 " in shown
    assert long not in page(bank, bank.second, path).text
    inbox = page(bank, bank.lead, "/desk/?state=drafts").text
    assert f'href="{path}"' in inbox
    told = post(
        bank, path, seen=seen, second=bank.second, note=long, amount="200", term_months="12", visit="2026-11-20"
    )
    assert told.status_code == 303, text_of(told.text)
    assert f'href="{path}"' not in page(bank, bank.lead, "/desk/?state=drafts").text


def test_two_windows_of_a_form_lose_nothing(bank: People, answers: dict[str, Body]) -> None:
    """A form of a loan file begun in two windows stays as the first saved it until the second, told of it, insists."""
    path = f"/desk/files/{answers['recommend']['record']['loan_file']['id']}/submission"
    first, second = (page(bank, bank.lead, path).text for _ in range(2))
    assert post(bank, path, draft="1", note="第一窗口", **window(first)).status_code == 303
    assert post(bank, path, part=True, note="第二窗口", **window(second)).status_code == 409
    again = post(bank, path, draft="1", note="第二窗口", **window(second))
    assert (again.status_code, "第二窗口" in again.text) == (409, True)
    assert "第一窗口" in page(bank, bank.lead, path).text
    assert post(bank, path, draft="1", note="第二窗口", **window(again.text)).status_code == 303
    assert "第二窗口" in page(bank, bank.lead, path).text


class KnownFirms:
    """A lake in which one firm stands, with what an officer's question tells of it."""

    def __init__(self, told: Body) -> None:
        from service.assessing.requests import read_applicant

        asked = read_applicant(orjson.dumps(told))
        self.held = {table: [{**row, "firm": asked.firm} for row in rows] for table, rows in (asked.rows or {}).items()}
        self.firm = asked.firm

    def rows(self, firm: str, bank: str | None) -> Any:
        """The firm's rows."""
        from service.edge.errors import UnknownFirm

        if firm != self.firm:
            raise UnknownFirm("unknown_firm", lake="test", firm=firm)
        return self.held

    def named(self, part: str, place: Any) -> list[Any]:
        """Nobody."""
        return []


def test_what_the_lake_knows_is_brought_and_locked(bank: People, officer: Body) -> None:
    """With source, day and age; what is put right is typed beside it; no source counts as asked that was not."""
    tables = ("firms", "statements", "bureau", "collateral")
    known = officer | {"rows": {table: officer["rows"][table] for table in tables}}
    firms = KnownFirms(known)
    original = bank.state.assessor.firms
    object.__setattr__(bank.state.assessor, "firms", firms)
    try:
        draft = begin(bank, firm=officer["firm"], empty="")
        begun = page(bank, bank.lead, draft).text
        assert "已重新查询，无其他记录" in begun
        assert "<dd>本行</dd>" in begun
        shown = text_of(begun)
        for words in ("登记簿 · 工商登记 · 2026-11-02 · 18 天", "示例精密传感有限公司", "6,230.00", "征信"):
            assert words in shown, words
        post(bank, draft, do="amend:firms.0", firm=officer["firm"], application="A-2026-0117", record=[])
        shown = page(bank, bank.lead, draft).text
        assert 'value="示例精密传感有限公司"' in shown
        assert 'value="1000"' in shown
        fields = as_typed(officer | {"rows": {t: officer["rows"][t] for t in ("applications", "uses", "tax_filings")}})
        told = post(bank, draft, **fields, do="ask")
        assert told.status_code == 303, text_of(told.text)
        body = sealed(bank, told.headers["location"].rpartition("/")[2])
    finally:
        object.__setattr__(bank.state.assessor, "firms", original)
    assert body["/rows/firms/public"]["legal_name"] == ["示例精密传感有限公司"]
    asked = dict(zip(body["/rows/coverage/public"]["about"], body["/rows/coverage/public"]["complete"], strict=True))
    assert {name for name, complete in asked.items() if complete} == {"applications", "uses", "tax_filings"}


def test_every_field_has_a_label_and_is_read(officer: Body) -> None:
    """In both languages no field stands without a name; every column offered finds its way into the question."""
    from service.desk.intake.layout import column_of

    for table, block in blocks().items():
        for name in block.columns:
            column = column_of(table, name)
            assert column.zh, (table, name)
            assert column.meaning, (table, name)
    asked = question_of(TypedApplicant({"firm": officer["firm"]}), "2026-11-20")
    assert asked.body == {"kind": "pledge", "firm": officer["firm"], "as_of": "2026-11-20"}


def test_a_workbook_says_the_same_as_the_page(bank: People, officer: Body) -> None:
    """What a workbook can hold of the officer's question seals the same rows as the same fields typed by hand."""
    body = {name: value for name, value in officer.items() if name not in ("extract", "bank")}
    body["rows"] = {t: r for t, r in officer["rows"].items() if r and t not in ("evidence", "collateral")}
    told = upload(bank, filled(bank, {**body, "rows": coded(body["rows"])}), once="intake")
    assert told.status_code == 303, text_of(told.text)
    typed = post(bank, begin(bank, firm=body["firm"]), **as_typed(body), do="ask")
    assert typed.status_code == 303, text_of(typed.text)
    places = [one.headers["location"].rpartition("/")[2] for one in (told, typed)]
    by_book, by_hand = (plain(sealed(bank, one)) for one in places)
    assert by_book == by_hand


def coded(rows: Body) -> Body:
    """Rows in normal form, as the template writes them."""
    from features.written import normal_row

    found = {table: [normal_row(table, row) for row in own] for table, own in rows.items()}
    return {table: [{n: v for n, v in row.items() if n != "as_written"} for row in own] for table, own in found.items()}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("applications.0.amount", "-5", "不符合要求；允许的取值：金额，如 300、1,234.50 或 300万元；不小于 0"),
        ("applications.0.amount", "许多", "请填写金额，如 300、1,234.50 或 300万元"),
        ("applications.0.rate_asked", "385", "填写百分数（4.35 即 4.35%）；不小于 0%；不大于 100%"),
        ("applications.0.rate_asked", "三厘", "请填写百分数，如 4.35（即 4.35%）"),
    ],
)
def test_a_typed_figure_is_refused_in_the_unit_of_its_field(bank: People, field: str, typed: str, told: str) -> None:
    """What a field takes is told as it is typed: never in fen, in shares of one, or as JSON."""
    address = begin(bank, firm="91350100M000100Y43")
    fields = {"firm": "91350100M000100Y43", "record": ["applications.0"], field: typed, "do": "ask"}
    shown = text_of(post(bank, address, **fields).text)
    assert told in shown
    assert "最小单位" not in shown
