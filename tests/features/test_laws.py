"""What holds for every feature whatever the rows: order, batch, time and the way the rows came do not matter."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given

from features.asof import Case
from features.encoded import Tables
from features.frames import polars_schema
from features.matrix import build
from features.policy import Parameter, Policy, shipped
from features.registry import CATALOGUE
from features.tables import TABLES
from tests.amount import law
from tests.builders import FIRMS, NORMS, SEEDS, RowsByTable, made_up, make_rows, patent_numbers

NAMES = [*CATALOGUE, "measure:tax_paid", "measure:never_measured"]


def bits(rows: RowsByTable, cases: list[Case]) -> list[bytes]:
    """The exact bits of each case's features."""
    made = build(cases, Tables.from_rows(rows), NAMES, NORMS, shipped())
    return [row.tobytes() for row in made]


@law(60)
@given(SEEDS)
def test_a_batch_is_its_cases_one_by_one(seed: int) -> None:
    """A case has the same features bit for bit alone with its firm's rows and among others."""
    rows, cases = made_up(seed)
    alone = [bits({t: [r for r in rs if r["firm"] == c.firm] for t, rs in rows.items()}, [c])[0] for c in cases]
    assert bits(rows, cases) == alone


@law(60)
@given(SEEDS)
def test_order_of_rows_does_not_matter(seed: int) -> None:
    """The same rows in another order, also with every row given twice, give the same bits."""
    rows, cases = made_up(seed)
    shuffled = {table: Random(seed).sample(found + found, 2 * len(found)) for table, found in rows.items()}
    assert bits(shuffled, cases) == bits(rows, cases)


@law(60)
@given(SEEDS)
def test_rows_not_yet_known_are_invisible(seed: int) -> None:
    """Leaving out every row that became known after the day changes nothing."""
    rows, (case, *_) = made_up(seed)
    until = {table: [r for r in found if r["known_on"] <= case.as_of] for table, found in rows.items()}
    assert bits(rows, [case]) == bits(until, [case])


@law(60)
@given(SEEDS)
def test_frames_and_rows_are_one(seed: int) -> None:
    """The lake's frames and a request's rows lead to the same bits."""
    rows, cases = made_up(seed)
    frames = {t: pl.DataFrame(found, schema=polars_schema(t)) for t, found in rows.items() if found}
    made = build(cases, Tables.from_frames(frames), NAMES, NORMS, shipped())
    assert [row.tobytes() for row in made] == bits(rows, cases)


@law(60)
@given(SEEDS)
def test_no_feature_is_infinite(seed: int) -> None:
    """A feature is a finite number or not known."""
    rows, cases = made_up(seed)
    made = build(cases, Tables.from_rows(rows), NAMES, NORMS, shipped())
    assert not np.isinf(made).any()


@law(60)
@given(SEEDS)
def test_a_patent_bought_later_is_not_in_an_earlier_portfolio(seed: int) -> None:
    """Buying a further patent after the day, with all that is known of it, leaves the earlier portfolio as it was."""
    rows, (case, *_) = made_up(seed)
    later = case.as_of + timedelta(days=1)
    number = patent_numbers(50)[-1]
    common = {"firm": case.firm, "source_kind": "register", "patent": number}
    bought = {
        "patents": [common | {"known_on": date(2015, 1, 1), "kind": "invention", "filed_on": date(2014, 1, 1)}],
        "holdings": [common | {"known_on": later, "holder": case.firm, "from_on": later, "how": "bought"}],
    }
    with_it = {table: found + bought.get(table, []) for table, found in rows.items()}
    before, after = (dict(zip(NAMES, _one(r, case), strict=True)) for r in (rows, with_it))
    held = [name for name in NAMES if name in CATALOGUE and CATALOGUE[name].family == "portfolio"]
    for name in held:
        np.testing.assert_equal(after[name], before[name], err_msg=name)


@law(60)
@given(SEEDS)
def test_what_secures_the_loan_moves_no_input_of_default(seed: int) -> None:
    """Other collateral, guarantees and appraisals leave every feature that a model of default may read, bit for bit."""
    rows, cases = made_up(seed)
    other = make_rows(Random(seed + 1))
    securing = {table: _not_registered(other[table]) for table in ("collateral", "guarantees", "appraisals")}
    # A pledge that stands burdens a patent: what any row of its key records stays as it is.
    recorded = {_key(row) for row in rows["collateral"] if "registered_on" in row}
    own = [row for row in securing["collateral"] if _key(row) not in recorded]
    securing["collateral"] = own + [row for row in rows["collateral"] if _key(row) in recorded]
    names = [name for name in NAMES if name not in CATALOGUE or not CATALOGUE[name].security]
    before, after = (build(cases, Tables.from_rows(r), names, NORMS, shipped()) for r in (rows, rows | securing))
    for place, name in enumerate(names):
        np.testing.assert_array_equal(after[:, place], before[:, place], err_msg=name)


def test_what_tells_of_security_says_so() -> None:
    """Every feature made from tables of security is marked, so that a plan leaves it out."""
    of_security = {"collateral", "guarantees", "appraisals"}
    assert [f.name for f in CATALOGUE.values() if f.table in of_security and not f.security] == []


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("firm", *TABLES["collateral"].key))


def _not_registered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "registered_on"} for row in rows]


def _one(rows: RowsByTable, case: Case) -> Iterable[float]:
    found: Iterable[float] = build([case], Tables.from_rows(rows), NAMES, NORMS, shipped())[0].tolist()
    return found


def test_withdrawn_row_is_gone_and_a_correction_counts() -> None:
    """A later row with the same key takes the place of the earlier one; a withdrawn one leaves nothing."""
    first = {"firm": FIRMS[0], "known_on": date(2025, 1, 1), "source_kind": "register", "staff": 10}
    second = first | {"known_on": date(2025, 2, 1), "staff": 20}
    gone = first | {"known_on": date(2025, 3, 1), "withdrawn": True}
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]
    tables = Tables.from_rows({"firms": [gone, first, second]})
    made = build([Case("c", FIRMS[0], d) for d in days], tables, ["staff"], NORMS, shipped())
    np.testing.assert_equal(made[:, 0], [np.nan, 10.0, 20.0, np.nan])


class _Reads(Policy):
    """A policy that notes which parameters are read."""

    def __call__(self, name: str) -> Parameter:
        self.__dict__.setdefault("read", set()).add(name)
        return super().__call__(name)


@law(25)
@given(SEEDS)
def test_a_feature_reads_no_policy_that_it_does_not_declare(seed: int) -> None:
    """The parameters that a feature declares are all that it reads, so a bundle can keep their values."""
    rows, cases = made_up(seed)
    tables = Tables.from_rows(rows)
    for feature in CATALOGUE.values():
        policy = _Reads(shipped().parameters)
        build(cases, tables, [feature.name], NORMS, policy)
        assert policy.__dict__.get("read", set()) <= set(feature.policies), feature.name


def test_declared_policies_exist() -> None:
    """Every parameter that a feature declares is shipped."""
    assert {name for f in CATALOGUE.values() for name in f.policies} <= set(shipped().names())


def test_catalogue_is_large_and_complete() -> None:
    """There are at least 70 features, each from a real table, with a reason, two names and a meaning."""
    assert len(CATALOGUE) >= 70
    for feature in CATALOGUE.values():
        assert feature.table in TABLES, feature.name
        assert feature.reason, feature.name
        assert feature.zh, feature.name
        assert feature.en, feature.name
        assert feature.meaning.endswith("."), feature.name
        assert feature.because or not feature.direction, feature.name
    assert len({f.zh for f in CATALOGUE.values()}) == len({f.en for f in CATALOGUE.values()}) == len(CATALOGUE)


def test_what_the_bank_granted_is_never_read() -> None:
    """No feature reads granted amount, rate or term, loan-to-value or the amount of an earlier pledge.

    Whatever these columns say, every feature keeps its bits.
    """
    forbidden = {
        "loans": ("amount", "ip_amount", "rate", "term_months", "granted_on", "drawn_on", "due_on"),
        "collateral": ("secured", "maximum_amount"),
        "appraisals": ("confirmed_value",),
    }
    for seed in range(20):
        rows, cases = made_up(seed)
        bare = {
            t: [{k: v for k, v in r.items() if k not in forbidden.get(t, ())} for r in found]
            for t, found in rows.items()
        }
        for row in bare["patent_events"]:
            row.pop("amount", None)
        assert bits(bare, cases) == bits(rows, cases)
