"""Forms of the desk: the whole way of a loan, what is told where something is wrong, and what came between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from tests.models.underwriting.whole_case import whole
from tests.service.access.conftest import ORIGIN
from tests.service.desk.reading import fields_of, page, text_of
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done

OWN_PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
DAY = "2026-11-20"


def send(bank: People, name: str, path: str, /, **fields: Any) -> Response:
    """What a form gets, sent by a page of ours."""
    headers = {**bank.as_(name), **OWN_PAGE}
    return bank.client.post(f"/desk/files/{path}", data=fields, headers=headers, follow_redirects=False)


def sent(told: Response) -> None:
    """It was let through."""
    assert told.status_code == 303, text_of(told.text)


@pytest.fixture
def draft(bank: People) -> tuple[str, str]:
    """A file that nobody submitted, and its assessment."""
    there = bank.client.get("/v1/loan-files", headers=bank.as_(bank.lead)).json()["items"]
    answer = bank.assess(whole(), firm=f"row:form{len(there)}")
    return answer["record"]["loan_file"]["id"], answer["id"]


def test_a_loan_goes_the_whole_way_through_forms(bank: People, draft: tuple[str, str]) -> None:
    """Submitted, reviewed, approved, released, drawn, watched and closed, each by a form, on the file as it is."""
    file, _ = draft

    def seen() -> str:
        return str(bank.file(file)["seen"])

    terms = {"amount": "200.00", "term_months": "12", "rate": "3.85"}
    sent(send(bank, bank.lead, f"{file}/submission", seen=seen(), second=bank.second, visit=DAY, **terms))
    sent(send(bank, bank.reviewer, f"{file}/review", seen=seen(), outcome="agreed", opinion="同意上报",
              own_before_drawdown="追加实控人房产抵押"))  # fmt: skip
    sent(send(bank, bank.first, f"{file}/approval", seen=seen(), outcome="approved", **terms))
    told = bank.file(file)
    assert (told["state"], told["rate"], told["amount"]) == ("to_fulfil", 0.0385, 200_000_000)
    sent(send(bank, bank.lead, f"{file}/conditions/1/done", happened_on=DAY, proof="他项权证"))
    sent(send(bank, bank.second, f"{file}/conditions/1/confirmation", proof="已核原件"))
    standing = {f"standing_day_{n}": DAY for n in range(2)} | {f"standing_paper_{n}": "卷宗" for n in range(2)}
    pledge = {"registration_0": f"Y{file[:8]}", "registered_on_0": DAY, "secured_0": "200"}
    sent(send(bank, bank.desk, f"{file}/release", seen=seen(), amount="200", contract="HT-1", **standing, **pledge))
    paid = {"amount": "200", "loan": f"JJ-{file[:8]}", "drawn_on": DAY, "due_on": "2027-11-20"}
    sent(send(bank, bank.lead, f"{file}/drawdowns", **paid))
    sent(send(bank, bank.risk, f"{file}/warnings", code="年费将到期", level="low", due_on="2026-12-01", owner=bank.lead,
              note="持续关注"))  # fmt: skip
    warned = next(one["n"] for one in bank.file(file)["tasks"] if one["what"] == "warning")
    sent(send(bank, bank.lead, f"{file}/warnings/{warned}/closing", note="年费已缴"))
    sent(send(bank, bank.lead, f"{file}/tasks/1/done", happened_on=DAY, found="按约定用途使用"))
    sent(send(bank, bank.lead, f"{file}/closure", closed_on=DAY, outcome="repaid", loss="0"))
    shown = text_of(page(bank, bank.lead, f"/desk/files/{file}").text)
    for words in ("结清", "同意上报", "他项权证", "追加实控人房产抵押", "200.00"):
        assert words in shown


def test_a_returned_file_leads_to_what_works_next(bank: People, answers: dict[str, Body]) -> None:
    """It is assessed anew with firm, application and facts filled in; then it is submitted with what was asked for."""
    file = answers["returned"]["record"]["loan_file"]["id"]
    shown = page(bank, bank.lead, f"/desk/files/{file}").text
    assert "购销合同" in shown
    assert f'href="/desk/files/{file}/submission"' not in shown
    begun = send(bank, bank.lead, f"{file}/reassessment").headers["location"]
    assert send(bank, bank.lead, f"{file}/reassessment").headers["location"] == begun
    typed = page(bank, bank.lead, begun).text
    for known in ("row:returned", bank.file(file)["application"], answers["returned"]["legal_name"]):
        assert known in typed
    fields = {"firm": "row:returned", "application": bank.file(file)["application"], "do": "ask"}
    told = bank.client.post(begun, data=fields, headers={**bank.as_(bank.lead), **OWN_PAGE}, follow_redirects=False)
    assert told.headers["location"] == f"/desk/files/{file}?did=reassessment"
    assert bank.file(file)["advised"] == answers["returned"]["recommendation"]["amount"]
    submission = {"amount": "100", "term_months": "12", "second": bank.second, "visit": DAY}
    left = send(bank, bank.lead, f"{file}/submission", seen=bank.file(file)["seen"], **submission)
    assert (left.status_code, "尚未补齐" in text_of(left.text)) == (422, True)
    form = page(bank, bank.lead, f"/desk/files/{file}/documents?about=购销合同").text
    assert '<option value="购销合同" selected>' in form
    sent(send(bank, bank.lead, f"{file}/documents", what="购销合同", about="购销合同", hash="b" * 64))
    sent(send(bank, bank.lead, f"{file}/submission", seen=bank.file(file)["seen"], **submission))
    assert bank.file(file)["state"] == "to_review"
    done(
        bank.act(file, "return", bank.reviewer, reason_code="papers_missing", reason="缺购销合同", wanted=["购销合同"])
    )


def test_slips_at_a_form_leave_nothing_in_the_file(bank: People, draft: tuple[str, str]) -> None:
    """A second click leads where the first did; a level that is too low is told by the form, and by force entered."""
    file, _ = draft
    terms = {"seen": bank.file(file)["seen"], "amount": "300", "term_months": "12"}
    submission = terms | {"second": bank.second, "visit": DAY}
    once, twice = (send(bank, bank.lead, f"{file}/submission", **submission) for _ in range(2))
    assert (once.status_code, twice.status_code) == (303, 303)
    assert once.headers["location"] == twice.headers["location"]
    opinion = {"seen": bank.file(file)["seen"], "outcome": "agreed", "opinion": "同意上报，无补充意见"}
    sent(send(bank, bank.reviewer, f"{file}/review", **opinion))
    terms |= {"seen": bank.file(file)["seen"], "outcome": "approved"}
    assert "您的审批权限为 1 级" in page(bank, bank.first, f"/desk/files/{file}/approval").text
    low = send(bank, bank.first, f"{file}/approval", **terms)
    assert (low.status_code, "须 2 级审批权限" in text_of(low.text)) == (403, True)
    late = page(bank, bank.reviewer, f"/desk/files/{file}/review").text
    assert "该环节不再办理" in late
    assert '<button class="first">' not in late
    assert [one["kind"] for one in bank.file(file)["steps"]] == ["submitted", "reviewed"]
    assert bank.approve(file, bank.first).status_code == 403
    assert "未受理的操作" in text_of(page(bank, bank.lead, f"/desk/files/{file}").text)


def test_what_is_wrong_is_told_at_its_field(bank: People, draft: tuple[str, str]) -> None:
    """The box names each field, fields keep what was typed, the title says that it is an error; nothing is entered."""
    file, _ = draft
    fields = {"seen": bank.file(file)["seen"], "amount": "二百", "term_months": "0", "note": "=1+1<b>"}
    told = send(bank, bank.lead, f"{file}/submission", **fields)
    assert told.status_code == 422
    assert "<title>错误: " in told.text
    for name in ("amount", "term_months", "second"):
        assert f'href="#f-{name}"' in told.text
    assert 'value="二百"' in told.text
    assert "=1+1&lt;b&gt;" in told.text
    assert bank.file(file)["state"] == "draft"


@pytest.mark.parametrize(
    ("name", "typed", "zh", "en"),
    [
        ("amount", "二百", "请填写金额，如 300、1,234.50 或 300万元", "write an amount, such as 300 or 1,234.50"),
        ("amount", "0", "须大于零；单位为万元，可精确到分，如 200 或 0.5", "must be above zero; in RMB 10k"),
        ("amount", "99999999999999", "不得大于 9,007,199,254.74 万元", "must be at most RMB"),
        ("rate", "三", "请填写百分数，如 4.35（即 4.35%）", "give per cent"),
        ("rate", "385", "不得大于 100%", "must be at most 100%"),
    ],
)
def test_a_figure_is_refused_in_the_unit_of_its_field(
    bank: People, draft: tuple[str, str], name: str, typed: str, zh: str, en: str
) -> None:
    """Amounts in ten thousand yuan, shares in per cent: what the field takes is told, and never that it takes fen."""
    file, _ = draft
    fields = {"seen": bank.file(file)["seen"], "amount": "200", "term_months": "12", "second": bank.second} | {
        name: typed
    }
    told = send(bank, bank.lead, f"{file}/submission", **fields)
    assert told.status_code == 422
    assert zh in text_of(told.text)
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    headers["Cookie"] += "; pledgescore-language=en"
    english = bank.client.post(f"/desk/files/{file}/submission", data=fields, headers=headers)
    assert en in text_of(english.text)
    assert "整数" not in text_of(told.text)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("200.5", 200_500_000),
        ("200.123456", 200_123_456),
        ("２００", 200_000_000),
        ("2,005,000元", 200_500_000),
        ("200.5万元", 200_500_000),
    ],
)
def test_an_amount_is_typed_as_its_field_allows(bank: People, draft: tuple[str, str], typed: str, fen: int) -> None:
    """With decimals to the fen, full-width, or with a unit of its own: each is let through as what it says."""
    file, assessment = draft
    fields = {
        "seen": bank.file(file)["seen"],
        "amount": typed,
        "term_months": "12",
        "second": bank.second,
        "visit": DAY,
    }
    sent(send(bank, bank.lead, f"{file}/submission", **fields))
    assert bank.file(file)["amount"] in (200_500_000, 200_123_456, 200_000_000)
    assert assessment


def test_the_authority_is_told_before_signing(bank: People, draft: tuple[str, str]) -> None:
    """By a button that records nothing, and by the API alike; more than advised is better, and needs a higher level."""
    file, _ = draft
    told = send(bank, bank.lead, f"{file}/submission", check="1", amount="900", term_months="12", seen="0" * 64)
    assert (told.status_code, "宽于建议" in text_of(told.text)) == (200, True)
    asked = {"amount": 900_000_000, "term_months": 12}
    api = bank.client.get(f"/v1/loan-files/{file}/authority", params=asked, headers=bank.as_(bank.lead)).json()
    assert (api["stands"], api["better_in"], api["yours"]) == ("better", ["amount"], 0)
    assert f"须 {api['level']} 级权限" in text_of(told.text)
    assert bank.file(file)["state"] == "draft"


def test_of_two_who_sign_at_once_one_wins(bank: People, draft: tuple[str, str]) -> None:
    """However they fall: one is entered, and the other is told by whom and what came between."""
    file, assessment = draft
    done(bank.submit({"id": assessment, "record": {"loan_file": {"id": file}}}, 200))
    done(bank.review(file))
    seen = bank.file(file)["seen"]
    signed: dict[str, dict[str, str]] = {
        bank.first: {"outcome": "approved", "amount": "200", "term_months": "12"},
        bank.branch[0]: {"outcome": "declined", "decline_code": "risk_too_high", "reason": "现金流不足"},
    }
    for name in signed:
        bank.as_(name)
    with ThreadPoolExecutor(2) as both:
        told = dict(zip(signed, both.map(lambda one: send(bank, one, f"{file}/approval", seen=seen, **signed[one]),
                                         signed), strict=True))  # fmt: skip
    assert sorted(one.status_code for one in told.values()) == [303, 409]
    winner = next(name for name, one in told.items() if one.status_code == 303)
    loser = next(one for name, one in told.items() if name != winner)
    assert f"{winner}（审批人）" in text_of(loser.text)
    assert bank.file(file)["state"] == ("to_draw" if winner == bank.first else "declined")
    assert sum(step["kind"] == "approval" for step in bank.file(file)["steps"]) == 1


def test_of_two_who_sign_one_wins(bank: People, draft: tuple[str, str]) -> None:
    """The other is told what came between, and signs again on the file as it is now."""
    file, assessment = draft
    done(bank.submit({"id": assessment, "record": {"loan_file": {"id": file}}}, 200))
    done(bank.review(file))
    seen = bank.file(file)["seen"]
    terms = {"seen": seen, "outcome": "approved", "amount": "200", "term_months": "12"}
    sent(send(bank, bank.branch[0], f"{file}/return", reason_code="facts_unclear", reason="请复核用途"))
    again = send(bank, bank.first, f"{file}/approval", **terms)
    assert again.status_code == 409
    shown = text_of(again.text)
    assert "请复核用途" in shown
    assert bank.file(file)["state"] == "returned"
    for did, told in (("release", "未予通过，卷宗已退回补件"), ("return", "✓ 已记录")):
        assert told in text_of(page(bank, bank.desk, f"/desk/files/{file}?did={did}").text)


def test_a_paper_is_laid_beside_by_its_digest_or_kept(bank: People, draft: tuple[str, str]) -> None:
    """By the digest that is typed; a file that is chosen is kept, and what is no paper is refused at its field."""
    from hashlib import sha256

    file, _ = draft
    digest = sha256(b"elsewhere").hexdigest()
    sent(send(bank, bank.lead, f"{file}/documents", what="合同", hash=digest))
    assert [one["hash"] for one in bank.file(file)["documents"]] == [digest]
    headers = {**bank.as_(bank.lead), **OWN_PAGE}
    given = {"file": ("../../x<b>.html", b"<script>alert(1)</script>" * 1000, "text/html")}
    told = bank.client.post(f"/desk/files/{file}/documents", data={"what": "合同"}, files=given, headers=headers)
    assert (told.status_code, 'href="#f-file"' in told.text) == (422, True)
    assert "alert(1)" not in page(bank, bank.lead, f"/desk/files/{file}").text


def test_a_release_says_what_stands_before_it_with_its_facts(bank: People) -> None:
    """Each fixed precondition reads as the answer says it, numbers filled in."""
    answer = bank.assess(cases.institution(), firm="row:institution-signs")
    says = [one["says"] for one in answer["recommendation"]["standing"] if one["code"] != "standing.facts_fresh"]
    assert "1 家担保机构签订保证合同" in says
    shown = page(bank, bank.desk, f"/desk/files/{answer['record']['loan_file']['id']}/release").text
    assert [one for one in says if f"<b>{one}</b>" not in shown] == []
    assert "{number" not in shown


def test_the_second_signer_signs_the_terms_of_the_first_at_once(bank: People, draft: tuple[str, str]) -> None:
    """Amount, rate, day and own conditions stand in the form as they were signed, to the fen and the last digit."""
    file, assessment = draft
    done(bank.submit({"id": assessment, "record": {"loan_file": {"id": file}}}, 300, rate=0.05))
    done(
        bank.review(file, outcome="agreed_with_conditions", conditions=[{"text": "追加保证", "due": "before_drawdown"}])
    )
    one, other = bank.branch
    own = [{"text": "补充账户流水", "due": "before_contract"}, {"text": "按季回访", "due": "after"}]
    day = (bank.today + timedelta(days=20)).isoformat()
    terms = {"amount": 299_123_456, "rate": 0.0345 + 1 / 2000, "conditions": own, "expires_on": day}
    first = done(bank.approve(file, one, **terms))
    assert first["signature"] == {"n": 1, "of": 2}
    fields = fields_of(page(bank, other, f"/desk/files/{file}/approval").text)
    sent(send(bank, other, f"{file}/approval", **fields | {"outcome": "approved"}))
    signed = bank.file(file)
    assert (signed["signatures"], signed["state"]) == (2, "to_fulfil")


def test_a_draft_waives_nothing_that_nobody_unticked(bank: People) -> None:
    """What a draft does not hold begins as ever, a condition among it; an unticked box and an emptied field stay."""
    answer = bank.assess(cases.without_sales(), firm="row:draft-waives")
    file = answer["record"]["loan_file"]["id"]
    (rule,) = bank.file(file)["advised_conditions"]
    box = f"keep_{rule}"
    done(bank.submit(answer, 200, rate=0.04))
    done(bank.review(file))

    def shown() -> dict[str, list[str]]:
        return fields_of(page(bank, bank.first, f"/desk/files/{file}/approval").text)

    def again(**fields: Any) -> dict[str, list[str]]:
        of_window = {name: shown()[name] for name in ("window", "saved")}
        sent(send(bank, bank.first, f"{file}/approval", draft="1", **fields | of_window))
        return {name: value for name, value in shown().items() if name not in of_window}

    begun = {name: value for name, value in shown().items() if name not in ("window", "saved")}
    left = again(seen=begun["seen"], outcome="declined", reason="暂缓办理")
    assert left == begun | {"outcome": ["declined"], "reason": ["暂缓办理"]}
    unticked = {name: value for name, value in begun.items() if name != box} | {"rate": ""}
    left = again(**unticked)
    assert (begun["shown"], box in left, left["rate"], left["amount"]) == ([box], False, [""], ["200.00"])
    unseen = {name: value for name, value in begun.items() if name not in ("shown", box)}
    assert box in again(**unseen)
    refused = send(bank, bank.first, f"{file}/approval", **unticked | {"outcome": "approved"})
    assert (refused.status_code, 'href="#f-waives"' in refused.text) == (422, True)
    sent(send(bank, bank.first, f"{file}/approval", **unseen | {"outcome": "approved"}))
    assert bank.file(file)["waives"] == []
