"""The truth of a world, in files beside the lake's tables that no feature can read.

`_truth/part-NNNN.parquet`, one row per application:
  application, firm, as_of (day of the application)
  true_pd_12m       probability of a default within 12 months of drawdown
  true_pd_maturity  probability of a default up to 122 days after the loan's maturity, or after that of its renewal
`_truth/whitelist-NNNN.parquet`, one row per decision of a list:
  firm, list, decided_on
  true_admission    probability of being admitted and not removed for cause within the year

Each is the probability of the label as `learning/labels.py` gives it (a default of `default_definition`: 91 days past
due, a guarantor's payment, a restructuring), given the whole state at the decision and the loan as drawn. The whole
state is all that drives the outcome: also what no table shows (`hidden`, `strained`), and what tables show late or with
noise (this quarter's business, stress). Where nothing was drawn it is the truth of the loan asked for, drawn 20 days
after the application.

Outcomes are drawn from these probabilities, independently given the state. They are sums over all branches, with one
exception: what a renewal adds to `true_pd_maturity` depends on business that is still to come, and is the mean over
eight draws of it; for loans that may be renewed this leaves an error of a few parts in a hundred of the truth.
"""

from pathlib import Path

import polars as pl

from training.world.committee import LISTS, CommitteeDecisions
from training.world.lending import SyntheticLending
from training.world.loan_file import Book
from training.world.rows import Frames

FOLDER = "_truth"


def truth_frames(book: Book, decisions: CommitteeDecisions, keys: pl.Series) -> Frames:
    """The truth of a partition's applications (`part`) and of its lists' decisions (`whitelist`)."""
    return {"part": _of_loans(book.lending, book, keys), "whitelist": _of_lists(decisions, keys)}


def _of_loans(lent: SyntheticLending, book: Book, keys: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "application": book.application,
            "firm": keys.gather(lent.firm),
            "as_of": pl.Series(lent.applied).cast(pl.Int32).cast(pl.Date),
            "true_pd_12m": lent.true_12m,
            "true_pd_maturity": lent.true_maturity,
        }
    )


def _of_lists(found: CommitteeDecisions, keys: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "firm": keys.gather(found.firm),
            "list": pl.Series(list(LISTS)).gather(found.which),
            "decided_on": pl.Series(found.decided).cast(pl.Int32).cast(pl.Date),
            "true_admission": found.truth,
        }
    )


def write_truth(lake: Path, partition: int, frames: Frames) -> None:
    """Write a partition's truth beside the lake's tables."""
    (lake / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        frame.write_parquet(lake / FOLDER / f"{name}-{partition:04d}.parquet")


def read_truth(lake: Path, name: str = "part") -> pl.DataFrame:
    """The truth of all applications (`part`) or of all lists' decisions (`whitelist`) of a world."""
    return pl.concat([pl.read_parquet(path) for path in sorted((lake / FOLDER).glob(f"{name}-*.parquet"))])
