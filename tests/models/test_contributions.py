"""Contributions are the Shapley values of the trees, as LightGBM, `shap` and plain enumeration find them."""

import math
import re
import warnings
from itertools import combinations
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats, Ints
from models.shap.contributions import TABLE_LIMIT, ContributionTables, explain, margins
from models.shap.trees import TreesRefused
from tests.amount import law
from tests.models.boosters import Made, boosters, data, train

LIMITS = st.sampled_from([TABLE_LIMIT, 4000, 0])
"""Room for all tables, for few, for none: leaves without a table are computed directly."""
UNITS = 64
"""Of rounding that is allowed, in halves of the last place of the summed leaves."""
NEARLY_ZERO = float(np.float32(1e-35))
"""What LightGBM still reads as zero."""
WRITTEN_FOR_INFINITY = 1e300
"""In LightGBM's JSON, since JSON has no infinity."""
Node = dict[str, Any]


def goes_left(node: Node, row: Floats) -> bool:
    """Which way LightGBM sends a row at a split."""
    value, missing = float(row[node["split_feature"]]), node["missing_type"]
    if node["decision_type"] == "==":
        return math.isfinite(value) and value > -1 and str(int(value)) in node["threshold"].split("||")
    if abs(value) <= NEARLY_ZERO or (math.isnan(value) and missing != "NaN"):
        value = 0.0
    if (missing == "NaN" and math.isnan(value)) or (missing == "Zero" and value == 0.0):
        return bool(node["default_left"])
    return value <= float(node["threshold"]) or float(node["threshold"]) >= WRITTEN_FOR_INFINITY


def rows_of(node: Node) -> float:
    """How many training rows came to a node."""
    return float(node["internal_count"] if "internal_count" in node else node["leaf_count"])


Game = Floats
"""The value of every set of features (2^f,): bit j of the place says whether feature j is in the set."""


def sets(features: int) -> Ints:
    """Every set of features as bits."""
    return np.arange(2**features)


def expected(node: Node, row: Floats) -> Game:
    """The tree's value for every set of known features: elsewhere both ways by their training rows."""
    subsets = sets(len(row))
    if "leaf_value" in node:
        return np.full(len(subsets), float(node["leaf_value"]))
    sides = [expected(node[side], row) for side in ("left_child", "right_child")]
    met = [rows_of(node[side]) / rows_of(node) for side in ("left_child", "right_child")]
    known = (subsets >> node["split_feature"] & 1).astype(np.bool_)
    return np.where(known, sides[0 if goes_left(node, row) else 1], met[0] * sides[0] + met[1] * sides[1])


def without(subsets: Ints, *features: int) -> Ints:
    """Those sets that hold none of the features."""
    return subsets[np.all([subsets >> feature & 1 == 0 for feature in features], axis=0)]


def orders(subsets: Ints, features: int) -> Floats:
    """In how many orders of so many features exactly these come first, as a share of all orders."""
    sizes = [int(subset).bit_count() for subset in subsets]
    return np.array([math.factorial(n) * math.factorial(features - n) / math.factorial(features) for n in sizes])


def shapley(game: Game, features: int) -> Floats:
    """Shapley values by their definition."""
    found = np.zeros(features)
    for j in range(features):
        others = without(sets(features), j)
        found[j] = (orders(others, features - 1) / features * (game[others | 1 << j] - game[others])).sum()
    return found


def interactions(game: Game, features: int) -> Floats:
    """Shapley interaction values by their definition; the diagonal is what is left of a feature's Shapley value."""
    found = np.zeros((features, features))
    for i, j in combinations(range(features), 2):
        others, one, other = without(sets(features), i, j), 1 << i, 1 << j
        both = game[others | one | other] - game[others | one] - game[others | other] + game[others]
        found[i, j] = found[j, i] = (orders(others, features - 2) / (2 * (features - 1)) * both).sum()
    return found + np.diag(shapley(game, features) - found.sum(axis=1))


def by_cover(booster: lgb.Booster, row: Floats) -> Game:
    """The game whose players are known features, the others as the training rows were."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    return sum((expected(tree, row) for tree in trees), np.zeros(2 ** len(row)))


def by_background(booster: lgb.Booster, row: Floats, background: Floats) -> Game:
    """The game whose players are known features, the others as in each row of a background."""
    subsets = sets(len(row))
    known = (subsets[:, None] >> np.arange(len(row)) & 1).astype(np.bool_)
    mixed = np.where(known[:, None], row, background).reshape(-1, len(row))
    told = np.asarray(booster.predict(mixed, raw_score=True, num_threads=1))
    return told.reshape(len(subsets), len(background)).mean(axis=1)


def leaf_sum(booster: lgb.Booster) -> float:
    """The largest absolute leaf of each tree, summed: what rounding is measured by."""
    told = re.findall(r"^leaf_value=(.*)$", booster.model_to_string(), re.MULTILINE)
    return sum(max(abs(float(value)) for value in line.split()) for line in told)


def rounding(booster: lgb.Booster) -> float:
    """What two ways of adding the same leaves may differ by: some units in the last place of their sum.

    Where leaves cancel, the row's largest contribution can be smaller than that, in LightGBM's own arithmetic too.
    """
    return UNITS * 2.0**-53 * leaf_sum(booster)


def assert_near(found: Floats, told: Floats, within: float, noise: float) -> None:
    """No number differs by more than that part of the largest one, or than the rounding of leaves that cancel."""
    assert np.abs(found - told).max() <= max(within * np.abs(told).max(), noise)


@law(40)
@given(boosters(), LIMITS)
def test_contributions_are_those_of_lightgbm(made: Made, limit: int) -> None:
    """Each row's agree with `pred_contrib` to 1e-9 of its largest; base and margin to 1e-12 of their parts."""
    tables = ContributionTables.compile(made.booster, limit)
    margin, contributions = tables.explain(made.rows)
    told = np.asarray(made.booster.predict(made.rows, pred_contrib=True, num_threads=1))
    raw = np.asarray(made.booster.predict(made.rows, raw_score=True, num_threads=1))
    assert tables.table_bytes <= limit
    noise = rounding(made.booster)
    for row in range(len(told)):
        assert_near(contributions[row], told[row, :-1], 1e-9, noise)
        most = np.abs(told[row]).max()
        assert abs(margin[row] - raw[row]) <= max(1e-12 * most, noise)
        assert abs(tables.base - told[row, -1]) <= max(1e-12 * most, noise)


@law(20)
@given(boosters(), LIMITS)
def test_a_row_alone_is_the_row_in_any_batch(made: Made, limit: int) -> None:
    """To the last bit: alone, among others in any order, on one thread or two, with wide registers or without."""
    tables = ContributionTables.compile(made.booster, limit)
    margin, contributions = tables.explain(made.rows)
    for number, row in enumerate(made.rows):
        one = tables.explain(row[None])
        assert one[0][0] == margin[number]
        assert (one[1][0] == contributions[number]).all()
    many = np.tile(made.rows[::-1], (60, 1))
    for threads in (1, 2):
        told = tables.explain(many, threads=threads)
        assert (told[0] == np.tile(margin[::-1], 60)).all()
        assert (told[1] == np.tile(contributions[::-1], (60, 1))).all()
    tables.kernel.wide = False
    narrow = tables.explain(made.rows)
    assert (narrow[0] == margin).all()
    assert (narrow[1] == contributions).all()


@law(15)
@given(boosters())
def test_a_row_adds_up_to_the_last_bit(made: Made) -> None:
    """Base and contributions, added in order of the features, are the margin itself."""
    margin, contributions, base = explain(made.booster, made.rows)
    total = np.full(len(made.rows), base)
    for column in contributions.T:
        total += column
    assert (total == margin).all()
    assert (margins(made.booster, made.rows) == margin).all()


@law(20)
@given(boosters(features=8, rows=3), LIMITS)
def test_interactions_are_enumerated(made: Made, limit: int) -> None:
    """Every pair of features to 1e-9 of the row's largest, and each feature's sum to its contribution."""
    found = ContributionTables.compile(made.booster, limit).interactions(made.rows)
    for number, row in enumerate(made.rows):
        assert_near(found[number], interactions(by_cover(made.booster, row), len(row)), 1e-9, rounding(made.booster))


@law(20)
@given(boosters(features=8, rows=12), LIMITS)
def test_contributions_against_a_background_are_enumerated(made: Made, limit: int) -> None:
    """Interventional values to 1e-9 of the row's largest; the base is the background's mean margin."""
    background, rows = made.rows[:10], made.rows[10:]
    tables = ContributionTables.compile(made.booster, limit).against(background)
    margin, contributions = tables.explain(rows)
    raw = np.asarray(made.booster.predict(made.rows, raw_score=True, num_threads=1))
    assert tables.base == pytest.approx(raw[:10].mean(), abs=1e-12 * np.abs(raw).max())
    assert margin == pytest.approx(raw[10:], abs=1e-9 * np.abs(raw).max())
    for number, row in enumerate(rows):
        told = shapley(by_background(made.booster, row, background), len(row))
        assert_near(contributions[number], told, 1e-9, rounding(made.booster))


def test_shap_agrees_on_numbers() -> None:
    """Interactions, and contributions against a background, agree with the `shap` package to 1e-6 on numeric splits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    random = np.random.default_rng(7)
    matrix = random.normal(size=(400, 6))
    booster = train(matrix, matrix[:, 0] * matrix[:, 1] + matrix[:, 2], 20, num_leaves=12)
    background, rows = matrix[:30], matrix[30:50]
    tables = ContributionTables.compile(booster)
    told = shap.TreeExplainer(booster).shap_interaction_values(rows)
    assert tables.interactions(rows) == pytest.approx(told, abs=1e-6)
    told = shap.TreeExplainer(booster, background).shap_values(rows)
    assert tables.against(background).explain(rows)[1] == pytest.approx(told, abs=1e-6)


def test_a_long_path_is_computed_without_a_table() -> None:
    """Leaves of more outcomes than a table holds, here of ten features and more, agree with LightGBM all the same."""
    random = np.random.default_rng(3)
    matrix = random.normal(size=(1500, 20))
    target = matrix @ random.normal(size=20) + np.sin(4 * matrix).sum(axis=1)
    booster = train(matrix, target, 3, num_leaves=300, max_depth=-1, min_data_in_leaf=1)
    tables = ContributionTables.compile(booster)
    longest = max(len(leaf.slots) for leaf in tables.compiled.direct)
    assert longest >= 10
    told = np.asarray(booster.predict(matrix[:50], pred_contrib=True))[:, :-1]
    assert_near(tables.explain(matrix[:50])[1], told, 1e-9, rounding(booster))


def test_a_feature_with_thousands_of_thresholds() -> None:
    """More thresholds than a byte can count are spread over several columns; the values stay those of LightGBM."""
    random = np.random.default_rng(4)
    matrix = random.normal(size=(4000, 2))
    booster = train(matrix, np.sin(20 * matrix[:, 0]), 30, num_leaves=60, max_bin=2000, min_data_in_leaf=1)
    thresholds = re.findall(r"^threshold=(.*)$", booster.model_to_string(), re.MULTILINE)
    assert len({t for line in thresholds for t in line.split()}) > 600
    told = np.asarray(booster.predict(matrix[:200], pred_contrib=True))[:, :-1]
    assert_near(ContributionTables.compile(booster).explain(matrix[:200])[1], told, 1e-9, rounding(booster))


def test_trees_that_ask_nothing_are_the_base() -> None:
    """A booster whose trees have one leaf each gives every row its mean and no contributions."""
    matrix = np.zeros((50, 3))
    booster = train(matrix, np.linspace(1.0, 3.0, 50), 4)
    margin, contributions, base = explain(booster, matrix)
    assert base == pytest.approx(2.0)
    assert (margin == base).all()
    assert not contributions.any()


def test_an_init_score_is_added_to_the_margin_alone() -> None:
    """What the booster was told to start from is added to each row's margin, one for all or one each."""
    matrix, target = data(np.random.default_rng(5), 100, 4, 0)
    tables = ContributionTables.compile(train(matrix, target, 3))
    margin, contributions = tables.explain(matrix)
    for start in (0.25, np.linspace(-1.0, 1.0, 100)):
        moved, same = tables.explain(matrix, init_score=start)
        assert (moved == margin + start).all()
        assert (same == contributions).all()


def test_no_rows_give_no_answers() -> None:
    """An empty matrix is explained by empty arrays."""
    matrix, target = data(np.random.default_rng(5), 100, 4, 0)
    margin, contributions, _ = explain(train(matrix, target, 3), np.empty((0, 4)))
    assert margin.shape == (0,)
    assert contributions.shape == (0, 4)


def test_columns_stay_contiguous() -> None:
    """A matrix with contiguous columns is read where it lies, and what is returned lies so too."""
    matrix, target = data(np.random.default_rng(5), 100, 4, 0)
    booster = train(matrix, target, 3)
    turned = np.asfortranarray(matrix)
    assert explain(booster, turned)[1].T.flags.c_contiguous
    assert (explain(booster, turned)[1] == explain(booster, matrix)[1]).all()


def test_a_matrix_of_another_width_is_refused() -> None:
    """A column too few is said so, with both numbers."""
    matrix, target = data(np.random.default_rng(5), 100, 4, 0)
    with pytest.raises(ValueError, match=r"read 4 features, the matrix has shape \(100, 3\)"):
        explain(train(matrix, target, 3), matrix[:, :3])


def test_more_trees_are_seen() -> None:
    """A booster that was trained on after it was explained is compiled again."""
    matrix, target = data(np.random.default_rng(6), 200, 3, 0)
    held = lgb.Dataset(matrix, target, params={"verbose": -1}, free_raw_data=False)
    booster = lgb.Booster({"objective": "regression", "verbose": -1, "num_threads": 1}, held)
    booster.update()
    first = margins(booster, matrix)
    booster.update()
    assert (margins(booster, matrix) != first).any()


def test_the_tables_keep_to_their_limit_and_say_what_they_take() -> None:
    """A limit is kept by smaller tables, then by none; the text names tables, leaves and MiB."""
    matrix, target = data(np.random.default_rng(8), 400, 8, 0)
    booster = train(matrix, target, 10, num_leaves=31, min_data_in_leaf=2)
    free = ContributionTables.compile(booster)
    tight = ContributionTables.compile(booster, free.table_bytes // 2)
    assert tight.table_bytes <= free.table_bytes // 2
    assert re.fullmatch(
        r"\d+ leaves in \d+ tables of [\d.]+ MiB, \d+ leaves without a table, [\d.]+ MiB in all", str(tight)
    )
    assert_near(tight.explain(matrix)[1], free.explain(matrix)[1], 1e-12, rounding(booster))


def test_a_background_needs_a_row() -> None:
    """Nothing to compare with is an error, not a division by zero."""
    matrix, target = data(np.random.default_rng(5), 100, 4, 0)
    with pytest.raises(ValueError, match="at least one row"):
        ContributionTables.compile(train(matrix, target, 3)).against(matrix[:0])


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"linear_tree": True}, "tree 0 has linear leaves"),
        ({"objective": "multiclass", "num_class": 3}, "several classes"),
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averages its trees"),
    ],
)
def test_what_cannot_be_explained_is_refused_by_name(parameters: dict[str, Any], named: str) -> None:
    """Linear leaves, several classes and averaged trees are refused with what to do instead."""
    matrix = np.random.default_rng(9).normal(size=(300, 4))
    target = (matrix[:, 0] > 0).astype(np.float64) + (matrix[:, 1] > 0)
    with pytest.raises(TreesRefused, match=named):
        ContributionTables.compile(train(matrix, target, 2, **parameters))
