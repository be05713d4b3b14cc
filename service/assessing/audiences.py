"""Which leaf of an entry which reader of a pack may see: what is not for the reader stays a digest.

A row's leaf names its audience itself. What is derived has the strictest audience of the columns that it reads: a
feature's value, and every finding of a rule. A test records what each of them reads, another alters the columns. What
is not stated here is the bank's alone.

The conclusions (probability, score, advice, limit) follow from everything and are the fund's all the same: it bears the
loss. So are what a patent carries, and the points of a reason whose feature the fund may see.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from features.columns import AUDIENCES, Audience
from features.matrix import named
from features.tables import TABLES
from models.rules.registry import RULES
from service.edge.readers import READERS, Reader
from service.ledger.entry_contents import fields
from service.ledger.kinds import Kind
from service.ledger.redaction import Cut
from service.ledger.written_kinds import WRITTEN

CONCLUSIONS = frozenset(
    {
        "pd", "admission", "log_odds", "points", "grade", "grading", "base", "recommendation", "limit", "term",
        "pledge", "recoverable", "read_together", "absent",
    }
)  # fmt: skip
"""Parts of an answer that follow from all that is known, and that a fund may see."""
FOR_THE_FUND = CONCLUSIONS | {
    "id", "asked_at", "retrospective", "ahead", "case", "legal_name", "as_of", "kind", "synthetic", "quality", "value",
    "value_on_default", "licence_guidance", "sources", "ignored", "expires_on", "versions", "overrides", "links",
}  # fmt: skip
"""Parts of an answer that a fund may see as a whole. Not among them: how many features were known, and which not."""

WORKINGS: Mapping[str, Mapping[str, Audience]] = {"limit": {"debt_capacity": "bank", "need": "bank"}}
"""Of a part that a fund may see, the members that quote figures of a credit report, orders or a plan."""

CONCLUDING = frozenset({"score", "lendable", "within_limit", "within_term", "list_admission"})
"""Rules that read a conclusion."""
FUND_RULES = CONCLUDING | frozenset(
    {
        "credit_listing", "tax_grade", "register_status", "statements_fresh", "size_class", "appraisal_fresh",
        "strategic_industry", "patent_intensive", "high_value_overseas_family", "high_value_maintained",
        "high_value_pledge_amount", "high_value_award", "chinese_right", "not_granted", "not_holder",
        "third_party_pledge", "ended_or_invalidated", "fee_arrears", "suspended_or_preserved", "debt_outlives_patent",
        "life_buffer", "remaining_life", "already_pledged", "falls_away", "invalidation_risk", "open_dispute",
        "exclusive_licence", "register_extract", "offered_known", "star_research", "star_staff", "star_inventions",
        "star_revenue", "star_alternative", "star", "title_held", "list_region", "list_section", "list_size",
        "list_age", "list_exclusions", "list_tax_grade", "list_abnormal_filings", "list_penalties", "list_titles",
        "list_property", "list_entry", "audit_opinion", "operating_years", "instalments", "purpose_stated",
        "purpose_allowed", "serious_penalty",
    }
)  # fmt: skip
"""Rules that read nothing but what a fund may see, or a conclusion. A credit report and a paper's answer it may not."""
QUOTING = frozenset({"credit_listing", "fee_arrears", "title_held"})
"""Of them, those that quote where a row comes from, which names the bank's own people: that field is the bank's."""

_QUOTED = frozenset({"source", "as_written"})
"""Columns of every table that no feature reads: where a row comes from, and how it was typed."""
_OF_TABLES: dict[str, Audience] = {"applications": "fund", "collateral": "fund", "firms": "fund"}
"""Whose features do not read all of the table's columns."""
_OF_FEATURES: dict[str, Audience] = {
    "related_firms": "fund",
    # For whom a guarantee is given tells whether it, and so the application, is about the firm.
    "offered_patents": "bank", "other_security": "bank",
    "controller_guarantees": "bank", "institution_guarantees": "bank",
}  # fmt: skip
"""Features that read less, or more, than their table's."""

_FUND_KINDS = (
    "/assessment", "/decision", "/drawdown", "/closure", "/receipt", "/signature", "/key", "/anchor", "/cut", "/words",
)  # fmt: skip
_DECLARED = {(one.KIND, f"/{leaf.name}"): leaf.audience for one in WRITTEN for leaf in fields(one)}
"""By kind and pointer."""


def audience(pointer: str, kind: Kind | None = None) -> str:
    """The audience of a leaf of an entry; `kind` is that of an entry of form 2, whose leaves are declared by kind."""
    if kind is not None and kind != Kind.ASSESSMENT:
        return _DECLARED.get((kind, pointer), "bank")
    match pointer.split("/")[1:]:
        case ["rows", _, own] | ["rows", _, _, own] | ["answer", _, own] | ["contributions", own]:
            return own
        case ["answer", part]:
            return "fund" if part in FOR_THE_FUND else "bank"
    return "fund" if pointer.startswith(_FUND_KINDS) else "bank"


def is_shown(pointer: str, reader: Reader, kind: Kind | None = None) -> bool:
    """Whether the reader sees the leaf."""
    return audience(pointer, kind) in READERS[reader]


def strictest(audiences: Iterable[str]) -> str:
    """The strictest of the audiences; `fund` at least, from which on a derived thing is told."""
    return max("fund", *audiences, key=AUDIENCES.index)


@cache
def audience_of(feature: str) -> str:
    """The audience of a feature: of the strictest column of its table, unless it is stated to read less."""
    table = named(feature).table
    columns = TABLES[table].columns.values()
    stated = _OF_FEATURES.get(feature) or _OF_TABLES.get(table)
    return strictest([stated] if stated else (column.audience for column in columns if column.name not in _QUOTED))


@lru_cache(1000)
def cut_for(features: Sequence[str]) -> bytes:
    """The leaf that says how the answer of a model with these features is cut."""
    hidden = {name: own for name in features if (own := audience_of(name)) != "fund"}
    return Cut(
        features=hidden,
        reasons=_hidden_reasons(features, hidden),
        rules={name: "bank" for name in RULES if name not in FUND_RULES},
        proofs=dict.fromkeys(sorted(QUOTING), "bank"),
        members=WORKINGS,
    ).told()


def _hidden_reasons(features: Sequence[str], hidden: dict[str, str]) -> dict[str, str]:
    """The reasons that are not for all: never one alone, whose points would be what is missing from the sum."""
    found = dict(hidden)
    for own in ("person", "bank"):
        above = [name for name in features if AUDIENCES.index(found.get(name, "fund")) >= AUDIENCES.index(own)]
        if len(above) == 1:
            after = features[features.index(above[0]) + 1 :] or features
            found |= dict.fromkeys(after[:1], own)
    return found
