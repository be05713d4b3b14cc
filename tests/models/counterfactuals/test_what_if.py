"""What would change the advice on a case, through a bundle of real features."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.asof import Case
from features.matrix import matrix
from features.policy import Policy, shipped
from models.collateral.bank_assumptions import BankAssumptions
from models.counterfactuals.forest import Forest
from models.counterfactuals.what_if import AdviceChange, WhatIf, _declared, next_line, what_would_change
from models.records.in_force import InForce
from models.score.bundle import Bundle
from models.score.self_test import work
from models.shap.contributions import margins
from tests.models.making import DAY, known_of, made_bundle, only

Made = tuple[Bundle, dict[str, Any], list[Case]]


@pytest.fixture(scope="module")
def made() -> Made:
    """A bundle whose scores lie around the lines, the rows of its firms and their cases."""
    bundle, rows, cases = made_bundle()
    for books in rows["statements"]:
        owed = books["total_liabilities"]
        books |= {"current_liabilities": owed * 3 // 4, "short_term_debt": owed // 2, "long_term_debt": owed // 4}
    for firm in rows["firms"]:
        firm["status"] = "in_business"
    return replace(bundle, scale=replace(bundle.scale, points_at=500.0, odds=20.0)), rows, cases


def answered(made: Made, place: int, policy: Policy | None = None, **tables: Any) -> WhatIf:
    """The answer for a case; `tables` take the place of the firm's own."""
    bundle, rows, cases = made
    own = only(rows, {cases[place].firm}) | tables
    return what_would_change(cases[place], own, bundle, Forest(bundle.booster), policy or shipped(), BankAssumptions())


def below(made: Made) -> list[int]:
    """The cases below the upper line."""
    bundle, rows, cases = made
    known = known_of(rows, cases)
    points = work(bundle.trees, matrix(known, bundle.features)).points
    return np.flatnonzero(points < 540).tolist()


def test_offers_reach_the_next_line_in_points(made: Made) -> None:
    """Each offer, assessed anew from its changed features, is shown at the line or above; some are offered."""
    bundle, rows, cases = made
    known = known_of(rows, cases)
    offered = 0
    for place in below(made)[:60]:
        answer = answered(made, place)
        for offer in answer.offers:
            row = matrix(known, bundle.features)[place].copy()
            for change in offer.changes:
                for name, moved in change.moved.items():
                    if name in bundle.features:
                        row[bundle.features.index(name)] = moved.to
            log_odds = bundle.calibration.log_odds(margins(bundle.booster, row[None]))
            assert round(float(bundle.scale.points(log_odds)[0]), 1) >= answer.line_points
            offered += 1
    assert offered


def test_the_next_line_is_the_lowest_not_reached() -> None:
    """Below the lower line it is the lower, else the upper; what is shown as a line's points has reached it."""
    lines = (574.5, 550.5)
    assert [next_line(points, lines) for points in (450.0, 550.44, 550.46, 600.0)] == [550.5, 550.5, 574.5, 574.5]


def event(place: int, **told: Any) -> list[dict[str, Any]]:
    """A row of credit events about the firm of a case."""
    return [{"firm": f"row:{place}", "known_on": DAY, "source_kind": "register", "happened_on": DAY, **told}]


def test_what_nothing_cures_leaves_no_way(made: Made) -> None:
    """A blocking finding without a cure: none, and the finding is named."""
    place = below(made)[0]
    answer = answered(made, place, credit_events=event(place, event="tax_grade", grade="D"))
    assert answer.state == "none"
    assert "tax_grade" in [finding.rule for finding in answer.incurable]


def test_a_cure_that_a_rule_demands_counts_among_the_three(made: Made) -> None:
    """A case over the line on a list of dishonest debtors needs the listing lifted, and no change of the score."""
    bundle, rows, cases = made
    above = int(np.argmax(work(bundle.trees, matrix(known_of(rows, cases), bundle.features)).points))
    listed = event(above, event="dishonest_debtor", reference="J1")
    answer = answered(made, above, credit_events=listed)
    assert [finding.rule for finding in answer.cures] == ["credit_listing"]
    assert answer.state == "found"
    assert answer.offers[0].changes == ()
    assert answer.advice == AdviceChange("advise_against", "refer")


def test_what_is_not_known_stays_open_and_is_told(made: Made) -> None:
    """No patent is offered here, so that the limit is not known: told beside every offer, and cured by none."""
    answer = answered(made, below(made)[0])
    assert "lendable" in {finding.rule for finding in answer.open}
    assert answer.advice.now != "recommend"


def test_no_longer_term_is_offered_than_the_patents_allow() -> None:
    """The term's lever ends where the pledge's longest term does."""
    assert _declared(InForce(shipped(), DAY), 18)["other_term"].most == 18
    assert _declared(InForce(shipped(), DAY), None)["other_term"].most == 36
