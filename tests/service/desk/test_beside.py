"""Beside a file on the desk: comments, papers that are kept, files handed over, and what is put right by reversal."""

from html import escape

import pytest

from tests.models.underwriting.whole_case import whole
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import DAY, OWN_PAGE, send, sent
from tests.service.loan_files.people import Body, People, done
from tests.service.loan_files.test_papers import MARKUP, PDF


@pytest.fixture
def opened(bank: People) -> Body:
    """An assessment with a file that nobody submitted."""
    there = bank.client.get("/v1/loan-files", headers=bank.as_(bank.lead)).json()["items"]
    return bank.assess(whole(), firm=f"row:beside{len(there)}")


def test_comments_stand_as_text(bank: People, opened: Body) -> None:
    """Whoever works on the file comments by a form, others read it; a wrong one keeps what was typed."""
    file = opened["record"]["loan_file"]["id"]
    sent(send(bank, bank.lead, f"{file}/comments", text=MARKUP))
    shown = page(bank, bank.reviewer, f"/desk/files/{file}").text
    assert escape(MARKUP, quote=False).split("{{")[0] in shown
    assert "<script>alert" not in shown
    told = send(bank, bank.lead, f"{file}/comments", text="a\u202eb")
    assert (told.status_code, 'id="e-text"' in told.text, "a\u202eb" in told.text) == (422, True, True)


def test_a_paper_is_kept_and_named_as_a_proof(bank: People, opened: Body) -> None:
    """Uploaded by a form, listed by name and eight digits, fetched as an attachment; a condition's proof names it."""
    file = opened["record"]["loan_file"]["id"]
    name = f"{MARKUP} 合同.pdf".replace("/", "／").replace('"', "")
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    told = bank.client.post(
        f"/desk/files/{file}/documents", data={"what": "抵押合同", "audience": "fund"},
        files={"file": (name, PDF, "text/html")}, headers=headers, follow_redirects=False,
    )  # fmt: skip
    sent(told)
    kept = bank.client.get(f"/v1/loan-files/{file}/attachments", headers=bank.as_(bank.lead)).json()["items"][0]
    assert (kept["name"], kept["audience"]) == (name, "fund")
    shown = page(bank, bank.reviewer, f"/desk/files/{file}").text
    assert kept["hash"][:8] in shown
    assert "<script>alert" not in shown
    got = page(bank, bank.reviewer, f"/desk/files/{file}/attachments/1")
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["content-security-policy"].endswith("sandbox")
    done(bank.submit(opened, 200))
    done(bank.review(file, outcome="agreed_with_conditions", conditions=[{"text": "追加抵押"}]))
    done(bank.approve(file, bank.first, 200))
    assert f'value="{kept["hash"]}"' in page(bank, bank.lead, f"/desk/files/{file}/conditions/1/done").text
    fields = {"happened_on": DAY, "proof": "他项权证", "kept": kept["hash"]}
    sent(send(bank, bank.lead, f"{file}/conditions/1/done", **fields))
    assert bank.file(file)["conditions"][0]["document"] == kept["hash"]


def test_open_files_are_handed_over_with_a_reason(bank: People, opened: Body) -> None:
    """All at once or those named, by who may; a wrong form tells each field and moves nothing."""
    file = opened["record"]["loan_file"]["id"]
    done(bank.submit(opened, 200))
    assert page(bank, bank.lead, "/desk/hand-over", expect=403)
    assert "/desk/hand-over" in page(bank, bank.risk, "/desk/").text
    headers = {**bank.as_(bank.risk), **OWN_PAGE}
    fields = {"from": bank.lead, "to": "nobody", "reason": "", "files": file}
    told = bank.client.post("/desk/hand-over", data=fields, headers=headers)
    assert (told.status_code, 'href="#f-reason"' in told.text) == (422, True)
    assert f'value="{bank.lead}"' in told.text
    fields |= {"to": bank.third, "reason": "客户经理调岗"}
    told = bank.client.post("/desk/hand-over", data=fields, headers=headers, follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (303, "/desk/hand-over?moved=1")
    assert bank.file(file)["lead"] == bank.third
    assert "已移交 1 笔业务" in text_of(page(bank, bank.risk, "/desk/hand-over?moved=1").text)


def test_a_payment_is_put_right_by_reversal(bank: People, opened: Body) -> None:
    """By another person with the authority, from a form that shows what would be reversed; what was entered stays."""
    file = opened["record"]["loan_file"]["id"]
    done(bank.submit(opened, 200))
    done(bank.review(file))
    done(bank.approve(file, bank.first, 200))
    done(
        bank.release(file, 200, pledges=[{"registration": f"Y{file[:8]}", "registered_on": DAY, "amount": 200_000_000}])
    )
    assert "/corrections" not in page(bank, bank.first, f"/desk/files/{file}").text
    done(bank.pay(file, 200, loan=f"JJ-{file[:8]}"))
    form = page(bank, bank.first, f"/desk/files/{file}/corrections").text
    assert "放款" in text_of(form)
    assert f"JJ-{file[:8]}" in form
    entry = form.partition('name="entry" value="')[2].partition('"')[0]
    told = send(bank, bank.lead, f"{file}/corrections", entry=entry, reason="金额误录")
    assert told.status_code == 409
    wrong = send(bank, bank.first, f"{file}/corrections", entry=entry, reason="金额误录", right_amount="一百八")
    assert (wrong.status_code, wrong.text.count("请填写金额，如 300")) == (422, 2)
    right = {"right_amount": "180", "right_loan": "JJ-9"}
    sent(send(bank, bank.first, f"{file}/corrections", entry=entry, reason="金额误录", **right))
    assert bank.file(file)["state"] == "to_draw"
    assert bank.file(file)["steps"][-1]["content"]["right"] == {"amount": 180_000_000, "loan": "JJ-9"}
    shown = text_of(page(bank, bank.lead, f"/desk/files/{file}").text)
    assert "冲正" in shown
    assert "正确内容：金额 180.00 万元、借据号 JJ-9" in shown
