"""Every operation asked as each role with made-up questions: no answer is 5xx or lies outside its description."""

import pytest

from tests.amount import WHOLE
from tests.service.access.conftest import OWN, PLACES, Desks
from tests.service.access.fuzzing import faults
from tests.service.access.test_matrix import ROLES

WIDEST, ALSO = "administrator", ("credit_officer", "fund_manager")
"""Who may ask most, on both databases; then who types most, and who stands outside of the bank."""
ELSE = sorted(ROLES.keys() - {WIDEST}) if WHOLE else ALSO


@pytest.mark.parametrize("role", [WIDEST, *(pytest.param(role, marks=pytest.mark.sqlite_alone) for role in ELSE)])
def test_answers_keep_to_their_description(desks: Desks, role: str) -> None:
    """Two questions of each operation here; the proof `access.openapi` asks many more, as every role."""
    extent = sorted(ROLES[role].reach)[-1]
    asked, found = faults(desks, desks.account(role, PLACES[OWN][extent]), 2)
    assert asked > 30
    assert not found, "\n".join(found)
