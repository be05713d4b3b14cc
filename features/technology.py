"""The technology of patents: their WIPO fields, and how many citations are usual in a field at an age.

One entry per row of `known.patents`.
"""

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.asof import Known, derived
from features.norms import Norms
from features.wipo import NO_FIELD, field_of

FIELDS = 36  # the 35 fields, and 0 for none
AGES = 26
"""Whole years since filing that are told apart: a patent with compensation lives at most 25."""
CITATIONS = "citations_mean"
_DAYS_OF_YEAR = 365.25


@derived
def technology_field(known: Known) -> Ints:
    """The technology field (1 to 35) of the main IPC symbol; 0 where it has none."""
    fields = known.tables.words("ipc").mapped(field_of, NO_FIELD).astype(np.int64)
    found: Ints = fields[known.patents.codes("ipc")]
    return found


@derived
def age_in_years(known: Known) -> Ints:
    """Whole years since filing, at most `AGES` - 1; -1 where the day of filing is not known."""
    years = (known.as_of[known.patents.case] - known.patents.filed_on) / _DAYS_OF_YEAR
    return np.where(np.isnan(years), -1, np.clip(np.nan_to_num(years), 0, AGES - 1)).astype(np.int64)


def aged(field: int | None, age: int) -> str:
    """The patents of an age, of one technology field or of all, as a subject of norms."""
    return f"age:{age}" if field is None else f"field:{field}|age:{age}"


@derived
def usual_citations(known: Known) -> Floats:
    """Mean citations of patents of the same field and age, as counted last before the day; NaN where never counted.

    A mean of a filing year would be outgrown: patents go on being cited after the norms were made.
    """
    days, means = known.norms.once(_usual_citations)
    count, age = days.searchsorted(known.as_of[known.patents.case], side="right") - 1, age_in_years(known)
    found: Floats = means[count, technology_field(known), age]
    return np.where((count < 0) | (age < 0), np.nan, found)


def _usual_citations(norms: Norms) -> tuple[Floats, Floats]:
    """The days of the counts as ordinals, and mean citations (days, FIELDS, AGES).

    Of all fields where a field's patents of that age were too few, and of the next younger age where all fields' were:
    hardly any patents grow so old, and citations come slowly by then.
    """
    counts = norms.counts(CITATIONS)
    means = np.full((max(len(counts), 1), FIELDS, AGES), np.nan)
    for place, told in enumerate(counts.values()):
        whole = float("nan")
        for age in range(AGES):
            whole = told.get(aged(None, age), whole)
            means[place, :, age] = [told.get(aged(field, age), whole) for field in range(FIELDS)]
    return np.array([day.toordinal() for day in counts], dtype=np.float64), means


@derived
def family_offices(known: Known) -> Floats:
    """Offices in which the family has a member; NaN where it is not known."""
    numbers = known.tables.words("family_offices").mapped(_different, np.nan)
    found: Floats = numbers[known.patents.codes("family_offices")]
    return found


def _different(offices: str) -> float:
    return float(len(set(offices.split(";"))))


def by_field(known: Known, mask: Bools) -> Floats:
    """How many of the marked patents lie in each field: (cases, FIELDS), where column 0 holds none."""
    cells = known.patents.case[mask] * FIELDS + technology_field(known)[mask]
    found = np.bincount(cells, minlength=known.patents.cases * FIELDS).astype(np.float64)
    found = found.reshape(known.patents.cases, FIELDS)
    found[:, 0] = 0
    return found
