"""The whole way from a world to a champion: sealed, kept in MLflow, promoted or refused."""

import gc
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree

import msgspec
import numpy as np
import pytest

import models.score.self_test
from features.asof import Known, as_known
from features.chosen_words import choose
from features.encoded import Tables
from features.lake import Lake
from features.matrix import named
from features.policy import shipped
from models.assess import assess
from models.score.bundle import BundleRefused, load
from models.score.self_test import SelfTest, differences, sit
from models.words.templates import say
from tests.models.making import off_by_a_bit
from tests.models.words.test_chinese import latin
from tests.shared import made_once
from tests.training.making import PLANS, cut, world
from training.commands.model_steps import promoted
from training.learning import gate, tracking
from training.learning.evaluation import evaluate, evaluate_finished
from training.learning.mlflow_run import run_of
from training.learning.plan import Plan, read
from training.learning.report import markdown
from training.learning.sample import gather
from training.learning.tracking import mlflow
from training.learning.train import Trained, train

DAY = date(2026, 11, 22)
QUICK = {"num_iterations": 30, "early_stopping_round": 10, "learning_rate": 0.1}


def quick(name: str, **gate_of: int) -> Plan:
    """A shipped plan with few trees, and a gate of its own where told."""
    plan = read(PLANS / f"{name}.toml")
    told = {"fit": plan.fit.model_copy(update=QUICK)}
    return plan.model_copy(update=told | ({"gate": plan.gate.model_copy(update=gate_of)} if gate_of else {}))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A synthetic world of 2,500 loans."""
    return Lake(made_once(tmp_path_factory, "world-2500", lambda folder: world(folder, 2500)))


@pytest.fixture(scope="module")
def pledge(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A pledge model of that world."""
    return train(lake, quick("pledge", least_events=10, least_test_events=5), DAY, tmp_path_factory.mktemp("pledge"))


@pytest.fixture(scope="module")
def empty_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty MLflow, which is copied: to make its tables takes longer than most tests."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.chdir(folder)
        tracking.connect()
    return folder


@pytest.fixture
def registry(empty_mlflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[mlflow.MlflowClient]:
    """An empty MLflow in files of its own."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    copytree(empty_mlflow, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    yield tracking.connect()
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_a_trained_bundle_answers(lake: Lake, pledge: Trained) -> None:
    """The sealed bundle loads, passes its self-test, and assesses an applicant of the world as synthetic."""
    bundle = load(pledge.folder / "bundle", shipped())
    assert bundle.id == pledge.bundle.id
    followed = [bundle.scale.renewal_days(months) for months in (6, 12)]
    assert 0 <= followed[0] < followed[1] < 366, "loans of a year are renewed, and no renewal is followed for longer"
    self_test = SelfTest.from_json(json.loads((pledge.folder / "bundle" / "exam.json").read_text("utf-8")))
    known = as_known(Tables.from_rows(self_test.rows), self_test.cases, bundle.norms, shipped())
    for found in assess(known, bundle, "test"):
        told = msgspec.json.encode(found.answer())
        assert json.loads(told)["synthetic"] is True


def test_what_was_known_of_a_partition_is_let_go(lake: Lake) -> None:
    """A partition's facts do not wait for the collector beside the next one's: memory stays that of one partition."""
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(one, Known) for one in gc.get_objects())
        found = gather(lake, quick("whitelist"), shipped())
        assert sum(isinstance(one, Known) for one in gc.get_objects()) == before
    finally:
        gc.enable()
    assert len(found) > 100


def test_everything_is_kept_beside_the_bundle(pledge: Trained) -> None:
    """Report, funnel, data manifest with hashes, plan and plots lie in the run's folder."""
    kept = {path.name for path in pledge.folder.rglob("*") if path.is_file()}
    assert {"report.md", "funnel.json", "data.json", "plan.toml", "roc.svg", "calibration.svg", "beeswarm.svg"} <= kept
    assert sum(name.startswith("dependence-") for name in kept) >= 1
    data = json.loads((pledge.folder / "data.json").read_text("utf-8"))
    assert all(len(part["sha256"]) == 64 for part in data["files"].values())
    text = markdown(pledge.report)
    assert "SYNTHETIC" in text
    assert "Without patents" in text
    assert "95% interval" in text
    assert "applicant withdrew" in text


@pytest.fixture
def in_chinese() -> Iterator[None]:
    """Commands speak Chinese in this test."""
    choose("zh")
    yield
    choose()


@pytest.mark.usefixtures("in_chinese")
def test_training_again_makes_the_same_bundle_in_any_language(lake: Lake, pledge: Trained, tmp_path: Path) -> None:
    """The same lake, plan and day give the same bundle to the last byte; report and plots speak Chinese if told to."""
    again = train(lake, pledge.plan, DAY, tmp_path)
    assert again.bundle.id == pledge.bundle.id
    report = (tmp_path / "report.md").read_text("utf-8")
    assert report == markdown(pledge.report)
    assert "【合成数据】" in report
    names = {pledge.plan.registered, *Lake(lake.path).manifest.name.split(), *again.bundle.scale.grades}
    assert latin(report.replace(lake.manifest.digest[:16], "")) <= names
    words = {path.name: _words(path) for path in (tmp_path / "plots").iterdir()}
    assert "ROC 曲线" in words["roc.svg"]
    assert "对模型输出的贡献" in words["beeswarm.svg"]
    assert {name: found for name, text in words.items() if (found := latin(text) - names)} == {}


def _words(svg: Path) -> str:
    """What is written in a plot: words are text, so that no font is needed where it is made."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text("utf-8")))


@pytest.mark.usefixtures("registry")
def test_a_model_becomes_champion(pledge: Trained, registry: mlflow.MlflowClient) -> None:
    """A recorded run has figures, parameters and tags; its version is challenger, and champion once promoted."""
    version = tracking.record(run_of(pledge), registry)
    run = registry.get_run(version.run)
    assert {"auc", "auc_low", "auc_high", "auc_events", "ks", "brier", "auc_without_patents"} <= set(run.data.metrics)
    assert run.data.params["fit.num_leaves"] == "8"
    assert run.data.tags["synthetic"] == "true"
    assert {a.path for a in registry.list_artifacts(version.run)} >= {"report.md", "plots", "data.json", "funnel.json"}
    assert str(registry.get_model_version_by_alias(version.name, "challenger").version) == str(version.number)
    assert registry.get_model_version(version.name, str(version.number)).tags["bundle"] == pledge.bundle.id
    promoted(version.name, 0)
    assert str(registry.get_model_version_by_alias(version.name, "champion").version) == str(version.number)
    files = [path.name for path in Path("mlruns").rglob("*") if path.is_file()]
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".joblib"))]
    model = f"models:/{version.name}@champion"
    needed = Path(mlflow.pyfunc.get_model_dependencies(model)).read_text("utf-8")
    assert "lightgbm==" in needed
    assert "pledgescore" not in needed  # an index would give whatever stands there under that name
    served = mlflow.pyfunc.load_model(model)
    assert {str(c.type) for c in served.metadata.signature.inputs.inputs} == {"DataType.double"}


@pytest.mark.usefixtures("registry")
def test_a_model_whose_exam_fails_is_not_promoted(
    pledge: Trained, registry: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feature that is computed otherwise by now keeps a version from becoming champion."""
    version = tracking.record(run_of(pledge), registry)
    off_by_a_bit(monkeypatch, "debt_ratio")
    with pytest.raises(BundleRefused, match="feature debt_ratio"):
        promoted(version.name, version.number)
    with pytest.raises(mlflow.MlflowException):
        registry.get_model_version_by_alias(version.name, "champion")


@pytest.mark.usefixtures("registry")
def test_an_unknown_model_is_not_promoted() -> None:
    """A name that the registry does not know says what to do."""
    with pytest.raises(tracking.NotRegistered, match="train one first"):
        promoted("pledgescore-nothing", 0)


def test_every_feature_of_the_catalogue_is_examined(pledge: Trained) -> None:
    """Each feature that any training case knew is known in a self-test case, so that a changed one cannot pass."""
    self_test = json.loads((pledge.folder / "bundle" / "exam.json").read_text("utf-8"))
    unknown = [name for name, values in self_test["features"].items() if set(values) == {"7ff8000000000000"}]
    never = [name for name in unknown if not np.isnan(pledge.bundle.seen[name].least)]
    assert never == []
    assert len(self_test["features"]) - len(unknown) > 150


def test_a_changed_feature_is_named_by_the_self_test(pledge: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each feature that training knew, off by its last bit: the first difference that the self-test finds names it."""
    folder = pledge.folder / "bundle"
    kept, bundle = SelfTest.from_json(json.loads((folder / "exam.json").read_text("utf-8"))), load(folder, shipped())
    known = as_known(Tables.from_rows(kept.rows), kept.cases, bundle.norms, shipped())
    monkeypatch.setattr(models.score.self_test, "as_known", lambda *_: known)  # one reading of the rows for all
    assert differences(kept, sit(kept.cases, kept.rows, bundle.trees, shipped())) == []
    for name in (n for n in bundle.features if not np.isnan(bundle.seen[n].least)):
        with monkeypatch.context() as changed:
            off_by_a_bit(changed, name)
            found = differences(kept, sit(kept.cases, kept.rows, bundle.trees, shipped()))
        assert found[0].startswith(f"feature {name} of case")


def test_a_bundle_with_a_changed_feature_is_refused_by_name(pledge: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each family a feature that training knew, off by its last bit: the bundle does not load, and it is named."""
    known = [name for name in pledge.bundle.features if not np.isnan(pledge.bundle.seen[name].least)]
    for name in {named(name).family: name for name in known}.values():
        with monkeypatch.context() as changed:
            off_by_a_bit(changed, name)
            with pytest.raises(BundleRefused, match=f"feature {name} of case"):
                load(pledge.folder / "bundle", shipped())


def test_few_events_train_and_are_refused(lake: Lake, tmp_path: Path) -> None:
    """800 loans and 12 defaults: a model with intervals, and no promotion, with events, minimum and what to do."""
    plan = quick("pledge").model_copy(update={"gate": read(PLANS / "pledge.toml").gate})
    small = cut(lake, plan, tmp_path / "lake", 800, 12)
    found = train(small, plan, DAY, tmp_path / "run")
    area = found.judgement.figure("auc")
    assert area.events == 12
    assert area.low < area.value < area.high
    assert area.high - area.low > 0.1
    with pytest.raises(
        gate.NotPromoted, match=r"(?s)wait for more outcomes.*12 events in learning, the plan's least is 100"
    ):
        gate.check(found.bundle)


def test_evaluate_judges_every_split(lake: Lake) -> None:
    """Each split of a plan is judged; a whitelist is judged against its own truth."""
    plan = quick("whitelist")
    twice = plan.model_copy(update={"split": (*plan.split, read_folds())})
    judgements, report = evaluate(lake, twice, DAY)
    assert [say(j.split, "en") for j in judgements] == ["out of time", "folds"]
    assert all(j.truth is not None and 0 < j.truth.model < j.truth.truth < 1 for j in judgements)
    assert "funnel" not in markdown(report)


def read_folds() -> object:
    """A second split."""
    from training.learning.plan import FoldsSplit

    return FoldsSplit(method="folds", folds=3)


def test_a_finished_bundle_is_judged_on_other_data(pledge: Trained, tmp_path: Path) -> None:
    """A sealed bundle judged on another world: figures with intervals, against that world's truth."""
    other = world(tmp_path / "other", 600, seed=2)
    judgements, _ = evaluate_finished(other, pledge.plan, pledge.folder / "bundle")
    assert judgements[0].figure("auc").events > 0
    assert judgements[0].truth is not None
