"""What must hold of advice and limit whatever the case: the suite tries a few cases, the proofs many.

Each law takes the seed of a made-up case and yields what breaks it, in words; nothing where it holds.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np

from features.matrix import named
from features.tables import TABLES
from tests.models.underwriting.bad_news import bad_news
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Row, Rows
from tests.models.underwriting.judging import Judged, a_guarantee, an_item, judged, made_up, read_of
from tests.models.underwriting.whole_case import PATENTS
from training import plans
from training.learning.plan import read as planned

Law = Callable[[int], Iterator[str]]


def _told(seed: int, what: str, before: Judged, after: Judged) -> str:
    return f"case {seed}, {what}: {before.told} -> {after.told}"


# --- more security ---------------------------------------------------------------------------------------------------


def more_security(seed: int) -> Iterator[str]:
    """One more item or guarantee of any kind, or one more patent beside those offered, never lowers the limit."""
    given = made_up(seed)
    more = dict(_more_security(Random(seed), given))
    before, *after = judged([given, *more.values()])
    yield from (_told(seed, what, before, one) for what, one in zip(more, after, strict=True) if _lower(one, before))


def _lower(after: Judged, before: Judged) -> bool:
    return before.limit is not None and (after.limit is None or after.limit < before.limit)


def _more_security(chance: Random, given: Rows) -> Iterator[tuple[str, Rows]]:
    columns = TABLES["collateral"].columns
    items = [(kind, None) for kind in columns["kind"].choices if kind != "patent"]
    items += [("other", sort) for sort in columns["sort"].choices]
    for kind, sort in items:
        yield f"{kind} {sort}", _with(given, "collateral", an_item(chance, f"new-{kind}-{sort}", kind, sort))
    for kind in TABLES["guarantees"].columns["kind"].choices:
        yield kind, _with(given, "guarantees", a_guarantee(chance, f"new-{kind}", kind))
    offered = {row["item"] for row in given["collateral"] if row["kind"] == "patent"}
    if offered:  # where none is named, all that the firm holds are taken to be offered
        for number in (*(one for one in PATENTS if one not in offered), "CN202010000000.1"):
            row = {"application": "A1", "kind": "patent", "item": number, "pledgor": FIRM}
            yield f"patent {number}", _with(given, "collateral", row)


def _with(given: Rows, table: str, row: Row) -> Rows:
    return {**given, table: [*given[table], row]}


# --- bad news --------------------------------------------------------------------------------------------------------


def more_bad_news(seed: int) -> Iterator[str]:
    """One more adverse fact of any kind never improves advice or limit."""
    given = made_up(seed)
    worse = {name: found for name, make in bad_news().items() if (found := make(given)) is not None}
    before, *after = judged([given, *worse.values()])
    for name, one in zip(worse, after, strict=True):
        holds = one.no_more_than(before) if _gone_with_its_patent(before, one) else one.no_better_than(before)
        if not holds:
            yield _told(seed, name, before, one)


def _gone_with_its_patent(before: Judged, after: Judged) -> bool:
    """Whether all that the advice rested on was about patents that now drop out, and take their findings with them."""
    was, now = before.lent.recommendation, after.lent.recommendation
    assert was is not None
    assert now is not None
    gone = set(now.dropped) - set(was.dropped)
    return bool(gone) and all(one.subject in gone for one in was.because)


# --- asking more -----------------------------------------------------------------------------------------------------

AMOUNTS = 6


def asking_more(seed: int) -> Iterator[str]:
    """Asking more never lowers the limit, nor lifts what stood below the smaller amount; suspect units apart."""
    chance, given = Random(seed), made_up(seed)
    whole = sorted(chance.sample(range(1, 3000), AMOUNTS))
    amounts = [one * WAN + chance.choice((0, 0, 500_000, 123)) for one in whole]
    most = judged([_asking(given, amounts[-1])])[0].limit
    amounts = sorted({*amounts, *((most + 500_000, most + WAN - 1) if most else ())})  # less than a step above it
    found = judged([_asking(given, amount) for amount in amounts])
    known = [(a, one) for a, one in zip(amounts, found, strict=True) if "units_suspect" not in one.open]
    for (less, before), (_, after) in pairwise(known):
        below = before.limit is None or before.limit < less
        if _lower(after, before) or (below and after.limit != before.limit):
            yield _told(seed, f"asking more than {less}", before, after)


def _asking(given: Rows, amount: int) -> Rows:
    found = deepcopy(given)
    found["applications"][0]["amount"] = amount
    return found


# --- hiding ----------------------------------------------------------------------------------------------------------

LATER = DAY + timedelta(days=4)
NOT_HIDDEN = ("applications", "patents", "holdings", "patent_events", "people", "credit_events", "coverage")
"""Tables of public registers, of whom the firm consists, and the question itself: nobody hides those from the bank."""
NOTHING_ASKED: Mapping[str, str] = {
    "collateral": "where none is named, all that the firm holds are taken to be offered",
    "appraisals": "where nobody appraised, our own middle value is lent on",
    "appraisals.value": "where nobody appraised, our own middle value is lent on",
    "appraisals.confirmed_value": "where nothing is confirmed, our own middle value is lent on",
    "appraisals.patents": "without their number an appraisal is held against the patents offered",
    "statements.audit_opinion": "an opinion that is not told counts as none",
    "statements.audited": "an opinion that is not told counts as none",
    "statements.long_term_debt": "what the books leave out is compared with the report as a caution alone",
    "statements.short_term_debt": "what the books leave out is compared with the report as a caution alone",
    "statements.long_term_due": "what the books leave out is compared with the report as a caution alone",
    **dict.fromkeys(
        ("statements.total_assets", "statements.total_liabilities", "statements.equity"),
        "books that cannot be balanced are told of, and no more",
    ),
    "bureau.balance": "a report without its balance is compared with the books as a caution alone",
}
"""What may be left out without a condition, and why; nothing else may pay."""


def hiding(seed: int) -> Iterator[str]:
    """Who leaves a fact out gets no more without a condition; when that is run again, no more than who told at once."""
    given = made_up(seed)
    hidden = {name: (less, again) for name, less, again in _hidden(given)}
    told, later, *rest = judged(
        [given, given, *(less for less, _ in hidden.values()), *(again for _, again in hidden.values())],
        {1: LATER} | {2 + len(hidden) + place: LATER for place in range(len(hidden))},
    )
    without, again = rest[: len(hidden)], rest[len(hidden) :]
    for name, one, then in zip(hidden, without, again, strict=True):
        if not then.no_better_than(later):
            yield _told(seed, f"told later, {name}", later, then)
        asked = one.not_known - told.not_known
        if not asked and not one.no_better_than(told) and name not in NOTHING_ASKED:
            yield _told(seed, f"left out, {name}", told, one)


def _hidden(given: Rows) -> Iterator[tuple[str, Rows, Rows]]:
    """Each fact by name, with the rows without it and those that tell it four days later."""
    for table, rows in given.items():
        if table in NOT_HIDDEN or not rows:
            continue
        yield table, {**given, table: []}, {**given, table: [row | {"known_on": LATER} for row in rows]}
        for place, row in enumerate(rows[:1] if table == "account_flows" else rows):
            for name, value in row.items():
                column = TABLES[table].columns[name]
                if value is None or column.required or name in TABLES[table].key:
                    continue
                less = {**row, name: None}
                without = [less if at == place else one for at, one in enumerate(rows)]
                yield (
                    f"{table}.{name}",
                    {**given, table: without},
                    {**given, table: [*without, row | {"known_on": LATER}]},
                )


# --- what the model reads --------------------------------------------------------------------------------------------

CONDUCT = ("bureau", "credit_events", "performance")
READ = tuple(
    name for name in planned(Path(plans.__path__[0]) / "pledge.toml").inputs(()) if named(name).table in CONDUCT
)
"""Features of the model of default that tell how the firm conducts itself."""


def worse_conduct(seed: int) -> Iterator[str]:
    """Bad news of conduct moves what the model reads of it the way that means more risk, or leaves it.

    So the probability of default never falls: the trees are monotone in such features. Of a record whose amount is not
    told, the amount to revenue is not known either. More debt makes the part of it that is overdue smaller.
    """
    given = made_up(seed)
    about = [*(f"{table}." for table in CONDUCT), *TABLES["credit_events"].columns["event"].choices, "sued", "serious"]
    worse = {
        name: found
        for name, make in bad_news().items()
        if name.startswith(tuple(about))
        and not name.startswith("bureau.balance")
        and (found := make(given)) is not None
    }
    before, *after = read_of([given, *worse.values()], READ)
    directions = [named(name).direction for name in READ]
    for news, row in zip(worse, after, strict=True):
        for name, direction, was, now in zip(READ, directions, before, row, strict=True):
            lost = np.isnan(now) and not np.isnan(was)
            if (lost and not name.endswith("_to_revenue")) or (now - was) * (direction or np.nan) < 0:
                yield f"case {seed}, {news}: {name} {was} -> {now}"
            if not direction and now != was and not np.isnan(now):
                yield f"case {seed}, {news}: {name} has no direction, {was} -> {now}"


LAWS: Mapping[str, Law] = {
    law.__name__: law for law in (more_security, more_bad_news, asking_more, hiding, worse_conduct)
}
