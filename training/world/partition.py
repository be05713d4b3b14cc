"""One partition while it is made: its firms with their books and patents, by which everything else is told."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.economy import World
from training.world.firms import SyntheticBooks, SyntheticFirms, make_books, make_firms
from training.world.patents import Stakes, SyntheticPatents, make_patents, make_stakes
from training.world.rows import Sheet


@dataclass(frozen=True)
class Partition:
    """The firms of partition `index`, what they own, and the sheet on which rows about them are written."""

    world: World
    index: int
    firms: SyntheticFirms
    books: SyntheticBooks
    patents: SyntheticPatents
    stakes: Stakes
    sheet: Sheet

    def stream(self, purpose: str) -> np.random.Generator:
        """Chance for one purpose."""
        return self.world.stream(self.index, purpose)


def make_partition(world: World, index: int, keys: pl.Series, regions: Ints) -> Partition:
    """The firms of a partition from their keys and the regions where they were first registered."""
    firms = make_firms(world, index, keys, regions)
    patents = make_patents(world, index, firms)
    return Partition(
        world=world,
        index=index,
        firms=firms,
        books=make_books(world, index, firms),
        patents=patents,
        stakes=make_stakes(patents, len(firms)),
        sheet=Sheet(firms.keys, world.seen_until),
    )
