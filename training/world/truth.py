"""The truth of a world, in files beside the lake's tables that no feature can read.

`_truth/part-NNNN.parquet`, one row per application:
  application, firm, as_of (day of the application)
  true_pd_12m       the probability, given the whole state at the decision, that a default of the loan shows at a
                    month-end within 12 months of drawdown
  true_pd_maturity  the same up to maturity and 122 days
`_truth/whitelist-NNNN.parquet`, one row per decision of a list:
  firm, list, decided_on
  true_admission    the probability of being admitted and not removed for cause within the year

The whole state is everything that drives the outcome, also what no table shows (`hidden`, `strained`) and what tables show
late or with noise (the present quarter's finance, stress). A default is that of `default_definition`: 91 days past due, a
guarantor's payment, a restructuring. Default of a renewed loan's successor falls outside the horizon of the loan renewed.
Where nothing was drawn it is the truth of the loan asked for, drawn 20 days after the application.
Outcomes are drawn from exactly these probabilities, independently given the state.
"""

from pathlib import Path

import polars as pl

from training.world.committee import LISTS, Sittings
from training.world.lending import Lending
from training.world.loan_file import Book
from training.world.rows import Frames

FOLDER = "_truth"


def truth_frames(book: Book, sittings: Sittings, keys: pl.Series) -> Frames:
    """The truth of a partition's applications (`part`) and of its lists' decisions (`whitelist`)."""
    return {"part": _of_loans(book.lending, book, keys), "whitelist": _of_lists(sittings, keys)}


def _of_loans(lent: Lending, book: Book, keys: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "application": book.application,
            "firm": keys.gather(lent.firm),
            "as_of": pl.Series(lent.applied).cast(pl.Int32).cast(pl.Date),
            "true_pd_12m": lent.true_12m,
            "true_pd_maturity": lent.true_maturity,
        }
    )


def _of_lists(found: Sittings, keys: pl.Series) -> pl.DataFrame:
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
