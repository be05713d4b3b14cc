"""The workbook: written and read back, typed by hand in every way, and wrong in many places at once."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from python_calamine import CalamineWorkbook

from features.errors import MOST_FAULTS
from features.phrase import LANGUAGES, Language
from features.question_columns import QUESTIONS
from features.tables import TABLES
from service.assessing.gathering import own_rows
from service.assessing.register_extract import with_extracts
from service.assessing.requests import read_applicant
from service.commands.workbook_files import new_workbook
from service.workbooks.grids import BadWorkbook
from service.workbooks.layout import plain, sheets
from service.workbooks.reading import Workbook
from service.workbooks.template import write_workbook
from tests.service.made import offering
from tests.service.workbooks.typing_by_hand import typed

DIGEST = "0" * 64
FIRM = "91330106589867012B"
OFFICER = Path(__file__).parents[3] / "examples" / "officer" / "applicant.json"


def rows_read(body: bytes) -> dict[str, list[dict[str, Any]]]:
    """The rows of a question as the service takes them, without what was written and what is empty."""
    rows = read_applicant(body).rows or {}
    return {
        table: [
            {name: value for name, value in row.items() if name != "as_written" and value is not None} for row in own
        ]
        for table, own in rows.items()
        if own
    }


def written(tmp_path: Path, language: Language, *asked: dict[str, Any]) -> Path:
    """A workbook filled with questions."""
    out = tmp_path / f"{language}.xlsx"
    write_workbook(out, language, DIGEST, asked)
    return out


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_read_back(tmp_path: Path, language: Language) -> None:
    """Every table, two questions, either language: the rows are those that JSON would have brought."""
    asked = [offering(seed, case=f"F{seed}") for seed in (1, 2)]
    with Workbook(written(tmp_path, language, *asked)) as read:
        assert read.check() == []
        assert read.policy == DIGEST
        assert len(read) == 2
        for one, body in zip(read.questions(), asked, strict=True):
            assert rows_read(one.json) == rows_read(orjson.dumps(body))
            assert {name: one.body[name] for name in ("firm", "as_of", "case", "application", "bank")} == {
                name: body[name] for name in ("firm", "as_of", "case", "application", "bank")
            }


def test_every_column_of_every_table_is_offered_once(tmp_path: Path) -> None:
    """The declaration of the tables is the template: each column has its heading, and no two read alike."""
    book = CalamineWorkbook.from_path(written(tmp_path, "zh"))
    titles = [sheets()[table].title("zh") for table in (QUESTIONS, *TABLES)]
    assert book.sheet_names[: len(titles)] == titles
    for table, declared in TABLES.items():
        rows = book.get_sheet_by_name(sheets()[table].title("zh")).to_python()
        names = [str(one).partition(".")[2] for one in rows[0] if one]
        assert set(names) == {*declared.columns, "file"} - {"firm", "withdrawn", "as_written"}
        for language in LANGUAGES:
            labels = [plain(sheets()[table].heading(name, language)) for name in names]
            assert len(set(labels)) == len(labels)


def test_a_source_that_was_asked_and_gave_nothing_is_told(tmp_path: Path) -> None:
    """An empty table of a question stands on the sheet of sources asked, since an empty sheet says nothing."""
    body = offering(3, case="F3")
    assert body["rows"]["credit_events"] == []
    with Workbook(written(tmp_path, "zh", body)) as read:
        rows = read_applicant(next(read.questions()).json).rows or {}
    assert rows["credit_events"] == []
    assert "orders" not in rows


def test_a_question_of_an_officer_is_written_with_its_units_and_its_extract(tmp_path: Path) -> None:
    """Amounts in 万元, Chinese words and a register extract stand in the template as their rows."""
    out = tmp_path / "officer.xlsx"
    new_workbook(out, OFFICER)
    applicant = read_applicant(OFFICER.read_bytes())
    assert applicant.extract is not None
    expected = with_extracts(applicant.extract, own_rows(applicant), applicant.firm, applicant.as_of)
    with Workbook(out) as read:
        assert read.check() == []
        rows = read_applicant(next(read.questions()).json).rows or {}
    assert {table: len(own) for table, own in rows.items()} == {table: len(own) for table, own in expected.items()}
    assert rows["applications"][0]["amount"] == expected["applications"][0]["amount"]
    events = {row["event"] for row in expected["patent_events"]}
    assert events == {row["event"] for row in rows["patent_events"]}


HAND = {
    "申请": [["测算基准日", "统一社会信用代码", "申请编号"], [46218, FIRM, "A-7"]],
    "贷款申请": [
        [["本次申请"], None, None, None, ["还款"]],
        ["申请编号*", "申请日*", "申请金额（万元）", "申请期限", "用途", "还款方式", "#备注"],
        [None, None, None, None, None, None, None],
        ["A-7", "2026年7月10日", "３００", "12个月", "流动资金", "按期付息到期还本", "客户急用"],
    ],
    "报表": [
        ["期末日", "覆盖月数", "营业收入（元）", "净利润（万元）", "资产总计（万元）", "审计意见"],
        ["2025/12/31", 12, "60,000,000", ("=100/3", 100 / 3), 5000, "标准无保留意见"],
        [date(2024, 12, 31), "12", 5.4e7, "(12.5)", "0.4亿元", "未审计"],
    ],
    "关联企业": [["关联企业", "关联关系", "持股比例"], ["某某科技", "控股股东", 0.51], ["某某贸易", "子公司", "51%"]],
    "人员": [["人员（加密散列）", "与企业的关系"], ["张三", "实控人"]],
    "佐证": [["事实对象", "事实", "材料内容", "查看日"], ["A-7", "实际控制人保证", "同意", 46200]],
    "#草稿": [["随便写写"]],
}


def test_what_was_typed_by_hand_is_read(tmp_path: Path) -> None:
    """Serial days, numbers as text, units by heading and by cell, percents, blanks, merged headings, formulas."""
    with Workbook(typed(tmp_path / "hand.xlsx", HAND)) as read:
        assert read.check() == []
        rows = rows_read(next(read.questions()).json)
    (loan,) = rows["applications"]
    assert loan["amount"] == 300_000_000
    assert (loan["applied_on"], loan["term_months"]) == (date(2026, 7, 10), 12)
    assert (loan["purpose"], loan["repayment"]) == ("working_capital", "interest_first")
    assert (loan["known_on"], loan["source_kind"]) == (date(2026, 7, 15), "typed")
    first, second = rows["statements"]
    assert (first["revenue"], second["revenue"]) == (6_000_000_000, 5_400_000_000)
    assert (first["net_profit"], second["net_profit"]) == (33_333_333, -12_500_000)
    assert (first["total_assets"], second["total_assets"]) == (5_000_000_000, 4_000_000_000)
    assert [row["audit_opinion"] for row in rows["statements"]] == ["unqualified", "unaudited"]
    assert [(row["role"], row["share"]) for row in rows["related"]] == [("parent", 0.51), ("subsidiary", 0.51)]
    (person,) = rows["people"]
    assert person["person"].startswith("person:")
    assert person["full_name"] == "张三"
    (paper,) = rows["evidence"]
    assert (paper["fact"], paper["answer"]) == ("controller_guarantee", "promised")


def test_what_was_written_is_kept_beside_the_codes(tmp_path: Path) -> None:
    """As for JSON: a word, a number in 万元 and a register number stay readable as they were typed."""
    with Workbook(typed(tmp_path / "hand.xlsx", HAND)) as read:
        rows = read_applicant(next(read.questions()).json).rows or {}
    kept = json.loads(rows["applications"][0]["as_written"])
    assert kept["purpose"] == "流动资金"
    assert kept["amount"] == {"value": "300", "unit": "万元"}


WRONG = {
    "申请": [
        ["业务编号", "统一社会信用代码", "测算基准日"],
        ["B1", "不是代码", "昨天"],
        ["B2", FIRM, "2026-07-15"],
        ["B2", FIRM, "2026-07-15"],
    ],
    "贷款申请": [
        [
            "业务编号",
            "申请编号",
            "申请日",
            "申请金额（万元）",
            "申请期限",
            "用途",
            "其他渠道提供的资金（两）",
            "预计销售增长率",
            "心情",
        ],
        ["B1", "A1", "2026-99-01", "三百万", "一年", "随便", 1, "三成", "好"],
        ["B2", None, 46200, 300, 1000, "流动资金", 1, "-300%", None],
        ["B9", "A9", 46200, 300, 12, "流动资金", None, None, None],
        [None, "A8", 46200, 300, 12, "流动资金", None, None, None],
    ],
    "专利": [
        ["业务编号", "专利申请号", "专利类型", "申请日", "权利要求数", "已产业化", "主分类号", "授权公告日"],
        ["B1", "CN201910561574.9", "发明", "2019-06-26", 9, "是", "H04N19/00", "2018-01-01"],
        ["B1", "CN201910561574.8", "专利", "明年", 2.5, "也许", "不知道", None],
        ["B1", None, None, None, -3, "是", None, None],
        ["B2", "#REF!", "发明", True, 9, 7, "H04N19/00", 46300],
    ],
    "报表": [["业务编号", "期末日", "营业收入", "净利润（万元）", "净利润（万元）"], ["B1", 46022, 300, 1, 2]],
    "佐证": [
        ["业务编号", "事实对象", "事实", "材料内容", "查看日"],
        ["B1", "x", "共有人同意出质", "看心情", "2026-07-01"],
        ["B1", "x", "没有这个事实", "是", "2026-07-01"],
    ],
    "Sheet9": [["这是什么"]],
}


def test_all_that_is_wrong_is_told_by_cell_at_once(tmp_path: Path) -> None:
    """Some forty wrong cells of more than twenty kinds: each by its cell, and none that is right among them."""
    with Workbook(typed(tmp_path / "wrong.xlsx", WRONG)) as read:
        found = read.check()
    cells = {one.pointer for one in found}
    expected = {
        "申请!B2", "申请!C2", "申请!A3", "申请!A4",
        "贷款申请!C2", "贷款申请!D2", "贷款申请!E2", "贷款申请!F2", "贷款申请!G1", "贷款申请!H2", "贷款申请!I1",
        "贷款申请!B3", "贷款申请!E3", "贷款申请!H3", "贷款申请!A4", "贷款申请!A5",
        "专利!H2", "专利!B3", "专利!C3", "专利!D3", "专利!E3", "专利!F3", "专利!G3",
        "专利!B4", "专利!C4", "专利!D4", "专利!E4", "专利!B5", "专利!D5", "专利!F5",
        "报表!C2", "报表!E1", "佐证!D2", "佐证!C3", "Sheet9",
    }  # fmt: skip
    assert expected <= cells, expected - cells
    assert len({one.code for one in found}) >= 15
    assert not {"专利!B2", "专利!C2", "佐证!C2", "报表!B2"} & cells
    assert len(found) <= MOST_FAULTS


def test_a_later_form_is_refused(tmp_path: Path) -> None:
    """A template of a later version might say what this one does not know."""
    with pytest.raises(BadWorkbook, match="form 9"):
        Workbook(typed(tmp_path / "later.xlsx", {"说明": [["form", "版本", 9]]}))


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """A text with the name of a workbook is told as one that cannot be read."""
    file = tmp_path / "no.xlsx"
    file.write_text("hello", "utf-8")
    with pytest.raises(BadWorkbook, match="cannot be read"):
        Workbook(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_files_are_read_as_sheets(tmp_path: Path, encoding: str) -> None:
    """A folder of CSV files, one a sheet, in UTF-8 or GBK: the same rows as the workbook."""
    folder = tmp_path / "csv"
    folder.mkdir()
    shown = {date(2024, 12, 31): "2024-12-31"}
    for tab, rows in HAND.items():
        with (folder / f"{tab}.csv").open("w", encoding=encoding, newline="") as file:
            plainer = (
                [one[0] if isinstance(one, list) else one[1] if isinstance(one, tuple) else one for one in row]
                for row in rows
            )
            csv.writer(file).writerows(
                [shown.get(one, one) if isinstance(one, date) else one for one in row] for row in plainer
            )
    with Workbook(typed(tmp_path / "hand.xlsx", HAND)) as book, Workbook(folder) as read:
        assert read.check() == []
        assert rows_read(next(read.questions()).json) == rows_read(next(book.questions()).json)


def test_a_row_of_the_future_is_known_then(tmp_path: Path) -> None:
    """Of an old file, what tells of a later day was known on that day at the earliest, and elsewhere it is refused."""
    tabs = {
        "申请": [["统一社会信用代码", "测算基准日"], [FIRM, "2020-03-01"]],
        "还款记录": [["贷款", "月末日", "逾期天数"], ["L1", "2021-06-30", 95]],
    }
    with Workbook(typed(tmp_path / "old.xlsx", tabs)) as read:
        assert [one.pointer for one in read.check()] == ["还款记录!B2"]
        (row,) = rows_read(next(read.questions(later=True)).json)["performance"]
    assert row["known_on"] == date(2021, 6, 30)
