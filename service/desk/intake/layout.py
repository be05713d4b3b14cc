"""Which fields the page of a new assessment has: cards, blocks of records, columns; all from the tables' declaration.

A block holds records of one table. `extract` is the one that is no table: a register extract that is typed once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from features.columns import Column, day
from features.tables import TABLES
from service.workbooks.layout import GIVEN, HIDDEN

EXTRACT = "extract"
LISTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "holders": {
        "holder": ("holdings", "holder"),
        "since": ("holdings", "from_on"),
        "share": ("holdings", "share"),
        "bought": ("holdings", "how"),
    },
    "pledges": {
        "registration": ("patent_events", "reference"),
        "registered_on": ("collateral", "registered_on"),
        "pledgee": ("collateral", "pledgee"),
        "pledgee_name": ("patent_events", "party_name"),
        "amount": ("patent_events", "amount"),
        "until": ("patent_events", "until"),
        "released_on": ("collateral", "released_on"),
    },
    "licences": {
        "record": ("patent_events", "reference"),
        "from_on": ("patent_events", "happened_on"),
        "licensee": ("patent_events", "party_name"),
        "exclusive": ("patent_events", "exclusive"),
        "until": ("patent_events", "until"),
        "ended_on": ("related", "until"),
    },
    "preservations": {
        "reference": ("patent_events", "reference"),
        "from_on": ("patent_events", "happened_on"),
        "court": ("patent_events", "party_name"),
        "until": ("patent_events", "until"),
        "released_on": ("credit_events", "lifted_on"),
    },
}
"""What a register extract lists, and the column of a table that each part of it is."""
_OF_EXTRACT: Mapping[str, tuple[str, str]] = {
    "patent": ("patents", "patent"),
    "title": ("patents", "title"),
    "kind": ("patents", "kind"),
    "filed_on": ("patents", "filed_on"),
    "granted_on": ("patents", "granted_on"),
    "fees_paid_to": ("patents", "fees_paid_to"),
    "status": ("patent_events", "extract_status"),
    "number": ("patent_events", "reference"),
    "remarks": ("patent_events", "detail"),
    "pledgor": ("collateral", "pledgor"),
    "pledgee": ("collateral", "pledgee"),
}
PLEDGE = ("pledgor", "pledgee")
"""Columns of the pledge that we ask for, typed beside the extract of its patent."""
FILLED = ("application",)
"""Columns that follow from the head of the page."""

_APART: Mapping[str, tuple[str, ...]] = {"people": ("person",), "evidence": ("answer",)}
"""Columns that follow from another field of their record: a person's key from the name, an answer from its fact."""


@dataclass(frozen=True)
class FieldBlock:
    """Records of a table: the columns that are seen at once, and how many records stand there from the beginning.

    `grid`: a line an account, a column a record. `folded`: seldom needed.
    """

    table: str
    seen: tuple[str, ...] = ()
    begins: int = 0
    most: int = 30
    grid: bool = False
    folded: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All that may be typed of a record, what is seen at once first."""
        if self.table == EXTRACT:
            return ("patent", "drawn_on", "status", "number", "title", "kind", "filed_on", "granted_on", "fees_paid_to",
                    "pledgor", "pledgee", "remarks")  # fmt: skip
        left = (*GIVEN, *HIDDEN, *FILLED, *_APART.get(self.table, ()))
        offered = [name for name in TABLES[self.table].columns if name not in left]
        return (*self.seen, *(name for name in offered if name not in self.seen))

    @property
    def more(self) -> tuple[str, ...]:
        """What a fold holds."""
        return self.columns[len(self.seen) :] if self.seen else ()


@dataclass(frozen=True)
class CardLayout:
    """A card of the page."""

    key: str
    blocks: tuple[FieldBlock, ...]


def _folded(*tables: str) -> tuple[FieldBlock, ...]:
    return tuple(FieldBlock(table, folded=True) for table in tables)


def _block(table: str, seen: str, *, begins: int = 0, most: int = 30, grid: bool = False) -> FieldBlock:
    return FieldBlock(table, tuple(seen.split()), begins, most, grid)


CARDS = (
    CardLayout(
        "loan",
        (
            _block(
                "applications",
                "applied_on amount term_months purpose repayment product rate_asked channel",
                begins=1,
                most=1,
            ),
            _block("uses", "use amount payee contract", begins=1),
            *_folded("orders", "projects", "instalments", "seasons", "exposures"),
        ),
    ),
    CardLayout(
        "firm",
        (
            _block(
                "firms",
                "legal_name industry region founded_on staff rd_staff registered_capital ownership status",
                begins=1,
                most=1,
            ),
            _block("people", "full_name role share since"),
            _block("titles", "title level issued_on valid_until"),
            _block(
                "bureau",
                "queried_on record_found lenders open_loans balance balance_short overdue overdue_90 special_mention "
                "non_performing written_off recovered_by_others advances guarantees_given",
                begins=1,
                most=5,
            ),
            _block(
                "person_bureau",
                "person authorised_on queried_on non_performing written_off overdue worst_months months_overdue "
                "business_loans guarantees_given",
            ),
            _block("credit_events", "event happened_on amount lifted_on"),
            *_folded("related", "bureau_accounts", "partners", "visits"),
        ),
    ),
    CardLayout(
        "books",
        (
            _block(
                "statements",
                "period_end months scope basis audit_opinion revenue cost_of_sales operating_profit profit_before_tax "
                "net_profit depreciation_amortisation operating_cash_flow cash receivables prepayments inventory "
                "current_assets total_assets payables advances_received short_term_debt current_liabilities "
                "long_term_debt total_liabilities equity",
                begins=2,
                most=6,
                grid=True,
            ),
            _block("tax_filings", "period_end months sales", begins=1),
            *_folded("account_flows", "forecasts"),
        ),
    ),
    CardLayout(
        "patents",
        (
            FieldBlock(EXTRACT, begins=1, most=50),
            _block("appraisals", "pool base_on value confirmed_value method purpose value_type"),
            *_folded("patents", "holdings", "patent_events"),
        ),
    ),
    CardLayout(
        "security",
        (
            _block("collateral", "kind item pledgor pledgee value valued_on"),
            _block("guarantees", "guarantor kind amount signed_on share"),
            _block("evidence", "fact subject seen_on note", begins=1),
        ),
    ),
    CardLayout("other", _folded("loans", "performance", "whitelist_entries", "measures")),
)


@cache
def blocks() -> Mapping[str, FieldBlock]:
    """Every block by its table."""
    return MappingProxyType({block.table: block for card in CARDS for block in card.blocks})


@cache
def column_of(table: str, name: str) -> Column:
    """The column whose kind, words and label a field has."""
    if table == EXTRACT:
        own = day("Day of the extract · 登记簿副本日", required=True).named("drawn_on", EXTRACT)
        return own if name == "drawn_on" else TABLES[_OF_EXTRACT[name][0]].columns[_OF_EXTRACT[name][1]]
    if table in LISTS:
        of, column = LISTS[table][name]
        return TABLES[of].columns[column]
    return TABLES[table].columns[name]
