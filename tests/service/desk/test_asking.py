"""新建测算 at the desk: the template, a workbook that is right or wrong by cell, and plain lists beside."""

import re
from base64 import b64decode
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pytest
from httpx import Response

from features.phrase import Phrase
from models.words.templates import say
from service.access.roles import Place
from service.workbooks.reading import Workbook
from service.workbooks.sent import MOST_UNPACKED
from service.workbooks.template import write_workbook
from tests.models.underwriting.whole_case import whole
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.loan_case import question_of
from tests.service.loan_files.people import People


def upload(bank: People, content: bytes, name: str = "申请.xlsx", once: str = "1") -> Response:
    """What a workbook gets that an officer sends."""
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    return bank.client.post(
        "/desk/new/workbook", data={"once": once}, files={"workbook": (name, content)}, headers=headers,
        follow_redirects=False,
    )  # fmt: skip


def filled(bank: People, question: dict[str, Any]) -> bytes:
    """The template, filled with a question."""
    book = BytesIO()
    write_workbook(book, "zh", bank.state.assessor.policy.digest, [question])
    return book.getvalue()


def test_a_workbook_is_answered_as_the_api_answers(bank: People) -> None:
    """One question leads to its answer; sent twice from one page it is recorded once; the figures are the same."""
    question = question_of(whole(), "row:book", case="book-1")
    told = upload(bank, filled(bank, question))
    assert told.status_code == 303, text_of(told.text)
    again = upload(bank, filled(bank, question))
    assert again.headers["location"] == told.headers["location"]
    path = told.headers["location"].removeprefix("/desk")
    of_desk = bank.client.get(f"/v1{path}", headers=bank.as_(bank.lead)).json()
    of_api = bank.assess(whole(), firm="row:book", case="book-1")
    for part in ("points", "pd", "recommendation", "limit", "findings", "patents"):
        assert of_desk[part] == of_api[part], part


def test_wrong_cells_are_listed_and_nothing_is_asked(bank: People) -> None:
    """By sheet and cell, all at once; what is no workbook, or holds nothing, is told in a sentence."""
    question = question_of(whole(), "row:wrong", case="book-2")
    question["rows"]["firms"][0]["staff"] = -5
    told = upload(bank, filled(bank, question), once="2")
    assert told.status_code == 422
    assert "!" in text_of(told.text)
    assert "申请.xlsx" in text_of(told.text)
    for content in (b"", b"PK\x03\x04 no book", b"<script>alert(1)</script>"):
        refused = upload(bank, content, name="<b>x.xlsx", once="3")
        assert refused.status_code == 422
        assert "<b>x" not in refused.text
        assert "/tmp" not in text_of(refused.text)


def test_a_wrong_workbook_comes_back_with_its_cells_marked(bank: People) -> None:
    """Red and with a comment at each wrong cell, values where they stood: sent again it is wrong in the same places."""
    question = question_of(whole(), "row:marked", case="book-5")
    question["rows"]["firms"][0]["staff"] = -5
    question["rows"]["firms"][0]["legal_name"] = "=1+1<b>"
    told = upload(bank, filled(bank, question), once="5")
    found = re.search(r'download="标注.xlsx" href="data:[^"]*;base64,([^"]+)"', told.text)
    assert found is not None
    book = b64decode(unescape(found[1]))
    with ZipFile(BytesIO(book)) as packed:
        notes = "".join(packed.read(one).decode() for one in packed.namelist() if "comments" in one)
        style = packed.read("xl/styles.xml").decode()
    wrong = re.findall(r'<td class="code keep">([^<]+)</td><td>([^<]+)</td>', told.text)
    assert wrong
    assert all(sentence in notes for _, sentence in wrong)
    assert "F8CBAD" in style
    again = upload(bank, book, once="6")
    assert re.findall(r'<td class="code keep">([^<]+)</td>', again.text) == [cell for cell, _ in wrong]
    assert "=1+1&lt;b&gt;" not in again.text  # it is shown nowhere, and counts nowhere


def test_a_template_is_filled_with_what_is_known(bank: People) -> None:
    """Of a firm that was assessed: its rows with their sources and days; filled in as it is, it asks the same."""
    before = bank.assess(whole(), firm="row:prefilled")
    told = page(bank, bank.lead, "/desk/new/template.xlsx?firm=row:prefilled")
    api = bank.client.get("/v1/workbook", params={"firm": "row:prefilled"}, headers=bank.as_(bank.lead))
    with Workbook(told.content) as book, Workbook(api.content) as same:
        asked = next(iter(book.questions()))
        assert asked.body == next(iter(same.questions())).body
    assert asked.body["firm"] == "row:prefilled"
    after = upload(bank, told.content, once="7")
    assert after.status_code == 303, text_of(after.text)
    path = after.headers["location"].removeprefix("/desk")
    of_desk = bank.client.get(f"/v1{path}", headers=bank.as_(bank.lead)).json()
    for part in ("points", "recommendation", "findings"):
        assert of_desk[part] == before[part], part
    nobody = page(bank, bank.lead, "/desk/new/template.xlsx?firm=row:nobody")
    with Workbook(nobody.content) as book:
        assert "rows" not in next(iter(book.questions())).body


def test_what_unpacks_to_too_much_is_refused_before_it_is_read(bank: People) -> None:
    """The page measures what is sent as the API does."""
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as packed:
        packed.writestr("申请.csv", b"0" * (MOST_UNPACKED + 1))
    refused = upload(bank, bomb.getvalue(), once="4")
    assert refused.status_code == 422
    assert say(Phrase("refusal.workbook_too_large", {"file": "申请.xlsx"}), "zh") in text_of(refused.text)


def test_the_template_is_the_one_of_the_commands(bank: People) -> None:
    """The page's template opens as a workbook with the sheet of questions."""
    told = page(bank, bank.lead, "/desk/new/template.xlsx")
    assert told.content[:2] == b"PK"
    assert "attachment" in told.headers["content-disposition"]


def test_a_firm_that_nobody_knows_is_told_so(bank: People) -> None:
    """What the lake does not know is typed: the page begins empty and says so."""
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    begun = bank.client.post("/desk/new", data={"firm": "91350100MA002210X2"}, headers=headers, follow_redirects=False)
    told = page(bank, bank.lead, begun.headers["location"])
    assert "尚无该企业的资料" in text_of(told.text)
    assert 'value="91350100MA002210X2"' in told.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_plain_lists_show_what_the_api_tells(bank: People, language: str) -> None:
    """Models, policy, ledger and accounts, each for who may read it."""
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-lists")
    api = {path: orjson.loads(bank.client.get(f"/v1/{path}", headers=bank.as_(auditor)).content)
           for path in ("models", "ledger", "users")}  # fmt: skip
    assert api["models"]["items"][0]["name"] in page(bank, auditor, "/desk/models", language).text
    assert api["ledger"]["seal"] in page(bank, auditor, "/desk/ledger", language).text
    users = text_of(page(bank, auditor, "/desk/users", language).text)
    assert all(one["name"] in users for one in api["users"]["items"])
    assert "authority.levels" in page(bank, auditor, "/desk/policy?q=authority", language).text
