"""How a loan ends, what a second person confirms, and what is reversed: over HTTP, on both databases."""

from datetime import date, timedelta

import pytest

from service.access.roles import UNBOUND, Place
from service.decisions.erasure import Person, holds
from tests.models.underwriting.base_firm import FIRM, WAN
from tests.models.underwriting.whole_case import whole
from tests.service.loan_files.people import Body, People, done, refused
from tests.service.loan_files.test_fulfilling import approved
from tests.service.loan_files.test_races import together
from tests.service.loan_files.walk import made_anew

pytestmark = pytest.mark.sqlite_alone

YEAR_OF_INTEREST = round(0.24 * 200 * WAN)


@pytest.fixture
def file(people: People) -> str:
    """A loan of 200 that was paid out a year ago."""
    found = approved(people, whole())
    done(people.release(found, 200))
    done(people.pay(found, 200))
    people.now[0] += timedelta(days=365)
    people.sign_in_again()
    return found


def end(people: People, loss: float = 0, days: int = 0, outcome: str = "repaid", **more: object) -> Body:
    """The body of a closure so many days ago; the loss in ten thousand yuan."""
    closed_on = (people.today - timedelta(days=days)).isoformat()
    return {"closed_on": closed_on, "outcome": outcome, "loss": round(loss * WAN)} | more


def closed(people: People, file: str, by: str, body: Body) -> Body:
    """What a closure leaves."""
    return done(people.act(file, "closure", by, **body))


def last_entry(people: People, file: str) -> int:
    """The number of the file's last step that was done."""
    found: int = done_in(people.file(file))[-1]["record"]["entry"]
    return found


def done_in(told: Body) -> list[Body]:
    """The steps of a file without what was refused."""
    return [one for one in told["steps"] if one["kind"] != "refused"]


def test_a_loan_that_was_repaid_ends_by_one_person(people: People, file: str) -> None:
    """Thirty days back at most; a key ends no loan, and so does nobody in a day ahead or before the payment."""
    today = people.today
    for day, code in (
        (today + timedelta(days=1), "ahead_of_today"),
        (today - timedelta(days=366), "before_its_ground"),
        (date(1950, 1, 1), "before_its_ground"),
        (date(9999, 12, 31), "day_between"),
    ):
        body = end(people) | {"closed_on": day.isoformat()}
        refused(people.act(file, "closure", people.lead, **body), code, 422)
    key = people.key("credit_officer", Place(people.bank, "b1"))
    told = people.client.post(f"/v1/loan-files/{file}/closure", json=end(people), headers=key)
    refused(told, "person_acts")
    ended = closed(people, file, people.lead, end(people, days=30))
    assert (ended["kind"], ended["loan_file"]["state"]) == ("closure", "closed")


def test_a_loss_is_confirmed_by_a_second_person(people: People, file: str) -> None:
    """The first puts it forward and cannot confirm it, the second says the same; until then the loan runs."""
    loss = end(people, 150, outcome="written_off", recovered=50 * WAN)
    first = closed(people, file, people.lead, loss)
    assert (first["kind"], first["loan_file"]["state"]) == ("closing", "drawn")
    assert people.file(file)["closing"]["loss"] == 150 * WAN
    refused(people.act(file, "closure", people.lead, **loss), "closing_put_forward")
    other = loss | {"loss": 140 * WAN}
    assert refused(people.act(file, "closure", people.second, **other), "terms_differ")["names"] == ["loss"]
    refused(people.act(file, "closure", people.second, **end(people)), "terms_differ")
    told = closed(people, file, people.second, loss)
    assert (told["kind"], told["loan_file"]["state"]) == ("closure", "closed")
    assert told["proposed"]["seq"] == first["record"]["entry"]
    assert people.file(file)["closing"] is None


def test_a_day_long_past_is_confirmed_by_a_second_person(people: People, file: str) -> None:
    """More than thirty days back; of two who confirm at once one does."""
    late = end(people, days=31)
    assert closed(people, file, people.lead, late)["kind"] == "closing"
    for one in (people.second, people.third):
        people.as_(one)
    confirm = [lambda one=one: people.act(file, "closure", one, **late) for one in (people.second, people.third)]
    assert together(*confirm) == [201, 409]


def test_nothing_is_lost_beyond_what_was_drawn_and_charged(people: People, file: str) -> None:
    """200 and a year at 24%: one fen more is refused, lost or recovered."""
    most = 200 * WAN + YEAR_OF_INTEREST
    for name in ("loss", "recovered"):
        body = end(people, outcome="written_off") | {name: most + 1}
        assert refused(people.act(file, "closure", people.lead, **body), "above_drawn_and_charged", 422)["most"] == most
    body = end(people, outcome="written_off") | {"loss": most}
    assert closed(people, file, people.lead, body)["kind"] == "closing"


def test_a_closure_that_was_wrong_is_reversed(people: People, file: str) -> None:
    """By another person: the loan runs on, its pledge secures it and what was due is due; both lines stay."""
    before = people.file(file)
    closed(people, file, people.lead, end(people))
    wrong = {"entry": last_entry(people, file), "reason": "客户未还清，误登记结清"}
    refused(people.act(file, "corrections", people.lead, **wrong), "own_act")
    refused(people.act(file, "corrections", people.second, **wrong | {"entry": wrong["entry"] - 1}), "not_last_act")
    told = done(people.act(file, "corrections", people.second, **wrong))
    assert (told["kind"], told["loan_file"]["state"]) == ("correction", "drawn")
    after = people.file(file)
    same = ("drawn", "drawdowns", "pledges", "tasks", "amount", "conditions")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert [one["kind"] for one in done_in(after)][-2:] == ["closure", "correction"]
    refused(people.act(file, "corrections", people.second, **wrong), "done_already")
    with people.state.engine.connect() as connection:
        policy, person = people.state.assessor.policy, Person(people.lead, UNBOUND, people.now[0], people.today)
        assert [one.hold for one in holds(connection, FIRM, policy, person)] == ["drawdown_without_closure"]
    assert closed(people, file, people.lead, end(people))["loan_file"]["state"] == "closed"
    wrong_again, _ = made_anew(people.state.engine)
    assert wrong_again == []


def test_a_payment_that_was_wrong_is_reversed(people: People) -> None:
    """By whoever has the level of the approval; the number of the loan is free again, and the sum is not drawn."""
    file = approved(people, whole())
    done(people.release(file, 200))
    done(people.pay(file, 100))
    entry = last_entry(people, file)
    wrong = {"entry": entry, "reason": "金额录入错误", "right": {"amount": 120 * WAN}}
    refused(people.act(file, "corrections", people.second, **wrong), "correction_level", 403)
    told = done(people.act(file, "corrections", people.first, **wrong))
    assert (told["loan_file"]["state"], told["reverses"]["seq"]) == ("to_draw", entry)
    after = people.file(file)
    assert (after["drawn"], after["drawdowns"], after["tasks"]) == (0, [], [])
    done(people.pay(file, 120))
    done(people.pay(file, 80, loan="JJ-2"))
    done(people.act(file, "tasks/1/done", people.lead, happened_on=people.today.isoformat(), found="按约定用途使用"))
    refused(
        people.act(file, "corrections", people.first, entry=last_entry(people, file), reason="rewritten"),
        "not_last_act",
    )
    wrong_again, _ = made_anew(people.state.engine)
    assert wrong_again == []


def test_what_came_after_a_reversed_payment_keeps_its_number(people: People) -> None:
    """A warning raised meanwhile stands under the number it had; the next payment's due items come after it."""
    file = approved(people, whole())
    done(people.release(file, 200))
    done(people.pay(file, 100))
    today = people.today.isoformat()
    warning = {"code": "other", "level": "high", "due_on": today, "owner": people.lead, "note": "noted here"}
    done(people.act(file, "warnings", people.risk, **warning))
    raised = people.file(file)["tasks"][-1]
    done(
        people.act(file, "corrections", people.first, entry=people.file(file)["drawdowns"][0]["seq"], reason="登记有误")
    )
    assert people.file(file)["tasks"] == [raised]
    done(people.pay(file, 100))
    numbers = [one["n"] for one in people.file(file)["tasks"]]
    assert numbers == list(range(raised["n"], raised["n"] + len(numbers)))
    wrong_again, _ = made_anew(people.state.engine)
    assert wrong_again == []


def test_what_was_put_forward_is_reversed_too(people: People, file: str) -> None:
    """Whoever does not agree says so; the first then puts forward what is right."""
    closed(people, file, people.lead, end(people, 150, outcome="written_off"))
    done(people.act(file, "corrections", people.second, entry=last_entry(people, file), reason="损失金额有误"))
    assert people.file(file)["closing"] is None
    assert closed(people, file, people.second, end(people, 140, outcome="written_off"))["kind"] == "closing"
    assert closed(people, file, people.lead, end(people, 140, outcome="written_off"))["kind"] == "closure"
