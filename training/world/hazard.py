"""When a borrower stops being able to pay: two mechanisms, each an exact probability for every month of the loan.

Mechanism a is structural: the distance to default performs a random walk with drift and is absorbed at zero (first
passage; the starting point is known only up to three quarters of diffusion, so that short-term risk is not nil).
Mechanism b has no distance: a monthly hazard with a complementary log-log link, interactions, steps and spikes at
maturity. Both read the same state, so that a model cannot be right in both by having been written by the same hand.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from features.arrays import Bools, Floats, Ints
from training.world.economy import Mechanism

BULLET, INSTALMENTS, INTEREST_FIRST = 0, 1, 2


@dataclass(frozen=True)
class State:
    """The whole state of each case at its decision. All but `term`, `repayment` and `strained` are near standard scale.

    `cover`: asset value over liabilities in standard deviations of asset value; `hidden`: what no table shows;
    `strained`: the last loan was renewed because it could not be repaid, which only the chain tells.
    """

    cover: Floats
    margin: Floats
    cash: Floats
    growth: Floats
    stress: Floats
    portfolio: Floats
    bought_share: Floats
    youth: Floats
    burden: Floats
    hidden: Floats
    strained: Bools
    term: Ints
    repayment: Ints

    @property
    def longest(self) -> int:
        """The longest term, in months."""
        return int(self.term.max(initial=1))


def crossings(mechanism: Mechanism, state: State, spared: Ints) -> Floats:
    """The probability that ability to pay ends in month 1, 2, … of the loan, (n, longest term); none after the term.

    `spared`: months at the start in which it cannot end (a renewal has just been examined).
    """
    probability = _first_passage(state, spared) if mechanism == "a" else _hazard(state, spared)
    months = np.arange(1, state.longest + 1)
    return np.where((months <= state.term[:, None]) & (months > spared[:, None]), probability, 0.0)


# --- a: first passage -----------------------------------------------------------------------------------------------

DISTANCE = 2.42
"""The mean case's distance; fitted to 1.5% defaults a year."""
DRIFT, BLUR = 0.40, 0.75


def distance(state: State) -> Floats:
    """Distance to default: finance most, behaviour next, the portfolio weakly."""
    found = (
        DISTANCE
        + 0.54 * state.cover
        + 0.15 * state.margin
        + 0.13 * state.cash
        + 0.08 * state.growth
        - 0.50 * state.stress
        + 0.13 * state.portfolio
        - 0.35 * state.bought_share
        - 0.12 * state.youth
        - 0.11 * state.burden
        + 0.09 * state.hidden
    )
    return np.clip(np.where(state.strained, np.minimum(found - 0.8, 2.0), found), 0.5, None)


def _first_passage(state: State, spared: Ints) -> Floats:
    years = np.maximum(np.arange(state.longest + 1)[None, :] - spared[:, None], 0) / 12 + BLUR
    passed = _passed(distance(state)[:, None], years)
    absorbed = np.diff(passed, axis=1)
    return absorbed / (1 - _passed(distance(state), np.array(BLUR)))[:, None]


def _passed(start: Floats, years: Floats) -> Floats:
    """The chance that a walk from `start` with drift DRIFT has been at zero within `years`."""
    root = np.sqrt(years)
    below = ndtr((-start - DRIFT * years) / root)
    found: Floats = below + np.exp(-2 * DRIFT * start) * ndtr((-start + DRIFT * years) / root)
    return found


# --- b: hazard with interactions and spikes -------------------------------------------------------------------------

LOG_HAZARD = -6.85
"""The mean case's log hazard of an ordinary month; fitted to 1.5% defaults a year."""
SPIKES = np.array([6.0, 1.0, 3.5])
"""How many ordinary months the month of maturity weighs, by way of repayment."""


def log_hazard(state: State) -> Floats:
    """Log hazard of an ordinary month."""
    thin = 1 / (1 + np.exp(3.0 * state.cash))
    found: Floats = (
        LOG_HAZARD
        - 0.75 * state.cover
        - 0.30 * np.minimum(state.margin, 0.5)
        + 0.50 * state.stress
        + 0.35 * np.maximum(state.stress, 0) * np.maximum(-state.cover, 0)
        + 0.45 * thin * (1 + 0.8 * (state.burden > 0.5))
        - 0.15 * state.portfolio
        + 0.7 * (state.bought_share > 0.4)
        + 0.40 * ((state.youth > 0.8) & (state.margin < -0.3))
        + 0.35 * (state.growth < -1.2)
        - 0.15 * state.hidden
        + 1.6 * state.strained
    )
    return found


def _hazard(state: State, spared: Ints) -> Floats:
    months = np.arange(1, state.longest + 1)
    weight = np.where(months == state.term[:, None], SPIKES[state.repayment][:, None], 1.0)
    weight = np.where((months > spared[:, None]) & (months <= state.term[:, None]), weight, 0.0)
    rate = np.exp(np.minimum(log_hazard(state), -1.5))[:, None] * weight
    survived = np.exp(-np.cumsum(rate, axis=1))
    before = np.concatenate([np.ones((len(rate), 1)), survived[:, :-1]], axis=1)
    found: Floats = before - survived
    return found
