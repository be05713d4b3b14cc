"""What a data scientist may change: one TOML file says which data, label, features, split, trees and gate a model has.

    name = "pledge"              # registered in MLflow as pledgescore-NAME
    kind = "pledge"              # pledge: default of a loan; whitelist: admission to a list
    horizon = "12m"              # 12m | maturity (both by policy default_definition) | admission | given
    seed = 20261122
    mapping = "mapping.toml"     # optional, beside the plan: `evaluate --data FOLDER` imports source files by it first

    [labels]
    source = "performance"       # performance | whitelist_entries | outcomes
    since = 2015-01-01           # optional: cases asked from this day …
    until = 2024-12-31           # … to this one
    observed_to = 2026-06-30     # optional: last day that the data show; else the latest day in performance
    deferred = "leave_out"       # leave_out | keep: loans with a relief deferral that did not default
    list = "city_push_list"      # optional, whitelist_entries: only this list
    removal_months = 12          # whitelist_entries: removed for cause within so many months counts as not admitted
    starts_with = "3year:"       # optional, outcomes: only cases whose name starts so
    gates = [{feature = "NAME", least = 0, most = 1}]   # whitelist: the gates of the day, as closed ranges of features

    [features]
    families = ["firm", "finance", "portfolio"]   # every feature of these that the kind may use: no whitelist reads
                                                  # its gates, no model of default what secures the loan
    names = ["measure:ratio_*", "staff"]          # further ones; measure:PREFIX* is every such measure in the data
    without = ["region"]                          # but none of these
    patents = ["portfolio", "flag"]               # families and names that the standing figure leaves out

    [fit]                        # all optional; LightGBM's own parameters, by their main names
    num_iterations = 600         # most trees; early stopping keeps fewer
    early_stopping_round = 50    # rounds without a better stop window …
    early_stopping_min_delta = 0.0   # … by more than so much log loss
    learning_rate = 0.05
    num_leaves = 16
    max_depth = 5
    min_data_in_leaf = 50
    feature_fraction = 0.8
    bagging_fraction = 0.8
    bagging_freq = 1             # in every round
    lambda_l2 = 5.0
    num_threads = 1              # more only on an idle machine: beside other work they wait for each other
    monotone = "basic"           # ours: basic | intermediate | none: directions come from the features
    path_smooth = 1.0            # and any other that training/learning/lightgbm_parameters.py does not refuse

    [calibration]
    folds = 5                    # Platt is fitted on margins of trees that did not see the firm, in so many folds
    rate = 0.018                 # optional: central tendency that the sample's rate is shifted to …
    source = "…"                 # … and where it was published (required with it)

    [[split]]                    # one or more; the first is the one that `train` keeps, `evaluate` judges every one
    name = "out of time"
    method = "out_of_time"
    train_until = 2019-12-31     # training cases were asked up to here
    stop_until = 2020-12-31      # early stopping looks at the cases after that
    test_until = 2024-12-31      # and judgement at the cases after those
    firms_held_out = 0.3         # share of firms kept for judgement alone, by hash; 0: firms may be on both sides

    [[split]]
    name = "5 folds"
    method = "folds"             # every case is judged once, by trees of the other folds
    folds = 5
    groups = "firm"              # firm | rows (cases with equal features stay together) | none
    stratified = true            # as near as groups allow, each fold has the same share of events

    [[split]]
    name = "as published"
    method = "given"
    measure = "split"            # measure that says 0 train, 1 stop, 2 test (and is no feature)

    [split.floor]                # optional, of the split above: figures to print beside
    auc = 0.818
    low = 0.796                  # lower bound of the floor's 95% interval
    ks = 0.472
    source = "…"

    [gate]
    least_events = 100           # promote refuses below so many events in training …
    least_test_events = 50       # … or in judgement

Everything not shown is refused by name. Days are TOML dates, without quotes.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from features.errors import FAMILY, Fault, PledgeScoreError, refusal_phrase
from features.matrix import named
from features.phrase import Phrase
from features.registry import CATALOGUE, Feature
from models.score.kind import KindName, ModelKind
from models.score.kinds import KINDS
from models.words.faults import phrase_of, pydantic_error
from training.learning.lightgbm_parameters import refusal

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(gt=0)]


class PlanError(PledgeScoreError):
    """A plan says something that cannot be done, by key and what to do."""


class _PlanTable(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class GateRange(_PlanTable):
    """A gate of the day: a case whose feature is unknown or out of the closed range did not pass."""

    feature: str
    least: float = float("-inf")
    most: float = float("inf")


class Labels(_PlanTable):
    """Where a label comes from, and which cases are asked."""

    source: Literal["performance", "whitelist_entries", "outcomes"]
    since: date | None = None
    until: date | None = None
    observed_to: date | None = None
    deferred: Literal["leave_out", "keep"] = "leave_out"
    list: str | None = None
    removal_months: Positive = 12
    starts_with: str = ""
    gates: tuple[GateRange, ...] = Field(default=(), strict=False)


class Inputs(_PlanTable):
    """Which features the model reads."""

    families: tuple[str, ...] = Field(default=(), strict=False)
    names: tuple[str, ...] = Field(default=(), strict=False)
    without: tuple[str, ...] = Field(default=(), strict=False)
    patents: tuple[str, ...] = Field(default=("portfolio", "flag"), strict=False)


class Fit(_PlanTable):
    """How the trees are grown: LightGBM's own parameters, those named here and any other that a plan may set."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, bool | int | float | str]

    num_iterations: Positive = 600
    early_stopping_round: Positive = 50
    early_stopping_min_delta: Annotated[float, Field(ge=0)] = 0.0
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    num_leaves: Annotated[int, Field(ge=2)] = 16
    max_depth: Positive = 5
    min_data_in_leaf: Positive = 50
    feature_fraction: Annotated[float, Field(gt=0, le=1)] = 0.8
    bagging_fraction: Annotated[float, Field(gt=0, le=1)] = 0.8
    bagging_freq: Annotated[int, Field(ge=0)] = 1
    lambda_l2: Annotated[float, Field(ge=0)] = 5.0
    num_threads: Positive = 1
    monotone: Literal["basic", "intermediate", "none"] = "basic"

    @model_validator(mode="after")
    def _of_lightgbm(self) -> "Fit":
        refused = {name: why for name in self.__pydantic_extra__ if (why := refusal(name))}
        if refused:
            why = next(iter(refused.values()))
            raise pydantic_error(why.code.removeprefix(FAMILY), **why.facts)
        return self

    @property
    def parameters(self) -> dict[str, bool | int | float | str]:
        """What LightGBM is given, by name: all but the number of trees, its stopping, and the directions."""
        ours = {"num_iterations", "early_stopping_round", "early_stopping_min_delta", "monotone"}
        return self.model_dump(exclude=ours)


class Calibrate(_PlanTable):
    """How margins become probabilities."""

    folds: Annotated[int, Field(ge=2)] = 5
    rate: Annotated[float, Field(gt=0, lt=1)] | None = None
    source: str = ""

    @model_validator(mode="after")
    def _sourced(self) -> "Calibrate":
        if self.rate is not None and not self.source:
            raise pydantic_error("plan_rate_source")
        return self


class Floor(_PlanTable):
    """Somebody else's figures on the same split, printed beside ours."""

    auc: float
    low: float
    ks: float | None = None
    source: str = ""


class OutOfTimeSplit(_PlanTable):
    """Learn from earlier cases, judge later ones, of firms never learned from."""

    method: Literal["out_of_time"]
    name: str = "out of time"
    train_until: date
    stop_until: date
    test_until: date = date.max
    firms_held_out: Share = 0.3
    floor: Floor | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "OutOfTimeSplit":
        if not self.train_until < self.stop_until < self.test_until:
            raise pydantic_error("plan_days")
        return self


class FoldsSplit(_PlanTable):
    """Judge every case once, by trees of the other folds."""

    method: Literal["folds"]
    name: str = "folds"
    folds: Annotated[int, Field(ge=2)]
    groups: Literal["firm", "rows", "none"] = "firm"
    stratified: bool = True
    floor: Floor | None = None


class GivenSplit(_PlanTable):
    """The data say which case is for what."""

    method: Literal["given"]
    name: str = "given"
    measure: str
    floor: Floor | None = None


Split = Annotated[OutOfTimeSplit | FoldsSplit | GivenSplit, Field(discriminator="method")]


class Promotion(_PlanTable):
    """What a model must have seen before it may become champion."""

    least_events: Positive = 100
    least_test_events: Positive = 50


class Plan(_PlanTable):
    """One model, planned. `file` is where the plan lies."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    kind: KindName
    horizon: Literal["12m", "maturity", "admission", "given"]
    seed: int = 0
    mapping: str | None = None
    labels: Labels
    features: Inputs
    fit: Fit = Fit()
    calibration: Calibrate = Calibrate()
    split: tuple[Split, ...] = Field(min_length=1, strict=False)
    gate: Promotion = Promotion()
    file: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _fits_together(self) -> "Plan":
        meanings = {"performance": ("12m", "maturity"), "whitelist_entries": ("admission",), "outcomes": ("given",)}
        allowed = meanings[self.labels.source]
        if self.horizon not in allowed:
            raise pydantic_error("plan_label_horizon", source=self.labels.source, horizons=allowed)
        if self.horizon not in KINDS[self.kind].horizons:
            raise pydantic_error("plan_horizon", kind=self.kind, horizon=self.horizon)
        if len({split.name for split in self.split}) < len(self.split):
            raise pydantic_error("plan_split_names")
        return self

    @property
    def what(self) -> ModelKind:
        """The kind of model."""
        return KINDS[self.kind]

    @property
    def registered(self) -> str:
        """The name under which MLflow knows the model."""
        return f"pledgescore-{self.name}"

    def inputs(self, measures: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the features in order; `measures` are the names of measures that the data hold.

        Raises `PlanError` for a family or a feature that does not exist.
        """
        families = {f.family for f in CATALOGUE.values()}
        for family in self.features.families:
            if family not in families:
                raise PlanError("plan_no_family", file=self.file, family=family, families=tuple(sorted(families)))
        chosen = [n for n, f in sorted(CATALOGUE.items()) if f.family in self.features.families and self._may_use(f)]
        for name in self.features.names:
            chosen += self._expanded(name, measures)
        names = tuple(dict.fromkeys(n for n in chosen if n not in self.features.without))
        if not names:
            raise PlanError("plan_no_feature", file=self.file)
        return names

    def about_patents(self, name: str) -> bool:
        """Whether the feature is one of those that the figure *without patents* leaves out."""
        return name in self.features.patents or named(name).family in self.features.patents

    def _may_use(self, feature: Feature) -> bool:
        return not (feature.gate if self.kind == "whitelist" else feature.security)

    def _expanded(self, name: str, measures: tuple[str, ...]) -> list[str]:
        if not (name.startswith("measure:") and name.endswith("*")):
            if not self._may_use(named(name)):
                refused = "plan_gate" if self.kind == "whitelist" else "plan_security"
                raise PlanError(refused, file=self.file, feature=name)
            return [name]
        found = [f"measure:{m}" for m in measures if fnmatchcase(f"measure:{m}", name)]
        if not found:
            raise PlanError("plan_no_measure", file=self.file, measure=name.removeprefix("measure:"))
        return found


def read(path: Path) -> Plan:
    """The plan in a TOML file. Raises `PlanError` naming file, key and what to do."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError("plan_missing", file=path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise PlanError("not_toml", file=path, why=str(fault)) from None
    return planned(told, path)


def planned(told: Mapping[str, object], path: Path) -> Plan:
    """The plan that a file's values say. Raises `PlanError` naming file, key and what to do."""
    try:
        return Plan.model_validate({**told, "file": path})
    except ValidationError as faults:
        wrong = [Fault(_key(one["loc"]), _phrase(one)) for one in faults.errors(include_url=False)]
        raise PlanError("no_plan", file=path, faults=wrong) from None


def _phrase(error: ErrorDetails) -> Phrase:
    return refusal_phrase("plan_no_key") if error["type"] == "extra_forbidden" else phrase_of(error)


def _key(loc: tuple[int | str, ...]) -> str:
    methods = ("out_of_time", "folds", "given")
    return ".".join(str(part) for part in loc if part not in methods)
