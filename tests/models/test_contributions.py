"""Contributions are the Shapley values of the trees: enumerated one subset after another, they are the same."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.asof import Floats
from models.contributions import explain, margins

Node = dict[str, Any]


def goes_left(node: Node, row: Floats) -> bool:
    """Which way LightGBM sends a row at a split."""
    value, missing = float(row[node["split_feature"]]), node["missing_type"]
    if node["decision_type"] == "==":
        return not math.isnan(value) and value >= 0 and str(int(value)) in node["threshold"].split("||")
    if math.isnan(value) and missing != "NaN":
        value = 0.0
    if (missing == "NaN" and math.isnan(value)) or (missing == "Zero" and abs(value) <= 1e-35):
        return bool(node["default_left"])
    return value <= float(node["threshold"])


def weight(node: Node) -> float:
    """How many training cases came to a node."""
    return float(node["internal_count"] if "internal_count" in node else node["leaf_count"])


def expected(node: Node, row: Floats, known: frozenset[int]) -> float:
    """The tree's value if only the known features of the row are told: elsewhere both ways by their training cases."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if goes_left(node, row) else right, row, known)
    parts = [weight(side) * expected(side, row, known) for side in (left, right)]
    return sum(parts) / (weight(left) + weight(right))


def enumerated(value: Callable[[frozenset[int]], float], features: int) -> list[float]:
    """Shapley values by their definition, over all subsets."""
    held: dict[frozenset[int], float] = {}
    for size in range(features + 1):
        for subset in combinations(range(features), size):
            held[frozenset(subset)] = value(frozenset(subset))
    found = []
    for feature in range(features):
        total = 0.0
        for subset, without in held.items():
            if feature not in subset:
                share = math.factorial(len(subset)) * math.factorial(features - len(subset) - 1)
                total += share / math.factorial(features) * (held[subset | {feature}] - without)
        found.append(total)
    return found


@st.composite
def boosters(draw: st.DrawFn) -> tuple[lgb.Booster, Floats]:
    """A booster of up to 8 features, some categories, with gaps or zeros as missing, and rows to explain."""
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    features = draw(st.integers(1, 8))
    numbers = chance.normal(size=(400, features)).round(1)
    categories = [place for place in range(features) if draw(st.booleans()) and place % 2]
    for place in categories:
        numbers[:, place] = chance.integers(0, 5, 400)
    numbers[chance.random(numbers.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    risk = np.nan_to_num(numbers).sum(axis=1) + (np.nan_to_num(numbers[:, 0]) > 0) * 2
    label = (chance.random(400) < 1 / (1 + np.exp(-risk))).astype(float)
    told = {
        "objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "min_data_in_leaf": 5,
        "num_leaves": draw(st.integers(2, 12)), "zero_as_missing": draw(st.booleans()), "learning_rate": 0.3,
        "min_data_per_group": 5, "cat_smooth": 1.0,
    }  # fmt: skip
    data = lgb.Dataset(numbers, label, categorical_feature=categories, params={"verbosity": -1})
    booster = lgb.train(told, data, draw(st.integers(1, 4)))
    rows = np.vstack([numbers[:3], np.where(chance.random((2, features)) < 0.5, np.nan, numbers[:2])])
    return lgb.Booster(model_str=booster.model_to_string()), rows


@settings(max_examples=25, deadline=None)
@given(boosters())
def test_contributions_are_enumerated_shapley_values(made: tuple[lgb.Booster, Floats]) -> None:
    """Every contribution equals its enumeration to 1e-9, with categories and missing values."""
    booster, rows = made
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    margin, contributions, base = explain(booster, rows)
    for number, row in enumerate(rows):
        told = enumerated(lambda known, row=row: sum(expected(t, row, known) for t in trees), rows.shape[1])
        assert contributions[number] == pytest.approx(told, abs=1e-9)
        assert base + sum(told) == pytest.approx(margin[number], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(boosters())
def test_one_row_is_the_batch(made: tuple[lgb.Booster, Floats]) -> None:
    """A row explained alone gives the bits that it gives among others."""
    booster, rows = made
    margin, contributions, base = explain(booster, rows)
    for number in range(len(rows)):
        one = explain(booster, rows[number : number + 1])
        assert (one[0][0], one[2]) == (margin[number], base)
        assert (one[1][0] == contributions[number]).all()
    assert (margins(booster, rows) == margin).all()
