"""Turns the compact facts of a worked case into rows of the raw tables, and those into what is known on the day.

Amounts are in yuan. A row is known from the latest of its own days unless the case says otherwise, so that what happens
after the day of the question is not known on it. Every register counts as asked unless named under `unasked`.

A case with `change` begins with the base firm of the worked cases of underwriting: what stands there by table and place
replaces what that row says; a list adds rows. Tables under `without` were not asked for, those under `none_of` were
and hold nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.policy import Policy
from features.tables import TABLES
from models.records.calendar import add_months
from tests.models.underwriting import base_firm
from tests.models.underwriting.whole_case import PATENTS, whole

FIRM = "uscc:91110000600037341L"
BANK = "bank:ours"
TODAY = date(2026, 11, 20)
LONG_AGO = date(2000, 1, 1)
PATENT = "CN201910561574.9"
ASKED = ("firms", "titles", "patents", "holdings", "patent_events", "credit_events", "collateral")
_PARTIES = {"firm": FIRM, "ours": BANK, "founder": "person:founder", "university": "uscc:university"}
_PATENT_WORDS = {
    "filed": "filed_on", "granted": "granted_on", "paid_to": "fees_paid_to", "compensation": "term_adjustment_days",
}  # fmt: skip
_NOT_OF_THE_PATENT = (
    "holder",
    "co_owner",
    "former_name",
    "pledgor",
    "offered",
    "extract",
    "events",
    "evidence",
    "collateral",
)

Row = dict[str, Any]


def known(case: Mapping[str, Any], policy: Policy) -> Known:
    """What is known of the one firm of a case."""
    if "change" in case:
        return _known_of_base(case, policy)
    rows = {name: [_row(name, row) for row in found] for name, found in _rows(case).items()}
    asked = Case("case", FIRM, as_of(case), "A1" if "loan" in case or _patents(case) else None, BANK)
    return as_known(Tables.from_rows(rows), [asked], NO_NORMS, policy)


def _known_of_base(case: Mapping[str, Any], policy: Policy) -> Known:
    rows = whole()
    for table, changes in case["change"].items():
        own = rows.setdefault(table, [])
        for place, row in changes.items() if isinstance(changes, dict) else ((None, row) for row in changes):
            told = _values(table, row, {"firm": base_firm.FIRM, "P1": PATENTS[0], "P2": PATENTS[1], "P3": PATENTS[2]})
            if place is None:
                own.append(told)
            else:
                own[place] |= told
    for table in case.get("none_of", ()):
        rows[table] = []
    tables = base_firm.complete({name: own for name, own in rows.items() if name not in case.get("without", ())})
    unasked = case.get("unasked", ())
    tables["coverage"] = [row for row in tables["coverage"] if row["about"] not in unasked]
    asked = Case("case", base_firm.FIRM, as_of(case), "A1", None)
    return as_known(Tables.from_rows(tables), [asked], NO_NORMS, policy)


def policy_of(case: Mapping[str, Any], shipped: Policy) -> Policy:
    """The shipped policy with the values that the case supersedes or adds as a bank's own folder would."""
    like = shipped("recommendation.pd_blocks")
    own = {
        name: replace(shipped.parameters.get(name, like), name=name, values=values)
        for name, values in case.get("policy", {}).items()
    }
    return Policy({**shipped.parameters, **own})


def as_of(case: Mapping[str, Any]) -> date:
    """The day of the question."""
    day: date = case.get("as_of", TODAY)
    return day


def _rows(case: Mapping[str, Any]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {name: [dict(r) for r in case.get(name, ())] for name in TABLES if name != "patents"}
    rows["patents"] = []
    if "firm" in case:
        rows["firms"].append(dict(case["firm"]))
    unasked = case.get("unasked", ())
    rows["coverage"] += [{"about": name, **_asked_on(case, name)} for name in ASKED if name not in unasked]
    loan = case.get("loan", {})
    application = {"application": "A1", "applied_on": as_of(case), "bank": BANK, "known_on": LONG_AGO}
    rows["applications"].append(application | {k: v for k, v in loan.items() if k != "matures_on"})
    for patent in _patents(case):
        _add_patent(rows, patent, as_of(case))
    return rows


def _asked_on(case: Mapping[str, Any], table: str) -> Row:
    return {"asked_on": case["asked_on"][table]} if table in case.get("asked_on", {}) else {}


def _patents(case: Mapping[str, Any]) -> list[Row]:
    return [dict(p) for p in case.get("patents", [case["patent"]] if "patent" in case else [])]


def _add_patent(rows: dict[str, list[Row]], told: Row, today: date) -> None:
    told.setdefault("kind", "invention")
    told.setdefault("filed", date(2018, 3, 1))
    told.setdefault("granted", add_months(told["filed"], 24))
    told.setdefault("paid_to", _next_anniversary(told["filed"], today))
    number = told.setdefault("patent", PATENT)
    own = {_PATENT_WORDS.get(k, k): v for k, v in told.items() if k not in _NOT_OF_THE_PATENT}
    own = {"office": "CN", **own}
    if "compensation_known" in own:
        rows["patents"].append(own | {"known_on": own.pop("compensation_known")})
        own.pop("term_adjustment_days")
    rows["patents"].append(own)
    _add_holdings(rows, told, number)
    for event in told.get("events", ()):
        rows["patent_events"].append({"patent": number, **_event(event)})
    if "extract" in told:
        rows["patent_events"].append(
            {"patent": number, "event": "register_extract", "happened_on": told["extract"], "detail": "in_force"}
        )
    rows["evidence"] += [{"subject": number, **row} for row in told.get("evidence", ())]
    if told.get("offered", True):
        item = {"application": "A1", "kind": "patent", "item": number, "pledgor": told.get("pledgor", "firm")}
        rows["collateral"].append(item)
    if "collateral" in told:
        rows["collateral"].append({"kind": "patent", "item": number, **told["collateral"]})


def _add_holdings(rows: dict[str, list[Row]], told: Row, number: str) -> None:
    if told.get("holder", "firm") is None:
        return
    own = {"patent": number, "holder": told.get("holder", "firm"), "from_on": told["filed"], "how": "original"}
    rows["holdings"].append(own | ({"former_name": told["former_name"]} if "former_name" in told else {}))
    if "co_owner" in told:
        rows["holdings"].append({"patent": number, "holder": told["co_owner"], "from_on": told["filed"]})


def _event(told: Row) -> Row:
    words = {"day": "happened_on", "known": "known_on"}
    return {words.get(k, k): v for k, v in told.items()}


def _next_anniversary(filed: date, today: date) -> date:
    years = today.year - filed.year
    found = add_months(filed, 12 * years)
    return found if found >= today else add_months(filed, 12 * years + 12)


def _row(table: str, told: Row) -> Row:
    columns = TABLES[table].columns
    row = _values(table, told, _PARTIES)
    happened = [row[n] for n, c in columns.items() if c.happened and row.get(n) is not None]
    row.setdefault("known_on", max(happened, default=LONG_AGO))
    return {"firm": FIRM, "source_kind": "register", **row}


def _values(table: str, told: Row, parties: Mapping[str, str]) -> Row:
    columns = TABLES[table].columns
    unknown = set(told) - set(columns)
    if unknown:
        raise ValueError(f"{table} has no column {sorted(unknown)}")
    return {name: _value(columns[name].kind, columns[name].domain, value, parties) for name, value in told.items()}


def _value(kind: str, domain: str, value: Any, parties: Mapping[str, str]) -> Any:
    if kind == "money" and value is not None:
        return round(value * 100)
    return parties.get(value, value) if domain in ("firm", "bank", "patent") else value
