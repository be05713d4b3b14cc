"""Loan files follow from entries: after many random acts the tables are emptied, and made again byte for byte."""

from random import Random

from service.assessing.loan_file_index import LOAN_FILES
from tests.service.loan_files.people import People
from tests.service.loan_files.walk import Walk, made_anew

ACTS = 30
"""Acts that are let through; the proof `loan_files.rebuilt` enters 5,000."""


def test_tables_are_made_again_byte_for_byte(people: People) -> None:
    """Nothing differs from what follows from the entries; emptied, they come back as they were."""
    walk = Walk(people, Random(7))
    walk.until(ACTS)
    wrong, held = made_anew(people.state.engine)
    assert wrong == []
    states = {row[LOAN_FILES.c.keys().index("state")] for row in held["loan_files"]}
    assert len(states) > 2, states
