"""Random boosters and rows to put to them: what LightGBM can train, and what it could have trained but rarely does."""

import re
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from hypothesis import strategies as st

from features.arrays import Floats
from models.shap.trees import Booster

NUMERIC_KINDS = (0, 2, 4, 6, 8, 10)
"""LightGBM's `decision_type` of a numeric split: default left (2) and the three ways of missing values (0, 4, 8)."""
CATEGORIES = 40
SPECIAL = (np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 1e-34, np.inf, -np.inf, 1e12, -3.0, -0.5, 2.5, 63.0, 64.0)


@dataclass(frozen=True)
class Made:
    """A booster, and rows (n, f) that try it: values of training, thresholds, and what lies at the edges."""

    booster: lgb.Booster
    rows: Floats


def data(random: np.random.Generator, rows: int, features: int, categorical: int) -> tuple[Floats, Floats]:
    """A matrix whose first columns are categories, with zeros and missing values, and a target that follows from it."""
    matrix = random.normal(size=(rows, features)).round(int(random.integers(1, 4)))
    matrix[:, :categorical] = random.integers(0, CATEGORIES, size=(rows, categorical))
    matrix[random.random(matrix.shape) < random.choice([0.0, 0.1, 0.4])] = 0.0
    matrix[random.random(matrix.shape) < random.choice([0.0, 0.1, 0.4])] = np.nan
    filled = np.nan_to_num(matrix, nan=0.7)
    target = filled @ random.normal(size=features) + np.sin(3 * filled).sum(axis=1) + random.normal(size=rows)
    return matrix, target


def train(matrix: Floats, target: Floats, rounds: int, categorical: int = 0, **parameters: object) -> lgb.Booster:
    """A small booster on one thread, quiet and repeatable; a binary objective cuts the target at its median."""
    told = {"objective": "regression", "verbose": -1, "num_threads": 1, "deterministic": True, "seed": 1, **parameters}
    label = (target > np.median(target)).astype(np.float64) if told["objective"] == "binary" else target
    held = lgb.Dataset(matrix, label, categorical_feature=list(range(categorical)), params={"verbose": -1})
    return lgb.train(told, held, rounds)


def with_any_missing(booster: lgb.Booster, random: np.random.Generator) -> lgb.Booster:
    """The same trees, every numeric split with a way of missing values of its own."""

    def drawn(line: re.Match[str]) -> str:
        kinds = [int(k) for k in line[1].split()]
        return "decision_type=" + " ".join(str(k if k & 1 else random.choice(NUMERIC_KINDS)) for k in kinds)

    text = re.sub(r"^decision_type=(.*)$", drawn, booster.model_to_string(), flags=re.MULTILINE)
    return lgb.Booster(model_str=re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE))


def lightgbm_of(booster: Booster) -> lgb.Booster:
    """The trees as LightGBM's own, to ask it what it says of a row."""
    return lgb.Booster(model_str=booster.model_to_string())


def edges(booster: lgb.Booster, matrix: Floats, random: np.random.Generator, rows: int) -> Floats:
    """Rows of the matrix with some values replaced: thresholds and their neighbours, zeros, tiny, huge, no category."""
    told = re.findall(r"^threshold=(.*)$", booster.model_to_string(), re.MULTILINE)
    thresholds = np.array([float(t) for line in told for t in line.split()] or [0.0])
    near = np.concatenate([thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf)])
    pool = np.concatenate([near, np.repeat(SPECIAL, 1 + len(near) // len(SPECIAL))])
    chosen = matrix[random.integers(0, len(matrix), size=rows)]
    replaced = random.random(chosen.shape) < random.choice([0.0, 0.2, 0.6])
    return np.where(replaced, random.choice(pool, size=chosen.shape), chosen)


@st.composite
def boosters(draw: st.DrawFn, features: int = 12, rows: int = 40) -> Made:
    """Boosters to depth 12: categories, every way of missing values, repeated features, tiny leaves, one-leaf trees."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    width = draw(st.integers(1, features))
    categorical = draw(st.integers(0, min(2, width)))
    matrix, target = data(random, draw(st.sampled_from([30, 120, 400])), width, categorical)
    booster = train(
        matrix,
        target,
        draw(st.integers(1, 6)),
        categorical,
        objective=draw(st.sampled_from(["regression", "binary"])),
        boosting=draw(st.sampled_from(["gbdt", "dart"])),
        boost_from_average=draw(st.booleans()),
        num_leaves=draw(st.sampled_from([2, 7, 31, 90])),
        max_depth=draw(st.integers(1, 12)),
        min_data_in_leaf=draw(st.sampled_from([1, 5, 60])),
        min_sum_hessian_in_leaf=0.0,
        min_data_per_group=1,
        cat_smooth=0.0,
        max_cat_to_onehot=draw(st.sampled_from([1, 8])),
        use_missing=draw(st.booleans()),
        zero_as_missing=draw(st.booleans()),
        learning_rate=0.3,
    )
    if draw(st.booleans()):
        booster = with_any_missing(booster, random)
    return Made(booster, edges(booster, matrix, random, rows))
