"""People on pages, in the report and in files that are taken away: by name and role, never by the account's name."""

import re

import pytest

from service.access.accounts import Account
from service.access.roles import Place
from tests.models.underwriting.whole_case import whole
from tests.service.decided import DecidedBank
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import DAY, send, sent
from tests.service.hands import hired
from tests.service.loan_files.people import Body, People, done

ROLES = {"zh": "胡伟（客户经理）", "en": "胡伟 (credit officer)"}


@pytest.fixture(scope="module")
def officer(bank: People) -> str:
    """The account of somebody who is called otherwise than the account."""
    hired(bank.state, Account("hu.wei", "胡伟", "credit_officer", Place(bank.bank, "b1")))
    return "hu.wei"


@pytest.fixture(scope="module")
def file(bank: People, officer: str) -> str:
    """A file that the officer submitted as the second, and in which the officer said something."""
    answer = bank.assess(whole(), firm="row:people")
    held: str = answer["record"]["loan_file"]["id"]
    done(bank.submit(answer, 200, second=officer))
    done(bank.act(held, "comments", officer, text="已实地核实"))
    return held


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_is_shown_by_name_and_role(bank: People, file: str, language: str) -> None:
    """In the history of a file, beside comments and on the assessment; the account's name stands nowhere."""
    newest = bank.file(file)["newest"]
    for path in (f"/desk/files/{file}", f"/desk/assessments/{newest}", f"/desk/files/{file}/return"):
        shown = text_of(page(bank, bank.reviewer, path, language).text)
        assert ROLES[language] in shown, path
        assert "hu.wei" not in shown, path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_names_people_alike(bank: People, file: str, language: str) -> None:
    """On the page of the branch head, too."""
    path = f"/v1/assessments/{bank.file(file)['newest']}/report?form=html&part=one_page&words={language}"
    told = bank.client.get(path, headers=bank.as_(bank.lead)).text
    assert ROLES[language] in told
    assert "hu.wei" not in told


def test_the_second_officer_is_chosen_among_the_banks_people(bank: People, officer: str) -> None:
    """By name; not oneself, nobody of another bank, and nobody whose role may not investigate; the API lists them."""
    other = bank.account("credit_officer", Place("bank-2", "b1"), name="officer-bank-2")
    answer = bank.assess(whole(), firm="row:choice")
    held = answer["record"]["loan_file"]["id"]
    told = page(bank, bank.lead, f"/desk/files/{held}/submission").text
    options = dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', told[told.index('id="f-second"') :]))
    assert options[officer] == "胡伟（客户经理）"
    assert options.keys().isdisjoint({bank.lead, bank.reviewer, other})
    listed = bank.client.get("/v1/people", headers=bank.as_(bank.lead)).json()["items"]
    assert {"name": officer, "shown": "胡伟", "role": "credit_officer", "branch": "b1", "authority": 0} in listed
    assert other not in {one["name"] for one in listed}
    fields = {"seen": bank.file(held)["seen"], "amount": "200", "term_months": "12", "visit": DAY}
    sent(send(bank, bank.lead, f"{held}/submission", second=officer, **fields))


def test_minutes_are_written_by_ticking_members(bank: People) -> None:
    """Those who voted are ticked beforehand; of whoever left why is written beside the name."""
    answer = bank.assess(whole(), firm="row:ticked")
    held = answer["record"]["loan_file"]["id"]
    done(bank.submit(answer, 200))
    done(bank.review(held, outcome="opposed"))
    assert bank.file(held)["state"] == "to_committee"
    for told in bank.vote(held, "aaaa"):
        done(told)
    form = page(bank, bank.secretary, f"/desk/files/{held}/minutes").text
    ticked = re.findall(r'name="present" value="([^"]+)" checked', form)
    assert sorted(ticked) == sorted(bank.members[:4])
    fields: Body = {"seen": bank.file(held)["seen"], "amount": "200", "term_months": "12", "held_on": DAY}
    fields |= {"meeting": "2026-31", "chair": bank.chair, "present": ticked}
    fields[f"recused_{bank.members[4]}"] = "亲属在该企业任职"
    sent(send(bank, bank.secretary, f"{held}/minutes", **fields))
    step = bank.file(held)["steps"][-1]["content"]
    assert [one["reason"] for one in step["recused"]] == ["亲属在该企业任职"]


def test_a_fund_reads_no_names_of_the_banks_people(decided: DecidedBank) -> None:
    """Who works in a bank stays inside: a fund reads the account, the bank's auditor the person."""
    path = f"/desk/decisions/{decided.answers['drawn']['id']}"
    assert "（审批人）" in text_of(page(decided.people, decided.auditor, path).text)
    assert "（审批人）" not in text_of(page(decided.people, decided.manager, path).text)


@pytest.mark.parametrize(
    ("language", "hidden", "none"),
    [("zh", "不向基金展示；此处未列出，不代表不存在", "无否决项"), ("en", "not shown to a fund", "Nothing blocks")],
)
def test_a_fund_is_told_that_findings_are_hidden_and_never_that_there_are_none(
    decided: DecidedBank, language: str, hidden: str, none: str
) -> None:
    """Of every answer that it reads, whether findings are left to show or not; the bank is told no such thing."""
    bank, conditions = decided.people, set()
    for name in ("drawn", "declined", "better"):
        path = f"/desk/assessments/{decided.answers[name]['id']}"
        shown = text_of(page(bank, decided.manager, path, language).text)
        assert (hidden in shown, none in shown) == (True, False), name
        assert hidden not in text_of(page(bank, bank.reviewer, path, language).text)
        conditions |= set(re.findall(r"(可见 \d+ 项|\d+ shown)", shown))
    assert conditions


def test_the_way_shows_the_committee_before_it_sits(bank: People) -> None:
    """From the submission on where the level asks for it; a small loan is shown none."""
    for amount, seen in ((200, False), (900, True)):
        answer = bank.assess(whole(), firm=f"row:way-{amount}")
        held = answer["record"]["loan_file"]["id"]
        terms = {} if amount == 200 else {"reason_code": "further_security"}
        done(bank.submit(answer, amount, **terms))
        file = bank.file(held)
        assert (file["state"], file["committee"]) == ("to_review", seen)
        stepper = re.search(r'<ol class="stepper".*?</ol>', page(bank, bank.lead, f"/desk/files/{held}").text, re.S)
        assert stepper is not None
        assert ("待上会" in stepper[0]) is seen


def test_what_a_role_may_not_is_told_in_words(bank: People, file: str) -> None:
    """On the page that refuses, and in the API: no code of a permission."""
    told = text_of(page(bank, bank.reviewer, "/desk/new", expect=403).text)
    assert "角色“审查人”无此权限：发起测算。" in told
    assert "assess" not in told
    assert f'<a href="/desk/files/{file}">{file[:8]}</a>' in page(bank, bank.lead, "/desk/files").text
