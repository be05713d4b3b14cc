"""The long proofs of the two models: against the truth of synthetic worlds, and as MLflow serves them."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from features.arrays import Floats
from features.lake import Lake
from features.policy import shipped
from models.score.bundle import Bundle, load
from models.score.self_test import work
from tests.proofs import Proof, proof
from training.commands.model_steps import promoted
from training.learning import tracking
from training.learning.evaluation import evaluate_finished
from training.learning.judge import Judgement
from training.learning.mlflow_run import run_of
from training.learning.plan import FoldsSplit, Plan, read
from training.learning.train import Trained, train
from training.world.economy import Mechanism, World, sized
from training.world.write import write_world

PLANS = Path(__file__).parents[2] / "training" / "plans"
DAY = date(2026, 11, 22)
LEARNED, JUDGED, SEEDS = 60_000, 200_000, (1, 2, 3)
"""Loans learned from, further cases judged, and worlds."""
LABELLED = 0.42
"""Share of a world's applications that come to a loan whose window is seen; so many more are made."""
EARLIER = World(LEARNED, first_year=2008, last_year=2015)
LATER = World(round(JUDGED / LABELLED), first_year=2016, last_year=2017, watched_years=3)
"""Both before the relief of 2020 to 2023, which put payments off: no earlier year tells of it, so no model could."""


def _world(folder: Path, world: World) -> Lake:
    for _ in write_world(sized(world), folder):
        pass
    return Lake(folder)


def _plan(name: str) -> Plan:
    """The shipped plan, learning from the whole of an earlier world: what is judged lies in another and later one."""
    plan = read(PLANS / f"{name}.toml")
    return plan.model_copy(update={"split": (FoldsSplit(method="folds", folds=5),)})


def _judged(name: str, seed: int, mechanism: Mechanism, place: Path) -> Judgement:
    """Learn from one world and judge on other firms of later years."""
    early = place / f"early-{mechanism}-{seed}"
    late = place / f"late-{mechanism}-{seed}"
    if not early.exists():
        _world(early, replace(EARLIER, seed=seed, mechanism=mechanism))
        _world(late, replace(LATER, seed=seed + 100, mechanism=mechanism))
    run = place / f"{name}-{mechanism}-{seed}"
    trained = train(Lake(early), _plan(name), DAY, run)
    return evaluate_finished(Lake(late), trained.plan, run / "bundle")[0][0]


def _both(mechanism: Mechanism, seed: int) -> list[tuple[str, Judgement]]:
    """Both models on one world, by name and seed."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        for name in ("pledge", "whitelist"):
            found.append((f"{name} {seed}", _judged(name, seed, mechanism, Path(place))))
            print(f"  {_figure(found[-1:])}", flush=True)
    return found


def _figure(judged: list[tuple[str, Judgement]]) -> str:
    ratios = "; ".join(f"{what}: {told.truth.ratio}" for what, told in judged if told.truth)
    grades = [line for _, told in judged for line in told.grades]
    off = sum(line.holm < 0.05 for line in grades)
    ratio = "expected Gini over the truth's, by model and seed (at least 0.90)"
    return f"{ratio}: {ratios}; {off} of {len(grades)} grades off"


def _as_asked(judged: Judgement) -> bool:
    truth = judged.truth
    calibrated = all(line.holm >= 0.05 for line in judged.grades)
    return truth is not None and truth.ratio.value >= 0.90 and 0.50 <= truth.truth <= 0.75 and calibrated


def _detail(judged: list[tuple[str, Judgement]]) -> str:
    first, last = (f"{world.first_year} to {world.last_year}" for world in (EARLIER, LATER))
    lines = [f"SYNTHETIC worlds; learned from {first}, judged on other firms of {last}, before the relief of 2020."]
    for what, told in judged:
        assert told.truth is not None
        lines.append(
            f"{what}: learned from {told.learned.cases:,} cases with {told.learned.events:,} events, judged on "
            f"{told.judged.cases:,} with {told.judged.events:,}; the truth's own Gini {told.truth.truth:.3f} (0.50 to "
            "0.75); grades, expected and observed rate (Holm's p): "
            + ", ".join(f"{g.grade}: {g.expected:.2%}, {g.observed:.2%} ({g.holm:.2f})" for g in told.grades)
            + "."
        )
    return " ".join(lines)


def _on_world(mechanism: Mechanism, seed: int, title: str) -> None:
    """Register the proof on one world: each takes the better part of an hour, so that each stands alone."""

    @proof(f"models.truth_{mechanism}.{seed}", title)
    def run() -> Proof:
        judged = _both(mechanism, seed)
        holds = mechanism != "a" or all(_as_asked(told) for _, told in judged)
        return Proof(_figure(judged), holds, _detail(judged))


for _seed in SEEDS:
    _on_world(
        "a", _seed, "Of what could be known of a synthetic world, each model knows nine tenths, and its grades hold"
    )
    _on_world(
        "b",
        _seed,
        "The same on a world of the second mechanism, reported as it comes: no threshold, since it guards "
        "against features that know the mechanism",
    )


@proof("models.served", "MLflow's own server answers the registered model with our PD, to 1e-12")
def served() -> Proof:
    """A real server process on loopback, 200 cases with gaps, against the assessment's arithmetic."""
    with tempfile.TemporaryDirectory() as place:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        lake = _world(Path(place) / "lake", World(6000, seed=5))
        plan = read(PLANS / "whitelist.toml")
        trained: Trained = train(lake, plan, DAY, Path(place) / "run")
        version = tracking.record(run_of(trained), tracking.connect(Path(place)))
        promoted(version.name, version.number)
        bundle = load(Path(place) / "run" / "bundle", shipped())
        numbers = _numbers(bundle)
        with _server(f"models:/{version.name}@champion", Path(place)) as address:
            told = _asked(address, bundle, numbers)
        gap = float(np.abs(told - work(bundle.trees, numbers).probability).max())
    return Proof(f"largest difference {gap:.1e} over {len(numbers)} cases (asked: 1e-12)", gap <= 1e-12)


def _numbers(bundle: Bundle) -> Floats:
    chance = np.random.default_rng(1)
    shape = (200, len(bundle.features))
    numbers: Floats = chance.normal(size=shape) * chance.choice([1e-6, 1.0, 1e6], size=shape)
    numbers[chance.random(shape) < 0.2] = np.nan
    return numbers


@contextmanager
def _server(model: str, place: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    beside = str(Path(sys.executable).parent)
    told = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    told["MLFLOW_TRACKING_URI"] = f"sqlite:///{place / 'mlruns' / 'mlflow.db'}"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    with (place / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port), "--workers", "1"],
            env=told,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _await(f"http://127.0.0.1:{port}/ping")
            yield f"http://127.0.0.1:{port}/invocations"
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the server is a child of the command
            process.wait()


def _await(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"{address} did not answer in 150 s")


def _asked(address: str, bundle: Bundle, numbers: Floats) -> Floats:
    rows = [[None if np.isnan(value) else value for value in row] for row in numbers.tolist()]
    body = json.dumps({"dataframe_split": {"columns": list(bundle.features), "data": rows}}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return np.array(json.load(answer)["predictions"], dtype=np.float64)
