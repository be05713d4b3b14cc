"""A small bundle of real features and own measures, on made-up firms, for the tests of what is concluded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

import features.matrix
from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.matrix import build, named
from features.norms import Norm, Norms
from features.policy import Policy, shipped
from features.registry import Feature
from models.score.bundle import Bundle, Seen, tree_names
from models.score.kinds import KINDS
from models.score.reference_sample import Cases, ReferenceSample
from models.score.scale import Calibration, scale_on

DAY = date(2024, 6, 30)
NAMES = ("debt_ratio", "firm_age", "sector", "staff", "measure:a", "measure:b")
NORMS = Norms.of(
    [
        Norm("peers:C39", "median:debt_ratio", 0.5, 1234, "2024-01-01"),
        Norm("peers:all", "median:staff", 60.0, 5000, "2024-01-01"),
        Norm("peers:all", "median:firm_age", 9.0, 5000, "2030-01-01"),
    ]
)


def made_rows(firms: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Raw rows of so many firms, with gaps."""
    chance = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {"firms": [], "statements": [], "measures": []}
    for number in range(firms):
        basic = {"firm": f"row:{number}", "known_on": date(2024, 4, 30), "source_kind": "register"}
        industry = str(chance.choice(["C3921", "C35", "I65", "F51"]))
        founded = date(2000 + int(chance.integers(0, 20)), 1, 1)
        rows["firms"].append(
            basic | {"industry": industry, "founded_on": founded, "staff": int(chance.integers(1, 400))}
        )
        assets = int(chance.integers(10**8, 10**10))
        if chance.random() < 0.9:
            owed = int(assets * chance.uniform(0.1, 1.2))
            year = {"period_end": date(2023, 12, 31), "months": 12, "total_assets": assets, "total_liabilities": owed}
            rows["statements"].append(basic | year | {"equity": assets - owed, "scope": "parent", "basis": "statutory"})
        for name in "ab":
            if chance.random() < 0.8:
                value = float(chance.normal())
                rows["measures"].append(basic | {"measure": name, "measured_on": date(2024, 4, 1), "value": value})
    return rows


def made_cases(firms: int) -> list[Case]:
    """One case per firm."""
    return [Case(f"case-{number}", f"row:{number}", DAY) for number in range(firms)]


def trained(numbers: Floats, label: Floats, names: Sequence[str], **parameters: Any) -> lgb.Booster:
    """A small deterministic booster as a bundle holds it."""
    told = {"objective": "binary", "num_threads": 1, "deterministic": True, "seed": 3, "verbosity": -1} | parameters
    categories = [place for place, name in enumerate(names) if ":" not in name and named(name).categories]
    data = lgb.Dataset(
        numbers, label, feature_name=tree_names(names), categorical_feature=categories, params={"verbosity": -1}
    )
    return lgb.Booster(model_str=lgb.train(told, data, 40).model_to_string())


def made_bundle(kind: str = "pledge", policy: Policy | None = None) -> tuple[Bundle, dict[str, Any], list[Case]]:
    """A bundle, and the raw rows and cases that it was trained on."""
    rows, cases, policy = made_rows(600, 1), made_cases(600), policy or shipped()
    numbers = build(cases, Tables.from_rows(rows), NAMES, NORMS, policy)
    risk = 2 * np.nan_to_num(numbers[:, 0], nan=0.5) + np.nan_to_num(numbers[:, 4]) - 2.5
    label = (np.random.default_rng(2).random(len(cases)) < 1 / (1 + np.exp(-risk))).astype(float)
    what = KINDS[kind]
    bundle = Bundle(
        kind=what,
        name="made",
        booster=trained(numbers, label, NAMES),
        features=NAMES,
        calibration=Calibration(0.6, -0.1, -1.5, bend=0.7, middle=-0.8),
        scale=scale_on(DAY, policy, what),
        norms=NORMS,
        made_on=DAY,
        horizon="12m" if kind == "pledge" else "admission",
        events=int(label.sum()),
        synthetic=True,
        seen={name: _seen(name, numbers[:, place]) for place, name in enumerate(NAMES)},
        reference_sample=made_reference_sample(rows, numbers, label),
        card={"note": "made for tests"},
    )
    return bundle, rows, cases


def made_reference_sample(rows: dict[str, list[dict[str, Any]]], numbers: Floats, label: Floats) -> ReferenceSample:
    """The reference sample of made-up cases, of which those without the event were approved."""
    cases = Cases([row["industry"] for row in rows["firms"]], 1.0 - label, numbers)
    return ReferenceSample.of(NAMES, cases, np.arange(len(numbers)), least=20)


def _seen(name: str, values: Floats) -> Seen:
    known = values[~np.isnan(values)]
    categories = tuple(sorted({int(v) for v in known})) if named(name).categories else ()
    return Seen(float(known.min()), float(known.max()), categories)


def known_of(rows: dict[str, Any], cases: Sequence[Case], norms: Norms = NORMS) -> Known:
    """What is known about some cases."""
    return as_known(Tables.from_rows(rows), cases, norms, shipped())


def only(rows: dict[str, Any], firms: set[str]) -> dict[str, Any]:
    """The rows of some firms."""
    return {table: [row for row in told if row["firm"] in firms] for table, told in rows.items()}


def off_by_a_bit(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let one feature be computed off by the last bit."""

    def other(wanted: str) -> Feature:
        feature = named(wanted)

        def compute(known: Known) -> Floats:
            return np.nextafter(feature.compute(known), np.inf)

        return replace(feature, compute=compute) if wanted == name else feature

    monkeypatch.setattr(features.matrix, "named", other)
