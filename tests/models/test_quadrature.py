"""The nodes integrate what they promise to."""

import numpy as np
import pytest

from models.shap.quadrature import rule


@pytest.mark.parametrize("nodes", [1, 2, 3, 5, 8, 16, 32])
def test_powers_are_integrated_exactly(nodes: int) -> None:
    """The integral of t**n over [0, 1] is 1 / (n + 1) up to twice the nodes less one."""
    for power in range(2 * nodes):
        assert sum(weight * node**power for node, weight in rule(nodes)) == pytest.approx(1 / (power + 1), rel=4e-15)


def test_the_rule_is_that_of_gauss_and_legendre() -> None:
    """Nodes and weights agree with NumPy's to its own rounding."""
    nodes, weights = np.polynomial.legendre.leggauss(9)
    found = np.array(sorted(rule(9)))
    assert found[:, 0] == pytest.approx((1 + nodes) / 2, abs=1e-15)
    assert found[:, 1] == pytest.approx(weights / 2, abs=1e-15)
