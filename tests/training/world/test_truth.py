"""The truth is the probability of the label: what happens is drawn from it."""

import math

import numpy as np
import polars as pl
import pytest

from features.arrays import Floats
from tests.training.world.conftest import judged
from training.world.economy import Mechanism
from training.world.write import PartitionRows


def expected_gini(score: Floats, truth: Floats) -> float:
    """Gini of a score where the chance of each case is known."""
    q = truth[np.argsort(score, kind="stable")]
    good_below = np.cumsum(1 - q) - (1 - q) / 2
    return float(2 * (q * good_below).sum() / (q.sum() * (1 - q).sum()) - 1)


def assert_drawn_from(labels: Floats, truth: Floats) -> None:
    """The number of events lies within four standard deviations of what the truth says, also among risky and safe."""
    for part in (truth >= 0, truth > np.median(truth), truth <= np.median(truth)):
        spread = math.sqrt((truth[part] * (1 - truth[part])).sum())
        assert abs(labels[part].sum() - truth[part].sum()) < 4 * spread


@pytest.mark.parametrize("mechanism", ["a", "b"])
@pytest.mark.parametrize(("horizon", "column"), [("12m", "true_pd_12m"), ("maturity", "true_pd_maturity")])
def test_labels_come_as_often_as_the_truth_says(mechanism: Mechanism, horizon: str, column: str) -> None:
    """By the code that training labels with, for loans whose window is wholly seen whatever becomes of them."""
    seen = judged(mechanism, horizon).filter(pl.col("as_of") < pl.date(2019, 6, 1))
    truth = seen[column].to_numpy()
    assert_drawn_from(seen["label"].cast(pl.Float64).to_numpy(), truth)
    assert 0.50 <= expected_gini(truth, truth) <= 0.75


def test_the_mechanisms_differ_in_what_they_make_of_the_same_firms() -> None:
    """The rows of business are the same, the chances are not."""
    a, b = (judged(m, "12m") for m in ("a", "b"))  # type: ignore[arg-type]
    first = [f.unique("firm", keep="first", maintain_order=True).select("firm", "true_pd_12m") for f in (a, b)]
    both = first[0].join(first[1], on="firm")
    ranks = both.select(pl.corr("true_pd_12m", "true_pd_12m_right", method="spearman")).item()
    assert 0.3 < ranks < 0.97


def test_admissions_come_as_often_as_the_truth_says(parts: list[PartitionRows]) -> None:
    """Admitted and not removed for cause."""
    entries = pl.concat([part.tables["whitelist_entries"] for part in parts])
    last = entries.sort("known_on").unique(["firm", "list", "decided_on"], keep="last")
    kept = last.with_columns(label=pl.col("admitted") & (pl.col("removed_for") != "cause").fill_null(True))
    truth = pl.concat([part.truth["whitelist"] for part in parts])
    both = kept.join(truth, on=["firm", "list", "decided_on"])
    assert both.height == truth.height > 1000
    assert_drawn_from(both["label"].cast(pl.Float64).to_numpy(), both["true_admission"].to_numpy())
