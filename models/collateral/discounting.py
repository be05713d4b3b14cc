"""What a yearly revenue earns over the life of a patent, discounted."""

import numpy as np

from features.arrays import Floats
from models.collateral.bank_assumptions import LONGEST


def discounted(growth: Floats, rate: Floats) -> Floats:
    """What one fen of yearly revenue earns in whole years 0 … LONGEST, one column per draw: Σ ((1+g)/(1+r))^t."""
    step = (1 + growth) / (1 + rate)
    power = np.ones_like(step)
    table = np.zeros((LONGEST + 2, len(step)))
    for year in range(1, len(table)):  # years as rows: five times as fast as sums along each draw, to the same bits
        power *= step
        np.add(table[year - 1], power, out=table[year])
    return table


def over(table: Floats, life: Floats) -> Floats:
    """The discounted revenue over lives (patent by draw) of 0 … LONGEST years; a year begun counts pro rata."""
    whole, draws = life.astype(np.int64), table.shape[1]
    place = whole * draws + np.arange(draws)
    flat = table.reshape(-1)
    earned = flat[place]
    step = flat[place + draws]
    step -= earned
    step *= life - whole
    total: Floats = earned + step
    return total
