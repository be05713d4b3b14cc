"""Who may approve what: the worked examples of authority, each as a sentence, over HTTP."""

from typing import Any

import pytest

from tests.models.underwriting.base_firm import WAN
from tests.models.underwriting.whole_case import changed, whole
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done, refused

pytestmark = pytest.mark.sqlite_alone


def waiving(*rules: str) -> Body:
    """Findings that are set aside, with reason, mitigation and end day."""
    told = [
        {"rule": rule, "reason_code": "further_security", "mitigation": "追加保证金", "until": "2026-12-20"}
        for rule in rules
    ]
    return {"waives": told}


BETTER = {"reason": "追加存单质押", "reason_code": "further_security", "expires_on": "2026-12-20"}


def reviewed(people: People, answer: Body, amount: float = 300, **more: Any) -> str:
    """A file that was submitted and reviewed."""
    file: str = answer["record"]["loan_file"]["id"]
    done(people.submit(answer, amount, **more))
    done(people.review(file))
    return file


def passed(people: People, file: str, amount: float = 300, **more: Any) -> None:
    """The committee passes it."""
    for vote in people.vote(file):
        done(vote)
    assert done(people.minutes(file, amount, **more))["outcome"] == "passed"


def test_patents_alone_count_half_of_the_loan_on_top(people: People) -> None:
    """300 as advised counts 450: level 2. Level 1 is refused and told the level; two persons of level 2 sign."""
    file = reviewed(people, people.assess(whole()))
    low = refused(people.approve(file, people.first), "level_too_low", 403)
    assert (low["yours"], low["needs"], low["stands"]) == (1, 2, "as_advised")
    one, other = people.branch
    first = done(people.approve(file, one))
    assert (first["counted"], first["level"], first["signature"]) == (450 * WAN, 2, {"n": 1, "of": 2})
    assert done(people.approve(file, other))["loan_file"]["state"] == "to_draw"


def test_an_institution_takes_the_half_away(people: People) -> None:
    """400 beside an institution count 400: level 2."""
    answer = people.assess(cases.institution())
    assert answer["recommendation"]["amount"] == 400 * WAN, answer["recommendation"]
    file = reviewed(people, answer, 400)
    told = done(people.approve(file, people.branch[0], 400))
    assert (told["counted"], told["level"], told["stands"]) == (400 * WAN, 2, "as_advised")


def test_what_was_referred_needs_more(people: People) -> None:
    """300 that were referred count 450: level 3 and its committee, which binds the amount."""
    answer = people.assess(cases.special_mention())
    assert answer["recommendation"]["advice"] == "refer"
    file = reviewed(people, answer)
    assert people.file(file)["state"] == "to_committee"
    passed(people, file, 250)
    beyond = refused(people.approve(file, people.president, 260), "above_committee")
    assert (beyond["amount"], beyond["months"]) == (250 * WAN, 12)
    told = done(people.approve(file, people.president, 250))
    assert (told["stands"], told["level"], told["counted"]) == ("referred", 3, 375 * WAN)


def test_against_the_advice_is_a_matter_of_the_head_office(people: People) -> None:
    """100 against the advice: level 4 with its committee, and what is waived is named with reason, cure and end."""
    answer = people.assess(cases.non_performing())
    bare = refused(people.submit(answer, 100), "blocking_left", 422)
    assert bare["rules"] == ["bureau_non_performing"]
    waived = waiving("bureau_non_performing")
    file = reviewed(people, answer, 100, **waived)
    assert people.file(file)["state"] == "to_committee"
    passed(people, file, 100, **waived)
    assert refused(people.approve(file, people.president, 100, **waived, **BETTER), "level_too_low", 403)["needs"] == 4
    assert refused(people.approve(file, people.head, 100, **waived), "needed_for_standing", 422)
    told = done(people.approve(file, people.head, 100, **waived, **BETTER))
    assert (told["stands"], told["better_in"], told["level"]) == ("better", ["advice"], 4)
    assert [one["rule"] for one in told["waives"]] == ["bureau_non_performing"]


def test_nobody_waives_a_prohibited_use(people: People) -> None:
    """Neither with a reason nor at any level: the application cannot even be submitted with it."""
    answer = people.assess(cases.dividend())
    hard = refused(people.submit(answer, 100, **waiving("purpose_allowed")), "unwaivable")
    assert hard["rules"] == ["purpose_allowed"]


def test_less_needs_no_reason_but_the_level_of_its_amount(people: People) -> None:
    """200 of 300 count 300: level 1, without a reason; declining is free."""
    file = reviewed(people, people.assess(whole()))
    told = done(people.approve(file, people.first, 200))
    assert (told["counted"], told["level"], told["stands"]) == (300 * WAN, 1, "as_advised")
    other = reviewed(people, people.assess(whole(), firm="row:other"))
    reason = {"outcome": "declined", "reason_code": "risk_too_high", "reason": "行业下行"}
    assert done(people.seen_act(other, "approval", people.first, **reason))["loan_file"]["state"] == "declined"


def test_the_amount_that_is_shown_is_the_one_advised(people: People) -> None:
    """A fraction more than the floored amount is better than advised: a reason code, and the level of its amount."""
    answer = people.assess(changed(*cases.asked(500)))
    assert answer["recommendation"]["advice"] == "recommend"
    most = answer["recommendation"]["amount"]
    assert most % WAN == 0
    more = (most + WAN // 2) / WAN
    file = reviewed(people, answer, more)
    assert people.file(file)["state"] == "to_committee"
    passed(people, file, more)
    assert refused(people.approve(file, people.head, more), "needed_for_standing", 422)["better_in"] == ["amount"]
    told = done(people.approve(file, people.head, more, **BETTER))
    assert (told["stands"], told["better_in"], told["level"]) == ("better", ["amount"], 4)


def test_a_fraction_more_than_a_referred_amount_is_better_than_advised(people: People) -> None:
    """292.60 where 292 is advised and shown (case 22e): counted 438.90, level 3, with a reason and its code."""
    answer = people.assess(cases.special_mention_renewed())
    advice = answer["recommendation"]
    assert (advice["advice"], advice["amount"]) == ("refer", 292 * WAN)
    file = reviewed(people, answer, 292.60)
    passed(people, file, 292.60)
    low = refused(people.approve(file, people.branch[0], 292.60), "needed_for_standing", 422)
    assert low["better_in"] == ["amount"]
    assert refused(people.approve(file, people.branch[0], 292.60, **BETTER), "level_too_low", 403)["needs"] == 3
    told = done(people.approve(file, people.president, 292.60, **BETTER))
    assert (told["stands"], told["counted"], told["level"]) == ("better", round(438.90 * WAN), 3)


def test_a_borrower_related_to_the_bank_is_a_matter_of_level_4(people: People) -> None:
    """Whatever the amount."""
    answer = people.assess(cases.related())
    file = reviewed(people, answer, 50)
    assert people.file(file)["state"] == "to_committee"
    passed(people, file, 50)
    assert refused(people.approve(file, people.president, 50), "level_too_low", 403)["needs"] == 4
    assert done(people.approve(file, people.head, 50))["level"] == 4


def test_applications_in_parts_count_as_a_whole(people: People) -> None:
    """200 of level 1 that stand approved in one file are counted with 200 that are asked for in another."""
    first = reviewed(people, people.assess(whole()), 200)
    done(people.approve(first, people.first, 200))
    rows = whole()
    for table in ("applications", "uses", "guarantees", "collateral", "appraisals"):
        for row in rows[table]:
            row["application"] = "A2"
    second = reviewed(people, people.assess(rows, application="A2"), 200)
    low = refused(people.approve(second, people.first, 200), "level_too_low", 403)
    assert low["needs"] == 2
    told = done(people.approve(second, people.branch[0], 200))
    assert told["counted"] == (200 + 200 + 100) * WAN
