"""What is tried against a rule is entered as refused; what is told late is marked; a fund's hold is the fund's."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.access.roles import Place
from service.edge.settings import Settings
from service.web.app import create_app
from tests.models.underwriting.base_firm import FIRM
from tests.models.underwriting.whole_case import whole, write_policy
from tests.service.access.conftest import ORIGIN
from tests.service.loan_files.people import Body, People, done, refused
from tests.service.loan_files.test_forbidden import become, submitted
from tests.service.loan_files.test_fulfilling import approved
from tests.service.loan_files.walk import made_anew

MOST = 3
"""Refused attempts of one account that this bank enters in a day."""


@pytest.fixture
def people(database: str, calm: Path, now: list[datetime], tmp_path: Path) -> Iterator[People]:
    """The people of a bank that two funds read."""
    write_policy(tmp_path, {"funds.banks": "{fund-1: [bank-1], fund-2: [bank-1]}", "loan_file.refusals": str(MOST)})
    settings = Settings(database=database, bundles=(calm,), per_client=1e6, sessions=1000, policy=tmp_path)
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield People(client, now)


def attempts(people: People, file: str) -> list[tuple[str, str, str]]:
    """Who tried what in the file, and the code by which it was refused."""
    steps = [one for one in people.file(file)["steps"] if one["kind"] == "refused"]
    return [(one["by"], one["content"]["act"], one["content"]["code"]) for one in steps]


def paid(people: People) -> str:
    """The file of a loan of 200 that was paid out."""
    found = approved(people, whole())
    done(people.release(found, 200))
    done(people.pay(found, 200))
    return found


def test_what_a_rule_forbids_is_entered_and_nothing_is_done(people: People) -> None:
    """Above authority, and a second duty: who, what and why, once a day each; the file stands where it stood."""
    file = submitted(people, 300)
    done(people.review(file))
    before = people.file(file)
    refused(people.approve(file, people.first), "level_too_low", 403)
    refused(people.approve(file, people.first), "level_too_low", 403)
    become(people, people.reviewer, "approver")
    refused(people.approve(file, people.reviewer), "duty_held")
    expected = [(people.first, "approval", "level_too_low"), (people.reviewer, "approval", "duty_held")]
    assert attempts(people, file) == expected
    after = people.file(file)
    told = after["steps"][-1]["content"]["facts"]
    assert told == {"held": "review", "wanted": "approve"}
    unchanged = ("state", "seen", "seq", "at", "due_on", "duties")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert made_anew(people.state.engine)[0] == []


def test_a_form_that_was_not_filled_breaks_no_rule(people: People) -> None:
    """Nor does an act on a file that has changed since; neither is entered."""
    file = submitted(people)
    refused(people.review(file, answers=[], outcome="agreed_with_conditions"), "conditions_missing", 422)
    refused(people.review(file, seen="0" * 64), "seen_changed")
    assert attempts(people, file) == []


def test_a_slip_is_answered_and_not_entered(people: People) -> None:
    """A second click, whatever the file waits for by then, a page that was not new, and days that a field checks."""
    file = submitted(people, 200)
    seen = people.file(file)["seen"]
    done(people.review(file, seen=seen))
    refused(people.review(file, seen=seen), "done_already")
    approving = people.file(file)["seen"]
    first = done(people.approve(file, people.first, 200, seen=approving))
    again = refused(people.approve(file, people.first, 200, seen=approving), "done_already")
    assert again["entry"] == first["record"]["entry"]
    refused(people.approve(file, people.first, 100, seen=approving), "seen_changed")
    refused(people.approve(file, people.head, 200, seen=approving), "seen_changed")
    ahead = (people.today + timedelta(days=1)).isoformat()
    one = {"item": "standing.pledge_contract", "done_on": ahead, "document": "卷宗第 7 页"}
    refused(people.release(file, 200, standing=[one]), "standing_missing", 422)
    done(people.release(file, 200))
    done(people.pay(file, 200))
    refused(people.pay(file, 200), "done_already")
    refused(people.pay(file, 200, due_on="2031-01-01"), "above_released")
    repaid: Body = {"closed_on": people.today.isoformat(), "outcome": "repaid", "loss": 0}
    done(people.act(file, "closure", people.lead, **repaid))
    refused(people.act(file, "closure", people.lead, **repaid), "done_already")
    assert attempts(people, file) == [(people.lead, "drawdown", "above_released")]


def test_nobody_fills_the_ledger_with_attempts(people: People) -> None:
    """Beyond the number that policy allows an account in a day, the log alone tells; the next day it is entered."""
    file = paid(people)
    before = people.today - timedelta(days=1)
    refused(people.pay(file, 200, loan="JJ-2"), "above_released")
    refused(people.release(file, 200), "too_much_drawn")
    ahead = (people.today + timedelta(days=1)).isoformat()
    refused(people.act(file, "closure", people.lead, closed_on=ahead, outcome="repaid", loss=0), "ahead_of_today", 422)
    closure: Body = {"closed_on": before.isoformat(), "outcome": "repaid", "loss": 0}
    refused(people.act(file, "closure", people.lead, **closure), "before_its_ground", 422)
    over = closure | {"closed_on": people.today.isoformat(), "loss": 10**12}
    refused(people.act(file, "closure", people.lead, **over), "above_drawn_and_charged", 422)
    of_lead = [code for by, _, code in attempts(people, file) if by == people.lead]
    assert of_lead == ["above_released", "ahead_of_today", "before_its_ground"]
    people.now[0] += timedelta(days=1)
    people.sign_in_again()
    over["closed_on"] = people.today.isoformat()
    refused(people.act(file, "closure", people.lead, **over), "above_drawn_and_charged", 422)
    assert attempts(people, file)[-1] == (people.lead, "closure", "above_drawn_and_charged")


def test_the_erasure_of_a_live_loan_is_entered(people: People) -> None:
    """Whoever asks for it, a first and a second person, is named in the loan's own file."""
    file = paid(people)
    for who in people.branch:
        told = people.post("erasures", who, {"firm": FIRM, "reason": "person_asked"})
        assert refused(told, "on_hold")["count"] >= 1
    expected = [(who, "erasure", "on_hold") for who in people.branch]
    assert attempts(people, file) == expected
    codes = people.file(file)["steps"][-1]["content"]["facts"]["codes"]
    assert "hold_drawdown_without_closure" in codes


def test_what_is_told_late_is_marked_with_the_days(people: People) -> None:
    """A payment of the 20th of November told 20 days later: five working days allow until the 27th."""
    file = approved(people, whole())
    done(people.release(file, 200))
    day = people.today
    people.now[0] += timedelta(days=20)
    people.sign_in_again()
    due = day.replace(year=day.year + 1)
    told = done(people.pay(file, 200, drawn_on=day.isoformat(), due_on=due.isoformat()))
    assert told["days_late"] == (people.today - (day + timedelta(days=7))).days == 13
    on_time = done(
        people.act(file, "tasks/1/done", people.risk, happened_on=people.today.isoformat(), found="未见异常")
    )
    assert on_time["days_late"] == 0


def test_a_funds_hold_is_lifted_by_that_fund_alone(people: People) -> None:
    """While it stands nobody erases the firm; a bank's people place none, and another fund cannot lift it."""
    file = paid(people)
    own, other = (people.account("fund_manager", Place(fund=fund), name=f"m-{fund}") for fund in ("fund-1", "fund-2"))
    held = done(people.act(file, "holds", own, reason="补偿申请审核中"))
    entry, at = held["record"]["entry"], f"holds/{held['record']['entry']}/lifting"
    assert (held["fund"], held["state"]) == ("fund-1", "placed")
    assert people.act(file, "holds", people.lead, reason="rewritten").status_code == 403
    told = people.post("erasures", people.branch[0], {"firm": FIRM, "reason": "person_asked"}).json()
    assert {"hold_of_fund", "hold_drawdown_without_closure"} <= {one["code"] for one in told["errors"]}
    refused(people.act(file, at, other, reason="rewritten"), "hold_of_other_fund")
    assert attempts(people, file)[-1] == (other, "hold", "hold_of_other_fund")
    assert done(people.act(file, at, own, reason="补偿已结案"))["lifts"]["seq"] == entry
    refused(people.act(file, at, own, reason="rewritten"), "no_such_hold")
    told = people.post("erasures", people.branch[1], {"firm": FIRM, "reason": "person_asked"}).json()
    assert "hold_of_fund" not in {one["code"] for one in told["errors"]}
    assert made_anew(people.state.engine)[0] == []
