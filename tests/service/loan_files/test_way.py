"""The whole way of a loan, from an application to a settled loan, by as many people as it needs."""

from tests.models.underwriting.whole_case import whole
from tests.service.loan_files.people import People, done


def test_a_loan_goes_the_whole_way(people: People) -> None:
    """Submitted by two, reviewed, signed by two of the branch, released, paid out, watched and closed."""
    answer = people.assess(whole())
    assert answer["recommendation"]["advice"] == "recommend", answer["recommendation"]
    file = answer["record"]["loan_file"]["id"]
    assert people.file(file)["state"] == "draft"
    assert done(people.submit(answer))["loan_file"]["state"] == "to_review"
    assert done(people.review(file))["loan_file"]["state"] == "to_approve"
    one, other = people.branch
    assert done(people.approve(file, one))["loan_file"]["state"] == "to_approve"
    assert done(people.approve(file, other))["loan_file"]["state"] == "to_draw"
    assert done(people.release(file))["outcome"] == "released"
    paid = done(people.pay(file))
    assert paid["loan_file"]["state"] == "drawn"
