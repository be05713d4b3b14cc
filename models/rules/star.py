"""The attributes of hard technology by which the STAR board judges an issuer, with the thresholds of the day."""

from collections.abc import Mapping
from functools import reduce

import numpy as np

from features.arithmetic import over_positive
from features.arrays import Floats
from features.exact import exactly
from features.firm_figures import lived_years, research_staff_share, revenue_ratio
from models.rules.batch_columns import FactColumn
from models.rules.branches import branch_of_industry
from models.rules.column_rules import (
    Branches,
    Say,
    Seen,
    fails,
    firm_rule,
    not_applicable,
    passes,
    unknown,
)
from models.rules.common import INDUSTRY_NOT_KNOWN, NOT_KNOWN
from models.rules.criteria import both_true, either_true
from models.rules.decimals import decimal_texts
from models.rules.finding import OUTCOMES
from models.rules.firm_columns import FirmColumns
from models.rules.held_patents import held_counts
from models.words.templates import phrase

_OUTSIDE = phrase("finding.any.observed.outside_star_board")
_MINOR = 100
_YEARS = 3
"""Fen of a yuan; years of books over which research is counted."""


def _judged(
    p: FirmColumns,
    met: Floats,
    seen: Seen,
    required: Mapping[str, FactColumn],
    not_known: Seen = NOT_KNOWN,
) -> Branches:
    """An attribute of a firm in the board's fields. `met`: 1 or 0, NaN where that is not known."""
    field = branch_of_industry(p, "star.fields")
    return Branches(
        [
            not_applicable(field.known & ~field.found, _OUTSIDE),
            unknown(~field.known, "info", INDUSTRY_NOT_KNOWN),
            unknown(np.isnan(met), "info", not_known),
            passes(met == 1, seen),
            fails(None, "info", seen),
        ],
        required=required,
    )


def _reaches(figure: Floats, limit: Floats) -> Floats:
    """1 where a figure reaches a limit, 0 where it does not, NaN where it is not known."""
    return np.where(np.isnan(figure), np.nan, figure >= limit)


def _sums(p: FirmColumns, item: str) -> Floats:
    """An item summed over the latest year, the latest two, and three: (years, cases)."""
    found: Floats = np.cumsum([p.item(item, ago) for ago in range(_YEARS)], axis=0)
    return found


@firm_rule("star.rd_amount", "star.rd_share")
def star_research(p: FirmColumns, say: Say) -> Branches:
    """Three years' research expense reaches a share of revenue, or an amount."""
    amount, part = p.param("star.rd_amount") * _MINOR, p.param("star.rd_share")
    lived, spent, earned = lived_years(p.known), _sums(p, "rd_expense"), _sums(p, "revenue")
    counted = np.where((lived >= 1) & (lived < _YEARS), lived, _YEARS).astype(np.int64) - 1, np.arange(len(p))
    share = over_positive(spent[counted], earned[counted])
    both = say.observed("research", share=decimal_texts(share, 6), amount=p.count(spent[-1]))
    partly = np.isnan(share) | np.isnan(spent[-1])
    return _judged(
        p,
        either_true(_reaches(share, part), _reaches(spent[-1], amount)),
        lambda place: NOT_KNOWN if partly[place] else both(place),
        {"share": decimal_texts(part), "amount": p.count(amount)},
    )


@firm_rule("star.rd_staff_share")
def star_staff(p: FirmColumns, say: Say) -> Branches:
    """Research staff reach a share of all staff."""
    share, least = research_staff_share(p.known).value, p.param("star.rd_staff_share")
    seen = say.observed("staff", share=decimal_texts(share, 6))
    return _judged(p, _reaches(share, least), seen, {"share": decimal_texts(least)})


@firm_rule("star.invention_patents")
def star_inventions(p: FirmColumns, say: Say) -> Branches:
    """So many inventions in force are used in the main business."""
    return _inventions(p, say, "star.invention_patents")


def _inventions(p: FirmColumns, say: Say, policy: str) -> Branches:
    held, least = held_counts(p.facts, "industrialised_inventions"), p.param(policy)
    met = np.where(held.least >= least, 1.0, np.where(held.most < least, 0.0, np.nan))
    return _judged(p, met, say.observed("inventions", count=p.count(held.least)), {"count": p.count(least)})


@firm_rule("star.revenue_growth", "star.revenue")
def star_revenue(p: FirmColumns, say: Say) -> Branches:
    """Revenue grew by a compound rate over three years, or reached an amount in the last one."""
    rate, least = p.param("star.revenue_growth"), p.param("star.revenue") * _MINOR
    revenue, grown = p.item("revenue"), revenue_ratio(p.known, 2).value
    fast = np.full(len(p), np.nan)
    for yearly, on_day in p.periods("star.revenue_growth"):
        fast[on_day] = float((1 + exactly(yearly)) ** 2)
    growth = np.sqrt(np.where(grown < 0, np.nan, grown)) - 1
    seen = say.observed("revenue", growth=decimal_texts(growth, 4), revenue=p.count(revenue))
    required = {"growth": decimal_texts(rate), "revenue": p.count(least)}
    return _judged(p, either_true(_reaches(grown, fast), _reaches(revenue, least)), seen, required, seen)


@firm_rule("star.alternative_inventions")
def star_alternative(p: FirmColumns, say: Say) -> Branches:
    """An issuer that misses an attribute may still qualify by the number of its industrialised inventions."""
    return _inventions(p, say, "star.alternative_inventions")


STANDARD = (star_research, star_staff, star_inventions, star_revenue)
_PASS, _FAIL, _NOT_APPLICABLE = (OUTCOMES.index(one) for one in ("pass", "fail", "not_applicable"))
_TRUTH = {"pass": 1.0, "fail": 0.0, "unknown": np.nan}
_OF_ALL, _OF_ONE = (np.array([_TRUTH.get(outcome, none) for outcome in OUTCOMES]) for none in (1.0, 0.0))
"""Whether an attribute is met, by its outcome; one that does not apply counts for nothing, among all or as the one."""


@firm_rule("star.invention_patents")
def star(p: FirmColumns, say: Say) -> Branches:
    """All attributes of the day are met, or an alternative; not_applicable outside the board's fields."""
    outcomes = np.stack([one.outcome(p) for one in STANDARD])
    standard = reduce(both_true, _OF_ALL[outcomes])
    alternative = _OF_ONE[star_alternative.outcome(p)]
    passed = (outcomes == _PASS).sum(axis=0)
    counted = (outcomes != _NOT_APPLICABLE).sum(axis=0)

    def missed(place: int) -> tuple[str, ...]:
        return tuple(one.code for one, outcome in zip(STANDARD, outcomes[:, place], strict=True) if outcome == _FAIL)

    seen = say.observed("attributes", met=p.count(passed), of=p.count(counted), missed=missed)
    return _judged(p, either_true(standard, alternative), seen, {}, seen)
