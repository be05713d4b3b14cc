"""What two people do at the same moment: one of them is let through, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from httpx import Response
from sqlalchemy import select

from tests.models.underwriting.base_firm import DAY
from tests.models.underwriting.whole_case import whole
from tests.service.loan_files.people import People, done
from tests.service.loan_files.test_fulfilling import approved, approved_other


def together(*acts: Callable[[], Response]) -> list[int]:
    """The statuses of acts that are done at once, in order."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(told.result().status_code for told in [pool.submit(act) for act in acts])


def test_one_of_two_submissions_counts(people: People) -> None:
    """The application is under way behind the first."""
    answer = people.assess(whole())
    people.as_(people.third)
    told = together(
        lambda: people.submit(answer, 200), lambda: people.submit(answer, 200, by=people.third, second=people.second)
    )
    assert told == [201, 409]


def test_one_of_two_decisions_counts(people: People) -> None:
    """One approves what the other declines."""
    answer = people.assess(whole())
    file = answer["record"]["loan_file"]["id"]
    done(people.submit(answer, 200))
    done(people.review(file))
    seen = people.file(file)["seen"]
    for name in (people.first, people.head):
        people.as_(name)
    reason = {"outcome": "declined", "reason_code": "risk_too_high", "reason": "行业下行", "seen": seen}
    told = together(
        lambda: people.approve(file, people.first, 200, seen=seen),
        lambda: people.act(file, "approval", people.head, **reason),
    )
    assert told == [201, 409]
    assert [one["kind"] for one in people.file(file)["steps"]].count("approval") == 1


def test_the_sum_is_never_overdrawn(people: People) -> None:
    """Of eight payments of 60 at once three fit into 200, whoever comes first."""
    file = approved(people, whole())
    done(people.release(file, 200))
    pay = [lambda n=n: people.pay(file, 60, loan=f"JJ-{n}") for n in range(8)]
    assert together(*pay).count(201) == 3
    assert people.file(file)["drawn"] == 3 * 60 * 1_000_000


def test_a_loan_number_and_a_registration_are_taken_once(people: People) -> None:
    """Two files release on one registration at once, and pay under one number at once."""
    first, second = approved(people, whole()), approved_other(people)
    people.as_(people.desk)
    assert together(lambda: people.release(first, 200), lambda: people.release(second, 200)) == [201, 409]
    left = second if people.file(first)["released"] else first
    own = {"registration": "Y2", "registered_on": DAY.isoformat(), "amount": 200_000_000}
    done(people.release(left, 200, pledges=[own]))
    assert together(lambda: people.pay(first, 100), lambda: people.pay(second, 100)) == [201, 409]
    from service.loan_files.tables import DRAWDOWNS

    with people.state.engine.connect() as connection:
        assert connection.execute(select(DRAWDOWNS.c.loan)).scalars().all() == ["JJ-1"]
