"""One command: rows explained per second by each way, on the same trees and rows, the ways taking turns.

    python -m benchmarks.contributions [--repeats 5] [--real CSV --label COLUMN]

Writes its section of docs/benchmarks.md. Two threads each. WOODELF is measured where it is installed
(`pip install woodelf_explainer`); real rows where the file is there.
"""

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl

from benchmarks.page import write
from features.arrays import Floats
from models.shap.contributions import ContributionTables
from tests.proofs._page import this_machine

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "data" / "polish" / "3year.csv.gz"
SIZES = ((300, 16, 5), (300, 31, 6), (300, 64, 8))
"""Trees, leaves, depth."""
ROWS, FEATURES, THREADS = 200_000, 60, 2
ROWS_OF = {"LightGBM pred_contrib": 2_000, "shap.TreeExplainer": 2_000, "WOODELF": 20_000}
"""Of the ways that would take minutes on all rows; a rate hardly depends on their number."""
OURS, OURS_TURNED = "ours", "ours, row after row"
SCORE, CONTRIB = "LightGBM predict (score alone)", "LightGBM pred_contrib"
ORDER = (CONTRIB, "shap.TreeExplainer", "WOODELF", SCORE, OURS_TURNED, OURS)


@dataclass(frozen=True)
class Data:
    """Rows to explain (n, f), columns contiguous, and what the trees learn from."""

    name: str
    matrix: Floats
    label: Floats


@dataclass(frozen=True)
class Ratios:
    """Over the repeats: the median of ours over another's rate of the same turn, least and most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g} to {self.most:.3g})"


def synthetic() -> Data:
    """Normal numbers, one in ten missing, and a label that follows from a third of the features."""
    random = np.random.default_rng(1)
    matrix = random.normal(size=(FEATURES, ROWS)).T
    filled = matrix.copy()
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    margin = filled[:, :20] @ random.normal(size=20) + 2 * filled[:, 0] * filled[:, 1]
    return Data("synthetic", matrix, (margin + 2 * random.normal(size=ROWS) > 0).astype(np.float64))


def real(path: Path, label: str) -> Data | None:
    """The numbers of a CSV, its rows drawn with replacement to as many as the synthetic ones."""
    if not path.is_file():
        return None
    frame = pl.read_csv(path, infer_schema_length=None)
    drawn = np.random.default_rng(2).integers(0, len(frame), size=ROWS)
    numbers = frame.drop(label).select(pl.selectors.numeric().cast(pl.Float64)).fill_null(float("nan")).to_numpy()
    return Data(f"real ({path.name})", np.asfortranarray(numbers[drawn]), frame[label].to_numpy()[drawn].astype(float))


def trees(data: Data, trees: int, leaves: int, depth: int) -> lgb.Booster:
    """A model of that size, learned from the first rows."""
    told = {"objective": "binary", "num_leaves": leaves, "max_depth": depth, "num_threads": THREADS, "verbose": -1}
    learned = lgb.Dataset(data.matrix[:20_000], data.label[:20_000], params={"verbose": -1})
    return lgb.Booster(model_str=lgb.train(told, learned, trees).model_to_string())


def ways(booster: lgb.Booster, tables: ContributionTables, matrix: Floats) -> dict[str, Callable[[], object]]:
    """Each way as a call that explains its rows, after whatever it does once per model."""
    turned = np.ascontiguousarray(matrix)
    part = {name: turned[:rows] for name, rows in ROWS_OF.items()}
    found: dict[str, Callable[[], object]] = {
        CONTRIB: lambda: booster.predict(part[CONTRIB], pred_contrib=True, num_threads=THREADS),
        SCORE: lambda: booster.predict(turned, raw_score=True, num_threads=THREADS),
        OURS_TURNED: lambda: np.ascontiguousarray(tables.explain(turned, threads=THREADS)[1]),
        OURS: lambda: tables.explain(matrix, threads=THREADS),
    }
    if find_spec("shap"):
        import shap

        warnings.filterwarnings("ignore", module="shap")
        explainer = shap.TreeExplainer(booster)
        found["shap.TreeExplainer"] = lambda: explainer.shap_values(part["shap.TreeExplainer"])
    if find_spec("woodelf"):
        import pandas as pd
        from woodelf import WoodelfExplainer

        frame = pd.DataFrame(part["WOODELF"], columns=booster.feature_name())
        woodelf = WoodelfExplainer(booster)
        found["WOODELF"] = lambda: woodelf.shap_values(frame, verbose=False)
    return found


def rates(calls: Mapping[str, Callable[[], object]], rows: int, repeats: int) -> dict[str, list[float]]:
    """Rows a second, a list over the turns; each way runs once unmeasured, then they take turns."""
    found: dict[str, list[float]] = {name: [] for name in ORDER if name in calls}
    for turn in range(repeats + 1):
        for name, told in found.items():
            began = time.perf_counter()
            calls[name]()
            if turn:
                told.append(min(rows, ROWS_OF.get(name, rows)) / (time.perf_counter() - began))
    return found


def ratios(told: Mapping[str, list[float]], other: str) -> Ratios:
    """How many times as fast ours is, turn by turn."""
    each = [ours / theirs for ours, theirs in zip(told[OURS], told[other], strict=True)]
    return Ratios(statistics.median(each), min(each), max(each))


def one_row(tables: ContributionTables, matrix: Floats) -> float:
    """Median microseconds for one row, the call included."""
    took = []
    for place in range(1000):
        row = matrix[place : place + 1]
        began = time.perf_counter()
        tables.explain(row)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


def report(data: Data, size: tuple[int, int, int], repeats: int) -> Iterator[str]:
    """The lines on one model."""
    booster = trees(data, *size)
    began = time.perf_counter()
    tables = ContributionTables.compile(booster)
    compiled = time.perf_counter() - began
    told = rates(ways(booster, tables, data.matrix), len(data.matrix), repeats)
    theirs = np.asarray(booster.predict(data.matrix[:1000], pred_contrib=True))[:, :-1]
    gap = np.abs(tables.explain(data.matrix[:1000])[1] - theirs).max(axis=1) / np.abs(theirs).max(axis=1)
    yield f"### {size[0]} trees of {size[1]} leaves, depth {size[2]}, {data.matrix.shape[1]} features, {data.name} rows"
    yield ""
    yield "| way | rows/s, median | least to most | ours is so many times as fast |"
    yield "|---|---:|---|---|"
    for name, each in told.items():
        spread = f"{min(each):,.0f} to {max(each):,.0f}"
        yield f"| {name} | {statistics.median(each):,.0f} | {spread} | {ratios(told, name) if name != OURS else ''} |"
    yield ""
    yield f"{tables}."
    yield f"Compiled in {compiled:.2f} s; one row in {one_row(tables, data.matrix):.0f} µs; the largest gap to"
    yield f"`pred_contrib` is {gap.max():.1e} of the row's largest contribution."
    yield ""


def section(data: list[Data], repeats: int) -> Iterator[str]:
    """The page's section."""
    versions = [f"{name} {version(name)}" for name in ("lightgbm", "shap", "woodelf_explainer") if _installed(name)]
    yield "## Contributions"
    yield ""
    yield f"`python -m benchmarks.contributions`, {repeats} turns, on {this_machine()}; load at the start"
    yield f"{os.getloadavg()[0]:.1f}. {THREADS} threads each; {', '.join(versions)}."
    yield f"{ROWS:,} rows; " + ", ".join(f"{name} {rows:,}" for name, rows in ROWS_OF.items()) + "."
    yield "*Ours* goes from the matrix as `features.matrix` makes it to contributions as `models.score.reasons`"
    yield "takes them, feature after feature; *row after row* has both transpositions inside the clock. A ratio is"
    yield "taken within a turn; its median, least and most are given."
    yield ""
    for rows in data:
        for size in SIZES:
            yield from report(rows, size, repeats)


def _installed(name: str) -> bool:
    return find_spec(name.removesuffix("_explainer")) is not None


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--repeats", type=int, default=5)
    asked.add_argument("--real", type=Path, default=REAL)
    asked.add_argument("--label", default="class")
    told = asked.parse_args()
    lines = []
    for line in section([rows for rows in (synthetic(), real(told.real, told.label)) if rows], told.repeats):
        print(line, flush=True)
        lines.append(line)
    write("\n".join(lines))


if __name__ == "__main__":
    main()
