"""新建测算 at the desk: the template, a workbook that is right or wrong by cell, and plain lists beside."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pytest
from httpx import Response

from features.phrase import Phrase
from models.words.templates import say
from service.access.roles import Place
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
    told = bank.client.post("/desk/new", data={"firm": "91350100MA002210X2"}, headers=headers)
    assert told.status_code == 200
    assert "数据湖中没有该企业的资料" in text_of(told.text)
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
