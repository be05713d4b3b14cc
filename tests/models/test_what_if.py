"""What would change the advice on a case, through a bundle of real features."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.asof import Known
from features.matrix import matrix
from features.policy import shipped
from models.bundle import Bundle
from models.changes import Forest
from models.contributions import margins
from models.exam import work
from models.rules.finding import Cure, Finding, Says
from models.what_if import WhatIf, _declared, next_line, what_would_change
from tests.models.making import DAY, known_of, made_bundle


@pytest.fixture(scope="module")
def made() -> tuple[Bundle, Known]:
    """A bundle whose scores lie around the lines, and what is known of its firms."""
    bundle, rows, cases = made_bundle()
    for books in rows["statements"]:
        owed = books["total_liabilities"]
        books |= {"current_liabilities": owed * 3 // 4, "short_term_debt": owed // 2, "long_term_debt": owed // 4}
    return replace(bundle, scale=replace(bundle.scale, points_at=500.0, odds=20.0)), known_of(rows, cases)


def answered(made: tuple[Bundle, Known], place: int, findings: tuple[Finding, ...] = ()) -> WhatIf:
    """The answer for a case."""
    bundle, known = made
    return what_would_change(known, place, bundle, Forest(bundle.booster), findings, None)


def below(made: tuple[Bundle, Known]) -> list[int]:
    """The cases below the upper line."""
    bundle, known = made
    points = work(bundle.trees, matrix(known, bundle.features)).points
    return np.flatnonzero(points < 540).tolist()


def test_offers_reach_the_next_line_in_points(made: tuple[Bundle, Known]) -> None:
    """Each offer, assessed anew from its changed features, has at least the points of the line; some are offered."""
    bundle, known = made
    offered = 0
    for place in below(made)[:60]:
        answer = answered(made, place)
        for offer in answer.found.offers:
            row = matrix(known, bundle.features)[place].copy()
            for change in offer.changes:
                for name, (_, to) in change.moved.items():
                    if name in bundle.features:
                        row[bundle.features.index(name)] = to
            log_odds = bundle.calibration.log_odds(margins(bundle.booster, row[None]))
            assert bundle.scale.points(log_odds)[0] >= answer.line_points - 1e-9
            offered += 1
    assert offered


def test_the_next_line_is_the_lowest_not_reached() -> None:
    """Below 500 the line is 500, between the lines 540, above both 540."""
    assert [next_line(points, shipped(), DAY) for points in (450.0, 500.0, 600.0)] == [500.0, 540.0, 540.0]


def blocking(rule: str, cure: Cure | None) -> Finding:
    """A finding that blocks."""
    says = Says("", "")
    return Finding(rule, "row:1", "fail", "blocks", says, says, says, cure=cure)


def test_what_nothing_cures_leaves_no_way(made: tuple[Bundle, Known]) -> None:
    """A blocking finding without a cure: none, and the finding is named."""
    answer: dict[str, Any] = answered(made, below(made)[0], (blocking("status", None),)).told()
    assert answer["state"] == "none"
    assert [finding["rule"] for finding in answer["incurable"]] == ["status"]


def test_a_cure_that_a_rule_demands_counts_among_the_three(made: tuple[Bundle, Known]) -> None:
    """A case over the line with one blocking finding needs its cure alone; the model's own finding is no cure."""
    bundle, known = made
    points = work(bundle.trees, matrix(known, bundle.features)).points
    above = int(np.argmax(points))
    says = Says("", "")
    answer = answered(made, above, (blocking("status", Cure(says, says)), blocking("score", None)))
    assert answer.found.state == "found"
    assert answer.found.offers[0].changes == ()
    assert [finding.rule for finding in answer.cures] == ["status"]


def test_no_longer_term_is_offered_than_the_patents_allow(made: tuple[Bundle, Known]) -> None:
    """The term's lever ends where the pledge's longest term does."""
    assert _declared(shipped(), DAY, 18)["other_term"]["most"] == 18
    assert _declared(shipped(), DAY, None)["other_term"]["most"] == 36
