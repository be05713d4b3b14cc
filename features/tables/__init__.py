"""Every raw table that the product reads: one class each, which is also the JSON shape and the data dictionary.

The columns `firm`, `known_on`, `source_kind`, `source`, `withdrawn` and `as_written` belong to every table. A
correction is a second row with the same key and a later `known_on`; nothing is overwritten. A row that should never
have been there is stated again with `withdrawn: true`.
"""

from features.tables.firms import (
    AccountFlows,
    Bureau,
    BureauAccounts,
    CreditEvents,
    Firms,
    Forecasts,
    Partners,
    People,
    PersonBureau,
    Related,
    Statements,
    TaxFilings,
    Titles,
)
from features.tables.loans import (
    Applications,
    Appraisals,
    Collateral,
    Exposures,
    Guarantees,
    Instalments,
    Loans,
    Orders,
    Performance,
    Projects,
    Seasons,
    Uses,
)
from features.tables.papers import Coverage, Evidence, Measures, Outcomes, Visits, WhitelistEntries
from features.tables.patents import Holdings, PatentEvents, Patents
from features.tables.table import FIRM, SOURCE_KINDS, Table

_EVERY: tuple[type[Table], ...] = (
    Firms,
    Titles,
    People,
    Related,
    Statements,
    TaxFilings,
    AccountFlows,
    Partners,
    Forecasts,
    Patents,
    Holdings,
    PatentEvents,
    CreditEvents,
    Bureau,
    BureauAccounts,
    PersonBureau,
    Applications,
    Uses,
    Orders,
    Projects,
    Instalments,
    Seasons,
    Exposures,
    Loans,
    Collateral,
    Guarantees,
    Appraisals,
    Performance,
    WhitelistEntries,
    Evidence,
    Measures,
    Visits,
    Outcomes,
    Coverage,
)
TABLES = {table.name: table for table in _EVERY}
"""Every table by its name, in the order in which they are listed."""
COMMON = frozenset(name for name, table in TABLES.items() if table.common)
"""The tables of which every bank reads what a public register says."""

__all__ = ["COMMON", "FIRM", "SOURCE_KINDS", "TABLES", "Table"]
