"""What firms of the synthetic world hold on a day."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER
from training.world.partition import Partition
from training.world.patents import INVENTION


@dataclass(frozen=True)
class HeldPortfolio:
    """What each applicant holds: patents that it works, how strong all are, and the share lately bought."""

    pledgeable: Ints
    strength: Floats
    bought_share: Floats

    def where(self, keep: Bools) -> "HeldPortfolio":
        """Those of some applicants."""
        return HeldPortfolio(self.pledgeable[keep], self.strength[keep], self.bought_share[keep])


def portfolio_on(partition: Partition, firm: Ints, day: Ints) -> HeldPortfolio:
    """What applicants hold on the day: patents in force that they work, how strong all are, how many lately bought."""
    n, p, stakes = len(firm), partition.patents, partition.stakes
    question, stake = held_on(partition, firm, day)
    patent, on = stakes.patent[stake], day[question]
    count = np.bincount(question, minlength=n)
    worked = np.bincount(question, weights=p.in_use[patent], minlength=n)
    inventions = np.bincount(question, weights=p.kind[patent] == INVENTION, minlength=n)
    citations = np.bincount(question, weights=p.citations_on(patent, on), minlength=n)
    lately = stakes.bought[stake] & (stakes.since[stake] > on - 730)
    bought = np.bincount(question, weights=lately, minlength=n)
    strength = (np.log1p(inventions) - 0.75) / 0.9 * 0.75 + (
        np.log1p(citations / np.maximum(count, 1)) - 0.75
    ) / 0.4 * 0.5
    return HeldPortfolio(worked.astype(np.int64), strength, bought / np.maximum(count, 1))


def held_on(partition: Partition, firm: Ints, on: Ints) -> tuple[Ints, Ints]:
    """Pairs of (question, stake) of the patents in force that firms hold on days."""
    p, stakes = partition.patents, partition.stakes
    question, stake = stakes.of(firm)
    then = on[question]
    held = (stakes.since[stake] <= then) & ((stakes.until[stake] == NEVER) | (stakes.until[stake] > then))
    held &= p.in_force(stakes.patent[stake], then)
    return question[held], stake[held]
