"""All bad news that rows can tell: found from the columns and choices of the tables, so that a new one is not missed.

Each column of the tables of a firm's conduct is either adverse, with the direction in which it is, or stands below with
why it is none. A test fails for a column that stands in neither.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from features.tables import TABLES
from tests.models.underwriting.base_firm import CONTROLLER, DAY, FIRM, WAN, Rows
from tests.models.underwriting.judging import YEAR

UP, DOWN = 1, -1
ADVERSE: Mapping[str, Mapping[str, int]] = {
    "bureau": {
        "balance": UP, "balance_short": UP, "overdue": UP, "overdue_interest": UP, "overdue_90": UP, "worst_days": UP,
        "special_mention": UP, "non_performing": UP, "non_performing_balance": UP, "written_off": UP,
        "recovered_by_others": UP, "advances": UP, "inquiries": UP, "guarantees_given": UP,
        "guarantees_special_mention": UP, "guarantees_non_performing": UP,
    },
    "person_bureau": {
        "non_performing": UP, "written_off": UP, "overdue": UP, "worst_months": UP, "months_overdue": UP,
        "business_loans": UP, "guarantees_given": UP,
    },
    "statements": {
        "operating_profit": DOWN, "net_profit": DOWN, "operating_cash_flow": DOWN, "interest_expense": UP,
        "related_receivables": UP, "restricted_cash": UP,
    },
    "tax_filings": {"sales": DOWN},
    "account_flows": {"inflow": DOWN, "related_inflow": UP},
    "performance": {"days_past_due": UP, "overdue": UP},
}  # fmt: skip
NO_NEWS: Mapping[str, Mapping[str, str]] = {
    "bureau": {
        "queried_on": "how fresh it is", "record_found": "whether there is a record", "lenders": "how many, not how",
        "open_loans": "how many, not how", "bad_closed_on": "an event that CLOSED tells",
    },
    "person_bureau": {
        "person": "who", "queried_on": "how fresh it is", "authorised_on": "whether it may be read",
    },
    "statements": {
        **dict.fromkeys(("period_end", "months", "scope", "basis"), "which books"),
        **dict.fromkeys(("audited", "audit_opinion"), "the opinions that OPINIONS tells"),
        **dict.fromkeys(
            ("receivables", "prepayments", "inventory", "payables", "advances_received", "cost_of_sales",
             "profit_before_tax", "current_assets", "current_liabilities"),
            "the formula of the annex asks for more money where these are worse",
        ),
        **dict.fromkeys(("revenue",), "a fall far enough puts the units in doubt; SALES tells of it"),
        **dict.fromkeys(("total_assets", "total_liabilities", "equity"), "tied to each other; LOSSES tells of them"),
        **dict.fromkeys(
            ("short_term_debt", "long_term_debt", "long_term_due", "notes_payable"),
            "tied to the report; DEBT tells of it",
        ),
        **dict.fromkeys(
            ("main_revenue", "domestic_high_tech_revenue", "rd_expense", "selling_expense", "admin_expense", "cash",
             "other_receivables", "fixed_assets", "intangible_assets", "retained_earnings", "investing_cash_flow",
             "market_value", "depreciation_amortisation"),
            "composition, or size",
        ),
    },
    "tax_filings": {"period_end": "which period", "months": "which period"},
    "account_flows": {"month_end": "which month"},
    "performance": {
        "loan": "which loan", "month_end": "which month", "balance": "size", "recovered": "after the end",
        "risk_class": "CLASSES tells", "deferred": "relief", "restructured": "FLAGS tells", "settled_by": "the end",
    },
}  # fmt: skip
GOOD_EVENTS = ("tax_grade",)
GOOD_PATENT_EVENTS = (
    "granted", "restored", "renamed", "open_licence", "licence_ended", "pledge_changed", "pledge_released",
    "preservation_released", "invalidation_rejected", "dispute_closed", "award", "fee_paid", "register_extract",
    "licensed", "refused",
)  # fmt: skip
OPINIONS = ("unqualified", "emphasis", "qualified", "disclaimer")
"""From good to bad; `adverse` stands with the last, and `unaudited` is another road."""
CLASSES = TABLES["performance"].columns["risk_class"].choices
Worse = Callable[[Rows], Rows | None]
"""The rows with one piece of bad news more; None where it does not apply to them."""


def bad_news() -> dict[str, Worse]:
    """Every piece of bad news by name."""
    return dict((*_columns(), *_events(), *_of_patents(), *_further()))


def _columns() -> Iterator[tuple[str, Worse]]:
    for table, columns in ADVERSE.items():
        for name, direction in columns.items():
            for step in (1, 3) if TABLES[table].columns[name].kind == "count" else (2 * WAN, 900 * WAN):
                yield f"{table}.{name} by {step}", _column(table, name, direction * step)


def _column(table: str, name: str, by: int) -> Worse:
    def worse(given: Rows) -> Rows | None:
        rows = given.get(table, [])
        place = YEAR if table == "statements" else -1
        if not rows or rows[place].get(name) is None:
            return None
        found = deepcopy(given)
        row = found[table][place]
        least = TABLES[table].columns[name].least
        row[name] = row[name] + by if least is None else max(row[name] + by, int(least))
        if (table, name) in _TOGETHER:
            other = _TOGETHER[table, name]
            if row.get(other) is not None:
                row[other] += by
        return found

    return worse


_TOGETHER = {("bureau", "balance_short"): "balance"}
"""What grows with another column of its row."""


def _event(**more: Any) -> Worse:
    def worse(given: Rows) -> Rows:
        found = deepcopy(given)
        told = {"happened_on": date(2026, 9, 1), "reference": "news", **more}
        found["credit_events"] = [*found.get("credit_events", []), told]
        return found

    return worse


def _events() -> Iterator[tuple[str, Worse]]:
    for event in TABLES["credit_events"].columns["event"].choices:
        if event in GOOD_EVENTS:
            continue
        side = {"side": "defendant"} if event == "lawsuit" else {}
        for amount in (None, WAN, 3000 * WAN):
            yield f"{event} of {amount}", _event(event=event, amount=amount, **side)
        yield f"serious {event}", _event(event=event, serious=True, **side)
        for about in (CONTROLLER, f"row:{event}"):
            yield f"{event} about {about}", _event(event=event, about=about, **side)
    for cause in TABLES["credit_events"].columns["cause"].choices:
        yield f"sued over {cause}", _event(event="lawsuit", side="defendant", cause=cause, amount=WAN)
    for grade in ("C", "D"):
        yield f"tax grade {grade}", _event(event="tax_grade", grade=grade)


def _of_patents() -> Iterator[tuple[str, Worse]]:
    for event in TABLES["patent_events"].columns["event"].choices:
        if event not in GOOD_PATENT_EVENTS:
            yield f"patent {event}", _on_patent(event)


def _on_patent(event: str) -> Worse:
    def worse(given: Rows) -> Rows | None:
        offered = [row["item"] for row in given["collateral"] if row["kind"] == "patent"]
        if not offered:
            return None
        found = deepcopy(given)
        told = {"patent": offered[0], "happened_on": DAY - timedelta(days=2), "event": event, "party": "row:other"}
        found["patent_events"].append(told | {"reference": "news", "source_kind": "register"})
        return found

    return worse


def _further() -> Iterator[tuple[str, Worse]]:
    for status in TABLES["firms"].columns["status"].choices[1:]:
        yield f"firm {status}", _set("firms", 0, status=status)
    for role in TABLES["related"].columns["role"].choices:
        bad = {"other": f"row:bad-{role}", "role": role, "non_performing": True}
        yield f"non-performing {role}", _add("related", **bad)
    yield "guarantees back", _circle
    yield "closed bad debt", _set("bureau", 0, bad_closed_on=date(2026, 3, 1), written_off=20 * WAN)
    for place in range(1, len(OPINIONS)):
        yield f"opinion {OPINIONS[place]}", _opinion(place)
    for times in (0.9, 0.6, 0.3):
        yield f"sales times {times}", _sales(times)
    for loss in (300, 3_000, 30_000):
        yield f"a loss of {loss}", _loss(loss * WAN)
    for more in (100, 2_000):
        yield f"debt by {more}", _debt(more * WAN)
    for place, kind in enumerate(CLASSES[1:]):
        yield f"our loan {kind}", _class(place + 1)
    yield "our loan restructured", _set("performance", 0, restructured=True)
    yield (
        "controller refused",
        _add("evidence", subject=FIRM, fact="controller_guarantee", answer="refused", seen_on=DAY),
    )
    yield "related to the bank", _add("evidence", subject=FIRM, fact="bank_related", answer="related", seen_on=DAY)
    yield "inventors gone", _inventors_gone
    yield "founded lately", _set("firms", 0, founded_on=date(2026, 1, 5))


def _set(table: str, place: int, **values: Any) -> Worse:
    def worse(given: Rows) -> Rows | None:
        if len(given.get(table, [])) <= place:
            return None
        found = deepcopy(given)
        found[table][place] |= values
        return found

    return worse


def _add(table: str, **values: Any) -> Worse:
    def worse(given: Rows) -> Rows:
        found = deepcopy(given)
        found[table] = [*found.get(table, []), values]
        return found

    return worse


def _circle(given: Rows) -> Rows:
    there = _add("guarantees", guarantor=FIRM, debtor="row:friend", kind="company", application="X")(given)
    assert there is not None
    back = _add("guarantees", guarantor="row:friend", debtor=FIRM, kind="company", application="A1")(there)
    assert back is not None
    return back


def _opinion(place: int) -> Worse:
    def worse(given: Rows) -> Rows | None:
        books = given["statements"][YEAR]
        before = books.get("audit_opinion")
        if before not in OPINIONS[:place]:
            return None
        return _set("statements", YEAR, audit_opinion=OPINIONS[place])(given)

    return worse


def _sales(times: float) -> Worse:
    """Sales of the year, of what was declared and of what came in, all lower; what the year earned stays."""

    def worse(given: Rows) -> Rows | None:
        found = deepcopy(given)
        told = [(found["statements"][YEAR], "revenue")]
        told += [(row, "sales") for row in found.get("tax_filings", [])]
        told += [(row, "inflow") for row in found.get("account_flows", [])]
        if any(row.get(name) is None or row[name] <= 0 for row, name in told):
            return None
        for row, name in told:
            row[name] = round(row[name] * times)
        return found

    return worse


def _loss(amount: int) -> Worse:
    """A loss: profits, assets and equity fall by it."""

    def worse(given: Rows) -> Rows | None:
        found = deepcopy(given)
        books = found["statements"][YEAR]
        names = ("operating_profit", "net_profit", "total_assets", "equity", "cash", "operating_cash_flow")
        if any(books.get(name) is None for name in names) or books["total_assets"] <= amount:
            return None
        for name in names:
            books[name] -= amount
        return found

    return worse


def _debt(amount: int) -> Worse:
    """More short loans, in books and report alike; the money was spent."""

    def worse(given: Rows) -> Rows | None:
        found = deepcopy(given)
        books, report = found["statements"][YEAR], found["bureau"][0] if found["bureau"] else None
        told = [(books, name) for name in ("short_term_debt", "current_liabilities", "total_liabilities")]
        told += [(report, name) for name in ("balance", "balance_short")] if report is not None else []
        if any(row.get(name) is None for row, name in told) or books.get("equity") is None:
            return None
        for row, name in told:
            row[name] += amount
        books["equity"] -= amount
        return found

    return worse


def _class(place: int) -> Worse:
    def worse(given: Rows) -> Rows | None:
        rows = given.get("performance", [])
        before = rows[0].get("risk_class") if rows else None
        if before is None or CLASSES.index(before) >= place:
            return None
        return _set("performance", 0, risk_class=CLASSES[place])(given)

    return worse


def _inventors_gone(given: Rows) -> Rows:
    found = deepcopy(given)
    for row in found["people"]:
        if row["role"] == "inventor":
            row["employed"] = False
    return found
