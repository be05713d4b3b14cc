"""What nobody may do in a loan file: each refused by its code, with a sentence in both languages."""

from datetime import timedelta
from typing import Any

import pytest

from service.access.accounts import Account
from service.access.roles import Place
from tests.models.underwriting.base_firm import DAY, WAN
from tests.models.underwriting.whole_case import whole
from tests.service.hands import moved
from tests.service.loan_files import cases
from tests.service.loan_files.people import People, done, refused

pytestmark = pytest.mark.sqlite_alone


def submitted(people: People, amount: float = 200) -> str:
    """A file of the base firm that waits for its reviewer."""
    answer = people.assess(whole())
    done(people.submit(answer, amount))
    file: str = answer["record"]["loan_file"]["id"]
    return file


def become(people: People, name: str, role: str, authority: int = 4) -> None:
    """The person's role is another from now on."""
    account = Account(name, name, role, Place(people.bank), authority, subject=f"subject of {name}")
    moved(people.state, account)
    people.sign_in_again()


def test_two_officers_submit(people: People) -> None:
    """One name twice, a stranger, and nobody at all are refused."""
    answer = people.assess(whole())
    refused(people.submit(answer, second=people.lead), "same_person_twice")
    refused(people.submit(answer, second="nobody"), "account_unknown", 422)
    refused(people.submit(answer, person="李明"), "person_given", 422)
    visit = (DAY + timedelta(days=1)).isoformat()
    refused(people.submit(answer, visits=[visit]), "ahead_of_today", 422)
    refused(people.submit(answer, 0), "greater_than_equal", 422)


@pytest.mark.parametrize(
    ("role", "what"), [("reviewer", "review"), ("approver", "approval"), ("drawdown_desk", "release")]
)
def test_an_officer_of_the_file_does_nothing_else_in_it(people: People, role: str, what: str) -> None:
    """Whatever role the officer has by then: review, approval and release are for others."""
    file = submitted(people)
    if what != "review":
        done(people.review(file))
    if what == "release":
        done(people.approve(file, people.first, 200))
    become(people, people.second, role)
    acts = {
        "review": lambda: people.review(file, by=people.second),
        "approval": lambda: people.approve(file, people.second, 200),
        "release": lambda: people.release(file, 200, by=people.second),
    }
    assert refused(acts[what](), "duty_held")["held"] == "investigate"


def test_whoever_reviewed_neither_approves_nor_votes(people: People) -> None:
    """Nor does whoever approved release."""
    file = submitted(people)
    done(people.review(file))
    become(people, people.reviewer, "approver")
    assert refused(people.approve(file, people.reviewer, 200), "duty_held")["held"] == "review"
    done(people.approve(file, people.first, 200))
    become(people, people.first, "drawdown_desk")
    assert refused(people.release(file, 200, by=people.first), "duty_held")["held"] == "approve"


def test_one_person_signs_once_and_both_sign_the_same(people: People) -> None:
    """The second signature of level 2 is another person's, under the same terms."""
    file = submitted(people, 300)
    done(people.review(file))
    one, other = people.branch
    own = [{"text": "追加存单质押"}, {"text": "按月报送流水", "due": "after"}]
    done(people.approve(file, one, conditions=own))
    refused(people.approve(file, one, conditions=own), "signed_already")
    assert refused(people.approve(file, other, 250, conditions=own), "terms_differ")["names"] == ["amount"]
    assert done(people.approve(file, other, conditions=own[::-1]))["signature"] == {"n": 2, "of": 2}


def test_there_is_one_approval(people: People) -> None:
    """While one stands, the application is not submitted again; nor is one that ended."""
    file = submitted(people)
    answer = people.assess(whole())
    refused(people.submit(answer, 200), "state_other")
    done(people.review(file))
    done(people.approve(file, people.first, 200))
    assert refused(people.submit(people.assess(whole()), 200), "approval_stands")["state"] == "to_draw"
    gone = {"by": "applicant", "reason_code": "applicant_withdrew"}
    assert done(people.act(file, "withdrawal", people.lead, **gone))["loan_file"]["state"] == "withdrawn"
    refused(people.submit(people.assess(whole()), 200), "state_other")
    refused(people.act(file, "withdrawal", people.lead, **gone), "state_other")


def test_it_rests_on_the_newest_assessment_and_on_what_was_seen(people: People) -> None:
    """An older assessment, a stale view and an assessment of ninety days ago carry nothing."""
    old, new = people.assess(whole()), people.assess(whole())
    assert refused(people.submit(old, 200), "assessment_not_newest")["last"] == new["id"]
    file = new["record"]["loan_file"]["id"]
    done(people.submit(new, 200))
    seen = people.file(file)["seen"]
    people.assess(whole())
    refused(people.review(file, seen=seen), "seen_changed")
    people.now[0] += timedelta(days=91)
    people.sign_in_again()
    refused(people.review(file), "assessment_expired")


def test_every_open_finding_is_answered(people: People) -> None:
    """A reviewer who leaves one out is told which; with conditions means that there are some."""
    answer = people.assess(cases.special_mention())
    file = answer["record"]["loan_file"]["id"]
    done(people.submit(answer))
    assert refused(people.review(file, answers=[]), "answers_missing", 422)["rules"] == ["bureau_special_mention"]
    refused(people.review(file, outcome="agreed_with_conditions"), "conditions_missing", 422)
    done(people.review(file, outcome="agreed_with_conditions", conditions=[{"text": "追加实控人房产抵押"}]))


def test_a_file_comes_back_to_the_step_that_returned_it(people: People) -> None:
    """With a new assessment; where that is worse, to the reviewer first. The old one stays."""
    file = submitted(people)
    done(people.review(file))
    back = {"reason_code": "papers_missing", "reason": "缺近期报表", "wanted": ["近期报表"]}
    refused(people.act(file, "return", people.first, **back | {"reason_code": "mood"}), "reason_code_unknown", 422)
    told = done(people.act(file, "return", people.first, **back))
    assert (told["loan_file"]["state"], people.file(file)["back_to"]) == ("returned", "to_approve")
    refused(people.approve(file, people.first, 200), "state_other")
    former = {"id": people.file(file)["assessment"], "record": {"loan_file": {"id": file}}}
    refused(people.submit(former, 200), "assessment_not_new")
    anew = people.assess(whole())
    assert people.file(file)["wanted"] == [{"what": "近期报表", "paper": None}]
    assert refused(people.submit(anew, 200, not_brought=[]), "wanted_left", 422)["papers"] == ["近期报表"]
    stale = refused(people.submit(anew, 200, visits=["2012-03-01"]), "visit_old", 422)
    assert stale == {"last": "2012-03-01", "days": 90}
    assert done(people.submit(anew, 200))["loan_file"]["state"] == "to_approve"
    assert people.file(file)["steps"][-1]["content"]["note"] == "近期报表: 放款前补齐原件"
    done(people.act(file, "return", people.first, **back))
    done(people.act(file, "documents", people.lead, hash="a" * 64, what="9月报表", about="近期报表"))
    worse = people.assess(cases.special_mention())
    assert done(people.submit(worse, 200, not_brought=[]))["loan_file"]["state"] == "to_review"
    turns = [one["content"]["turn"] for one in people.file(file)["steps"] if one["kind"] == "submitted"]
    assert turns == [1, 2, 3]


def test_votes_are_hidden_until_the_minutes_close_them(people: People) -> None:
    """Nobody reads a vote before; afterwards everybody reads whose it was."""
    file = before_committee(people)
    done(people.vote(file, "a")[0])
    for told in (people.file(file, people.secretary), people.file(file, people.members[0])):
        assert [(one["member"], one["vote"]) for one in told["votes"]] == [(people.members[0], None)]
        assert "vote" not in told["steps"][-1]["content"]
    acts = people.client.get(
        f"/v1/assessments/{people.file(file)['assessment']}/acts", headers=people.as_(people.secretary)
    )
    assert "agree" not in [one.get("vote") for one in acts.json()["items"]]
    refused(people.vote(file, "x")[0], "vote_given")
    refused(people.minutes(file), "votes_missing")
    for member in people.members[1:]:
        done(people.seen_act(file, "votes", member, meeting="2026-31", vote="agree_with_conditions", reason="追加保证"))
    done(people.minutes(file))
    votes = {one["member"]: one["vote"] for one in people.file(file)["votes"]}
    assert votes[people.members[0]] == "agree"
    assert len(votes) == 5


@pytest.mark.parametrize("vote", ["agree_with_conditions", "reconsider", "reject"])
def test_a_vote_that_is_no_plain_yes_says_why(people: People, vote: str) -> None:
    """Without its reason nobody learns which conditions, what is missing, or why not; nothing is entered as a vote."""
    file = before_committee(people)
    told = people.seen_act(file, "votes", people.members[0], meeting="2026-31", vote=vote)
    assert told.status_code == 422, told.text
    assert [(one["pointer"], one["code"]) for one in told.json()["errors"]] == [("/reason", "vote_reason")]
    assert people.file(file)["votes"] == []
    done(people.seen_act(file, "votes", people.members[0], meeting="2026-31", vote=vote, reason="缺少近期流水"))


def before_committee(people: People) -> str:
    """A referred file that waits for the committee."""
    answer = people.assess(cases.special_mention())
    file: str = answer["record"]["loan_file"]["id"]
    done(people.submit(answer))
    done(people.review(file))
    return file


@pytest.mark.parametrize(
    ("votes", "vetoed", "outcome", "state"),
    [
        ("aaaca", False, "passed", "to_approve"),
        ("aaacx", False, "passed", "to_approve"),
        ("aaaoo", False, "rejected", "declined"),
        ("aaarx", False, "reconsider", "to_committee"),
        ("aaaaa", True, "rejected", "declined"),
    ],
)
def test_two_thirds_of_those_present_pass_it(
    people: People, votes: str, vetoed: bool, outcome: str, state: str
) -> None:
    """An abstention does not agree; what many want put again comes again; the chair has no vote but a veto."""
    file = before_committee(people)
    for vote in people.vote(file, votes):
        done(vote)
    told = done(people.minutes(file, vetoed=vetoed))
    assert (told["outcome"], told["loan_file"]["state"]) == (outcome, state)


def test_a_committee_has_its_size(people: People) -> None:
    """Five or more and an odd number, everybody once, four who vote where one left; the chair does not vote."""
    file = before_committee(people)
    for vote in people.vote(file, "aaaa"):
        done(vote)
    four, fifth = people.members[:4], people.members[4]
    left = [{"member": fifth, "reason": "与企业有亲属关系"}]
    assert refused(people.minutes(file, present=four), "committee_size", 422)["members"] == 4
    refused(people.minutes(file, present=[*four, four[0]]), "member_twice", 422)
    refused(people.minutes(file, present=four, recused=left, chair=four[0]), "member_twice", 422)
    fewer = [{"member": one, "reason": "亲属关系"} for one in (four[3], fifth)]
    refused(people.minutes(file, present=four[:3], recused=fewer), "committee_too_few", 422)
    refused(people.minutes(file, 301, present=four, recused=left), "above_proposal")
    held = (people.today - timedelta(days=1)).isoformat()
    refused(people.minutes(file, present=four, recused=left, held_on=held), "before_its_ground", 422)
    assert done(people.minutes(file, present=four, recused=left))["outcome"] == "passed"


def test_the_committee_must_have_passed_it(people: People) -> None:
    """What the reviewer opposed comes to it too; nobody approves what its level sends there before."""
    file = submitted(people)
    assert done(people.review(file, outcome="opposed"))["loan_file"]["state"] == "to_committee"
    refused(people.approve(file, people.head, 200), "state_other")


def test_a_key_does_nothing_that_a_person_must(people: People) -> None:
    """It may record a payment, and not submit."""
    answer = people.assess(whole())
    key = people.key("credit_officer", Place(people.bank, "b1"))
    file = answer["record"]["loan_file"]["id"]
    body = {"assessment": answer["id"], "seen": people.file(file)["seen"], "second": people.second}
    told = people.client.post("/v1/loan-files", json=body | {"amount": 100 * WAN, "term_months": 6}, headers=key)
    assert (told.status_code, told.json()["code"]) == (403, "role_may_not")


def test_another_bank_sees_and_does_nothing(people: People) -> None:
    """Its people do not find the file, in a list or by its id, and are nobody's second investigator."""
    answer = people.assess(whole())
    file = answer["record"]["loan_file"]["id"]
    others = People(people.client, people.now, "bank-2")
    assert others.client.get("/v1/loan-files", headers=others.as_(others.lead)).json()["items"] == []
    for told in (
        others.client.get(f"/v1/loan-files/{file}", headers=others.as_(others.lead)),
        others.act(file, "review", others.reviewer, seen="0" * 64, outcome="agreed", opinion="同意上报"),
    ):
        assert (told.status_code, told.json()["code"]) == (404, "no_such_loan_file")
    refused(people.submit(answer, second=others.second), "account_unknown", 422)
    own = others.assess(whole())
    assert own["record"]["loan_file"]["id"] != file


def test_files_are_handed_over_with_a_reason(people: People) -> None:
    """All open files of an officer, to another officer who did nothing else in them."""
    file = submitted(people)
    body = {"from": people.lead, "to": people.third, "reason": "轮岗交接"}
    refused(people.post("hand-overs", people.risk, body | {"to": people.reviewer}), "account_may_not", 422)
    refused(people.post("hand-overs", people.risk, body | {"from": people.third}), "no_open_files", 422)
    told = done(people.post("hand-overs", people.risk, body))
    assert len(told["items"]) == 1
    assert people.file(file)["lead"] == people.third
    mine = people.client.get("/v1/loan-files?mine=true", headers=people.as_(people.third)).json()["items"]
    assert [one["id"] for one in mine] == [file]


def test_files_of_somebody_who_left_are_handed_over(people: People) -> None:
    """An account that is disabled gives its open files, and is given none."""
    file = submitted(people)
    app: Any = people.client.app
    accounts = app.state.pledgescore.accounts
    body = {"from": people.lead, "to": people.third, "reason": "离职交接"}
    accounts.disable(people.lead, "somebody")
    done(people.post("hand-overs", people.risk, body))
    mine = people.client.get("/v1/loan-files?mine=true", headers=people.as_(people.third)).json()["items"]
    assert [one["id"] for one in mine] == [file]
    told = people.post("hand-overs", people.risk, {**body, "from": people.third, "to": people.lead})
    refused(told, "account_unknown", 422)


def test_a_refusal_is_told_in_both_languages(people: People) -> None:
    """Every refusal of these tests is asked for in both (`People.post`): the same code, and another sentence."""
    answer = people.assess(whole())
    file = answer["record"]["loan_file"]["id"]
    body = {"seen": people.file(file)["seen"], "outcome": "agreed", "opinion": "同意上报"}
    told = people.post(f"loan-files/{file}/review", people.reviewer, body).json()
    assert told["code"] == "state_other"
    assert "待审查" in told["detail"]


def test_lists_tell_name_advice_amounts_and_where_the_file_stands(people: People) -> None:
    """Of assessments: the newest by its file, one before it by its own entry; for the bank the state and its day."""
    first, second = people.assess(cases.special_mention()), people.assess(whole())
    done(people.submit(second, 200))
    path = "/v1/assessments"
    items = people.client.get(path, headers=people.as_(people.lead)).json()["items"]
    newest, before = items
    assert [newest["id"], before["id"]] == [second["id"], first["id"]]
    assert (newest["advice"], before["advice"]) == ("recommend", "refer")
    for one in items:
        told = {name: one[name] for name in ("legal_name", "asked", "advised", "binding", "state", "due_on", "late")}
        assert told == {
            "legal_name": "基准企业", "asked": 300 * WAN, "advised": 300 * WAN, "binding": "asked",
            "state": "to_review", "due_on": "2026-11-27", "late": False,
        }  # fmt: skip
    table = people.client.get(f"{path}?format=csv", headers=people.as_(people.lead)).text
    assert "基准企业" in table.splitlines()[1]
