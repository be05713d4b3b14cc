"""The whole way of a loan, from an application to a settled loan, by as many people as it needs, at two banks."""

from datetime import timedelta

from service.ledger.verification import verify
from service.proofs.rebuild import differences
from tests.models.underwriting.whole_case import whole
from tests.service.loan_files import cases
from tests.service.loan_files.people import People, done
from tests.service.loan_files.test_authority import BETTER, passed, waiving
from tests.service.loan_files.test_fulfilling import fulfil


def test_a_loan_goes_the_whole_way(people: People) -> None:
    """Officers, reviewer, members, chair, secretary, head office and desk of one bank; six people of another."""
    answer = people.assess(cases.without_sales())
    file = answer["record"]["loan_file"]["id"]
    assert people.file(file)["state"] == "draft"
    assert done(people.submit(answer, 290))["loan_file"]["state"] == "to_review"
    back = {"reason_code": "papers_missing", "reason": "缺购销合同", "wanted": ["购销合同"]}
    done(people.act(file, "return", people.reviewer, **back))
    refreshed = people.assess(cases.without_sales())
    waived = waiving("sales_cross_check")
    assert done(people.submit(refreshed, 290, **waived))["loan_file"]["state"] == "to_review"
    told = done(people.review(file, outcome="agreed_with_conditions", conditions=[{"text": "追加实控人房产抵押"}]))
    assert told["loan_file"]["state"] == "to_committee"
    passed(people, file, 290, **waived)
    done(people.approve(file, people.head, 290, **waived, **BETTER))
    after = people.file(file)
    assert (after["state"], [one["text"] for one in after["conditions"]]) == ("to_fulfil", ["追加实控人房产抵押"])
    done(people.act(file, "conditions/1/done", people.lead, **fulfil(people, file, None)))
    assert (
        done(people.act(file, "conditions/1/confirmation", people.second, proof="已核原件"))["loan_file"]["state"]
        == "to_draw"
    )
    done(people.release(file, 290))
    done(people.pay(file, 290))
    other = People(people.client, people.now, "bank-2")
    mine = other.assess(whole())
    own = mine["record"]["loan_file"]["id"]
    done(other.submit(mine, 200))
    done(other.review(own))
    done(other.approve(own, other.first, 200))
    done(
        other.release(own, 200, pledges=[{"registration": "Y9", "registered_on": "2026-11-20", "amount": 200_000_000}])
    )
    done(other.pay(own, 200, loan="JJ-9"))
    assert [one["id"] for one in other.client.get("/v1/loan-files", headers=other.as_(other.lead)).json()["items"]] == [
        own
    ]
    people.now[0] += timedelta(days=14)
    people.sign_in_again()
    report = {"happened_on": people.today.isoformat(), "found": "按约定用途使用"}
    done(people.act(file, "tasks/1/done", people.lead, **report))
    closing = {"closed_on": people.today.isoformat(), "outcome": "repaid", "loss": 0}
    assert done(people.act(file, "closure", people.lead, **closing))["loan_file"]["state"] == "closed"
    held = {duty["account"] for duty in people.file(file)["duties"]}
    assert len(held) == 2 + 1 + 6 + 1 + 1
    with people.state.engine.connect() as connection:
        assert verify(connection).bad_seq is None
        assert list(differences(connection)) == []


def test_figures_of_decisions_against_the_advice(people: People) -> None:
    """Counted by stance, reason, person and what was waived, with what became of the loans; of two signatures once."""
    answer = people.assess(cases.without_sales())
    file = answer["record"]["loan_file"]["id"]
    waived = waiving("sales_cross_check")
    done(people.submit(answer, 290, **waived))
    done(people.review(file))
    passed(people, file, 290, **waived)
    done(people.approve(file, people.head, 290, **waived, **BETTER))
    done(people.release(file, 290))
    done(people.pay(file, 290))
    plain = people.assess(whole(), firm="row:plain")
    second = plain["record"]["loan_file"]["id"]
    done(people.submit(plain))
    done(people.review(second))
    for one in people.branch:
        done(people.approve(second, one))
    told = people.client.get("/v1/overrides", headers=people.as_(people.head)).json()
    assert (told["decisions"], told["stands"]["better"], told["stands"]["as_advised"]) == (2, 1, 1)
    assert told["by_reason"] == {"further_security": 1}
    assert told["by_decider"] == {people.head: 1}
    assert told["waived"] == {"sales_cross_check": 1}
    assert told["became"]["better"] == {"drawn": 1, "closed": 0, "bad": 0, "loss": 0}
    stranger = People(people.client, people.now, "bank-2")
    own = stranger.client.get("/v1/overrides", headers=stranger.as_(stranger.head)).json()
    assert own["decisions"] == 0
