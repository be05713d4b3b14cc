"""The technology of patents: their WIPO fields, and citations against what is usual in field and filing year.

One entry per row of `known.patents`.
"""

import numpy as np

from features.arithmetic import over_positive
from features.arrays import Bools, Floats, Ints
from features.asof import Known, derived
from features.days import year_of
from features.wipo import field_of

FIELDS = 36  # the 35 fields, and 0 for none
_CITATIONS = "citations_mean"


@derived
def technology_field(known: Known) -> Ints:
    """The technology field (1 to 35) of the main IPC symbol; 0 where it has none."""
    fields = np.array(known.tables.words("ipc").map(field_of, 0), dtype=np.int64)
    found: Ints = fields[known.patents.codes("ipc")]
    return found


@derived
def relative_citations(known: Known) -> Floats:
    """Citations received against the mean of patents of the same field and filing year, by the norms."""
    year = year_of(known.patents.filed_on)
    told = ~np.isnan(year)
    label = np.where(told, technology_field(known) * 10_000 + np.where(told, year, 0), 0).astype(np.int64)
    labels, place = np.unique(label, return_inverse=True)
    value = known.norms.value
    means = [value(f"field:{n // 10_000}|year:{n % 10_000}", _CITATIONS) for n in labels.tolist()]
    return over_positive(known.patents.citations_received, np.array(means, dtype=np.float64)[place])


@derived
def family_offices(known: Known) -> Floats:
    """Offices in which the family has a member; NaN where it is not known."""
    words = known.tables.words("family_offices")
    numbers = np.array(words.map(lambda text: float(len(set(text.split(";")))), np.nan))
    found: Floats = numbers[known.patents.codes("family_offices")]
    return found


def by_field(known: Known, mask: Bools) -> Floats:
    """How many of the marked patents lie in each field: (cases, FIELDS), where column 0 holds none."""
    cells = known.patents.case[mask] * FIELDS + technology_field(known)[mask]
    found = np.bincount(cells, minlength=known.patents.cases * FIELDS).astype(np.float64)
    found = found.reshape(known.patents.cases, FIELDS)
    found[:, 0] = 0
    return found
