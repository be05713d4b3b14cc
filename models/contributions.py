"""How much each feature moved the margin of each case: exact path-dependent Shapley values of the trees.

One function, one implementation at any time. This one asks LightGBM (TreeSHAP by `pred_contrib`).
"""

import lightgbm as lgb
import numpy as np

from features.asof import Floats


def margins(booster: lgb.Booster, matrix: Floats) -> Floats:
    """The trees' margin, one per row of an (n, f) float64 matrix in the booster's feature order."""
    # One thread: two cost milliseconds for a single row on a busy machine. No iteration limit: two limits on one
    # booster race, so a booster is cut to its length when it is saved.
    return np.asarray(booster.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)


def explain(booster: lgb.Booster, matrix: Floats) -> tuple[Floats, Floats, float]:
    """Margins (n,), contributions (n, f) and the base from which every row starts.

    A row's base and contributions sum to its margin, but for rounding of the additions (below 1e-9).
    """
    told = np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=1), dtype=np.float64)
    told = told.reshape(len(matrix), -1)
    base = float(told[0, -1]) if len(told) else 0.0
    return margins(booster, matrix), told[:, :-1], base
