"""The plots of a training run: ROC, calibration, and what the features do (by the `shap` package, from our values)."""

import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from features.arrays import Floats
from models.score.bundle import Bundle
from models.shap.contributions import explain
from training.learning.metrics import GradeLine, JudgedCases
from training.learning.sample import Sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # shap uses interfaces that matplotlib will drop
    import shap

SHOWN = 2000
"""Cases in the plots of contributions: a seeded choice, since more only darken the plot."""
DEPENDENCES = 4


def plots(
    folder: Path, bundle: Bundle, sample: Sample, scored: JudgedCases, grades: list[GradeLine], seed: int
) -> None:
    """Write `roc.png`, `calibration.png`, `beeswarm.png` and `dependence-N-FEATURE.png` into the folder."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    _keep(_roc(scored), folder / "roc.png")
    _keep(_calibration(grades), folder / "calibration.png")
    chosen = np.random.default_rng(seed).permutation(len(sample))[:SHOWN]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        _of_contributions(folder, bundle, sample.matrix[chosen], seed)


def _of_contributions(folder: Path, bundle: Bundle, numbers: Floats, seed: int) -> None:
    _, contributions, base = explain(bundle.booster, numbers)
    told = shap.Explanation(contributions, np.full(len(numbers), base), numbers, feature_names=list(bundle.features))
    np.random.seed(seed)  # shap spreads its dots by the global generator
    shap.plots.beeswarm(told, max_display=20, show=False)
    _keep(plt.gcf(), folder / "beeswarm.png")
    heaviest = np.argsort(-np.abs(contributions).mean(axis=0))[:DEPENDENCES]
    for rank, place in enumerate(heaviest):
        shap.plots.scatter(told[:, int(place)], show=False)
        name = bundle.features[place].replace(":", "-")
        _keep(plt.gcf(), folder / f"dependence-{rank + 1}-{name}.png")


def _keep(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)


def _roc(scored: JudgedCases) -> Figure:
    alarms, hits, _ = roc_curve(scored.label, scored.log_odds)
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot(alarms, hits)
    axes.plot([0, 1], [0, 1], linestyle=":")
    axes.set(xlabel="share of other cases", ylabel="share of events", title=f"{scored.events} events")
    return figure


def _calibration(grades: list[GradeLine]) -> Figure:
    expected = np.array([line.expected for line in grades])
    observed = np.array([line.observed for line in grades])
    reach = np.array([[line.observed - line.low, line.high - line.observed] for line in grades]).T
    figure, axes = plt.subplots(figsize=(6, 5))
    axes.errorbar(expected, observed, yerr=np.maximum(reach, 0), fmt="o", capsize=3)
    axes.plot([0, expected.max()], [0, expected.max()], linestyle=":")
    for line in grades:
        axes.annotate(line.grade, (line.expected, line.observed), xytext=(4, 4), textcoords="offset points")
    axes.set(xlabel="expected rate", ylabel="observed rate (95% interval)", title="by grade")
    return figure
