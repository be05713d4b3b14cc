"""What became of every application: bad, good, or why it cannot be said; the funnel from all to the sample.

Default is dated policy (`default_definition`) at the level of the borrower: any of its loans makes it. The clock starts
at drawdown; the question was asked on the day before the contract, with what was known then. A case whose window is not
wholly seen is left out whatever has happened so far: to keep only its early defaults would make lending look worse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import polars as pl

from features.frames import polars_schema
from features.policy import Parameter, Policy
from features.tables import TABLES
from training.learning.plan import Labels, Plan

T = TypeVar("T")

Frames = Mapping[str, pl.DataFrame]

LABELLED = {
    "case": pl.String(),
    "firm": pl.String(),
    "as_of": pl.Date(),
    "application": pl.String(),
    "bank": pl.String(),
    "branch": pl.String(),
    "label": pl.Int8(),
    "status": pl.String(),
    "bad_on": pl.Date(),
    "cause": pl.String(),
    "months_to_bad": pl.Float64(),
    "settled_by": pl.String(),
    "renewed": pl.Boolean(),
    "deferred": pl.Boolean(),
    "term_months": pl.Int32(),
    "renewal_days": pl.Int32(),
}
"""The columns of a labelled case. `label` is 1 where the event that the model counts came, 0 where not, null where
`status` says why neither can be said. `bad_on` is the borrower's first default from drawdown on, in the window or not.
`term_months` is the term asked for; `renewal_days` by how much following renewals put the window's end off, null where
it does not hang on the maturity.
"""

EXCLUSIONS = (
    "no_application",
    "withdrawn",
    "declined",
    "not_granted",
    "never_drawn",
    "other_list",
    "outside_days",
    "in_default",
    "censored",
    "lost_from_view",
    "deferred",
    "not_labelled",
    "gate_not_passed",
)
"""Why a case is not in the sample, in the order of the funnel; their names are the templates `case_status.CODE`."""

KEPT = {
    "performance": ("bad", "good"),
    "outcomes": ("bad", "good"),
    "whitelist_entries": ("admitted", "refused", "removed"),
}


@dataclass(frozen=True)
class Observed:
    """What the data show in the end: facts known by `extract` (None: all), monthly figures up to `to`."""

    extract: date | None
    to: date


def last_facts(frames: Frames, table: str, extract: date | None) -> pl.DataFrame:
    """Every fact of a table as last stated by the day of the extract, without those taken back."""
    rows = frames.get(table, pl.DataFrame(schema=polars_schema(table)))
    if extract is not None:
        rows = rows.filter(pl.col("known_on") <= extract)
    key = ["firm", *TABLES[table].key]
    last = rows.sort("known_on", maintain_order=True).unique(key, keep="last", maintain_order=True)
    return last.filter(pl.col("withdrawn").is_null() | ~pl.col("withdrawn"))


def labels(frames: Frames, plan: Plan, observed: Observed, policy: Policy) -> pl.DataFrame:
    """One row per case of some firms, in the columns of `LABELLED`. `frames` hold all rows of these firms."""
    made = {"performance": _of_loans, "whitelist_entries": _of_lists, "outcomes": _of_outcomes}
    cases = made[plan.labels.source](frames, plan, observed, policy)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in LABELLED.items() if name not in cases.columns]
    whole = cases.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in LABELLED.items())
    return _inside_days(whole, plan.labels).sort("firm", "as_of", "case")


def observed(latest_month: date | None, plan: Plan) -> Observed:
    """How far the data show: `latest_month` is the last month's end in `performance` that the extract knows."""
    return Observed(plan.labels.observed_to, latest_month or plan.labels.observed_to or date.max)


def latest_month(frames: Frames, plan: Plan) -> date | None:
    """The last month's end of the monthly figures, or of the lists' decisions, known by the day of the extract."""
    about = {"performance": ("performance", "month_end"), "whitelist_entries": ("whitelist_entries", "known_on")}
    if plan.labels.source not in about:
        return None
    table, day = about[plan.labels.source]
    latest = last_facts(frames, table, plan.labels.observed_to)[day].max()
    return latest if isinstance(latest, date) else None


def funnel(cases: pl.DataFrame) -> dict[str, int]:
    """How many cases there were, how many were left out for each reason, and how many of each kind are the sample."""
    counts = dict(cases["status"].value_counts().iter_rows())
    kept = [status for status in counts if status not in EXCLUSIONS]
    left_out = {why: counts[why] for why in EXCLUSIONS if why in counts}
    return {"cases": cases.height, **left_out, **{status: counts[status] for status in sorted(kept)}}


# --- loans -----------------------------------------------------------------------------------------------------------


def _of_loans(frames: Frames, plan: Plan, observed: Observed, policy: Policy) -> pl.DataFrame:
    loans = _with_chain(
        last_facts(frames, "loans", observed.extract), last_facts(frames, "performance", observed.extract)
    )
    asked = _asked(last_facts(frames, "applications", observed.extract), loans)
    windowed = asked.with_columns(**_window(plan.horizon, policy))
    judged = _with_default(windowed, default_events(frames, observed, policy))
    inside = pl.col("bad_on") <= pl.col("window_end")
    probation = _in_force(policy("default_definition.probation"), pl.col("drawn_on"), pl.lit)
    still = pl.col("earlier_seen_on") >= pl.col("drawn_on") - pl.duration(days=probation)
    unseen = ~pl.col("closed") & (pl.col("seen_to") < pl.col("window_end") - pl.duration(days=31))
    deferred = pl.col("deferred") & (plan.labels.deferred == "leave_out")
    status = (
        pl.when(pl.col("status").is_not_null()).then("status")
        .when(still).then(pl.lit("in_default"))
        .when(pl.col("window_could_end") > observed.to).then(pl.lit("censored"))
        .when(inside).then(pl.lit("bad"))
        .when(unseen).then(pl.lit("lost_from_view"))
        .when(deferred).then(pl.lit("deferred"))
        .otherwise(pl.lit("good"))
    )  # fmt: skip
    days = (pl.col("bad_on") - pl.col("drawn_on")).dt.total_days()
    return judged.with_columns(status=status, months_to_bad=days / 30.4375).with_columns(label=_label("bad", "good"))


def _asked(applications: pl.DataFrame, loans: pl.DataFrame) -> pl.DataFrame:
    """One row per application with its loan (several drawdowns: first day, last maturity), and loans without one."""
    granted = (
        loans.filter(pl.col("application").is_not_null())
        .sort("drawn_on", nulls_last=True)
        .group_by("firm", "application", maintain_order=True)
        .agg(
            pl.col("granted_on", "drawn_on").min(),
            pl.col("own_due_on", "due_on", "seen_to").max(),
            pl.col("closed").all(),
            pl.col("renewed", "deferred").any(),
            pl.col("settled_by").drop_nulls().last(),
        )
    )
    asked = applications.join(granted, on=["firm", "application"], how="left", coalesce=True)
    status = (
        pl.when(pl.col("withdrawn_on").is_not_null() & pl.col("drawn_on").is_null()).then(pl.lit("withdrawn"))
        .when(pl.col("declined_on").is_not_null() & pl.col("drawn_on").is_null()).then(pl.lit("declined"))
        .when(pl.col("granted_on").is_null() & pl.col("drawn_on").is_null()).then(pl.lit("not_granted"))
        .when(pl.col("drawn_on").is_null()).then(pl.lit("never_drawn"))
    )  # fmt: skip
    contract = pl.coalesce("granted_on", "drawn_on")
    as_of = pl.max_horizontal("applied_on", contract - pl.duration(days=1))
    known = asked.with_columns(status=status, as_of=as_of, case=pl.col("application"))
    stray = loans.filter(pl.col("application").is_null()).with_columns(
        case=pl.col("loan"), as_of=pl.coalesce("granted_on", "drawn_on", "known_on"), status=pl.lit("no_application")
    )
    return pl.concat([known, stray], how="diagonal")


def _with_chain(loans: pl.DataFrame, performance: pl.DataFrame) -> pl.DataFrame:
    """Each loan with the end of its chain of renewals: last maturity, how far it is seen, and whether it is closed."""
    shut = pl.col("settled_by").is_not_null() & (pl.col("settled_by") != "renewal")
    months = performance.group_by("firm", "loan").agg(
        seen_to=pl.col("month_end").max(),
        closed=(shut | ((pl.col("balance") == 0) & pl.col("settled_by").is_null())).any(),
        deferred=pl.col("deferred").fill_null(False).any(),
        settled_by=pl.col("settled_by").drop_nulls().last(),
    )
    due = pl.coalesce("due_on", _after_months("drawn_on", pl.col("term_months")))
    own = loans.with_columns(due_on=due, own_due_on=due).join(months, on=["firm", "loan"], how="left")
    ends = _chain_ends(dict(own.filter(pl.col("renews").is_not_null()).select("renews", "loan").iter_rows()))
    last = own.select("firm", "due_on", last="loan", seen_to="seen_to", closed=pl.col("closed").fill_null(False))
    return (
        own.drop("due_on", "seen_to", "closed")
        .with_columns(last=pl.col("loan").replace_strict(ends, default=pl.col("loan"), return_dtype=pl.String))
        .join(last, on=["firm", "last"], how="left")
        .with_columns(renewed=pl.col("last") != pl.col("loan"), deferred=pl.col("deferred").fill_null(False))
    )


def _chain_ends(successor: Mapping[str, str]) -> dict[str, str]:
    """For each renewed loan the last loan of its chain; a chain that runs in a circle ends where it began to repeat."""
    ends = {}
    for loan in successor:
        seen, last = {loan}, loan
        while last in successor and successor[last] not in seen:
            last = successor[last]
            seen.add(last)
        ends[loan] = last
    return ends


def _after_months(day: str, months: pl.Expr) -> pl.Expr:
    return pl.col(day).dt.offset_by(pl.format("{}mo", months))


def _window(horizon: str, policy: Policy) -> dict[str, pl.Expr]:
    """`window_end`, the last day on which a default counts, and `window_could_end`, the last one that it could be.

    The second knows nothing of what came of the loan, and decides whether a case is yet seen: were it the first, a loan
    renewed lately would be left out and its neighbour that defaulted would not, and the late years would look bad.
    """
    if horizon == "12m":
        end = _after_months("drawn_on", _in_force(policy("default_definition.horizon"), pl.col("drawn_on"), pl.lit))
        return {"window_end": end, "window_could_end": end, "renewal_days": pl.lit(None, pl.Int32)}
    renewals = _in_force(policy("default_definition.renewals_followed"), pl.col("own_due_on"), pl.lit)
    after = _in_force(policy("default_definition.observation_after_maturity"), pl.col("own_due_on"), pl.lit)
    last, watched = _after_months("own_due_on", renewals), pl.duration(days=after)
    followed = pl.min_horizontal("due_on", last)
    return {
        "window_end": followed + watched,
        "window_could_end": last + watched,
        "renewal_days": (followed - pl.col("own_due_on")).dt.total_days(),
    }


def default_events(frames: Frames, observed: Observed, policy: Policy) -> pl.DataFrame:
    """When each firm defaulted: `firm`, `day`, `cause`, and `seen_on`, the last day on which that default was seen.

    More than 90 days past due is dated on the 91st day, by counting back from the month's end.
    """
    definition = {name: policy(f"default_definition.{name}") for name in _DEFINITION}
    months = last_facts(frames, "performance", observed.extract)
    classes = TABLES["performance"].columns["risk_class"].choices
    end, late = pl.col("month_end"), pl.col("days_past_due")
    limit = _in_force(definition["days_past_due"], end, pl.lit)
    material = pl.col("overdue").is_null() | (pl.col("overdue") > _in_force(definition["material_amount"], end, pl.lit))
    first_day = end - pl.duration(days=late - limit - 1)
    found = [
        _events(months.filter((late > limit) & material), "days_past_due", first_day),
        _events(months.filter(_in_force(definition["worst_class"], end, _class_test(classes))), "risk_class", end),
        _events(months.filter(_in_force(definition["settled_by"], end, pl.col("settled_by").is_in)), "settled_by", end),
        _events(
            months.filter(pl.col("restructured") & _in_force(definition["restructured"], end, pl.lit)),
            "restructured",
            end,
        ),
    ]
    filed = last_facts(frames, "credit_events", observed.extract).filter(pl.col("event") == "insolvency")
    on = pl.col("happened_on")
    found.append(_events(filed.filter(_in_force(definition["insolvency"], on, pl.lit)), "insolvency", on, on))
    return pl.concat(found).group_by("firm", "day").agg(pl.col("cause").first(), pl.col("seen_on").max()).sort("day")


_DEFINITION = ("days_past_due", "material_amount", "worst_class", "settled_by", "restructured", "insolvency")
READ = tuple(
    f"default_definition.{name}"
    for name in (*_DEFINITION, "probation", "horizon", "observation_after_maturity", "renewals_followed")
)
"""The policy that decides what a default is: part of a bundle's snapshot, because its probability means this."""


def _class_test(classes: tuple[str, ...]) -> Callable[[str], pl.Expr]:
    return lambda worst: pl.col("risk_class").is_in(list(classes[classes.index(worst) :]))


def _events(rows: pl.DataFrame, cause: str, day: pl.Expr, seen_on: pl.Expr | None = None) -> pl.DataFrame:
    seen = pl.col("month_end") if seen_on is None else seen_on
    return rows.select("firm", day=day.cast(pl.Date), cause=pl.lit(cause), seen_on=seen.cast(pl.Date))


def _in_force(parameter: Parameter, day: pl.Expr, test: Callable[[T], pl.Expr]) -> pl.Expr:
    """`test` of the value in force on each day; null before the first value."""
    found: pl.Expr = pl.lit(None)
    for since, value in parameter.values.items():
        found = pl.when(day >= since).then(test(value)).otherwise(found)
    return found


def _with_default(cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Each case with its firm's first default from drawdown on, and the last one before it."""
    later = events.rename({"day": "bad_on"}).drop("seen_on").sort("bad_on")
    earlier = events.select("firm", earlier_on="day", earlier_seen_on="seen_on").sort("earlier_on")
    drawn, rest = cases.filter(pl.col("drawn_on").is_not_null()), cases.filter(pl.col("drawn_on").is_null())
    eve = drawn.with_columns(eve=pl.col("drawn_on") - pl.duration(days=1)).sort("drawn_on")
    found = eve.join_asof(
        later, left_on="drawn_on", right_on="bad_on", by="firm", strategy="forward", check_sortedness=False
    )
    found = found.join_asof(
        earlier, left_on="eve", right_on="earlier_on", by="firm", strategy="backward", check_sortedness=False
    )
    return pl.concat([found, rest], how="diagonal")


# --- lists and given outcomes ----------------------------------------------------------------------------------------


def _of_lists(frames: Frames, plan: Plan, observed: Observed, _: Policy) -> pl.DataFrame:
    """One case per decision of a committee: admitted and not removed for cause within the plan's months, or not."""
    entries = last_facts(frames, "whitelist_entries", observed.extract)
    wanted = pl.col("list") if plan.labels.list is None else pl.lit(plan.labels.list)
    window_end = pl.col("decided_on").dt.offset_by(f"{plan.labels.removal_months}mo")
    removed = (pl.col("removed_for") == "cause") & (pl.col("removed_on") <= window_end)
    status = (
        pl.when(pl.col("list") != wanted).then(pl.lit("other_list"))
        .when(pl.col("admitted").is_null()).then(pl.lit("not_labelled"))
        .when(window_end > observed.to).then(pl.lit("censored"))
        .when(~pl.col("admitted")).then(pl.lit("refused"))
        .when(removed.fill_null(False)).then(pl.lit("removed"))
        .otherwise(pl.lit("admitted"))
    )  # fmt: skip
    day = pl.col("decided_on")
    return entries.with_columns(
        case=pl.format("{}:{}:{}", "list", "firm", day.dt.to_string("%Y-%m-%d")),
        as_of=day - pl.duration(days=1),
        status=status,
    ).with_columns(
        label=pl.when(pl.col("status") == "admitted")
        .then(1)
        .when(pl.col("status").is_in(["refused", "removed"]))
        .then(0)
    )


def _of_outcomes(frames: Frames, plan: Plan, observed: Observed, _: Policy) -> pl.DataFrame:
    """One case per outcome given from outside; a case named like an application of the firm is about it."""
    given = last_facts(frames, "outcomes", observed.extract).filter(
        pl.col("case").str.starts_with(plan.labels.starts_with)
    )
    asked = last_facts(frames, "applications", observed.extract).select("firm", "application", "bank", "branch")
    about = given.join(asked.with_columns(case="application"), on=["firm", "case"], how="left")
    one, zero = ("admitted", "refused") if plan.what.label_is_good else ("bad", "good")
    status = (
        pl.when(pl.col("label").is_null()).then(pl.lit("not_labelled"))
        .when(pl.col("label")).then(pl.lit(one))
        .otherwise(pl.lit(zero))
    )  # fmt: skip
    return about.with_columns(status=status, label=pl.col("label").cast(pl.Int8))


def _label(one: str, zero: str) -> pl.Expr:
    return pl.when(pl.col("status") == one).then(1).when(pl.col("status") == zero).then(0)


def _inside_days(cases: pl.DataFrame, wanted: Labels) -> pl.DataFrame:
    """The cases, those that would be labelled but were asked outside the plan's days marked so."""
    outside = pl.lit(False)
    if wanted.since is not None:
        outside = outside | (pl.col("as_of") < wanted.since)
    if wanted.until is not None:
        outside = outside | (pl.col("as_of") > wanted.until)
    moved = pl.col("label").is_not_null() & outside
    return cases.with_columns(
        status=pl.when(moved).then(pl.lit("outside_days")).otherwise("status"),
        label=pl.when(moved).then(None).otherwise("label"),
    )
