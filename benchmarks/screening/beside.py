"""This commit's screening and another's, in turns; and both models' rows compared, column by column."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.checkouts import THIS, Checkout
from benchmarks.screening.runs import DAY, LIST, TREES, Ran, screened, world
from tests.proofs._page import this_machine

FASTER, MEBIBYTES = 2.0, 1.2 * 1024
"""What is asked of this commit: so many times the other's rate, and at most so much memory."""


def section(
    checkouts: Sequence[Checkout], worlds: Path, models: Mapping[str, Path], folder: Path, firms: int, turns: int
) -> Iterator[str]:
    """The page's section."""
    began = os.getloadavg()[0]
    lakes = {checkout.name: world(checkout, worlds, firms)[0] for checkout in checkouts}
    runs: dict[str, list[Ran]] = {checkout.name: [] for checkout in checkouts}
    for _ in range(turns):
        for checkout in checkouts:
            out = folder / f"{checkout.name}.parquet"
            runs[checkout.name].append(screened(checkout, lakes[checkout.name], models[checkout.name], out))
    yield "## Screening, beside another commit"
    yield ""
    yield f"`python -m benchmarks.screening --beside {' '.join(checkout.name for checkout in checkouts[1:])}`, on"
    yield f"{this_machine()}; load at the start {began:.1f}. {firms:,} firms, the list `{LIST}` as of {DAY}, two models"
    yield f"of {TREES} trees; a process each; {turns} turns, medians. *CPU a firm* holds all that the process took."
    yield ""
    yield "| commit | screened, s | firms/s | CPU µs a firm | peak MiB | stages |"
    yield "|---|---:|---:|---:|---:|---|"
    for name, own in runs.items():
        seconds, cpu = median(run.screening for run in own), median(run.cpu for run in own)
        peak = max(run.mebibytes for run in own)
        yield (
            f"| {name} | {seconds:.1f} | {firms / seconds:,.0f} | {cpu / firms * 1e6:,.0f} | {peak:,.0f} "
            f"| {own[-1].stages} |"
        )
    yield ""
    for other in checkouts[1:]:
        ratios = [b.screening / a.screening for a, b in zip(runs[THIS.name], runs[other.name], strict=True)]
        peak = max(run.mebibytes for run in runs[THIS.name])
        yield (
            f"This over {other.name}: {median(ratios):.2f} times the rate ({min(ratios):.2f} to {max(ratios):.2f}; "
            f"asked for: {FASTER}); peak {peak:,.0f} MiB (asked for: at most {MEBIBYTES:,.0f})."
        )
        yield from _rows(folder / f"{THIS.name}.parquet", folder / f"{other.name}.parquet")


def _rows(one: Path, other: Path) -> Iterator[str]:
    """How the rows of two screenings agree."""
    mine, theirs = pl.read_parquet(one), pl.read_parquet(other)
    both = [name for name in mine.columns if name in theirs.columns]
    apart = [*(f"{name} is new" for name in mine.columns if name not in both)]
    apart += [f"{name} is gone" for name in theirs.columns if name not in both]
    joined = mine.join(theirs, on=["firm", "list"], suffix="_then", how="full", coalesce=True)
    differ = {name: joined.filter(~pl.col(name).eq_missing(pl.col(f"{name}_then"))).height for name in both[4:]}
    told = ", ".join(f"{name} {number:,}" for name, number in differ.items() if number)
    yield ""
    yield f"Columns: {'; '.join(apart) or 'the same'}. Rows: {joined.height:,}; differing by column: {told or 0}."
