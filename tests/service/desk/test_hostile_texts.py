"""Names, titles, comments and file names with markup, formulas, marks of direction, or too long: text everywhere."""

import csv
import re
from io import BytesIO, StringIO
from urllib.parse import quote
from zipfile import ZipFile

import pytest

from service.access.roles import Place
from tests.models.underwriting.whole_case import whole
from tests.service.desk.reading import page
from tests.service.desk.test_acts import send, sent
from tests.service.loan_case import question_of
from tests.service.loan_files.people import Body, People, done
from tests.service.loan_files.test_papers import PDF

NAME = '=HYPERLINK("x",1)<script>alert(1)</script>{{7*7}}{% x %}\' onload="alert(2)"&amp;公司'
TITLE = "+一种<img src=x onerror=alert(3)>" + "极" * 500
TURNED = "某某\u202e司公"
RAW = ("<script>alert", "<img src=x", 'onload="alert', "{{49}}", ">49<")


@pytest.fixture(scope="module")
def hostile(bank: People) -> Body:
    """An answer about a firm whose every name is hostile, with a comment, a paper and an opinion of the kind."""
    given = whole()
    given["firms"][0]["legal_name"] = NAME
    for row in given["patents"]:
        row["title"] = TITLE
    answer = bank.assess(given, firm="row:hostile")
    file = answer["record"]["loan_file"]["id"]
    told = bank.client.post(
        f"/v1/loan-files/{file}/attachments", params={"name": f"{NAME[:150].replace('/', '')}.pdf"}, content=PDF,
        headers=bank.as_(bank.lead),
    )  # fmt: skip
    assert told.status_code == 201, told.text
    sent(send(bank, bank.lead, f"{file}/comments", text=f"{NAME}\n{TITLE}"))
    done(bank.submit(answer, 200, note=NAME))
    done(bank.review(file, opinion=f"{NAME}\n{TITLE}"))
    bank.account("auditor", Place(bank.bank), name="auditor-hostile")
    reasons = {"reason_code": "risk_too_high", "reason": NAME}
    done(bank.seen_act(file, "approval", bank.first, outcome="declined", **reasons))
    return answer


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_show_them_as_text(bank: People, hostile: Body, language: str) -> None:
    """Search, file, answer, acts, peers, trial, decisions, audit log: read as it was written, no tag of it a tag."""
    file = hostile["record"]["loan_file"]["id"]
    answer = f"/desk/assessments/{hostile['id']}"
    pages = {
        bank.first: ("/desk/files?q=row:hostile", f"/desk/files/{file}", answer, f"/desk/files/{file}/approval"),
        bank.lead: (f"{answer}/peers", f"{answer}/what-if", f"/desk/files?q={quote(NAME[:90])}"),
        "auditor-hostile": (f"/desk/decisions?text={quote(NAME[:90])}", f"/desk/decisions/{hostile['id']}",
                            f"/desk/decisions/{hostile['id']}/replay", f"/desk/audit-log?who={quote(NAME[:90])}"),
    }  # fmt: skip
    for who, path in ((who, path) for who, paths in pages.items() for path in paths):
        shown = page(bank, who, path, language).text
        assert "HYPERLINK" in shown, path
        for raw in RAW:
            assert raw not in shown, (path, raw)


def test_reports_and_exports_show_them_as_text(bank: People, hostile: Body) -> None:
    """The print, the Word file, the list and the filled template: no tag, no formula, no field."""
    headers = bank.as_(bank.lead)
    for part in ("one_page", "full"):
        path = f"/v1/assessments/{hostile['id']}/report"
        shown = bank.client.get(path, params={"part": part, "form": "html"}, headers=headers)
        assert shown.status_code == 200, shown.text
        assert "HYPERLINK" in shown.text
        assert not any(raw in shown.text for raw in RAW), part
        document = bank.client.get(path, params={"part": part, "form": "docx"}, headers=headers)
        with ZipFile(BytesIO(document.content)) as packed:
            xml = packed.read("word/document.xml").decode()
        assert "HYPERLINK" in xml
        assert "<script>" not in xml
        assert "w:instrText" not in xml
    table = bank.client.get("/v1/assessments", params={"format": "csv"}, headers=headers).text
    cells = [cell for row in csv.reader(StringIO(table.removeprefix("\ufeff"))) for cell in row]
    cells += [cell for path in ("decisions", "audit-log") for cell in table_of(bank, path)]
    assert not any(re.match(r"[=+@\t\r]", cell) for cell in cells)
    book = page(bank, bank.lead, "/desk/new/template.xlsx?firm=row:hostile").content
    with ZipFile(BytesIO(book)) as packed:
        sheets = [packed.read(one).decode() for one in packed.namelist() if one.startswith("xl/worksheets/sheet")]
        shared = packed.read("xl/sharedStrings.xml").decode()
    assert "HYPERLINK" in shared
    assert not any("<f>" in sheet for sheet in sheets)


def table_of(bank: People, path: str) -> list[str]:
    """The cells of a table that an auditor takes away, as CSV and as Excel; no cell of Excel is a formula."""
    table = page(bank, "auditor-hostile", f"/desk/{path}/file?format=csv").text.removeprefix("\ufeff")
    with ZipFile(BytesIO(page(bank, "auditor-hostile", f"/desk/{path}/file?format=xlsx").content)) as book:
        assert not any(b"<f>" in book.read(one) for one in book.namelist() if "worksheets/" in one)
    return [cell for row in csv.reader(StringIO(table)) for cell in row]


def test_marks_of_direction_and_names_too_long_stay_outside(bank: People) -> None:
    """They are refused where they come in, with the place; nothing that is shown can turn what stands beside it."""
    for wrong in (TURNED, "长" * 500, "名\x00称"):
        given = whole()
        given["firms"][0]["legal_name"] = wrong
        told = bank.client.post("/v1/assessments", json=question_of(given, "row:turned"), headers=bank.as_(bank.lead))
        assert told.status_code == 422
        assert told.json()["errors"][0]["pointer"] == "/rows/firms/0/legal_name"
