"""Each mend of the state undone at one place, to see that the law then breaks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from features import firm_figures, patent_state, patent_terms
from features.arrays import Bools, Floats, Ints
from features.asof import Known
from features.days import plus_months, whole_months
from features.patent_state import GRACE_OVER, IN_FORCE, STATUS_NOT_KNOWN, PatentState
from features.patent_terms import AnnualFees
from models.collateral import pool
from models.records.applicant import Facts
from models.rules import held_patents
from models.rules.criteria import both_true
from tests.one_state.law import disagreements
from tests.one_state.making import example

MOST, TOGETHER = 1000, 25


@dataclass(frozen=True)
class Mutant:
    """A mend undone: `name` of `owner` is replaced by `instead`."""

    mend: str
    owner: Any
    name: str
    instead: Any

    @contextmanager
    def alive(self) -> Iterator[None]:
        """With the mend undone."""
        with patch.object(self.owner, self.name, self.instead):
            yield

    def killed_after(self) -> int | None:
        """How many generated examples it takes until the law breaks; None where it survives them all."""
        with self.alive():
            for start in range(0, MOST, TOGETHER):
                if disagreements([example(seed) for seed in range(start, start + TOGETHER)]):
                    return start + TOGETHER
        return None


def _due_on_the_day_paid_to(known: Known) -> AnnualFees:
    told, rows = patent_terms.annual_fees(known), known.patents
    due, as_of = rows.fees_paid_to, known.as_of[rows.case]
    grace_ends = plus_months(due, known.policy(patent_terms.GRACE).along(known.as_of)[rows.case])
    return replace(told, due=due, grace_ends=grace_ends, late_month=patent_terms.months_begun(due, as_of))


def _nothing_outranked(self: PatentState, _rows: Bools, _silenced: Bools) -> Bools:
    return np.zeros(len(self.events), dtype=bool)


def _status_after_grace(instead: int) -> property:
    status = vars(PatentState)["status"]

    def found(self: PatentState) -> Ints:
        told: Ints = status.__get__(self, PatentState)
        return np.where((told == STATUS_NOT_KNOWN) & (self.fees == GRACE_OVER), instead, told)

    return property(found)


def _month_begins_on_its_last_day(due: Floats, day: Floats) -> Floats:
    return np.where(day > due, whole_months(due, day) + 1, np.where(np.isnan(due), np.nan, 0.0))


def _unknown_use_is_none(facts: Facts) -> Any:
    found = _exclusion_reasons(facts).copy()
    found[(found == "") & np.isnan(facts.known.patents.in_use)] = "not_in_use"
    return found


_exclusion_reasons: Callable[[Facts], Any] = pool._exclusion_reasons


def _worked(facts: Facts) -> Floats:
    return both_true(held_patents._inventions(facts.known), np.nan_to_num(facts.known.patents.in_use))


MUTANTS = (
    Mutant("the fee year that holds the day counts as paid", patent_state, "annual_fees", _due_on_the_day_paid_to),
    Mutant("an extract outranks the gazette", PatentState, "_outranked", _nothing_outranked),
    Mutant(
        "an extract outranks the fees", PatentState, "_alive_after_grace",
        property(lambda self: np.zeros(len(self.rows), dtype=bool)),
    ),
    Mutant("after the grace it is not known, not in force", PatentState, "status", _status_after_grace(IN_FORCE)),
    Mutant(
        "after the grace it is not known, not ended", PatentState, "status", _status_after_grace(patent_state.ENDED)
    ),
    Mutant(
        "what may not be in force has no value, not 0", pool, "_status_or_term_not_known",
        lambda state: np.zeros(len(state.rows), dtype=bool),
    ),
    Mutant(
        "compensation only where the law grants it", patent_terms, "_compensable",
        lambda known, granted_on: np.ones(len(granted_on), dtype=bool),
    ),
    Mutant(
        "liabilities are assets less equity", firm_figures, "liabilities",
        lambda known, years_ago=0: firm_figures.books(known).item("total_liabilities", years_ago),
    ),
    Mutant(
        "a certificate is valid for its usual months", firm_figures, "certificate_last_day",
        lambda known: known.titles.valid_until,
    ),
    Mutant("the last day of a month belongs to it", patent_terms, "months_begun", _month_begins_on_its_last_day),
    Mutant("use not known is not no use, in the value", pool, "_exclusion_reasons", _unknown_use_is_none),
    Mutant(
        "use not known is not no use, in the count", held_patents, "SORTS",
        held_patents.SORTS | {"industrialised_inventions": _worked},
    ),
)  # fmt: skip
"""Every mend, and what was before it."""
