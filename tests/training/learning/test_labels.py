"""What a label says, by cases in sentences (`tests/cases/labels/*.yaml`), and the funnel to the sample."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from features.lake import frames_of
from features.policy import shipped
from training.learning.labels import EXCLUSIONS, Observed, funnel, labels
from training.learning.plan import Plan, planned

FOLDER = Path(__file__).parents[2] / "cases" / "labels"
CASES = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
]
FIRM = "row:1"
BASIC = {"firm": FIRM, "source_kind": "register"}


def plan_of(source: str, horizon: str, **wanted: Any) -> Plan:
    """A plan that differs from the least possible one in its labels alone."""
    kind = "whitelist" if horizon == "admission" else "pledge"
    split = [{"method": "folds", "folds": 2}]
    told = {"name": "x", "kind": kind, "horizon": horizon, "split": split, "features": {"names": ["measure:a"]}}
    return planned(told | {"labels": {"source": source} | wanted}, Path("plan.toml"))


def month_ends(first: date, number: int) -> list[date]:
    """So many ends of months from the first on."""
    return pl.date_range(first, date(first.year + 6, 1, 31), "1mo", eager=True).dt.month_end().to_list()[:number]


def monthly(loan: str, told: dict[str, Any]) -> list[dict[str, Any]]:
    """The monthly figures of a loan out of their short form."""
    late: list[int] = []
    for word in told["late"].split():
        times, _, days = word.rpartition("*")
        late += [int(days)] * int(times or 1)
    every = {k: v for k, v in told.items() if k in ("risk_class", "deferred", "overdue")}
    rows = [
        BASIC | every | {"loan": loan, "month_end": end, "known_on": end, "days_past_due": days}
        for end, days in zip(month_ends(told["first"], len(late)), late, strict=True)
    ]
    rows[-1] |= told.get("end", {})
    return rows


def rows_of(case: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The raw rows that a case tells."""
    early = {"known_on": date(2000, 1, 1)}
    loans = [BASIC | early | {"application": f"A-{loan['loan']}"} | loan for loan in case.get("loans", [])]
    applications = [
        BASIC | early | {"application": loan["application"], "applied_on": date(2000, 1, 1)} for loan in loans
    ] or [BASIC | early | {"application": "A-L1", "applied_on": date(2000, 1, 1)} | case.get("application", {})]
    performance = [row for loan, told in case.get("months", {}).items() for row in monthly(loan, told)]
    if "corrected" in case:
        performance.append(BASIC | {"loan": "L1"} | case["corrected"])
    events = []
    if "insolvency" in case:
        events.append(
            BASIC | {"happened_on": case["insolvency"], "known_on": case["insolvency"], "event": "insolvency"}
        )
    entries = (
        [BASIC | {"list": "push", "known_on": case["entry"]["decided_on"]} | case["entry"]] if "entry" in case else []
    )
    return {
        "applications": applications,
        "loans": loans,
        "performance": performance,
        "credit_events": events,
        "whitelist_entries": entries,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case: dict[str, Any]) -> None:
    """The first loan (or the list's entry) is labelled as the sentence says."""
    source = "whitelist_entries" if "entry" in case else "performance"
    wanted: dict[str, Any] = {"since": case["since"]} if "since" in case else {}
    if case.get("keep_deferred"):
        wanted["deferred"] = "keep"
    plan = plan_of(source, "admission" if "entry" in case else case.get("horizon", "12m"), **wanted)
    found = labels(frames_of(rows_of(case)), plan, Observed(None, case["observed_to"]), shipped())
    about = found if "entry" in case else found.filter(pl.col("application") == "A-L1")
    row = about.row(0, named=True)
    assert {name: row[name] for name in case["expect"]} == case["expect"]


def test_funnel_counts_every_case_once() -> None:
    """Exclusions and sample add up to all cases, and each exclusion has its words."""
    loans = [c for c in CASES if "entry" not in c and c.get("horizon", "12m") == "12m" and "since" not in c]
    plan = plan_of("performance", "12m")
    found = [labels(frames_of(rows_of(c)), plan, Observed(None, c["observed_to"]), shipped()) for c in loans]
    told = funnel(pl.concat(found))
    everything = told.pop("cases")
    assert everything == sum(told.values()) == sum(f.height for f in found)
    assert {"bad", "good"} <= set(told)
    assert set(told) - {"bad", "good"} <= set(EXCLUSIONS)


def test_outcomes_given_from_outside() -> None:
    """A label given as an outcome keeps its case and day, and is about the application of the same name."""
    rows = {
        "outcomes": [
            BASIC | {"known_on": date(2020, 1, 1), "case": case, "as_of": date(2019, 1, 1), "label": label}
            for case, label in (("A-1", True), ("other", False), ("open", None))
        ],
        "applications": [
            BASIC | {"known_on": date(2019, 1, 1), "application": "A-1", "applied_on": date(2019, 1, 1), "bank": "b"}
        ],
    }
    found = labels(frames_of(rows), plan_of("outcomes", "given"), Observed(None, date.max), shipped()).sort("case")
    told = found.select("case", "application", "bank", "label", "status").rows()
    assert told == [
        ("A-1", "A-1", "b", 1, "bad"),
        ("open", None, None, None, "not_labelled"),
        ("other", None, None, 0, "good"),
    ]


def test_facts_after_the_extract_are_unseen() -> None:
    """A default that became known after the day of the extract does not exist for the label."""
    case = next(c for c in CASES if c["case"].startswith("The same bullet loan"))
    plan = plan_of("performance", "maturity")
    frames = frames_of(rows_of(case))
    extract = date(2027, 1, 31)
    found = labels(frames, plan, Observed(extract, date(2027, 12, 31)), shipped())
    assert found["bad_on"].to_list() == [None]
