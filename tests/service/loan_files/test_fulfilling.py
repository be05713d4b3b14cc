"""Conditions, release and payment: worked examples and what is refused, over HTTP."""

from datetime import date, timedelta

import pytest

from tests.models.underwriting.base_firm import DAY, WAN, Rows
from tests.models.underwriting.whole_case import whole
from tests.service.desk.reading import page, text_of
from tests.service.loan_files import cases
from tests.service.loan_files.people import REGISTRATION, Body, People, done, refused

pytestmark = pytest.mark.sqlite_alone


def approved(people: People, rows: Rows, amount: float = 200) -> str:
    """A file of level 1 that is approved."""
    answer = people.assess(rows)
    file: str = answer["record"]["loan_file"]["id"]
    done(people.submit(answer, amount))
    done(people.review(file))
    done(people.approve(file, people.first, amount))
    return file


def fulfil(people: People, file: str, answer: Body | None, n: int = 1, /, **more: object) -> Body:
    """The body of a condition that is reported done."""
    body = {"happened_on": people.today.isoformat(), "proof": "卷宗第 9 页"}
    return body | ({} if answer is None else {"assessment": answer["id"]}) | more


def test_hiding_never_beats_showing(people: People) -> None:
    """Flows that were left out turn out to be 1,700: not done, the file goes back for a new assessment."""
    file = approved(people, cases.without_sales())
    assert [one["rule"] for one in people.file(file)["conditions"]] == ["sales_cross_check"]
    assert people.file(file)["worse"] == []
    shown = people.assess(cases.flows(1700))
    before = people.file(file)
    assert [one["id"] for one in before["assessments"]] == [before["assessment"], shown["id"]]
    for path in ("", "/conditions/1/done"):
        text = text_of(page(people, people.lead, f"/desk/files/{file}{path}").text)
        assert "最近一次测算较批复依据变差" in text
        assert text.count("测算结果") >= 2
    told = done(people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, shown)))
    assert told["outcome"] == "returned"
    assert told["worse"] == before["worse"]
    assert {"sales_cross_check", "limit"} <= set(told["worse"])
    after = people.file(file)
    assert (after["state"], after["back_to"], after["expires_on"]) == ("returned", "to_review", None)
    again = done(people.submit(shown, 10))
    assert again["loan_file"]["state"] == "to_review"
    assert [one["assessment"] for one in people.file(file)["steps"] if one["kind"] == "submitted"][-1] == shown["id"]


def test_a_condition_is_done_by_its_rule_and_confirmed_by_another(people: People) -> None:
    """Flows of 4,000: nothing blocks, nothing is new to weigh, the limit holds: done, and confirmed by a second."""
    file = approved(people, cases.without_sales())
    shown = people.assess(cases.flows(4000))
    told = done(people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, shown)))
    assert (told["outcome"], told["loan_file"]["state"]) == ("done", "to_fulfil")
    own = people.act(file, "conditions/1/confirmation", people.lead, proof="已核原件")
    refused(own, "same_person_twice")
    confirmed = done(people.act(file, "conditions/1/confirmation", people.second, proof="已核原件"))
    assert confirmed["loan_file"]["state"] == "to_draw"


def test_a_condition_that_is_only_ticked_is_refused(people: People) -> None:
    """Without an assessment, by an old one, and by one in which its rule fails again."""
    file = approved(people, cases.without_sales())
    bare = people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, None))
    assert refused(bare, "rerun_missing")["rule"] == "sales_cross_check"
    old = {"id": people.file(file)["assessment"]}
    refused(people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, old)), "assessment_not_new")
    same = people.assess(cases.without_sales())
    again = refused(
        people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, same)), "condition_fails_again"
    )
    assert again == {"rule": "sales_cross_check", "last": same["id"]}
    ahead = fulfil(people, file, same, happened_on=(DAY + timedelta(days=1)).isoformat())
    refused(people.act(file, "conditions/1/done", people.lead, **ahead), "ahead_of_today", 422)
    refused(people.act(file, "conditions/9/done", people.lead, **fulfil(people, file, same)), "no_such_condition")
    refused(people.act(file, "conditions/1/confirmation", people.second, proof="已核原件"), "condition_not_done")


def test_what_stands_before_every_drawdown_is_no_condition(people: People) -> None:
    """A contract that is not signed yet leaves no condition; one that lacks something does."""
    plain = people.assess(cases.incomplete_contract("not_signed"), firm="row:a")
    assert (plain["recommendation"]["advice"], plain["recommendation"]["conditions"]) == ("recommend", [])
    lacking = people.assess(cases.incomplete_contract("incomplete"), firm="row:b")
    assert [one["rule"] for one in lacking["recommendation"]["conditions"]] == ["contract_incomplete"]


def test_new_facts_stop_a_release(people: People) -> None:
    """Six days after the decision a new credit report shows an amount overdue: the file goes back to review."""
    file = approved(people, whole())
    people.now[0] += timedelta(days=6)
    people.sign_in_again()
    people.assess(cases.dated(cases.overdue(), people.today), as_of=people.today)
    told = done(people.release(file, 200))
    assert (told["outcome"], told["open"]) == ("returned", ["bureau_arrears"])
    after = people.file(file)
    assert (after["state"], after["back_to"], after["released"]) == ("returned", "to_review", 0)


def test_stale_facts_release_nothing(people: People) -> None:
    """Eight days after the assessment the facts must be looked at anew; after ninety the approval has ended."""
    file = approved(people, whole())
    people.now[0] += timedelta(days=8)
    people.sign_in_again()
    assert refused(people.release(file, 200), "facts_stale")["days"] == 7
    people.now[0] += timedelta(days=90)
    people.sign_in_again()
    assert refused(people.release(file, 200), "approval_ended")["expires_on"] == people.file(file)["expires"]


def test_nothing_is_released_without_what_stands_before_it(people: People) -> None:
    """Each precondition is told with day and paper, the pledge is registered in time and for enough."""
    file = approved(people, whole())
    left = refused(people.release(file, 200, standing=[]), "standing_missing", 422)
    assert len(left["items"]) == 2
    small = {"registration": REGISTRATION, "registered_on": DAY.isoformat(), "amount": 100 * WAN}
    refused(people.release(file, 200, pledges=[small]), "pledge_too_small")
    ahead = small | {"amount": 200 * WAN, "registered_on": (DAY + timedelta(days=1)).isoformat()}
    refused(people.release(file, 200, pledges=[ahead]), "ahead_of_today", 422)
    more = refused(people.release(file, 201), "too_much_drawn")
    assert (more["approved"], more["drawn"], more["more"]) == (200 * WAN, 0, 201 * WAN)
    refused(people.release(file, 200, amount=0), "greater_than_equal", 422)


def test_no_more_is_paid_than_was_released(people: People) -> None:
    """In parts up to the sum, on days that can be, for no longer than was approved, under a number of its own."""
    file = approved(people, whole())
    refused(people.pay(file, 200), "above_released")
    done(people.release(file, 150))
    refused(people.pay(file, 151), "above_released")
    refused(people.pay(file, 0), "greater_than_equal", 422)
    day = people.today
    for change, code in (
        ({"drawn_on": (day + timedelta(days=1)).isoformat(), "due_on": "2027-10-01"}, "ahead_of_today"),
        ({"drawn_on": (day - timedelta(days=1)).isoformat(), "due_on": "2027-10-01"}, "before_its_ground"),
        ({"due_on": day.isoformat()}, "due_before_drawn"),
        ({"due_on": "2027-11-21"}, "due_beyond_term"),
    ):
        refused(people.pay(file, 100, **change), code, 422)
    done(people.pay(file, 100))
    refused(people.pay(file, 50), "loan_taken")
    refused(people.pay(file, 51, loan="JJ-2"), "above_released")
    done(people.pay(file, 50, loan="JJ-2"))
    refused(people.release(file, 51), "too_much_drawn")
    done(people.release(file, 50))
    told = done(people.pay(file, 50, loan="JJ-3"))
    assert people.file(file)["drawn"] == 200 * WAN == people.file(file)["amount"]
    assert told["loan_file"]["state"] == "drawn"


def test_a_registration_secures_one_file(people: People) -> None:
    """Another file's number is refused; one up to a maximum amount is shared as long as there is room."""
    first, second = approved(people, whole()), approved_other(people)
    done(people.release(first, 200))
    assert refused(people.release(second, 200), "registration_taken")["registration"] == REGISTRATION
    most = {"registration": "ZGE-1", "registered_on": DAY.isoformat(), "amount": 300 * WAN, "maximum": True}
    done(people.release(first, 200, pledges=[most]))
    assert refused(people.release(second, 200, pledges=[most]), "no_room")["room"] == 100 * WAN
    done(people.release(second, 100, pledges=[most]))


def approved_other(people: People) -> str:
    """A file of another firm that is approved."""
    answer = people.assess(whole(), firm="row:other")
    file: str = answer["record"]["loan_file"]["id"]
    done(people.submit(answer, 200))
    done(people.review(file))
    done(people.approve(file, people.first, 200))
    return file


def test_a_patent_is_watched_once(people: People) -> None:
    """By what was known of its fee last, however often it was told; what secures another application is not."""
    rows = whole()
    offered = [row for row in rows["collateral"] if row["kind"] == "patent"]
    rows["patents"] += [
        row | {"known_on": date(2025, 6, 2), "fees_paid_to": date(2026, 1, 31)} for row in rows["patents"]
    ]
    rows["collateral"] += [offered[0] | {"application": "another", "item": rows["patents"][0]["patent"]}]
    file = approved(people, rows)
    done(people.release(file, 200))
    done(people.pay(file, 200))
    watched = [(one["subject"], one["due_on"]) for one in people.file(file)["tasks"] if one["what"] == "fee_day"]
    assert len({patent for patent, _ in watched}) == len(watched)
    assert {patent for patent, _ in watched} <= {row["item"] for row in offered}
    assert min(day for _, day in watched) > people.today.isoformat()


def test_a_loan_is_watched_and_closed(people: People) -> None:
    """First check, regular checks, reappraisal and fee days are due; a warning has a day and an owner; then it ends."""
    file = approved(people, whole())
    done(people.release(file, 200))
    paid_on = people.today
    done(people.pay(file, 200))
    tasks = {one["what"]: one for one in people.file(file)["tasks"]}
    assert tasks["first_check"]["due_on"] == "2026-12-07", "15 days end on a Saturday"
    assert (tasks["regular_check"]["due_on"], tasks["regular_check"]["provisional"]) == ("2027-02-22", True)
    assert tasks["reappraisal"]["due_on"] == "2027-11-22"
    assert tasks["fee_day"]["subject"].startswith("CN")
    refused(
        people.act(file, "tasks/99/done", people.lead, happened_on=paid_on.isoformat(), found="无异常情况"),
        "no_such_task",
    )
    early = {"happened_on": (paid_on - timedelta(days=1)).isoformat(), "found": "按约定用途使用"}
    refused(people.act(file, "tasks/1/done", people.lead, **early), "before_its_ground", 422)
    done(people.act(file, "tasks/1/done", people.lead, **early | {"happened_on": paid_on.isoformat()}))
    refused(people.act(file, "tasks/1/done", people.lead, **early | {"happened_on": paid_on.isoformat()}), "task_done")
    done(people.act(file, "tasks/2/done", people.lead, **early | {"happened_on": paid_on.isoformat()}))
    assert [one["what"] for one in people.file(file)["tasks"]].count("regular_check") == 2
    alarm = {"code": "patent_lapsed", "level": "high", "due_on": "2026-12-01", "owner": people.lead, "note": "年费未缴"}
    past = alarm | {"due_on": (paid_on - timedelta(days=1)).isoformat()}
    refused(people.act(file, "warnings", people.risk, **past), "before_today", 422)
    n = done(people.act(file, "warnings", people.risk, **alarm))["n"]
    due = people.client.get("/v1/due-items?until=2026-12-01", headers=people.as_(people.risk)).json()["items"]
    assert [(one["what"], one["subject"], one["owner"]) for one in due] == [("warning", "patent_lapsed", people.lead)]
    refused(
        people.act(file, f"tasks/{n}/done", people.lead, happened_on=paid_on.isoformat(), found="无异常情况"),
        "task_is_warning",
    )
    done(people.act(file, f"warnings/{n}/closing", people.lead, note="年费已缴"))
    closing = {"closed_on": paid_on.isoformat(), "outcome": "repaid", "loss": 0}
    before = closing | {"closed_on": (paid_on - timedelta(days=1)).isoformat()}
    refused(people.act(file, "closure", people.lead, **before), "before_its_ground", 422)
    assert done(people.act(file, "closure", people.lead, **closing))["loan_file"]["state"] == "closed"
    refused(people.act(file, "closure", people.lead, **closing), "done_already")
    assert all(one["closed_on"] for one in people.file(file)["tasks"])
    assert date.fromisoformat(people.file(file)["drawdowns"][0]["due_on"]) > paid_on
