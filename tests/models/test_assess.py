"""An assessment: laws of its arithmetic, and what its parts say."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.asof import Case, as_known
from features.encoded import Tables
from features.matrix import build
from features.phrase import LANGUAGES
from features.policy import Policy, shipped
from models.assess import Assessment, assess
from models.score.baselines import from_training
from models.score.bundle import Bundle
from models.score.reasons import reasons_of
from models.score.reference_sample import LEAST_PEERS
from models.score.self_test import Worked, work
from service.assessing.wording import Wording
from tests.amount import law
from tests.contradictions import contradictions
from tests.models.making import DAY, NAMES, NORMS, known_of, made_bundle, made_rows, only

COUNT = 600
"""Cases that the made bundle learned from."""


class Made:
    """The bundle, its cases and all their answers: made when a test first asks, not where tests are collected."""

    @cached_property
    def _pledge(self) -> tuple[Bundle, dict[str, Any], list[Case]]:
        return made_bundle()

    @property
    def bundle(self) -> Bundle:
        """Of pledges."""
        return self._pledge[0]

    @property
    def rows(self) -> dict[str, Any]:
        """The raw rows of all firms."""
        return self._pledge[1]

    @property
    def cases(self) -> list[Case]:
        """A firm each."""
        return self._pledge[2]

    @cached_property
    def whitelist(self) -> Bundle:
        """Of a list."""
        return made_bundle("whitelist")[0]

    @cached_property
    def worked(self) -> Worked:
        """What the bundle's trees say of the cases."""
        return work(self.bundle.trees, build(self.cases, Tables.from_rows(self.rows), NAMES, NORMS, shipped()))

    @cached_property
    def answers(self) -> list[Assessment]:
        """An assessment a case."""
        return assess(known_of(self.rows, self.cases), self.bundle, "test")


MADE = Made()


@settings(deadline=None)
@given(st.integers(0, COUNT - 1))
def test_contributions_sum_to_the_log_odds_of_the_pd(place: int) -> None:
    """Calibrated contributions and base sum to the log-odds of the PD that is shown, to 1e-9."""
    found = MADE.answers[place]
    base = found.measured.base_margin
    start = MADE.bundle.calibration.log_odds(np.array([base]))[0]
    stretch = MADE.bundle.calibration.stretch(np.array([base + found.contributions.sum()]), base)[0]
    summed = start + float((stretch * found.contributions).sum())
    told = found.to_dict()["pd"]["value"]
    assert np.log(told / (1 - told)) == pytest.approx(summed, abs=1e-9)
    assert found.log_odds == pytest.approx(summed, abs=1e-9)


def test_cases_of_one_baseline_start_from_one_base() -> None:
    """What is left of the points without the reasons is the same for every case that is measured from the same."""
    for name in {a.measured.baseline.name for a in MADE.answers}:
        bases = [a.measured.base for a in MADE.answers if a.measured.baseline.name == name]
        assert np.ptp(bases) <= 1  # tenths: it may lie between two


@pytest.mark.parametrize("kind", ["pledge", "whitelist"])
def test_points_shown_sum_to_the_score_shown(kind: str) -> None:
    """In the text of the answer, base and reasons sum to the points as decimals, with nothing left."""
    bundle = {"pledge": MADE.bundle, "whitelist": MADE.whitelist}[kind]
    for found in assess(known_of(MADE.rows, MADE.cases[:200]), bundle, "test"):
        told = json.loads(json.dumps(found.to_dict(), allow_nan=False), parse_float=Decimal)
        parts = [told["base"]["points"], *(reason["points"] for reason in told["reasons"])]
        assert sum(map(Decimal, parts)) == told["points"]
        assert abs(found.points - found.score) <= 0.05 + 1e-9


@law(30)
@given(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=5, unique=True))
def test_one_case_is_the_batch(places: list[int]) -> None:
    """A case assessed from its own rows alone gives, to the last bit, what it gives among all others."""
    for place in places:
        case = MADE.cases[place]
        one = assess(known_of(only(MADE.rows, {case.firm}), [case]), MADE.bundle, "test")[0]
        assert json.dumps(one.to_dict()) == json.dumps(MADE.answers[place].to_dict())


def test_principal_reasons_come_first() -> None:
    """The four reasons that lower the score most come first, then the rest by size; none moved nothing."""
    for found in MADE.answers[:100]:
        moved = (
            MADE.bundle.scale.per_log_odds * found.contributions
        )  # the stretch is one factor above 0 for all of them
        by_name = dict(zip(MADE.bundle.features, moved, strict=True))
        points = [by_name[reason.feature] for reason in found.reasons]
        lowering = sorted(p for p in moved if p < 0)[:4]
        assert points[: len(lowering)] == lowering
        rest = points[len(lowering) :]
        assert rest == sorted(rest, key=abs, reverse=True)
        assert len(points) == np.count_nonzero(moved)


def test_whitelist_is_worded_as_resemblance() -> None:
    """A whitelist's answer speaks of earlier admissions and tells no PD."""
    told = assess(known_of(MADE.rows, MADE.cases[:1]), MADE.whitelist, "test")[0].to_dict()
    assert "pd" not in told
    said = Wording("en").answer(told)
    assert "resembles earlier admissions" in said["admission"]["says"]
    assert all("earlier admissions" in reason["says"] for reason in said["reasons"])


def test_no_answer_contradicts_itself() -> None:
    """A reader of nothing but the answer finds no contradiction, though some arise against the training cases."""
    told = [json.loads(json.dumps(found.to_dict())) for found in MADE.answers]
    assert [contradictions(answer) for answer in told] == [[]] * len(told)
    assert any(case.contradictory.any() for case in from_training(MADE.bundle, MADE.worked, [20] * len(MADE.cases)))
    assert {answer["base"]["name"].partition(":")[0] for answer in told} == {"training", "sector"}


def test_a_comparison_that_would_contradict_is_not_made() -> None:
    """The checker finds what is worded against its sign, so that its silence means something."""
    for found, first in zip(MADE.answers, from_training(MADE.bundle, MADE.worked, [20] * len(MADE.cases)), strict=True):
        if first.contradictory.any():
            measured_anew = replace(first, contradictory=np.zeros_like(first.contradictory))
            compared_anew = reasons_of(MADE.bundle.kind, MADE.bundle.features, found.numbers, measured_anew, 20)
            wrong = replace(found, measured=measured_anew, reasons=compared_anew).to_dict()
            assert contradictions(json.loads(json.dumps(wrong)))


def test_too_few_peers_are_not_compared_with() -> None:
    """A bank that asks for more cases than there are sees no comparison but of what is not known."""
    told = shipped()(LEAST_PEERS)
    many = Policy({**shipped().parameters, LEAST_PEERS: replace(told, values={date(2000, 1, 1): 10_000})})
    known = as_known(Tables.from_rows(MADE.rows), MADE.cases[:50], NORMS, many)
    for found in assess(known, MADE.bundle, "test"):
        assert found.measured.baseline.name == "training"
        assert {reason.compared_to.of for reason in found.reasons if reason.compared_to} <= {"unknown"}


def test_expiry_and_versions() -> None:
    """An assessment expires by policy and names what made it."""
    found = MADE.answers[0]
    assert found.expires_on == DAY + timedelta(days=90)
    assert found.versions.norms == NORMS.digest
    assert found.versions.code == "test"


def codes(found: dict[str, object]) -> set[str]:
    """The codes of an answer's warnings."""
    return {warning["code"] for warning in found["warnings"]}  # type: ignore[attr-defined, index]


def test_what_is_missing_is_told() -> None:
    """Of a firm of which nothing is known every feature is missing by its table, and so is the portfolio."""
    told = assess(known_of(MADE.rows, [Case("x", "row:nobody", DAY)]), MADE.bundle, "test")[0].to_dict()
    assert {part["table"]: part["asked"] for part in told["missing"]} == {
        "firms": False,
        "measures": False,
        "statements": False,
    }
    assert sum(part["known"] for part in told["coverage"].values()) == 0
    assert codes(told) == {"synthetic", "nothing_known", "patents_not_asked"}


def test_an_empty_portfolio_says_so() -> None:
    """Asked and none is worded otherwise than not asked."""
    asked = {"firm": "row:0", "known_on": DAY, "source_kind": "register", "about": "holdings", "complete": True}
    told = assess(known_of(MADE.rows | {"coverage": [asked]}, MADE.cases[:1]), MADE.bundle, "test")[0].to_dict()
    assert "no_patents" in codes(told)


def test_books_out_of_balance_are_told_with_the_figure() -> None:
    """A difference between the two sides of the books is a warning that says how much."""
    rows = only(made_rows(5, 1), {"row:1"})
    rows["statements"][0]["equity"] += 300
    told = assess(known_of(rows, [Case("x", "row:1", DAY)]), MADE.bundle, "test")[0].to_dict()
    warning = next(w for w in told["warnings"] if w["code"] == "books_unbalanced")
    assert warning["facts"] == {"period_end": "2023-12-31", "gap": -300}
    said = {language: Wording(language).answer(told)["warnings"] for language in LANGUAGES}
    assert any("RMB -3.00" in one["says"] for one in said["en"])
    assert any("资产负债表不平，差额 -3.00 元" in one["says"] for one in said["zh"])


def test_values_that_training_never_saw_are_told() -> None:
    """A category that no training case had, and a number outside the training range, are flagged."""
    rows = only(MADE.rows, {"row:0"})
    rows["firms"] = [rows["firms"][0] | {"industry": "Q84", "staff": 10_000}]
    told = assess(known_of(rows, MADE.cases[:1]), MADE.bundle, "test")[0].to_dict()
    assert {"category_not_learned", "outside_training"} <= codes(told)


def test_values_far_from_training_are_told_once() -> None:
    """Where several numbers lie outside, one warning names the farthest and counts the others."""
    rows = only(MADE.rows, {"row:0"})
    rows["firms"] = [rows["firms"][0] | {"staff": 10_000, "founded_on": date(1901, 1, 1)}]
    told = assess(known_of(rows, MADE.cases[:1]), MADE.bundle, "test")[0].to_dict()
    (warning,) = (w for w in told["warnings"] if w["code"].startswith("outside_training"))
    assert (warning["code"], warning["feature"]) == ("outside_training_together", "staff")
    assert warning["facts"]["further"] >= 1


def test_a_category_outside_the_map_is_flagged() -> None:
    """A category that the bundle's map does not hold is flagged, not silently missing."""
    seen = {**MADE.bundle.seen, "sector": replace(MADE.bundle.seen["sector"], categories=())}
    told = assess(known_of(MADE.rows, MADE.cases[:1]), replace(MADE.bundle, seen=seen), "test")[0].to_dict()
    assert "category_not_learned" in codes(told)


def test_the_day_is_the_cases_day() -> None:
    """A later day sees no less: the answer's day and case are those that were asked."""
    case = replace(MADE.cases[0], as_of=date(2024, 7, 1))
    told = assess(known_of(MADE.rows, [case]), MADE.bundle, "test")[0].to_dict()
    assert told["as_of"] == told["case"]["as_of"] == "2024-07-01"
