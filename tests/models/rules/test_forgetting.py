"""What was computed on the way to an answer goes with it, and waits for no collector."""

import gc
import weakref

from features.asof import Case, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.policy import shipped
from models.lending import lending
from models.rules import forget
from tests.builders import DAY, FIRM, patent_numbers, told


def test_what_was_known_goes_with_the_last_answer() -> None:
    """Once forgotten, rows and rights of a case are freed by themselves when the answer is dropped."""
    rows = {
        "patents": [
            {"patent": number, "kind": "invention", "filed_on": DAY.replace(year=2018), "claims": 4}
            for number in patent_numbers(3)
        ]
    }
    gc.collect()
    gc.disable()
    try:
        known = as_known(Tables.from_rows(told(rows)), [Case("c", FIRM, DAY, "a1")], NO_NORMS, shipped())
        seen, found = weakref.ref(known), lending(known, 0, 700.0, pd=0.01)
        assert found.patents
        forget(known)
        del known, found
        assert seen() is None
    finally:
        gc.enable()
