"""Every raw table that the product reads: one class each, which is also the JSON shape and the data dictionary.

The columns `firm`, `known_on`, `source_kind`, `source` and `withdrawn` belong to every table. A correction is a second
row with the same key and a later `known_on`; nothing is overwritten. A row that should never have been there is stated
again with `withdrawn: true`.
"""

from features.tables.firms import Bureau, CreditEvents, Firms, People, Related, Statements, Titles
from features.tables.loans import Applications, Appraisals, Collateral, Guarantees, Loans, Performance
from features.tables.papers import Coverage, Evidence, Measures, Outcomes, WhitelistEntries
from features.tables.patents import Holdings, PatentEvents, Patents
from features.tables.table import FIRM, SOURCE_KINDS, Table

_EVERY: tuple[type[Table], ...] = (
    Firms,
    Titles,
    People,
    Related,
    Statements,
    Patents,
    Holdings,
    PatentEvents,
    CreditEvents,
    Bureau,
    Applications,
    Loans,
    Collateral,
    Guarantees,
    Appraisals,
    Performance,
    WhitelistEntries,
    Evidence,
    Measures,
    Outcomes,
    Coverage,
)
TABLES = {table.name: table for table in _EVERY}
"""Every table by its name, in the order in which they are listed."""

__all__ = ["FIRM", "SOURCE_KINDS", "TABLES", "Table"]
