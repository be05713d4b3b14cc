"""The plots of a training run: ROC, calibration, and what the features do (by the `shap` package, from our values).

They are SVG with words as text, so that whoever opens them needs a font for the language and we need none; dots are
drawn as one image.
"""

import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from features.arrays import Floats
from features.chosen_words import language
from features.phrase import Fact
from models.score.bundle import Bundle
from models.shap.contributions import explain
from models.words.output import text
from models.words.templates import SHIPPED, phrase
from training.learning.metrics import GradeLine, JudgedCases
from training.learning.sample import Sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # shap uses interfaces that matplotlib will drop
    import shap

SHOWN = 2000
"""Cases in the plots of contributions: a seeded choice, since more only darken the plot."""
ROWS, DEPENDENCES = 20, 4
"""Rows of the plot of all features, and features with a plot of their own: the heaviest."""
_MARGIN = 0.5
"""Inches around a plot: without a font for the language here, matplotlib takes its words for shorter than they are."""


def plots(
    folder: Path, bundle: Bundle, sample: Sample, scored: JudgedCases, grades: list[GradeLine], seed: int
) -> None:
    """Write `roc.svg`, `calibration.svg`, `beeswarm.svg` and `dependence-N-FEATURE.svg` into the folder.

    They speak the language that was chosen.
    """
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    chosen = np.random.default_rng(seed).permutation(len(sample))[:SHOWN]
    # Words as text; the same plot is the same bytes; large amounts in powers of ten.
    with (
        mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "pledgescore", "axes.formatter.use_mathtext": True}),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # as above, and of glyphs that no font here has
        _keep(_roc(scored), folder / "roc.svg")
        _keep(_calibration(grades), folder / "calibration.svg")
        _of_contributions(folder, bundle, sample.matrix[chosen], seed)


def _of_contributions(folder: Path, bundle: Bundle, numbers: Floats, seed: int) -> None:
    _, contributions, base = explain(bundle.booster, numbers)
    titles = [_title(name) for name in bundle.features]
    told = shap.Explanation(contributions, np.full(len(numbers), base), numbers, feature_names=titles)
    np.random.seed(seed)  # shap spreads its dots by the global generator
    shap.plots.beeswarm(told, max_display=ROWS, show=False, color_bar_label=_said("feature_value"))
    beeswarm = plt.gcf()
    axes, bar = beeswarm.axes
    axes.set_xlabel(_said("contribution"))
    if len(titles) > ROWS:  # the lowest row is then the sum of the others
        rows = [label.get_text() for label in axes.get_yticklabels()]
        axes.set_yticklabels([_said("other_features", count=len(titles) - ROWS + 1), *rows[1:]])
    bar.set_yticklabels([_said("low"), _said("high")])
    _keep(beeswarm, folder / "beeswarm.svg")
    heaviest = np.argsort(-np.abs(contributions).mean(axis=0))[:DEPENDENCES]
    for rank, place in enumerate(heaviest):
        shap.plots.scatter(told[:, int(place)], show=False)
        plt.gca().set(ylabel=_said("contribution"))
        name = bundle.features[place].replace(":", "-")
        _keep(plt.gcf(), folder / f"dependence-{rank + 1}-{name}.svg")


def _said(name: str, /, **facts: Fact) -> str:
    return text(phrase(f"plot.{name}", **facts))


def _title(name: str) -> str:
    """What a feature is called; a bank's own measure by its name."""
    wanted = language()
    return name if wanted is None else SHIPPED.family("feature", wanted).get(name, name)


def _keep(figure: Figure, path: Path) -> None:
    for axes in figure.axes:
        for dots in axes.collections:
            dots.set_rasterized(True)
    figure.savefig(path, dpi=110, bbox_inches="tight", pad_inches=_MARGIN, metadata={"Date": None})
    plt.close(figure)


def _roc(scored: JudgedCases) -> Figure:
    alarms, hits, _ = roc_curve(scored.label, scored.log_odds)
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot(alarms, hits)
    axes.plot([0, 1], [0, 1], linestyle=":")
    axes.set(xlabel=_said("others"), ylabel=_said("events"), title=_said("roc", events=scored.events))
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
    axes.set(xlabel=_said("expected"), ylabel=_said("observed"), title=_said("calibration"))
    return figure
