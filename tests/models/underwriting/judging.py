"""Many made-up cases judged at once: what the laws over the whole chain compare."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import numpy as np

from features.arrays import Floats
from features.asof import Case, as_known
from features.encoded import Tables
from features.matrix import build
from features.policy import shipped
from models.collateral import security
from models.collateral.valuation import Range, Worth
from models.lending import Lending, lending
from models.rules import forget
from tests.builders import NORMS
from tests.models.underwriting.base_firm import CONTROLLER, DAY, FIRM, WAN, Row, Rows, complete
from tests.models.underwriting.whole_case import PATENTS, whole

ADVICE = ("recommend", "refer", "advise_against")
"""From good to bad."""
YEAR = 2
"""The place of the latest yearly books among the rows of the base firm."""
POINTS = 620.0


@dataclass(frozen=True)
class Judged:
    """Advice as its place in `ADVICE`, the limit in fen (None: not known), and open findings with their effects."""

    advice: int
    limit: int | None
    open: dict[str, str]
    lent: Lending

    def no_better_than(self, other: "Judged") -> bool:
        """Whether neither advice nor limit is better than the other's; a limit that is not known is no better."""
        return self.advice >= other.advice and self.no_more_than(other)

    def no_more_than(self, other: "Judged") -> bool:
        """Whether the limit is no higher."""
        return self.limit is None or (other.limit is not None and self.limit <= other.limit)

    @property
    def not_known(self) -> frozenset[str]:
        """The rules that lack a fact, and weigh more than a caution for it."""
        return frozenset(rule for rule, found in self.open.items() if found.startswith("unknown"))

    @property
    def told(self) -> str:
        """In one line, for a test that failed."""
        return f"{ADVICE[self.advice]}, {self.limit}, {self.open}"


def judged(cases: Sequence[Rows], later: Mapping[int, date] = MappingProxyType({})) -> list[Judged]:
    """What is advised on each of the cases, all in one batch; `later`: the day of those asked on another day."""
    known = as_known(_tables(cases), _asked(len(cases), later), NORMS, shipped())
    with _valued():
        found = [_judged(lending(known, place, POINTS, pd=0.0099)) for place in range(len(cases))]
    forget(known)
    return found


def read_of(cases: Sequence[Rows], names: Sequence[str]) -> Floats:
    """Features of each of the cases."""
    return build(_asked(len(cases), {}), _tables(cases), list(names), NORMS, shipped())


def _asked(number: int, later: Mapping[int, date]) -> list[Case]:
    return [Case(str(place), f"row:{place}", later.get(place, DAY), "A1") for place in range(number)]


def _tables(cases: Sequence[Rows]) -> Tables:
    """The rows of all cases, each as those of a firm of its own."""
    rows: dict[str, list[Row]] = {}
    for place, given in enumerate(cases):
        own = f"row:{place}"
        for table, found in complete(given).items():
            rows.setdefault(table, []).extend(
                {name: own if value == FIRM else value for name, value in row.items()} for row in found
            )
    return Tables.from_rows(rows)


def _judged(lent: Lending) -> Judged:
    said = lent.recommendation
    assert said is not None
    return Judged(
        ADVICE.index(said.advice),
        lent.security.limit.amount if lent.security else None,
        {f.rule: f"{f.outcome} {f.effect}" for f in lent.judged.open if f.effect not in ("info", "caution")},
        lent,
    )


@contextmanager
def _valued() -> Iterator[None]:
    """Our own valuation as the worked cases give it for three patents: the same for each of any number."""

    def worth(pool: Any, *_: Any) -> Worth:
        one = Range(300 * WAN, 533 * WAN, 866 * WAN)
        each = tuple(one for _ in range(len(pool)))
        whole = Range(*(getattr(one, name) * max(len(pool), 1) for name in ("p10", "p50", "p90")))
        rest = Range(*(value // 10 for value in (whole.p10, whole.p50, whole.p90)))
        draws = np.sort(np.array([whole.p10, whole.p50, whole.p90], dtype=np.float64))
        return Worth(whole, rest, each, each, draws, draws)

    with patch.object(security, "worth", worth):
        yield


# --- made-up bases ---------------------------------------------------------------------------------------------------


def made_up(seed: int) -> Rows:
    """The base firm of the worked cases with up to five random changes: amounts, what is not told, what is adverse."""
    chance, given = Random(seed), deepcopy(whole())
    for change in chance.sample(_CHANGES, chance.randrange(6)):
        change(chance, given)
    return given


def _asks(chance: Random, given: Rows) -> None:
    amount = chance.choice((20, 100, 250, 450, 451, 600, 1000, 2000)) * WAN + chance.choice((0, 0, 123_456))
    given["applications"][0] |= {"amount": amount, "term_months": chance.choice((6, 12, 18, 36))}
    given["uses"][0] |= {"amount": chance.choice((amount, amount, 300 * WAN)), "document": chance.choice(("C1", None))}


def _books(chance: Random, given: Rows) -> None:
    books = given["statements"][YEAR]
    items = [name for name, value in books.items() if isinstance(value, int) and not isinstance(value, bool)]
    for name in chance.sample([name for name in items if name != "months"], 3):
        books[name] = None if chance.random() < 0.3 else round(books[name] * chance.choice((0.2, 0.7, 1.5, 3, -0.5)))


def _opinion(chance: Random, given: Rows) -> None:
    given["statements"][YEAR] |= {"audited": None, "audit_opinion": chance.choice(("emphasis", "qualified", None))}


def _not_told(chance: Random, given: Rows) -> None:
    for table in ("bureau", "person_bureau", "firms", "appraisals"):
        if given[table]:
            row = given[table][0]
            kept = ("queried_on", "person", "pool", "base_on", "legal_name")
            row[chance.choice([name for name in row if name not in kept])] = None


def _none(chance: Random, given: Rows) -> None:
    given[chance.choice(("tax_filings", "account_flows", "guarantees", "appraisals", "bureau", "person_bureau"))] = []


def _appraised(chance: Random, given: Rows) -> None:
    for row in given["appraisals"]:
        row |= {"value": chance.randrange(10**8, 5 * 10**9), "confirmed_value": chance.randrange(10**8, 4 * 10**9)}


def _old(chance: Random, given: Rows) -> None:
    for row in given[chance.choice(("bureau", "person_bureau"))]:
        row["queried_on"] = DAY - timedelta(days=chance.choice((5, 45, 120)))


def _adverse(chance: Random, given: Rows) -> None:
    if given["bureau"]:
        name = chance.choice(("overdue", "worst_days", "special_mention", "inquiries", "guarantees_given", "balance"))
        given["bureau"][0][name] = chance.choice((1, 9, 40, 2_000_000, 3000 * WAN))


def _sued(chance: Random, given: Rows) -> None:
    amount = chance.choice((None, 90 * WAN, 300 * WAN, 900 * WAN))
    side = chance.choice(("defendant", "plaintiff", None))
    given["credit_events"].append(
        {"happened_on": date(2026, 5, 1), "event": "lawsuit", "side": side, "amount": amount, "reference": "s"}
    )


def _orders(chance: Random, given: Rows) -> None:
    given["orders"] = [
        {"order": f"O{n}", "buyer": f"row:buyer-{n}", "signed_on": DAY - timedelta(days=20), "received": 0,
         "amount": chance.choice((300, 1000)) * WAN, "account": chance.choice((True, None)),
         "document": chance.choice((f"O{n}", None))}
        for n in range(chance.randrange(1, 3))
    ]  # fmt: skip


def _renews(chance: Random, given: Rows) -> None:
    given["applications"][0]["renews"] = "L1"
    _lend(given, {"loan": "L1", "application": "A0", "drawn_on": date(2025, 12, 1)}, _month(chance, "L1"))


def _month(chance: Random, loan: str) -> Row:
    late = chance.choice(({"days_past_due": 0, "overdue": 0}, {"days_past_due": 0}, {"days_past_due": 20},
                          {"days_past_due": 200}, {"overdue": 40 * WAN}, {}))  # fmt: skip
    classed = chance.choice(("normal", "normal", None, "special_mention", "substandard"))
    return {"loan": loan, "month_end": date(2026, 10, 31), "balance": 300 * WAN, "risk_class": classed} | late


def _lent(chance: Random, given: Rows) -> None:
    """Another loan of ours that runs."""
    _lend(given, {"loan": "L2", "drawn_on": date(2026, 2, 2)}, _month(chance, "L2"))


def _lend(given: Rows, loan: Row, month: Row) -> None:
    given["loans"] = [*given.get("loans", ()), loan | {"amount": 300 * WAN}]
    given["performance"] = [*given.get("performance", ()), month]


def _purpose(chance: Random, given: Rows) -> None:
    purpose, use = chance.choice((("research", "research"), ("equipment", "equipment"), ("refinance", "renewal")))
    given["applications"][0] |= {"purpose": purpose, "product": chance.choice(("working_capital", "fixed_asset", None))}
    given["uses"][0]["use"] = use
    if use == "renewal":
        return
    kind = "research" if use == "research" else "equipment"
    given["projects"] = [
        {"application": "A1", "project": "P", "kind": kind, "cost": 900 * WAN,
         "capital": chance.choice((None, 100, 300)) and 200 * WAN}
    ]  # fmt: skip


def _fewer_patents(chance: Random, given: Rows) -> None:
    given["collateral"] = chance.sample(given["collateral"], chance.randrange(3))


def _patent_facts(chance: Random, given: Rows) -> None:
    place = chance.randrange(len(PATENTS))
    change = chance.choice(("bought", "filed", "gone", "fees"))
    if change == "bought":
        given["holdings"][place] |= {"how": "bought", "from_on": DAY - timedelta(days=chance.choice((40, 250, 600)))}
    elif change == "filed":
        given["patents"][place]["filed_on"] = DAY - timedelta(days=200)
        given["patents"][place]["granted_on"] = DAY - timedelta(days=60)
        given["holdings"][place]["from_on"] = DAY - timedelta(days=200)
    elif change == "gone":
        given["people"][-1 - place]["employed"] = False
    else:
        given["patents"][place]["fees_paid_to"] = chance.choice((None, DAY - timedelta(days=30)))


def _secured(chance: Random, given: Rows) -> None:
    given["collateral"].append(an_item(chance, "base"))
    if chance.random() < 0.5:
        given["guarantees"].append(a_guarantee(chance, "base"))


def _person(chance: Random, given: Rows) -> None:
    if given["person_bureau"]:
        name = chance.choice(("overdue", "worst_months", "business_loans", "authorised_on"))
        given["person_bureau"][0][name] = None if name == "authorised_on" else chance.choice((2, 400 * WAN))


_CHANGES: tuple[Callable[[Random, Rows], None], ...] = (
    _asks, _asks, _appraised, _appraised, _books, _books, _opinion, _not_told, _none, _old, _adverse, _sued, _orders,
    _renews, _lent, _purpose, _fewer_patents, _patent_facts, _secured, _person,
)  # fmt: skip


# --- security --------------------------------------------------------------------------------------------------------


def an_item(chance: Random, name: str, kind: str | None = None, sort: str | None = None) -> Row:
    """An item that is no patent, valued or not."""
    kinds = ("trademark", "copyright", "real_estate", "equipment", "receivables", "equity", "deposit", "other")
    return {
        "application": "A1", "item": name, "kind": kind or chance.choice(kinds), "sort": sort,
        "confirmed_value": chance.choice((None, 100 * WAN, 800 * WAN)),
        "valued_on": chance.choice((None, DAY, DAY, DAY - timedelta(days=500))),
        "prior_secured": chance.choice((None, 0, 90 * WAN)), "owner_agrees": chance.choice((True, True, False, None)),
    }  # fmt: skip


def a_guarantee(chance: Random, name: str, kind: str | None = None) -> Row:
    """A guarantee for the loan by somebody else, signed or not."""
    kinds = ("controller_joint", "company", "guarantee_institution", "insurer")
    return {
        "application": "A1", "debtor": FIRM, "kind": kind or chance.choice(kinds),
        "guarantor": CONTROLLER if kind == "controller_joint" else f"row:{name}",
        "amount": chance.choice((None, 100 * WAN, 500 * WAN)), "share": chance.choice((None, 0.3, 0.8, 1.0)),
        "signed_on": chance.choice((None, DAY)), "net_assets": chance.choice((None, 3_000 * WAN, 50_000 * WAN)),
        "outstanding": chance.choice((None, 0, 600_000 * WAN)), "spouse_signed": chance.choice((None, True)),
    }  # fmt: skip
