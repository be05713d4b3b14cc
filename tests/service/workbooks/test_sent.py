"""A workbook that is sent: the same assessment as over JSON, wrong cells by their place, and nothing that harms."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from service.application.state import AppState
from service.assessing.records import entry_of
from service.ledger.contents import content_of
from service.workbooks.layout import sheets
from service.workbooks.reading import Workbook
from service.workbooks.sent import MOST_UNPACKED
from service.workbooks.template import write_workbook
from tests.service.made import applicant
from tests.service.workbooks.asked import FEW, USCC, by_api, plainly, typed_in
from tests.service.workbooks.test_workbook import FIRM, WRONG
from tests.service.workbooks.typing_by_hand import Cells, typed

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FILES = Path(__file__).parent / "files"
LIBREOFFICE = "PLEDGESCORE_LIBREOFFICE"
NAMED = {"AAAA.csv": "申请.csv", "BBBB.csv": "报表.csv"}
"""Names of as many bytes in ASCII as in GBK: a ZIP file made here holds either ASCII or UTF-8."""
OWN = ("/answer/id", "/answer/asked_at", "/answer/links")
"""Leaves that no two entries share."""


def book(*asked: dict[str, Any]) -> bytes:
    """A workbook in Chinese."""
    out = io.BytesIO()
    write_workbook(out, "zh", "0" * 64, asked)
    return out.getvalue()


def sealed(client: TestClient, answer: dict[str, Any]) -> dict[str, Any]:
    """The body of an answer's entry, without what no two share and what was written."""
    state: AppState = client.app.state.pledgescore  # type: ignore[attr-defined]
    with state.engine.connect() as connection:
        body = orjson.loads(content_of(connection, entry_of(connection, answer["id"])).body)
    told = {pointer: leaf for pointer, leaf in body.items() if pointer not in OWN}
    for pointer, leaf in told.items():
        if pointer.startswith("/rows/"):
            leaf.pop("as_written", None)
    return {pointer: leaf for pointer, leaf in told.items() if leaf != {}}


def test_a_workbook_in_chinese_seals_what_the_api_seals(client: TestClient) -> None:
    """Chinese labels and 万元, no code word: the sealed body is that of JSON but for time, ids and what was written."""
    sent = book(typed_in())
    for sheet in CalamineWorkbook.from_filelike(io.BytesIO(sent)).sheet_names[: len(sheets())]:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sent)).get_sheet_by_name(sheet).to_python()[1:]
        words = [cell for row in rows for cell in row if isinstance(cell, str)]
        assert not [one for one in words if re.search("[a-z]", one)], sheet
    (result,) = client.post("/v1/workbook", content=sent).json()["results"]
    asked = client.post("/v1/assessments", json=by_api())
    assert asked.status_code == 201, asked.text
    assert sealed(client, result["assessment"]) == sealed(client, asked.json())


def test_the_same_key_enters_a_workbook_once(client: TestClient) -> None:
    """As a list's: each question has a key of its own under the workbook's."""
    sent = book(*(applicant(seed, 2, case=f"W{seed}") for seed in (1, 2)))
    ids = [
        [one["assessment"]["id"] for one in client.post(
            "/v1/workbook", content=sent, headers={"Idempotency-Key": "w"}).json()["results"]]
        for _ in range(2)
    ]  # fmt: skip
    assert ids[0] == ids[1]
    assert len(client.get("/v1/assessments").json()["items"]) == 2


def test_the_template_is_downloaded(client: TestClient) -> None:
    """In either language, with the digest of the policy that is in force here, and nothing asked yet."""
    for words, tab in (("zh", "申请"), ("en", "Questions")):
        got = client.get(f"/v1/workbook?words={words}")
        assert got.headers["content-disposition"] == "attachment; filename=pledgescore.xlsx"
        assert CalamineWorkbook.from_filelike(io.BytesIO(got.content)).sheet_names[0] == tab
        with Workbook(got.content) as read:
            policy = client.get("/v1/policy").json()
            assert read.policy is not None
            assert read.policy in str(policy)
            assert [one.code for one in read.faults] == ["workbook_no_question"]


def test_a_csv_file_and_a_zip_of_them_are_read(client: TestClient) -> None:
    """In UTF-8 and in GBK: the first sheet alone, and a file a sheet under names as Windows in China writes them."""
    asked = f"测算基准日,统一社会信用代码\r\n2026-11-20,{USCC}\r\n"
    books = "期末日,覆盖月数,营业收入（万元）,审计意见\r\n2025-12-31,12,6000,标准无保留意见\r\n"
    for encoding in ("utf-8", "gb18030"):
        alone = client.post("/v1/workbook", content=asked.encode(encoding)).json()
        assert alone["results"][0]["problem"]["code"] == "no_lake_for_firm"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for name, text in (("AAAA.csv", asked), ("BBBB.csv", books)):
                packed.writestr(name if encoding == "gb18030" else NAMED[name], text.encode(encoding))
        sent = out.getvalue()
        for name, own in NAMED.items():
            sent = sent.replace(name.encode(), own.encode("gb18030"))
        (result,) = client.post("/v1/workbook?include=all", content=sent).json()["results"]
        assert result["assessment"]["sources"]["statements"]["rows"] == 1


def test_what_harms_is_refused_before_it_is_read(client: TestClient, tmp_path: Path) -> None:
    """Texts, broken files, bombs, sheets that reach to the last cell: each refused by its code, nothing recorded."""
    bomb, far, lying = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("申请.csv", b"0" * (MOST_UNPACKED + 1))
    good = zipfile.ZipFile(io.BytesIO(plainly(tmp_path)))
    with zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in good.namelist():
            told = good.read(one)
            row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            packed.writestr(one, told.replace(b"</sheetData>", row) if "sheet2.xml" in one else told)
    with zipfile.ZipFile(lying, "w") as packed:
        packed.writestr("notes.txt", "nothing")
    for sent, code in (
        (b"", "workbook_no_question"), (b"hello", "workbook_no_headings"), (b"PK\x03\x04", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "workbook_unreadable"), (bomb.getvalue(), "workbook_too_large"),
        (far.getvalue(), "workbook_too_large"), (lying.getvalue(), "workbook_no_csv"),
        (b"\xff\x00\xd8", "workbook_no_table"),
        (b"\xff\xd8\xff\xe0JFIF", "workbook_no_table"), (b"\xffx,", "file_not_utf8"),
    ):  # fmt: skip
        told = client.post("/v1/workbook", content=sent)
        assert told.status_code == 422, told.text[:300]
        assert code in {one["code"] for one in told.json()["errors"]}, told.text[:300]
    assert client.get("/v1/assessments").json()["items"] == []


def more_wrong() -> dict[str, Cells]:
    """Three sheets more, most of whose cells are wrong."""
    bureau = ["queried_on", "record_found", "lenders", "balance", "overdue", "worst_days", "non_performing"]
    wanted = {
        "bureau": (bureau, [["B1", "上月", "有", "两家", "约六百", "-", "九十天", "1.5"],
                            ["B2", "2031-01-01", "可能", -2, 600, "#N/A", 7, True]]),
        "guarantees": (["guarantor", "kind", "amount", "share", "signed_on"],
                       [["B1", FIRM, "口头", "3百万", "八成", "2026-13-01"],
                        ["B2", date(2026, 7, 1), "口说", 1, 1.8, 1]]),
        "holdings": (["patent", "holder", "from_on"],
                     [["B1", "CN110234567A", "91440300MA000101", "2020-01-01"]]),
        "statements": (["period_end", "months", "scope", "revenue", "audited"],
                       [["B2", "2025-12-31", 13, "集团", "六千", "看过"],
                        ["B2", "去年", "十二", "母公司", True, "否"]]),
    }  # fmt: skip
    return {
        sheets()[table].title("zh"): [["业务编号", *(sheets()[table].heading(one, "zh") for one in names)], *rows]
        for table, (names, rows) in wanted.items()
    }


def test_sixty_wrong_cells_of_twenty_kinds_are_told_at_once(client: TestClient, tmp_path: Path) -> None:
    """Each by its cell with a sentence in Chinese, none twice; nothing is recorded."""
    sent = typed(tmp_path / "wrong.xlsx", WRONG | more_wrong()).read_bytes()
    told = client.post("/v1/workbook", content=sent)
    assert told.status_code == 422
    errors = told.json()["errors"]
    cells = [one["pointer"] for one in errors]
    assert len(set(cells)) >= 60, sorted(cells)
    assert len({one["code"] for one in errors}) >= 20
    assert all(re.fullmatch(r"\w+!([A-Z]+[0-9]+|[0-9]+)|Sheet9", one) for one in cells), cells
    assert len({(one["pointer"], one["code"]) for one in errors}) == len(errors)
    assert all(re.search("[\u4e00-\u9fff]", one["message"]) for one in errors)
    assert client.get("/v1/assessments").json()["items"] == []


@pytest.mark.skipif(
    shutil.which("soffice") is None or not os.environ.get(LIBREOFFICE), reason=f"asked for by {LIBREOFFICE}: it is slow"
)
@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_what_libreoffice_saves_is_read(client: TestClient, tmp_path: Path, suffix: str) -> None:
    """Opened and saved there, in either form of Excel: the same sealed body. The files that are kept are made so."""
    plainly(tmp_path)
    home, out = f"-env:UserInstallation=file://{tmp_path / 'home'}", str(FILES)
    command = ["soffice", home, "--headless", "--convert-to", suffix, "--outdir", out, str(tmp_path / "small.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    test_kept_files_of_libreoffice_are_read(client, suffix)


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_kept_files_of_libreoffice_are_read(client: TestClient, suffix: str) -> None:
    """Two small files that LibreOffice saved, without a code word: the sealed body is that of JSON."""
    sent = (FILES / f"small.{suffix}").read_bytes()
    (result,) = client.post("/v1/workbook", content=sent).json()["results"]
    asked = client.post("/v1/assessments", json=by_api(FEW))
    assert sealed(client, result["assessment"]) == sealed(client, asked.json())
