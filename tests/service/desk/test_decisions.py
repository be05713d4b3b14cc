"""决策台账 at the desk: the list, a decision with the light on its proof, the answer asked again, and packs."""

import io
import json
import re
import zipfile

import pytest

from service.desk.formats import wan
from tests.service.decided import DECIDED, DecidedBank
from tests.service.desk.reading import page, text_of
from tests.service.loan_files.people import Body


def shown(decided: DecidedBank, who: str, path: str = "", language: str = "zh", expect: int = 200) -> str:
    """A page about decisions as text, its blanks made one."""
    told = page(decided.people, who, f"/desk/decisions{path}", language, expect)
    return " ".join(text_of(told.text).split())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_shows_what_the_api_tells(decided: DecidedBank, language: str) -> None:
    """Each row's amounts, names and outcome, the fund's as the auditor's; and it is where a fund's day begins."""
    text = shown(decided, decided.auditor, language=language)
    for row in decided.get("decisions", decided.auditor)["items"]:
        assert wan(row["amount"]) in text
        assert wan(row["advised"]) in text
        assert all(name in text for name in row["by"])
    assert text.count("2026-11-20 12:0") >= len(DECIDED)
    assert decided.people.head in shown(decided, decided.manager, language=language)
    cookie = {"Cookie": decided.people.as_(decided.manager)["Cookie"]}
    home = decided.people.client.get("/desk/", headers=cookie, follow_redirects=False)
    assert home.headers["location"] == "/desk/decisions"


def test_filters_are_those_of_the_api(decided: DecidedBank) -> None:
    """Amounts are typed in ten thousand yuan; what is wrong is told, keeps what was typed, and lists nothing."""
    better = shown(decided, decided.auditor, "?stands=better&least=99&most=100.00")
    assert "1 件" in better or "1 笔" in better or "共 1" in better
    assert decided.people.branch[0] not in better
    assert "没有符合条件" in shown(decided, decided.auditor, "?from=2026-11-21")
    for query, typed in (("from=2026-13-01", "2026-13-01"), ("least=viel", "viel"), ("outcome=maybe", "")):
        told = page(decided.people, decided.auditor, f"/desk/decisions?{query}", expect=422).text
        assert 'role="alert"' in told
        assert f'value="{typed}"' in told
        assert "/desk/decisions/2026" not in told
    hostile = page(decided.people, decided.auditor, "/desk/decisions?text=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in hostile


def test_the_file_is_that_of_the_api(decided: DecidedBank) -> None:
    """The same lines as the API gives, with the filters of the page."""
    told = page(decided.people, decided.auditor, "/desk/decisions/file?format=csv&stands=better", "en")
    query = {"format": "csv", "stands": "better", "words": "en"}
    headers = decided.people.as_(decided.auditor)
    assert told.text == decided.people.client.get("/v1/decisions", params=query, headers=headers).text
    assert len(told.text.splitlines()) == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_decision_is_shown_whole(decided: DecidedBank, language: str) -> None:
    """Advised, decided and by whom; conditions, the payment since, and a light that was looked at just now."""
    answer = decided.answers["drawn"]
    text = shown(decided, decided.auditor, f"/{answer['id']}", language)
    told = decided.get(f"decisions/{answer['id']}", decided.auditor)
    assert wan(answer["recommendation"]["amount"]) in text
    assert told["decision"]["by"][0] in text
    assert "追加存单质押" in text
    assert "JJ-1" in text
    light = decided.get(f"assessments/{answer['id']}/proof", decided.auditor, words=language)
    assert [one["state"] for one in light["looks"]] == ["holds", "holds", "holds"]
    assert all(one["says"] in text for one in light["looks"])
    assert f"--bank-key bank.pem --fund-key fund.public.pem --tell {language}" in text
    better = shown(decided, decided.manager, f"/{decided.answers['better']['id']}", language)
    assert "追加存单质押" in better
    assert "同意上报" not in better
    assert len(page(decided.people, decided.auditor, f"/desk/decisions/{answer['id']}", language).content) < 60_000


def test_a_light_is_green_for_nothing_that_was_not_looked_at(decided: DecidedBank) -> None:
    """Without the fund's key the countersignature is not known, and no sign of holding stands beside it."""
    state = decided.people.state.checkpoint_signer
    before, state.fund_keys = state.fund_keys, ()
    try:
        told = page(decided.people, decided.auditor, f"/desk/decisions/{decided.answers['drawn']['id']}").text
    finally:
        state.fund_keys = before
    part = told[told.index('class="light"') : told.index("</ul>", told.index('class="light"'))]
    assert part.count('tag ok"') == 2
    assert "? 无法核对" in text_of(part)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_is_asked_again(decided: DecidedBank, language: str) -> None:
    """The same byte for byte; what could not be exchanged is told as not taken, never as the same."""
    path = f"/{decided.answers['drawn']['id']}/replay"
    told = decided.get(f"assessments/{decided.answers['drawn']['id']}/replay", decided.auditor, words=language)
    assert told["identical"]
    text = shown(decided, decided.auditor, path, language)
    assert {"zh": "逐字节一致", "en": "the same byte for byte"}[language] in text
    untaken = [fault["message"] for step in told["steps"] for fault in step["not_taken"] or ()]
    assert untaken
    assert all(one in text for one in untaken)
    assert shown(decided, decided.manager, path, language)


def test_a_loan_is_found_by_its_numbers(decided: DecidedBank) -> None:
    """Of contract, payment, pledge and file, among decisions and among files; whole or in part."""
    answer = decided.answers["drawn"]
    file = decided.people.file(answer["record"]["loan_file"]["id"])
    numbers = (file["contract"], file["drawdowns"][0]["loan"], file["pledges"][0]["registration"], file["id"])
    for number in numbers:
        assert (
            f'/desk/decisions/{answer["id"]}"'
            in page(decided.people, decided.auditor, f"/desk/decisions?text={number}").text
        )
        assert file["id"] in page(decided.people, decided.people.lead, f"/desk/files?q={number[1:]}").text
    assert answer["id"] not in page(decided.people, decided.auditor, "/desk/decisions?text=no-such-number").text


def test_packs_are_taken_by_whoever_may(decided: DecidedBank) -> None:
    """The file, the day and the month, for the reader that was chosen; a fund is given a fund's, whatever it asks."""
    name = decided.answers["drawn"]["id"]
    for path, about in (
        (f"/desk/decisions/{name}/pack?for=court", {"asked": name}),
        ("/desk/ledger/pack?period=2026-11-20&for=bank", {"period": "2026-11-20"}),
        ("/desk/ledger/pack?period=2026-11&fund=fund-1&for=fund", {"period": "2026-11"}),
    ):
        told = page(decided.people, decided.auditor, path)
        pack: Body = json.loads(zipfile.ZipFile(io.BytesIO(told.content)).read("pack.json"))
        assert about.items() <= pack["about"].items()
        assert pack["reader"]["for"] == path.rpartition("=")[2]
        assert told.headers["content-disposition"].startswith("attachment;")
    own = page(decided.people, decided.manager, f"/desk/decisions/{name}/pack")
    assert own.headers["content-disposition"].endswith('-fund.zip"')
    page(decided.people, decided.manager, f"/desk/decisions/{name}/pack?for=bank", expect=403)
    page(decided.people, decided.auditor, "/desk/ledger/pack?period=2026-13&for=bank", expect=422)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_drawn_loans_lead_to_their_papers(decided: DecidedBank, language: str) -> None:
    """An auditor, the fund and the officer find the loan with its digests and fetch the paper; others find nothing."""
    people, file = decided.people, decided.answers["drawn"]["record"]["loan_file"]["id"]
    form = page(people, people.lead, f"/desk/files/{file}/documents", language).text
    assert all(f'<option value="{about}"' in form for about in ("contract", "registration", "JJ-1"))
    paper = b"%PDF-1.7\n" + language.encode()
    query = {"name": "contract.pdf", "about": "contract", "audience": "fund"}
    path, headers = f"/v1/loan-files/{file}/attachments", people.as_(people.lead)
    kept = people.client.post(path, params=query, content=paper, headers=headers).json()
    numbers = people.file(file)
    for who in (decided.auditor, decided.manager, people.lead):
        told = page(people, who, "/desk/drawn-loans?text=JJ-1&month=2026-11&state=outstanding", language).text
        shown = [numbers["contract"], numbers["pledges"][0]["registration"], "2,000,000.00", kept["hash"], "JJ-1"]
        assert [one for one in shown if one not in told] == []
        assert page(people, who, f"/desk/files/{file}/attachments/{kept['n']}").content == paper
    assert f'/desk/files/{file}"' not in page(people, decided.manager, "/desk/drawn-loans").text
    table = page(people, decided.auditor, "/desk/drawn-loans/file?format=csv", language).text
    query = {"format": "csv", "words": language}
    assert table == people.client.get("/v1/drawn-loans", params=query, headers=people.as_(decided.auditor)).text
    for who in (decided.stranger, decided.other_manager):
        assert "JJ-1" not in page(people, who, "/desk/drawn-loans", language).text
    assert 'role="alert"' in page(people, decided.auditor, "/desk/drawn-loans?month=2026-13", language, 422).text


def test_what_is_anothers_is_not_there(decided: DecidedBank) -> None:
    """Another bank's auditor and another fund's manager find nothing; what nobody decided on is told."""
    for who in (decided.stranger, decided.other_manager):
        assert "没有符合条件" in shown(decided, who)
        for path in ("", "/replay", "/pack"):
            shown(decided, who, f"/{decided.answers['drawn']['id']}{path}", expect=404)
    assert decided.answers["undecided"]["id"] in shown(
        decided, decided.auditor, f"/{decided.answers['undecided']['id']}", expect=409
    )
    shown(decided, decided.people.lead, expect=403)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_ledger_tells_what_was_signed_and_countersigned(decided: DecidedBank, language: str) -> None:
    """Each checkpoint with the receipt that names it; one that nobody countersigned yet is told as such."""
    decided.people.state.checkpoint_signer.sign()
    for who in (decided.auditor, decided.manager):
        told = decided.get("ledger/checkpoints", who)["items"]
        receipt = decided.get("ledger", who)["receipt"]["size"]
        assert told[0]["countersigned_at"] is None
        assert [one["size"] for one in told if one["countersigned_at"]] == [receipt]
        text = " ".join(text_of(page(decided.people, who, "/desk/ledger", language).text).split())
        assert text.count("… ") == len(told) - 1
        assert all(f" {one['size']} " in text for one in told)
    assert 'name="fund" value="fund-1"' in page(decided.people, decided.auditor, "/desk/ledger").text
    assert '<select id="f-for"' not in page(decided.people, decided.manager, "/desk/ledger").text


def test_the_bank_is_told_to_whoever_reads_several(decided: DecidedBank) -> None:
    """Staff of one bank see the branch under its own name and filter by no bank; a fund sees and filters both."""
    own = page(decided.people, decided.auditor, "/desk/decisions").text
    both = page(decided.people, decided.manager, "/desk/decisions").text
    assert ('name="bank"' in own, ">银行</th>" in own) == (False, False)
    assert ('name="bank"' in both, ">银行</th>" in both) == (True, True)


def test_the_audit_log_is_asked_in_the_words_that_it_shows(decided: DecidedBank) -> None:
    """An account by the name that signs in, and an outcome as the page writes it."""
    shown(decided, decided.auditor)
    for query in (f"who={decided.auditor}", f"who=user:{decided.auditor}", f"who={decided.auditor}&outcome=完成"):
        told = page(decided.people, decided.auditor, f"/desk/audit-log?{query}").text
        assert f'<td class="code">user:{decided.auditor}</td>' in told, query
    assert "没有符合条件" in page(decided.people, decided.auditor, "/desk/audit-log?who=nobody.here").text


def test_a_report_tells_times_as_the_banks_clock_showed_them(decided: DecidedBank) -> None:
    """What was done about the assessment stands in the report to the minute, in the zone of the bank."""
    drawn, headers = decided.answers["drawn"]["id"], decided.people.as_(decided.people.lead)
    told = decided.people.client.get(f"/v1/assessments/{drawn}/report?form=json&part=full", headers=headers).json()
    [grid] = next(one for one in told["sections"] if one["number"] == "17")["blocks"]
    assert grid["rows"]
    assert all(re.fullmatch(r"2026-11-20 1[12]:\d\d", row[2]) for row in grid["rows"]), grid["rows"]
