"""The credit report: the page of the branch head and the whole, as data, for print and for Word."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient

from features.phrase import LANGUAGES
from features.policy import shipped
from features.vocabulary import VOCABULARY
from models.words.templates import SHIPPED
from service.edge.settings import Settings
from service.reports.material import Material
from service.reports.papers import JUDGED
from service.web.app import create_app
from tests.models.underwriting.whole_case import WAN, changed, write_policy
from tests.service.conftest import NOON
from tests.service.loan_case import question_of
from tests.service.reports.asked import CASES, PATENTS, TITLE, question

pytestmark = pytest.mark.sqlite_alone

ABSENT = {"zh": "未提供", "en": "not provided"}
Told = dict[str, Any]


def asked(client: TestClient, name: str) -> Told:
    """The whole answer about a case."""
    made = client.post("/v1/assessments", json=question(name))
    assert made.status_code == 201, made.text
    whole: Told = client.get(f"/v1/assessments/{made.json()['id']}?include=all").json()
    return whole


def report(client: TestClient, answer: Told, part: str, words: str = "zh", form: str = "json") -> Any:
    """Its report."""
    got = client.get(f"/v1/assessments/{answer['id']}/report?part={part}&form={form}&words={words}")
    assert got.status_code == 200, got.text
    return got.json() if form == "json" else got


def fields(document: Told) -> dict[str, Told]:
    """Every field by its label; of several with one label the first."""
    found: dict[str, Told] = {}
    for section in document["sections"]:
        for block in section["blocks"]:
            for item in block["items"] if block["block"] == "fields" else ():
                found.setdefault(item["label"], item)
    return found


def texts(document: Told) -> str:
    """All that is written in a report."""
    return "\n".join(re.findall(r'"((?:[^"\\]|\\.)*)"', str(document).replace("'", '"')))


def test_the_one_page_says_what_the_answer_says(client: TestClient) -> None:
    """Amounts, values, ratios and ages on the page are those of the answer and of the rows, each with its source."""
    answer = asked(client, "clean")
    told = fields(report(client, answer, "one_page"))
    basis, limit = answer["pledge"]["basis"], answer["limit"]
    assert told["申请金额"]["value"] == limit["bounds"]["asked"]
    assert told["申请金额"]["text"] == "300.00 万元"
    assert told["评估值"]["value"] == basis["appraiser"]
    assert told["认定值"]["value"] == basis["confirmed"]
    assert told["内部估值（中性）"]["value"] == basis["internal"]
    assert told["质押率上限"]["text"] == f"{answer['pledge']['carries'] / basis['amount']:.2%}"
    assert told["实际控制人"]["text"] == "张卫国"
    assert (told["主办客户经理"]["text"], told["协办客户经理"]["text"]) == ("王芳", "刘洋")
    assert told["评估基准日"]["text"] == "2026-05-31（173 天）"
    assert "企业信用报告" in told["逾期金额"]["source"]
    assert "（0 天）" in told["逾期金额"]["source"]


@pytest.mark.parametrize("name", CASES)
def test_the_page_begins_with_the_advice_and_its_first_reason(client: TestClient, name: str) -> None:
    """Advice, amounts and the first reason stand in the third part; what blocks or is to be reviewed is counted."""
    answer = asked(client, name)
    page = report(client, answer, "one_page")
    lines = page["sections"][2]["blocks"][0]["items"]
    advice = answer["recommendation"]
    words = {"recommend": "建议办理", "refer": "提请重点审查", "advise_against": "不建议办理"}
    assert lines[0].startswith(words[advice["advice"]])
    if advice["because"]:
        first = next(one for one in answer["findings"] if one["rule"] == advice["because"][0]["rule"])
        assert first["title"] in lines[1]
    opened = [one for one in answer["findings"] if one["outcome"] in ("fail", "unknown")]
    counted = fields(page)
    for label, effect in (("提请重点审查", "refer"), ("放款前须落实", "before_drawdown")):
        titles = {one["title"] for one in opened if one.get("effect") == effect}
        assert all(title in counted[label]["text"] for title in titles), label


def test_standing_conditions_are_told_and_not_counted(client: TestClient) -> None:
    """What stands before every drawdown is printed apart, whatever the advice."""
    answer = asked(client, "clean")
    standing = [one["says"] for one in answer["recommendation"]["standing"]]
    assert standing
    told = fields(report(client, answer, "one_page"))["固定放款前提（不计入上列）"]["text"]
    assert all(one in told for one in standing)


@pytest.mark.parametrize("words", LANGUAGES)
def test_the_whole_report_has_every_section(client: TestClient, words: str) -> None:
    """From the cover to the annex, in either language, with no code or template left in it."""
    document = report(client, asked(client, "clean"), "full", words)
    assert [section["number"] for section in document["sections"]] == [str(number) for number in range(20)]
    written = texts(document)
    assert not re.findall(r"(credit_report|choice|need\.method|exclusion)\.[a-z_]+", written)
    assert "{" not in "".join(item["label"] for item in fields(document).values())


def test_of_what_is_lent_to_each_related_firm_the_latest_day_is_printed(client: TestClient) -> None:
    """An exposure that was told for two days stands once, with the amount of the later day."""
    question = question_of(
        changed(
            ("exposures", 0, {"other": "row:sister", "on": date(2026, 10, 1), "amount": 100 * WAN}),
            ("exposures", 1, {"other": "row:sister", "on": date(2026, 11, 1), "amount": 70 * WAN}),
            ("exposures", 2, {"other": "row:cousin", "on": date(2026, 10, 1), "amount": 30 * WAN}),
        ),
        case="exposed", bank="bank-1", branch="b1",
    )  # fmt: skip
    made = client.post("/v1/assessments", json=question)
    assert made.status_code == 201, made.text
    [grid] = [
        block
        for section in report(client, made.json(), "full")["sections"]
        for block in section["blocks"]
        if block["block"] == "grid" and "sister" in str(block["rows"])
    ]
    assert sorted(grid["rows"]) == [["cousin", "2026-10-01", "30.00"], ["sister", "2026-11-01", "70.00"]]


def test_what_is_not_known_is_told_so_and_never_zero(client: TestClient) -> None:
    """A firm's history was not given: the field says 未提供; an overdue amount of nothing says 0.00."""
    document = report(client, asked(client, "clean"), "full")
    told = fields(document)
    assert told["历史沿革"]["text"] == ABSENT["zh"]
    assert "value" not in told["历史沿革"] or told["历史沿革"]["value"] is None
    assert told["逾期金额（万元）"]["text"] == "0.00"


@pytest.mark.parametrize("name", ["review", "against"])
def test_every_risk_point_waits_for_an_officers_words(client: TestClient, name: str) -> None:
    """Where a finding weighs, it stands among the risk points, with room for what mitigates it."""
    answer = asked(client, name)
    section = next(one for one in report(client, answer, "full")["sections"] if one["number"] == "15")
    (grid,) = section["blocks"]
    titles = [row[0] for row in grid["rows"]]
    weighing = ("blocks", "refer", "caution", "drops_patent")
    for one in answer["findings"]:
        if one["outcome"] in ("fail", "unknown") and one.get("effect") in weighing:
            assert any(one["title"] in title for title in titles)
    assert all(row[-1] == "（待客户经理填写）" for row in grid["rows"])


def test_the_page_for_print_escapes_and_loads_nothing(client: TestClient) -> None:
    """A title with markup is text; there is no script and no address in the page, and its policy forbids them."""
    got = report(client, asked(client, "clean"), "one_page", form="html")
    assert got.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert "&lt;b&gt;高精度&lt;/b&gt;" in got.text
    assert TITLE not in got.text
    assert "<script" not in got.text
    assert "http" not in got.text.replace("http-equiv", "")


@pytest.mark.parametrize("part", ["one_page", "full"])
def test_the_word_file_holds_what_the_data_hold(client: TestClient, part: str) -> None:
    """Every text of the document as data stands in the Word file, in its order of sections."""
    answer = asked(client, "clean")
    document = report(client, answer, part)
    file = Document(io.BytesIO(report(client, answer, part, form="docx").content))
    held = "\n".join(
        [paragraph.text for paragraph in file.paragraphs]
        + [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    )
    for section in document["sections"]:
        assert section["title"] in held
        for block in section["blocks"]:
            for item in block.get("items", ()):
                assert (item["text"] if block["block"] == "fields" else item) in held
            for row in block.get("rows", ()):
                assert all(cell in held for cell in row)


def test_a_light_case_is_asked_for_the_papers_of_its_profile(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    """Where the bank puts the light profile in force, a small firm within its amount needs no appraisal."""
    write_policy(tmp_path, {"profiles.light": "{in_force: true, most: 300_000_000}"})
    with TestClient(create_app(Settings(**{**vars(settings), "policy": tmp_path}), lambda: NOON)) as client:
        for name, wan, profile in (("clean", 300, "light"), ("against", 301, "standard")):
            body = question(name)
            body["rows"]["applications"][0]["amount"] = wan * WAN
            made = client.post("/v1/assessments", json=body).json()
            told = client.get(f"/v1/assessments/{made['id']}/papers").json()
            assert told["profile"] == profile, told
            assert ("appraisal" in {one["paper"] for one in told["items"]}) == (profile == "standard")


def test_the_papers_tell_what_is_missing_and_who_brings_it(client: TestClient) -> None:
    """Without a visit, which the bank makes itself; a report of the day is there, an appraisal is dated by its base."""
    answer = asked(client, "review")
    told = client.get(f"/v1/assessments/{answer['id']}/papers").json()
    papers = {one["paper"]: one for one in told["items"]}
    assert told["profile"] == "standard"
    assert (papers["visit"]["state"], papers["visit"]["asked"], papers["visit"]["by"]) == (
        "missing",
        "needed",
        ["本行查询"],
    )
    assert (papers["bureau_report"]["state"], papers["bureau_report"]["age"]) == ("there", 0)
    assert papers["appraisal"]["age"] == 173
    assert "our_record" not in papers
    assert told["missing"] == sum(one["state"] != "there" for one in told["items"])


def test_there_is_no_report_about_an_unknown_assessment(client: TestClient) -> None:
    """It is not found, nor its papers."""
    assert client.get("/v1/assessments/nobody/report").status_code == 404
    assert client.get("/v1/assessments/nobody/papers").status_code == 404


def test_every_offered_patent_stands_in_the_report(client: TestClient) -> None:
    """All three, with number, value and what each carries."""
    written = texts(report(client, asked(client, "clean"), "full"))
    assert all(patent in written for patent in PATENTS)


def cells(file: bytes) -> dict[str, str]:
    """Labels of a Word file with what stands beside them; of several with one label the first."""
    found: dict[str, str] = {}
    for table in Document(io.BytesIO(file)).tables:
        for row in table.rows:
            for cell in row.cells:
                label, *rest = cell.paragraphs[0].runs
                found.setdefault(label.text.strip(), rest[0].text if rest else "")
    return found


def rows_of_word(file: bytes) -> list[list[str]]:
    """The rows of every table of a Word file."""
    return [[cell.text for cell in row.cells] for table in Document(io.BytesIO(file)).tables for row in table.rows]


@pytest.mark.parametrize("name", ["clean", "review"])
def test_figures_in_the_word_file_and_on_the_page_are_the_answers(client: TestClient, name: str) -> None:
    """Amounts, bounds, values of patents, rates and the score, read back from the files, are those of the answer."""
    answer = asked(client, name)
    word = report(client, answer, "one_page", form="docx").content
    told, rows = cells(word), rows_of_word(word)
    page = re.sub(r"<[^>]+>", "\n", report(client, answer, "one_page", form="html").text)
    pledge, limit = answer["pledge"], answer["limit"]

    def wan(minor: int) -> str:
        return f"{minor / 1e6:,.2f}"

    figures = {
        "申请金额": f"{wan(limit['bounds']['asked'])} 万元",
        "评估值": f"{wan(pledge['basis']['appraiser'])} 万元",
        "认定值": f"{wan(pledge['basis']['confirmed'])} 万元",
        "质押率（申请÷认定）": f"{pledge['loan_to_value']['on_confirmed']:.2%}",
        "违约处置变现价值": f"{wan(answer['value_on_default']['range']['p50'])} 万元",
    }
    for label, text in figures.items():
        assert told[label] == text
        assert text in page
    assert told["违约概率与等级"].startswith(
        f"{answer['pd']['value']:.2%}，{answer['points']} 分，{answer['grade']} 级"
    )
    advice = answer["recommendation"]
    line = f"建议 {wan(advice['amount'])} 万元" if advice["amount"] else "不建议授信"
    assert line in "\n".join(one.text for one in Document(io.BytesIO(word)).paragraphs)
    assert line in page
    bounds = {row[0]: row[1] for row in rows if len(row) == 4}
    assert {wan(value) for value in limit["bounds"].values()} <= set(bounds.values())
    patents = {row[2]: row[6] for row in rows if len(row) == 8}
    assert {one["patent"]: wan(one["carries"]["carries"]) for one in answer["patents"]}.items() <= patents.items()


def test_the_lines_of_admission_stand_beside_the_score(client: TestClient) -> None:
    """Both lines of policy and the outcome, whether or not the loan keeps to them."""
    told = fields(report(client, asked(client, "clean"), "one_page"))["准入线"]["text"]
    assert "4.62%" in told
    assert "10.00%" in told
    assert "通过" in told


def test_where_nothing_is_advised_there_is_no_rate_of_it(client: TestClient) -> None:
    """不适用, not 未提供: there is nothing that is not known."""
    told = fields(report(client, asked(client, "against"), "one_page"))
    assert told["质押率（建议÷认定）"]["text"] == "不适用（未建议授信）"


def test_places_industries_and_people_are_named(client: TestClient) -> None:
    """A region and an industry by name, in English too; a person without a name is told so."""
    answer = asked(client, "against")
    zh, en = (fields(report(client, answer, "full", words)) for words in LANGUAGES)
    assert zh["所在地区"]["text"] == "深圳市（440300）"
    assert en["Industry"]["text"] == "Manufacture of computers, communication and other electronic equipment (C39)"
    page = fields(report(client, answer, "one_page"))
    assert page["实际控制人"]["text"].startswith("姓名未提供（编号 ")


def test_findings_about_several_patents_are_counted_once() -> None:
    """By their title and how many patents they are about; one about one patent names it."""
    of = Material({"findings": []}, {}, "zh", shipped())
    found = [{"rule": "register_extract", "subject": f"CN{n}", "outcome": "unknown"} for n in (1, 2)]
    title = of.name("rule", "register_extract")
    assert of.counted_titles(found) == [f"{title}（待核实）（2 件专利）"]
    assert of.counted_titles(found[:1]) == [f"{title}（CN1）（待核实）"]


def test_what_papers_say_is_told_in_words(client: TestClient) -> None:
    """Facts and their answers stand in the report by their labels, each of those that the vocabulary knows."""
    document = report(client, asked(client, "clean"), "full")
    blocks = [block for section in document["sections"] for block in section["blocks"]]
    rows = next(block for block in blocks if block.get("title") == "佐证材料")["rows"]
    assert ("本行关联方", "非关联方") in {(row[1], row[2]) for row in rows}
    of = Material({"findings": []}, {}, "zh", shipped())
    for fact, told in VOCABULARY.facts.items():
        assert not re.search("[a-z]", of.fact(fact) + "".join(of.answered(fact, code) for code in told.answers.words))
    assert (of.fact("own_figure"), of.answered("own_figure", "17")) == ("本行自定事实 own_figure", "17")


def test_what_belongs_to_another_application_is_counted_and_not_shown(client: TestClient) -> None:
    """Security, uses, guarantees and papers of an earlier loan are not those of the one asked about."""
    asked_about = question("clean")
    answer, rows = asked(client, "clean"), asked_about["rows"]
    before, page = texts(report(client, answer, "full")), report(client, answer, "one_page")
    for name in ("collateral", "guarantees", "uses"):
        own = next(row for row in rows[name] if row.get("application"))
        rows[name].append({**own, "application": "A-EARLIER"} | ({"amount": 12_345_600} if "amount" in own else {}))
    rows["applications"].append({**rows["applications"][0], "application": "A-EARLIER"})
    said = {"fact": "controller_guarantee", "answer": "refused"}
    rows["evidence"].append({**rows["evidence"][0], **said, "subject": "A-EARLIER"})
    made = client.post("/v1/assessments", json={**asked_about, "case": "with-an-earlier-loan"})
    assert made.status_code == 201, made.text
    whole = report(client, made.json(), "full")
    assert "123,456" not in texts(whole)
    assert "12.35" not in texts(whole)
    assert fields(report(client, made.json(), "one_page"))["担保方式"] == fields(page)["担保方式"]
    assert texts(whole).count("其他申请的 1 行未列示") == 4
    assert "其他申请" not in before


@pytest.mark.parametrize(("words", "days"), [("zh", "季节天数 150 天"), ("en", "days of the season 150 days")])
def test_steps_of_the_need_are_told_in_their_units(client: TestClient, words: str, days: str) -> None:
    """Days of a season are no amount; a method that does not apply says why, and no figure."""
    given = changed(*CASES["clean"], ("uses", 0, {"use": "renewal"}))
    figures = {"revenue": 3000, "cost_of_sales": 1800, "profit_before_tax": 210, "inventory": 900, "receivables": 800,
               "payables": 300, "prepayments": 120, "advances_received": 100}  # fmt: skip
    season = {name: value * WAN for name, value in figures.items()}
    given["seasons"] = [{"application": "A1", "begins_on": date(2027, 1, 1), "days": 150, "growth": 0.1, **season}]
    made = client.post("/v1/assessments", json=question_of(given, case="season", bank="bank-1", branch="b1")).json()
    grids = [block for section in report(client, made, "full", words)["sections"] for block in section["blocks"]]
    rows = [row for block in grids if block["block"] == "grid" for row in block["rows"]]
    told = {row[0]: row for row in rows if len(row) == 4}
    assert any(days in row[3] for row in told.values())
    none = [row for row in told.values() if row[1] in ("不适用", "does not apply")]
    assert none
    assert all(row[2] == "–" and row[3] and not re.search(r"\d", row[3]) for row in none)


@pytest.mark.parametrize("words", LANGUAGES)
def test_a_value_above_our_own_range_is_explained(client: TestClient, words: str) -> None:
    """Answer, one page and report tell our range, its patents, why more may stand and what whoever signs must do."""
    given = changed(*CASES["clean"], ("appraisals", 0, {"value": 90_000 * WAN, "confirmed_value": 80_000 * WAN}))
    made = client.post("/v1/assessments", json=question_of(given, case="above", bank="bank-1", branch="b1")).json()
    answer = client.get(f"/v1/assessments/{made['id']}?include=all&words={words}").json()
    found = next(one for one in answer["findings"] if one["rule"] == "above_own_range")
    facts, own = found["observed"]["facts"], answer["value"]["range"]
    assert (found["outcome"], found["effect"], found["observed"]["code"]) == (
        "fail", "caution", "finding.above_own_range.observed.not_validated",
    )  # fmt: skip
    assert (facts["low"], facts["middle"], facts["high"]) == (own["p10"], own["p50"], own["p90"])
    assert facts["patents"] == len(PATENTS)
    assert facts["basis"] == answer["pledge"]["basis"]["amount"] == 80_000 * WAN
    assert float(facts["times"]) == pytest.approx(80_000 * WAN / own["p50"], abs=0.05)
    says = found["observed"]["says"]
    assert {"zh": "由签批人判断是否采信认定值", "en": "whoever signs judges whether to rely on"}[words] in says
    for part in ("one_page", "full"):
        told = [item["text"] for item in fields(report(client, made, part, words)).values()]
        assert says in told
        assert {"zh": "依据 3 件专利", "en": "on 3 patents"}[words] in " ".join(told)


@pytest.mark.parametrize("words", LANGUAGES)
def test_a_paper_that_is_missing_or_too_old_says_what_follows(client: TestClient, words: str) -> None:
    """As the findings of its rules say, or that nothing does: what weighs among the papers weighs in the advice."""
    old = {"queried_on": date(2026, 9, 1), "known_on": date(2026, 9, 1)}
    given = changed(*CASES["clean"], ("bureau", 0, old))
    given["people"][1]["known_on"] = date(2022, 3, 11)
    made = client.post("/v1/assessments", json=question_of(given, case="papers", bank="bank-1", branch="b1")).json()
    told = client.get(f"/v1/assessments/{made['id']}/papers?words={words}").json()["items"]
    by_name = {one["paper"]: one for one in told}
    opened = {one["rule"]: one["effect"] for one in made["findings"] if one.get("effect", "info") != "info"}
    for one in told:
        if one["state"] == "there":
            assert "says" not in one
            continue
        assert one["says"]
        weighing = [opened[rule] for rule in JUDGED.get(one["paper"], ()) if rule in opened]
        assert one.get("weighs") in (weighing or [None]), one
    assert by_name["bureau_report"]["weighs"] == opened["bureau_report"]
    assert (by_name["beneficial_owner"]["state"], "weighs" in by_name["beneficial_owner"]) == ("too_old", False)
    assert {"zh": "不影响结论", "en": "does not weigh"}[words] in by_name["beneficial_owner"]["says"]
    assert by_name["visit"]["state"] == "there"


def test_every_paper_is_judged_by_rules_that_there_are() -> None:
    """No rule is named that nobody states, and no paper that policy does not ask for."""
    papers = {name.partition(".")[2] for name in shipped().names() if name.startswith("papers.")}
    assert JUDGED.keys() <= papers
    for rules in JUDGED.values():
        assert all(f"rule.{one}" in SHIPPED.texts["zh"] for one in rules)


@pytest.mark.parametrize("words", LANGUAGES)
def test_a_report_names_policy_regions_and_measures(client: TestClient, words: str) -> None:
    """No code of a value of policy, of a measure or of a prefecture stands in it, and each figure has its unit."""
    given = changed(*CASES["review"], ("firms", 0, {"region": "350100"}))
    day = date(2026, 10, 31)
    given["measures"] = [
        {"measure": "invoiced_sales", "measured_on": day, "value": 61_000_000.0},
        {"measure": "bank_npl", "measured_on": day, "value": 0.0162},
        {"measure": "our_own", "measured_on": day, "value": 3.0},
    ]
    made = client.post("/v1/assessments", json=question_of(given, case="names", bank="bank-1", branch="b1")).json()
    written = str(report(client, made, "full", words))
    told = {
        "zh": ("放款前结清即可的小额逾期上限", "福州", "开票销售额（元）", "61,000,000", "1.62%", "单位按本行口径"),
        "en": (
            "Overdue amount up to which arrears are settled before drawdown",
            "Fuzhou",
            "sales invoiced (RMB)",
            "1.62%",
            "bank's own unit",
        ),
    }[words]
    for one in told:
        assert one in written, one
    assert not re.search(r"\b(books|bureau|pledge|purpose|guarantees)\.[a-z_]+", written)
    assert "invoiced_sales" not in written


def test_accounts_of_an_earlier_credit_report_do_not_stand_beside_those_of_the_newest(client: TestClient) -> None:
    """What an earlier report named may be settled: its accounts are counted, as are a person's earlier reports."""
    asked_about = question("clean")
    rows = asked_about["rows"]
    newest = max(rows["bureau"], key=lambda row: row["queried_on"])["queried_on"]
    account = {"known_on": "2024-01-02", "source_kind": "document", "kind": "short_loan", "risk_class": "normal"}
    rows["bureau_accounts"] = [
        {**account, "account": "old", "queried_on": "2024-01-02", "balance": 777_000_000},
        {**account, "account": "new", "queried_on": newest, "known_on": newest, "balance": 888_000_000},
    ]
    earlier = {**rows["person_bureau"][0], "authorised_on": "2024-01-01", "queried_on": "2024-01-02"}
    rows["person_bureau"].append({**earlier, "known_on": "2024-01-02"})
    made = client.post("/v1/assessments", json={**asked_about, "case": "with-an-earlier-report"})
    assert made.status_code == 201, made.text
    told = texts(report(client, made.json(), "full"))
    assert "888.00" in told
    assert "777.00" not in told
    assert told.count("更早的 1 行未列示") == 2


def test_interest_cover_is_that_of_a_whole_year(client: TestClient) -> None:
    """Books of a part of a year give another ratio than the rule's: the page tells the rule's, and of which year."""
    asked_about = question("clean")
    rows = asked_about["rows"]
    yearly = max((row for row in rows["statements"] if row["months"] == 12), key=lambda row: row["period_end"])
    part = {**yearly, "period_end": "2026-09-30", "known_on": "2026-10-20", "months": 9, "operating_profit": 100}
    rows["statements"].append(part)
    made = client.post("/v1/assessments", json={**asked_about, "case": "with-books-of-nine-months"})
    assert made.status_code == 201, made.text
    told = fields(report(client, made.json(), "one_page"))["利息保障倍数"]
    assert told["text"] == f"{yearly['operating_profit'] / yearly['interest_expense']:.2f} 倍"
    assert yearly["period_end"] in told["source"]
