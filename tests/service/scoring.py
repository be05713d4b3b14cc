"""A bundle whose score is what a case says: it reads one number of the firm's, and knows nothing else."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from features.asof import Case
from features.encoded import Tables
from features.matrix import build
from features.norms import NO_NORMS
from features.policy import shipped
from models.score.bundle import Bundle
from models.score.kinds import PLEDGE
from models.score.scale import scale_on
from tests.service.made import CALIBRATION, DAY, Learned, make_bundle, rows_of

READ = "registered_capital"
"""The one feature of the bundle; no finding reads it."""
_EACH = 24
"""Cases for each score: enough for a leaf of its own."""


def capital(points: float) -> int:
    """The registered capital, in fen, by which the bundle gives a firm that score."""
    return round(points * 1_000_000)


def make_scoring_bundle(folder: Path, scores: Iterable[float]) -> Bundle:
    """A bundle that gives exactly these scores."""
    wanted = sorted(set(scores))
    return make_bundle(folder, trees=1, of=_cases(wanted))


def _cases(wanted: list[float]) -> Learned:
    """Cases of each score, whose rate of default falls with it so that the tree parts them."""
    rows: dict[str, list[dict[str, Any]]] = {}
    cases, label = [], []
    for place, points in enumerate(wanted):
        for number in range(_EACH):
            firm = f"row:{place}-{number}"
            for table, told in rows_of(place * _EACH + number, patents=0).items():
                own = [{READ: capital(points)} if table == "firms" else {} for _ in told]
                rows.setdefault(table, []).extend(
                    {"firm": firm, **one, **more} for one, more in zip(told, own, strict=True)
                )
            cases.append(Case(f"case-{firm}", firm, DAY, "a1", "bank-1"))
            label.append(float(number < _EACH * (len(wanted) - place) / (len(wanted) + 1)))
    numbers = build(cases, Tables.from_rows(rows), [READ], NO_NORMS, shipped())
    return Learned(tuple(cases), rows, (READ,), numbers, np.array(label), partial(_set_to, wanted))


def _set_to(wanted: list[float], booster: lgb.Booster) -> lgb.Booster:
    """The booster with leaves at the margins of these scores."""
    scale = scale_on(DAY, shipped(), PLEDGE)
    log_odds = scale.log_odds(np.array(wanted))
    leaves = booster.predict(np.array([[float(capital(points))] for points in wanted]), pred_leaf=True)[:, 0]
    assert len(set(leaves.tolist())) == len(wanted)
    for leaf, odds in zip(leaves.tolist(), log_odds.tolist(), strict=True):
        booster.set_leaf_output(0, int(leaf), CALIBRATION.margin(odds))
    return booster
