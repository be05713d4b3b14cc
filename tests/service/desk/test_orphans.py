"""漏报核对 at the desk: a list is sent, how it was read is shown beside what was found, and nothing is kept."""

from typing import Any

import pytest
from httpx import Response

from service.access.roles import Place
from tests.service.decided import DecidedBank
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE

CSV = "借据号,统一社会信用代码,放款日,贷款金额（万元）\n{loan},,2026-11-20,1\n=1+1,<b>x</b>,昨天,2\nX9,,2026-11-20,3\n"


def sent(bank: Any, name: str, content: bytes, **fields: str) -> Response:
    """What the form gets."""
    headers = {**bank.as_(name), **OWN_PAGE}
    return bank.client.post("/desk/orphans", data=fields, files={"file": ("台账.csv", content)}, headers=headers)


def test_an_auditor_sees_both_directions(decided: DecidedBank) -> None:
    """Each line by its number, what is unreadable in a sentence, and drawdowns that the list leaves out."""
    bank = decided.people
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-orphans")
    assert "台账" in text_of(page(bank, auditor, "/desk/orphans").text)
    told = sent(bank, auditor, CSV.format(loan="NONE").encode("gb18030"), since="2020-01-01", until="2027-01-01")
    assert told.status_code == 200, told.text
    shown = text_of(told.text)
    assert "清单 3 行，其中 0 行与放款一一对应" in shown
    assert "<b>x</b>" not in told.text
    for part in ("无法识别", "已备案、无放款存证", "已放款、未备案", "清单读取情况", "3.00"):
        assert part in shown, part


def test_what_is_no_list_is_told_and_nothing_typed_is_lost(decided: DecidedBank) -> None:
    """A picture, which is called none, no file, days that are none, and a role that may not audit."""
    bank = decided.people
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-orphans-2")
    for content in (b"", b"\x89PNG\r\n\x1a\n", b"colour\nred\n"):
        told = sent(bank, auditor, content, kind="registered", since="2026-01-02")
        assert (told.status_code, 'role="alert"' in told.text) == (422, True)
        assert 'value="registered" selected' in told.text
        assert 'value="2026-01-02"' in told.text
        assert ("不是表格文件" in told.text) == content.startswith(b"\x89PNG")
    assert sent(bank, auditor, CSV.encode(), since="yesterday").status_code == 422
    assert sent(bank, bank.lead, CSV.encode()).status_code == 403


@pytest.mark.parametrize(
    ("language", "order", "counts"),
    [
        ("zh", "截止日不得早于起始日 2026-11-20", "列名或单元格已注明单位的，以其为准"),
        ("en", "the last day must not be before the first, 2026-11-20", "named in the heading or the cell counts"),
    ],
)
def test_days_out_of_order_are_told_and_whose_unit_counts(
    decided: DecidedBank, language: str, order: str, counts: str
) -> None:
    """A last day before the first is refused; a chosen unit gives way to the heading's, and the page says so."""
    bank = decided.people
    auditor = bank.account("auditor", Place(bank.bank), name=f"auditor-days-{language}")
    list_ = CSV.format(loan="NONE").encode()
    bank.as_(auditor)["Cookie"] += f"; pledgescore-language={language}"
    told = sent(bank, auditor, list_, since="2026-11-20", until="2026-11-19")
    assert (told.status_code, order in text_of(told.text)) == (422, True), text_of(told.text)
    told = sent(bank, auditor, list_, unit="元")
    assert counts in text_of(told.text)
    assert "3.00" in text_of(told.text[told.text.index('id="h-read"') :])


def test_what_differs_stands_beside_what_is_on_record(decided: DecidedBank) -> None:
    """The amount and the day of the drawdown with the number of the line, in the page's unit."""
    bank = decided.people
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-differs")
    line = "借据号,放款日,贷款金额（万元）\nJJ-1,2026-01-02,7\n"
    shown = text_of(sent(bank, auditor, line.encode()).text)
    assert "内容不一致" in shown
    assert "金额：存证为 200.00" in shown
    assert "日期：存证为 2026-11-20" in shown
