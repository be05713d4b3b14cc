"""A plan is read whole or refused by key, with what to do."""

from pathlib import Path
from typing import Any

import pytest

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
        ({"kind": "car"}, r"kind: Input should be 'pledge' or 'whitelist'"),
        ({"horizon": "12m"}, r"labels from outcomes have the horizon given"),
        ({"kind": "whitelist", "horizon": "maturity", "labels": {"source": "performance"}}, r"has no horizon maturity"),
        ({"calibration": {"rate": 0.02}}, r"needs its source"),
        ({"calibration": {"rate": 2.0, "source": "s"}}, r"calibration\.rate"),
        ({"fit": {"trees": "many"}}, r"fit\.trees"),
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


def test_a_plan_that_is_no_toml(tmp_path: Path) -> None:
    """A file that is not there or not TOML says so."""
    with pytest.raises(PlanError, match="there is no plan"):
        read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(PlanError, match="not readable as TOML"):
        read(tmp_path / "bad.toml")
