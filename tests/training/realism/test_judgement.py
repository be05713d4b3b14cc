"""Measuring the judgement: shares, observed ends, and thresholds moved on cases that were judged before."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.lake import Lake
from features.policy import shipped
from models.score.bundle import Bundle
from tests.models.making import made_bundle
from tests.training.making import PLANS, world
from training.learning.plan import read
from training.realism.judgement import (
    ADVICES,
    JudgedBatch,
    JudgedOutcomes,
    advised,
    applications,
    committees,
    drawn,
    judged,
)
from training.realism.judgement_page import BEGIN, END, NoMarks, written
from training.realism.sensitivity import _changes, moved, thresholds

NUMBER = 40
MOVED = (
    "bureau.worst_days.refer", "books.debt_ratio_after.refer", "debt.debt_ratio", "pledge.debt_to_earnings",
    "pledge.share_of_value.invention", "recommendation.pd_blocks", "recommendation.least_part_of_asked",
    "pricing.costs.funds", "working_capital.growth.most", "credit_exclusions.removed_months",
)  # fmt: skip
"""Thresholds of every step: columns, case rules, figures, security, findings after the limit."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A small synthetic world."""
    return world(tmp_path_factory.mktemp("world"), 250)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """A small model of other firms: any will do."""
    return made_bundle()[0]


@pytest.fixture(scope="module")
def told(lake: Lake) -> pl.DataFrame:
    """The applications of its last years."""
    return applications(lake, read(PLANS / "pledge.toml"), shipped())


@pytest.fixture(scope="module")
def batches(lake: Lake, told: pl.DataFrame, bundle: Bundle) -> list[JudgedBatch]:
    """Some of them, judged."""
    return list(judged(lake, drawn(told, NUMBER, 1), bundle, shipped(), lambda _: None))


def test_every_case_has_an_advice_and_shares_sum(batches: list[JudgedBatch]) -> None:
    """The sample is judged whole, in its years, and what became of it is counted with an interval about the rate."""
    found = JudgedOutcomes.none()
    for batch in batches:
        found.add(batch)
    lines = found.lines()
    assert [line.advice for line in lines] == list(ADVICES)
    assert sum(line.cases for line in lines) == len(found.advice) == NUMBER
    assert sum(line.share for line in lines) == pytest.approx(1)
    seen = [line for line in lines if line.seen]
    assert seen
    assert all(line.low <= line.rate <= line.high for line in seen)
    shares = found.shares_of_bounds()
    shares.pop("unknown")
    assert sum(shares.values()) == pytest.approx(1)


def test_the_same_seed_draws_the_same_applications(told: pl.DataFrame) -> None:
    """The choice follows from the seed, and holds applications of three years alone."""
    assert drawn(told, 20, 3).equals(drawn(told, 20, 3))
    assert not drawn(told, 20, 3).equals(drawn(told, 20, 4))
    assert told["applied_on"].dt.year().n_unique() <= 3


@pytest.mark.parametrize("name", MOVED)
def test_a_threshold_moved_is_as_if_all_were_judged_anew(
    name: str, lake: Lake, told: pl.DataFrame, bundle: Bundle, batches: list[JudgedBatch]
) -> None:
    """Judged from the first step that reads it on, as many advices and amounts change as where all is judged anew."""
    threshold = next(one for one in thresholds(shipped()) if one.name == name)
    policy = moved(shipped(), threshold, 0.25)
    anew = list(judged(lake, drawn(told, NUMBER, 1), bundle, policy, lambda _: None))
    expected = [0, 0]
    for before, after in zip(batches, anew, strict=True):
        for one, other in zip(before.lent, after.lent, strict=True):
            expected[0] += advised(one) != advised(other)
            a, b = one.recommendation, other.recommendation
            expected[1] += (a.amount if a else None) != (b.amount if b else None)
    found = np.sum([_changes(batch, policy, threshold.parameter) for batch in batches], axis=0)
    assert found.tolist() == expected


def test_what_asks_for_a_person_is_counted_by_rule() -> None:
    """Of the cases referred alone, each rule counts where it is named, and where nothing else asks for a person."""
    advice = ["recommend", "refer", "refer", "refer", "advise_against"]
    rules: list[tuple[str, ...]] = [(), ("need",), ("need", "audit"), ("audit",), ("need",)]
    found = JudgedOutcomes(advice, rules, ["asked"] * 5, [np.nan] * 5, [np.nan] * 5)
    assert [(one.rule, one.named, one.alone) for one in found.referring()] == [("audit", 2, 1), ("need", 2, 1)]


def test_a_committee_that_knows_more_accepts_safer_loans() -> None:
    """Of committees that decline the same number, the better informed one is left with less true risk."""
    chance = np.random.default_rng(1)
    truth = chance.beta(1, 30, 4000)
    advice = ["advise_against" if one > 0.08 else "recommend" for one in truth * chance.lognormal(0, 0.5, 4000)]
    found = JudgedOutcomes(advice, [()] * 4000, ["asked"] * 4000, [np.nan] * 4000, truth.tolist())
    lines = committees(found, 1)
    assert [line.informed for line in lines] == [0.5, 1.0, 2.0]
    assert lines[0].accepted_truth > lines[1].accepted_truth > lines[2].accepted_truth
    assert lines[0].agrees < lines[2].agrees


def test_figures_stand_between_the_marks(tmp_path: Path) -> None:
    """What a person wrote before and after the marks stays; a page without them is refused."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    written(page, "new\n")
    assert page.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    page.write_text("nothing")
    with pytest.raises(NoMarks):
        written(page, "new\n")
