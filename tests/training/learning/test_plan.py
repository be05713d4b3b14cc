"""A plan is read whole or refused by key, with what to do."""

import ctypes
import json
from pathlib import Path
from typing import Any

import lightgbm.basic
import pytest

from training.learning.lightgbm_parameters import FIXED, FREE, RENAMED
from training.learning.plan import PlanError, planned, read

PLANS = sorted((Path(__file__).parents[3] / "training" / "plans").glob("*.toml"))
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/plan*.toml"))
LEAST: dict[str, Any] = {
    "name": "x",
    "kind": "pledge",
    "horizon": "given",
    "labels": {"source": "outcomes"},
    "features": {"names": ["measure:a*", "staff"]},
    "split": [{"method": "folds", "folds": 5}],
}


@pytest.mark.parametrize("path", [*PLANS, *EXAMPLES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_shipped_plans_are_read(path: Path) -> None:
    """Every plan that ships can be read and names features that exist."""
    plan = read(path)
    measures = tuple({n.removeprefix("measure:").rstrip("*") + "1" for n in plan.features.names if ":" in n})
    assert plan.inputs(measures)


def test_measures_are_expanded_in_the_datas_order() -> None:
    """A glob over measures takes every one that the data hold."""
    names = planned(LEAST, Path("p.toml")).inputs(("a1", "a2", "a10", "b"))
    assert names == ("measure:a1", "measure:a2", "measure:a10", "staff")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, r"colour: is not known"),
        ({"labels": {"source": "outcomes", "since": "2020-01-01"}}, r"labels\.since"),
        ({"labels": {"source": "rumour"}}, r"labels\.source"),
        ({"kind": "car"}, r"kind: must be one of pledge, whitelist"),
        ({"horizon": "12m"}, r"labels from outcomes have the horizon given"),
        ({"kind": "whitelist", "horizon": "maturity", "labels": {"source": "performance"}}, r"has no horizon maturity"),
        ({"calibration": {"rate": 0.02}}, r"needs its source"),
        ({"calibration": {"rate": 2.0, "source": "s"}}, r"calibration\.rate"),
        ({"fit": {"num_iterations": "many"}}, r"fit\.num_iterations"),
        ({"fit": {"path_smooth": [1.0]}}, r"fit\.path_smooth"),
        ({"fit": {"monotone": "advanced"}}, r"fit\.monotone"),
        ({"split": []}, r"split"),
        ({"split": [{"method": "folds", "folds": 5}] * 2}, r"same name"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], message: str) -> None:
    """The refusal names file, key and what is wrong."""
    with pytest.raises(PlanError, match=message) as refused:
        planned(LEAST | change, Path("p.toml"))
    assert "p.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"families": ["money"]}, "no family 'money'"),
        ({"names": ["measure:c*"]}, "no measure in the data"),
        ({"names": []}, "names no feature"),
        ({"names": ["staff"], "without": ["staff"]}, "names no feature"),
    ],
)
def test_features_that_do_not_exist_are_named(features: dict[str, Any], message: str) -> None:
    """A family, a measure or a feature that is not there is refused by name."""
    with pytest.raises(PlanError, match=message):
        planned(LEAST | {"features": features}, Path("p.toml")).inputs(("a1",))


def test_a_gate_is_no_feature_of_its_list() -> None:
    """A whitelist's families come without the gates, and naming one is refused."""
    told = LEAST | {"kind": "whitelist", "features": {"families": ["firm"]}}
    names = planned(told, Path("p.toml")).inputs(())
    assert "firm_age" in names
    assert "high_tech_held" not in names
    assert "high_tech_held" in planned(LEAST | {"features": {"families": ["firm"]}}, Path("p.toml")).inputs(())
    with pytest.raises(PlanError, match="restates a gate"):
        planned(told | {"features": {"names": ["high_tech_held"]}}, Path("p.toml")).inputs(())


def test_security_is_no_feature_of_default():
    """A pledge model's families come without what secures the loan, and naming such a feature is refused."""
    names = planned(LEAST | {"features": {"families": ["loan", "flag"]}}, Path("p.toml")).inputs(())
    assert {"asked_amount", "portfolio_distance"} <= set(names)
    assert not {"other_security", "guarantors", "offered_patents", "appraised_to_assets"} & set(names)
    with pytest.raises(PlanError, match="secures the loan"):
        planned(LEAST | {"features": {"names": ["guarantors"]}}, Path("p.toml")).inputs(())


def test_a_plan_that_is_no_toml(tmp_path: Path) -> None:
    """A file that is not there or not TOML says so."""
    with pytest.raises(PlanError, match="there is no plan"):
        read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(PlanError, match="not readable as TOML"):
        read(tmp_path / "bad.toml")


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_key_of_version_0_1_names_the_one_of_today(old: str, new: str) -> None:
    """The refusal says what the key is called now, and the new key is taken."""
    with pytest.raises(PlanError, match=f"p.toml is no plan:\n  fit: {old} is called {new} now, as in LightGBM"):
        planned(LEAST | {"fit": {old: 1}}, Path("p.toml"))
    assert new in FREE


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("seed", "the plan's own `seed` rules all chance"),
        ("deterministic", "the same plan and data make the same trees"),
        ("objective", "learned from log loss"),
        ("scale_pos_weight", "probabilities that are no rates"),
        ("boosting", "a number in each leaf"),
        ("monotone_constraints", "set `monotone`"),
        ("device_type", "in one process"),
        ("bagging_fracton", "did you mean bagging_fraction"),
        ("colour", "no parameter of LightGBM"),
    ],
)
def test_a_parameter_that_a_plan_may_not_set_is_refused_with_the_reason(name: str, why: str) -> None:
    """What is fixed, and what LightGBM does not know."""
    with pytest.raises(PlanError, match=f"fit: {name} .*{why}"):
        planned(LEAST | {"fit": {name: 1}}, Path("p.toml"))


def test_any_other_parameter_is_given_to_lightgbm() -> None:
    """Beside those that the plan names itself."""
    told = planned(LEAST | {"fit": {"path_smooth": 2.0, "extra_trees": True}}, Path("p.toml")).fit.parameters
    assert (told["path_smooth"], told["extra_trees"], told["num_leaves"]) == (2.0, True, 16)


def test_every_parameter_of_lightgbm_is_either_free_or_refused_with_a_reason() -> None:
    """LightGBM's library lists its parameters: none is forgotten here, none is made up."""
    size = ctypes.c_int64(0)
    room = ctypes.create_string_buffer(1 << 20)
    lightgbm.basic._LIB.LGBM_DumpParamAliases(ctypes.c_int64(len(room)), ctypes.byref(size), room)
    assert set(json.loads(room.value)) == {*FREE, *FIXED}
    assert not FREE & {*FIXED}
