"""Usual mistakes of an officer: what is sent over HTTP, and at which place it is told with which code.

`python -m tests.service.mistakes` prints them with their sentences as a table.
"""

import json
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from features.phrase import LANGUAGES, Language
from models.words.templates import SHIPPED
from service.edge.settings import Settings
from service.web.app import create_app

Body = dict[str, Any]
EXAMPLE = Path(__file__).parents[2] / "examples" / "officer" / "applicant.json"


@dataclass(frozen=True)
class Mistake:
    """`change` makes the right question wrong, or gives the bytes that are sent.

    `status` 201: it is answered, and `code` is that of a warning or of a table that contradicts itself.
    """

    name: str
    zh: str
    change: Callable[[Body], Body | bytes | None]
    code: str
    pointer: str = ""
    status: int = 422


def right() -> Body:
    """The question without a mistake."""
    body: Body = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return body


def sent(mistake: Mistake) -> bytes:
    """The bytes of the question with its mistake."""
    body = deepcopy(right())
    made = mistake.change(body)
    return made if isinstance(made, bytes) else json.dumps(made or body, ensure_ascii=False).encode()


def set_cell(table: str, name: str, value: object) -> Callable[[Body], None]:
    """A mistake in a cell of a table's first row."""

    def change(body: Body) -> None:
        body["rows"][table][0][name] = value

    return change


def set_extract(name: str, value: object) -> Callable[[Body], None]:
    """A mistake in the extract."""

    def change(body: Body) -> None:
        body["extract"][name] = value

    return change


def _consent(body: Body) -> None:
    told = {"known_on": "2026-11-18", "source_kind": "材料", "seen_on": "2026-11-18", "fact": "co_owner_consent"}
    body["rows"]["evidence"].append(told | {"subject": "ZL201910561574.9", "answer": "同意，但须董事会批准"})


def _no_application(body: Body) -> None:
    body["application"] = "A-2026-0171"


def _two_applications(body: Body) -> None:
    del body["application"]
    body["rows"]["applications"].append(body["rows"]["applications"][0] | {"application": "A-2026-0042"})


def _twice(body: Body) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    return text.replace('"bureau":', '"bureau": [], "bureau":').encode()


def _gbk(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("gbk")


def _not_json(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).replace('"bank-1",', '"bank-1"').encode()


def _units_wrong(body: Body) -> None:
    """The officer finds that the amounts are in another unit, and says so instead of sending them again."""
    told = {"known_on": "2026-11-18", "source_kind": "材料", "seen_on": "2026-11-18", "fact": "units_confirmed"}
    body["rows"]["evidence"].append(told | {"subject": "91350100M000100Y43", "answer": "单位有误"})


def _stray_paper(body: Body) -> None:
    told = {"known_on": "2026-11-18", "source_kind": "材料", "seen_on": "2026-11-18", "fact": "pledge_contract"}
    body["rows"]["evidence"].insert(0, told | {"subject": "A-2025-0001", "answer": "齐全"})


def _contradiction(body: Body) -> None:
    books = body["rows"]["statements"]
    books.append(books[1] | {"revenue": {"value": 6320, "unit": "万元"}})


def _yuan_as_fen(body: Body) -> None:
    """Books in yuan, where bare numbers are fen, beside an application in 万元."""
    for books in body["rows"]["statements"]:
        for name, value in books.items():
            if isinstance(value, dict):
                books[name] = value["value"] * 10_000


def _ahead(body: Body) -> None:
    body["as_of"] = "2026-12-24"


MISTAKES = (
    Mistake(
        "a digit of the patent number is wrong",
        "专利号抄错一位",
        set_cell("collateral", "item", "ZL201910561574.8"),
        "patent_check_digit",
        "/rows/collateral/0/item",
    ),
    Mistake(
        "a publication number for the application number",
        "误填公告号",
        set_extract("patent", "CN109999999B"),
        "publication_number",
        "/extract/patent",
    ),
    Mistake(
        "an international application for a patent",
        "误填 PCT 申请号",
        set_cell("collateral", "item", "PCT/CN2019/088123"),
        "international_application",
        "/rows/collateral/0/item",
    ),
    Mistake(
        "a paper about another application",
        "证明材料写了别的申请编号",
        _stray_paper,
        "evidence_application",
        "/rows/evidence/0/subject",
    ),
    Mistake(
        "a number that a spreadsheet rewrote",
        "表格把专利号改成科学计数法",
        set_cell("collateral", "item", "2.01911E+12"),
        "patent_scientific",
        "/rows/collateral/0/item",
    ),
    Mistake("consent with a rider", "共有人“同意”附条件", _consent, "row_answer", "/rows/evidence/2/answer"),
    Mistake(
        "an amount in a text without a unit",
        "金额写成“300万”",
        set_cell("applications", "amount", "300万"),
        "row_value",
        "/rows/applications/0/amount",
    ),
    Mistake(
        "a unit that there is not",
        "金额单位不规范",
        set_cell("applications", "amount", {"value": 300, "unit": "万"}),
        "row_value",
        "/rows/applications/0/amount",
    ),
    Mistake("books in yuan taken for fen", "报表以“元”填入“分”", _yuan_as_fen, "units_suspect", "", 201),
    Mistake(
        "an application of another number", "申请编号与资料不符", _no_application, "application_unknown", "/application"
    ),
    Mistake(
        "two applications and none named",
        "有两笔申请而未写明",
        _two_applications,
        "application_ambiguous",
        "/application",
    ),
    Mistake("a day with slashes", "日期写作 2026/11/20", lambda body: body | {"as_of": "2026/11/20"}, "day", "/as_of"),
    Mistake(
        "a day that is in no calendar",
        "日历上没有的日期",
        set_cell("statements", "period_end", "2025-02-29"),
        "row_value",
        "/rows/statements/0/period_end",
    ),
    Mistake(
        "a rate in per cent",
        "利率写作 3.85",
        set_cell("applications", "rate_asked", 3.85),
        "row_value",
        "/rows/applications/0/rate_asked",
    ),
    Mistake("a file in GBK", "文件为 GBK 编码", _gbk, "not_utf8_text", "", 400),
    Mistake("a table that stands twice", "同一资料重复出现", _twice, "json_twice", "", 400),
    Mistake("a comma that is missing", "JSON 缺逗号", _not_json, "not_json", "", 400),
    Mistake(
        "a fact that there is not",
        "自拟的佐证事项",
        set_cell("evidence", "fact", "guarantor_agrees"),
        "row_fact",
        "/rows/evidence/0/fact",
    ),
    Mistake(
        "a column that there is not",
        "自拟的字段",
        set_cell("statements", "turnover", 6230),
        "row_no_column",
        "/rows/statements/0/turnover",
    ),
    Mistake(
        "a table that there is not",
        "自拟的资料表",
        lambda body: body["rows"].update(shareholders=[]),
        "row_no_table",
        "/rows/shareholders",
    ),
    Mistake(
        "a word of no choice",
        "用途自拟",
        set_cell("applications", "purpose", "补充流动性"),
        "row_value",
        "/rows/applications/0/purpose",
    ),
    Mistake(
        "a wrong code of the firm", "信用代码少一位", lambda body: body | {"firm": "91350100M000100Y4"}, "uscc", "/firm"
    ),
    Mistake(
        "a status of the extract in own words",
        "登记簿状态自拟",
        set_extract("status", "目前正常有效"),
        "row_value",
        "/extract/status",
    ),
    Mistake(
        "a holder without its first day",
        "权利人未写持有起始日",
        set_extract("holders", [{"holder": "91350100M000100Y43"}]),
        "extract_holder_since",
        "/extract/holders/0/since",
    ),
    Mistake(
        "a fact known after it happened",
        "获知日早于事实发生日",
        set_cell("titles", "known_on", "2024-11-10"),
        "row_after_known",
        "/rows/titles/0/issued_on",
    ),
    Mistake("two figures for one item", "同一报表报了两个收入", _contradiction, "contradictions", "", 201),
    Mistake(
        "amounts said to be in a wrong unit",
        "注明单位有误而未改金额",
        _units_wrong,
        "units_wrong",
        "/rows/evidence/2/answer",
    ),
    Mistake("a day to come", "基准日填成将来", _ahead, "ahead", "", 201),
)


def answer_to(client: TestClient, mistake: Mistake, words: str) -> tuple[int, Body]:
    """Status and answer over HTTP, in a language."""
    answer = client.post(f"/v1/assessments?words={words}", content=sent(mistake))
    told: Body = answer.json()
    return answer.status_code, told


def places(mistake: Mistake, told: Body, language: Language) -> dict[str, tuple[str, str]]:
    """By place: the code and the sentence. Of an answer, of what it warns of."""
    if mistake.status == 201:
        found = {one["rule"]: (one["rule"], one["observed"]["says"]) for one in told["findings"]}
        for one in told["contradictions"]:
            found["contradictions"] = ("contradictions", one["says"])
        if told["ahead"]:
            found["ahead"] = ("ahead", SHIPPED.name("print.ahead", language))
        return {"": found[mistake.code]} if mistake.code in found else {}
    if "errors" not in told:
        return {"": (told["code"], told["detail"])}
    return {one["pointer"]: (one["code"], one["message"]) for one in told["errors"]}


def main() -> None:
    """Print the table."""
    from tests.service.conftest import NOON
    from tests.service.made import make_bundle

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bundle").mkdir()
        make_bundle(folder / "bundle")
        settings = Settings(database=f"sqlite:///{folder / 'l.db'}", bundles=(folder / "bundle",), sign_in="none")
        with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
            print("| 常见差错 | 位置 | 提示（中文） | in English |\n|---|---|---|---|")
            for mistake in MISTAKES:
                said = [
                    places(mistake, answer_to(client, mistake, words)[1], words).get(mistake.pointer, ("–", "–"))
                    for words in LANGUAGES
                ]
                zh, en = (text.replace("|", "\\|") for _, text in said)
                print(f"| {mistake.zh} | `{mistake.pointer}` | {zh} | {en} |")


if __name__ == "__main__":
    main()
