"""A bundle serves only if not one byte, feature or past value of policy has changed since it was made."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import features.matrix
import models.score.bundle
from features.policy import Parameter, Policy, shipped
from models.score.bundle import FILES, Bundle, BundleRefused, load, save
from models.score.scale import RenewalDays
from models.score.self_test import choose
from models.shap.bits import digits, number
from models.shap.contributions import margins
from tests.models.making import NAMES, known_of, made_bundle, off_by_a_bit, only


def sealed(folder: Path) -> Bundle:
    """A made bundle saved in a folder."""
    bundle, rows, cases = made_bundle()
    numbers = features.matrix.matrix(known_of(rows, cases), NAMES)
    chosen = choose(numbers, margins(bundle.booster, numbers))
    asked = [cases[place] for place in chosen]
    return save(
        folder, bundle, asked, only(rows, {case.firm for case in asked}), shipped(), ["default_definition.horizon"]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed bundle's folder, to read only."""
    place = tmp_path_factory.mktemp("bundle")
    sealed(place)
    return place


def test_what_was_saved_is_loaded(folder: Path) -> None:
    """A loaded bundle answers as the one that was saved, and has the id that the registry is told."""
    made, rows, cases = made_bundle()
    loaded = load(folder, shipped())
    known = known_of(rows, cases)
    numbers = features.matrix.matrix(known, NAMES)
    assert (margins(loaded.booster, numbers) == margins(made.booster, numbers)).all()
    assert loaded.booster.model_to_string() == made.booster.model_to_string()
    assert loaded.booster.feature_name() == made.booster.feature_name()
    assert loaded.booster.num_feature() == made.booster.num_feature()
    assert loaded.booster.num_trees() == made.booster.num_trees()
    assert loaded.calibration == made.calibration
    assert loaded.scale == made.scale
    assert loaded.seen == made.seen
    assert load(folder, shipped(), expect=loaded.id).id == loaded.id
    with pytest.raises(BundleRefused, match="the registry names"):
        load(folder, shipped(), expect="0" * 64)


def test_how_long_renewals_were_followed_is_kept(tmp_path: Path) -> None:
    """What brings a probability to a year is part of what was sealed; of a bundle without it nothing is added."""
    bundle, rows, cases = made_bundle()
    told = (RenewalDays(12, 98), RenewalDays(None, 3))
    asked = replace(bundle, scale=replace(bundle.scale, renewals=told))
    save(tmp_path, asked, cases[:40], only(rows, {case.firm for case in cases[:40]}), shipped())
    scale = load(tmp_path, shipped()).scale
    assert [scale.renewal_days(months) for months in (6, 12, 13, 60)] == [98, 98, 3, 3]
    assert bundle.scale.renewal_days(12) == 0


def test_the_same_training_makes_the_same_bundle(folder: Path, tmp_path: Path) -> None:
    """Two bundles of the same trees, cases and day have the same id."""
    assert sealed(tmp_path).id == load(folder, shipped()).id


@pytest.mark.parametrize("name", [*FILES, "bundle.sha256"])
def test_any_byte_changed_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    """Each of 40 single bytes changed anywhere in a file is refused, and the file is named."""
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    whole = (folder / name).read_bytes()
    for place in np.random.default_rng(5).integers(0, len(whole), 40):
        (tmp_path / name).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BundleRefused, match=name if name in FILES else "changed"):
            load(tmp_path, shipped())


def test_a_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    """A folder that is no bundle says what it lacks."""
    (tmp_path / "model.lgb").write_bytes((folder / "model.lgb").read_bytes())
    with pytest.raises(BundleRefused, match=r"bundle\.json"):
        load(tmp_path, shipped())


@pytest.mark.parametrize("name", NAMES)
def test_a_feature_computed_otherwise_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One feature off by its last bit: the self-test names it."""
    off_by_a_bit(monkeypatch, name)
    with pytest.raises(BundleRefused, match=f"feature {name} of case"):
        load(folder, shipped())


def with_values(policy: Policy, name: str, values: dict[date, Any]) -> Policy:
    """The policy with other dated values of one parameter."""
    changed: Parameter = replace(policy(name), values=values)
    return Policy({**policy.parameters, name: changed})


def other(value: Any) -> Any:
    """A value of the same kind that is not the same."""
    if isinstance(value, dict):
        return {key: other(part) for key, part in value.items()}
    if isinstance(value, list):
        return value[:-1]
    if isinstance(value, bool):
        return not value
    return value + "x" if isinstance(value, str) else value + 1


def policies_read(folder: Path) -> list[str]:
    """The policy that a bundle's snapshot names."""
    return sorted(models.score.bundle.json.loads((folder / "bundle.json").read_text("utf-8"))["policy"])


def test_every_past_value_of_policy_that_was_read_is_guarded(folder: Path) -> None:
    """Each value changed is refused by the parameter's name; a value with a future day is not."""
    names = policies_read(folder)
    assert {"scale.odds", "grades.pd_bounds", "expiry.assessment", "default_definition.horizon"} <= set(names)
    for name in names:
        values = dict(shipped()(name).values)
        for since, value in values.items():
            with pytest.raises(BundleRefused, match=name):
                load(folder, with_values(shipped(), name, {**values, since: other(value)}))
        later = date.max - timedelta(days=1)
        assert load(folder, with_values(shipped(), name, {**values, later: other(value)}))


def test_policy_that_a_feature_reads_is_in_the_snapshot(folder: Path) -> None:
    """What was asked for while the self-test was run is guarded although nobody listed it."""
    assert "freshness_days.statements_annual" in policies_read(folder)


def test_a_policy_value_put_before_the_bundles_day_is_refused(folder: Path) -> None:
    """A value slipped into the past changes what the bundle would have read."""
    values = dict(shipped()("scale.odds").values)
    with pytest.raises(BundleRefused, match=r"scale\.odds"):
        load(folder, with_values(shipped(), "scale.odds", {**values, date(2020, 1, 1): 60}))


def test_exam_cases_show_every_feature() -> None:
    """Each feature has a value, one that is not 0 and a gap among the chosen cases, where the data have them."""
    chance = np.random.default_rng(1)
    numbers = np.where(chance.random((500, 60)) < 0.97, np.nan, chance.integers(0, 2, (500, 60)))
    numbers[:, 0] = np.nan
    chosen = numbers[choose(numbers, chance.normal(size=500))]
    there = ~np.isnan(numbers).all(axis=0)
    assert (~np.isnan(chosen)).any(axis=0)[there].all()
    assert (np.nan_to_num(chosen) != 0).any(axis=0)[(np.nan_to_num(numbers) != 0).any(axis=0)].all()
    assert len(chosen) <= 60


@pytest.mark.parametrize("value", [0.0, -0.0, 1 / 3, 5e-324, float("inf")])
def test_bits_turn_back(value: float) -> None:
    """Sixteen digits say a number to the last bit, the sign of zero included."""
    assert digits(number(digits(value))) == digits(value)
    assert len(digits(value)) == 16
