"""Whether a source was asked, and not too long ago: only then does an empty table mean none."""

from features.arrays import Bools
from features.asof import Known

LOOKUP_FRESH = "freshness_days.register_lookup"


def asked_lately(known: Known, table: str) -> Bools:
    """Whether a source was asked about the table within the days that policy allows."""
    coverage, about = known.coverage, known.tables.words("about").code(table)
    oldest = known.as_of - known.policy(LOOKUP_FRESH).along(known.as_of)
    stale = coverage.any((coverage.codes("about") == about) & (coverage.asked_on < oldest[coverage.case]))
    return known.asked(table) & ~stale
