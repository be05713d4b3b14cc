"""Changes that are offered, entered into the raw rows as if they had been made, for rules and limit to judge.

Only what rules and limit read is entered; what the model alone reads stands in the features that a change moves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from features.asof import Case
from features.matrix import named
from features.schema import Row
from models.counterfactuals.search import ProposedChange
from models.need.debt import REPAID_BY_EQUITY
from models.score.self_test import RawRows

Entered = Callable[[RawRows, Case, float, float], RawRows]
"""The rows after a feature moved from its present value to another."""


def enacted(rows: Mapping[str, Sequence[Row]], case: Case, changes: Iterable[ProposedChange]) -> RawRows:
    """The rows of the case's firm with the changes made; the rows given stay as they are."""
    found: RawRows = {table: list(own) for table, own in rows.items()}
    for change in changes:
        for feature, moved in change.moved.items():
            if feature in _ENTERED:
                found = _ENTERED[feature](found, case, moved.now, moved.to)
    return found


def _of_application(column: str) -> Entered:
    """The application says something else in a column."""

    def entered(rows: RawRows, case: Case, _now: float, to: float) -> RawRows:
        value = named(column).categories[int(to)] if column == "repayment" else round(to)
        own = [row | {column: value} if row["application"] == case.application else row for row in rows["applications"]]
        return rows | {"applications": own}

    return entered


def _lifted(event: str) -> Entered:
    """Every listing of a kind that stands was lifted on the day of the question."""

    def entered(rows: RawRows, case: Case, _now: float, _to: float) -> RawRows:
        standing = [r for r in rows.get("credit_events", ()) if r["event"] == event and _stands(r, case.as_of)]
        lifted = [row | {"lifted_on": case.as_of, "known_on": case.as_of} for row in standing]
        return rows | {"credit_events": [*rows.get("credit_events", ()), *lifted]}

    return entered


def _stands(row: Row, day: date) -> bool:
    return row["known_on"] <= day and row.get("lifted_on") is None


def _nothing_overdue(rows: RawRows, _case: Case, _now: float, _to: float) -> RawRows:
    """What the bureau's reports show as overdue was paid."""
    return rows | {"bureau": [_with(row, {"overdue": 0, "overdue_90": 0}) for row in rows.get("bureau", ())]}


def _equity(rows: RawRows, case: Case, now: float, to: float) -> RawRows:
    """New equity repaid short-term debt, in the latest yearly books: a share `now - to` of total assets."""
    every = rows.get("statements", [])
    ends = [row["period_end"] for row in every if row.get("months") == 12 and row["known_on"] <= case.as_of]
    if not ends:
        return rows
    return rows | {"statements": [_repaid(row, now - to) if row["period_end"] == max(ends) else row for row in every]}


def _repaid(row: Row, share: float) -> Row:
    assets = row.get("total_assets")
    if assets is None or row.get("months") != 12:
        return row
    paid = round(share * assets)
    less = {name: row[name] - paid for name in REPAID_BY_EQUITY if row.get(name) is not None}
    return _with(row, less | {"equity": row["equity"] + paid if row.get("equity") is not None else None})


def _with(row: Row, values: Row) -> Row:
    """The row with other values where it has any."""
    return row | {name: value for name, value in values.items() if row.get(name) is not None}


_ENTERED: dict[str, Entered] = {
    "asked_amount": _of_application("amount"),
    "asked_term": _of_application("term_months"),
    "repayment": _of_application("repayment"),
    "tax_arrears_open": _lifted("tax_arrears"),
    "abnormal_operation_open": _lifted("abnormal_operation"),
    "enforcements_open": _lifted("enforcement"),
    "bureau_overdue_share": _nothing_overdue,
    "debt_ratio": _equity,
}
"""By the feature that a lever moves."""
READ = frozenset(_ENTERED)
"""The features whose changes rules and limit read."""
