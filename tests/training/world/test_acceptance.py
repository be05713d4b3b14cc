"""Whom the world's bank hears and for how much, by the rules that were published."""

import numpy as np
import pytest

from training.world.acceptance import LEAST_ASKED, SALES_TO_CREDIT, fits, room, sized, taken
from training.world.days import day
from training.world.economy import World
from training.world.firms import all_keys
from training.world.lending import PRODUCT_MOST, make_lending
from training.world.partition import Partition, make_partition

ON = day(2022, 3, 10)
FEN = 100


@pytest.fixture(scope="module")
def partition() -> Partition:
    """A partition of 1,000 firms."""
    world = World(loans=600, firms=1000, seed=3, partitions=1)
    return make_partition(world, 0, *all_keys(world))


def test_debt_and_loan_stay_within_a_third_of_the_sales_shown(partition: Partition) -> None:
    """What a firm asks for within the rule, and owes, is at most a third of the sales that its books show."""
    firm = np.arange(len(partition.firms))
    on = np.full(len(firm), ON)
    at, books = (firm, partition.world.quarters.of(on)), partition.books
    owed = books.levels["short_term_debt"][at] + books.levels["long_term_due"][at] + books.levels["long_term_debt"][at]
    shown = 4 * books.flows["revenue"][at] * (1 + books.overstated[firm])
    asked = sized(partition, firm, on, np.full(len(firm), 10**12), PRODUCT_MOST * FEN)
    inside = fits(partition, firm, on)
    assert 0.3 < inside.mean() < 0.95
    assert (SALES_TO_CREDIT * (asked + owed)[inside] <= shown[inside] + 10).all()
    assert asked.max() <= PRODUCT_MOST * FEN
    assert asked[inside].min() >= LEAST_ASKED
    assert (sized(partition, firm, on, np.full(len(firm), 5_000_000), PRODUCT_MOST * FEN) == 5_000_000).all()


def test_firms_that_lose_money_or_owe_too_much_are_seldom_heard(partition: Partition) -> None:
    """Without luck none of them is; with it any is."""
    firm = np.arange(len(partition.firms))
    on = np.full(len(firm), ON)
    inside = fits(partition, firm, on)
    assert (taken(partition, firm, on, np.ones(len(firm))) == inside).all()
    assert taken(partition, firm, on, np.zeros(len(firm))).all()
    assert not inside[room(partition, firm, on) < LEAST_ASKED].any()


def test_most_first_applications_meet_the_rules(partition: Partition) -> None:
    """Who is turned away comes back, so that three of four who ask for a new loan fit."""
    lent = make_lending(partition)
    fresh = lent.renews < 0
    assert fits(partition, lent.firm[fresh], lent.applied[fresh]).mean() > 0.7
    assert abs(int((lent.drawn >= 0).sum()) - partition.world.loans) <= 10
