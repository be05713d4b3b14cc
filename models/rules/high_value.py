"""High-value inventions: each criterion a finding, by the version of the definition in force on the day."""

from collections.abc import Callable

import numpy as np

from features.arithmetic import over_positive
from features.arrays import Bools, Floats
from features.patent_state import STATUS_NOT_KNOWN
from models.rules.batch_columns import FactColumn
from models.rules.column_rules import (
    Branch,
    Branches,
    PatentRule,
    Say,
    fails,
    firm_rule,
    not_applicable,
    passes,
    patent_rule,
    said,
    unknown,
)
from models.rules.common import NOT_KNOWN
from models.rules.criteria import CRITERIA, TESTS, high_value_of
from models.rules.decimals import decimal_texts
from models.rules.firm_columns import FirmColumns
from models.rules.held_patents import held_counts
from models.rules.patent_columns import PatentColumns
from models.words.templates import phrase

_APPLIES = "high_value.per_100m_applies"
_MINOR, _UNIT = 100, 10**10
"""Fen of a yuan, and of the hundred million yuan that the aim is stated for."""
_INVENTIONS_ONLY = phrase("finding.any.observed.inventions_only")
_NOT_IN_FORCE = phrase("finding.any.observed.not_in_force")
_NOT_PART = phrase("finding.any.observed.criterion_not_in_force")
_STATE_NOT_KNOWN = phrase("finding.any.observed.state_not_known")


def _of_inventions_in_force(p: PatentColumns) -> list[Branch]:
    """What is said of anything else than an invention in force."""
    found: list[Branch] = p.facts.once(lambda _: _other_than_inventions_in_force(p), "other_than_inventions_in_force")
    return found


def _other_than_inventions_in_force(p: PatentColumns) -> list[Branch]:
    return [
        not_applicable(~p.rows.where("kind", "invention"), _INVENTIONS_ONLY),
        not_applicable(p.state.in_force == 0, _NOT_IN_FORCE),
        unknown(p.state.status == STATUS_NOT_KNOWN, "info", _STATE_NOT_KNOWN),
    ]


def _criterion(name: str) -> PatentRule:
    def decide(p: PatentColumns, _say: Say) -> Branches:
        found = high_value_of(p.facts)
        met = found.met(name)
        seen = said("finding.any.observed.answer", answer=lambda place: bool(met[place]))
        return Branches([
            *_of_inventions_in_force(p),
            not_applicable(~found.counts[name], _NOT_PART),
            unknown(np.isnan(met), "info", NOT_KNOWN),
            passes(met == 1, seen),
            fails(None, "info", seen),
        ])  # fmt: skip

    decide.__name__, decide.__doc__ = f"high_value_{name}", TESTS[name].__doc__
    return patent_rule(CRITERIA)(decide)


CRITERION_RULES = tuple(_criterion(name) for name in TESTS)


@patent_rule(CRITERIA)
def high_value(p: PatentColumns, say: Say) -> Branches:
    """An invention in force that meets any of the criteria of the version in force."""
    found = high_value_of(p.facts)

    def named(wanted: Callable[[Floats], Bools]) -> FactColumn:
        """The criteria of the day by their answer."""
        columns = {name: wanted(found.met(name)) & found.counts[name] for name in TESTS}
        return lambda place: tuple(name for name, holds in columns.items() if holds[place])

    some = say.observed(
        "met", met=named(lambda met: met == 1), not_met=named(lambda met: met == 0), not_known=named(np.isnan)
    )
    none = say.observed("none_met")
    return Branches([
        *_of_inventions_in_force(p),
        unknown(np.isnan(found.any_met), "info", none),
        passes(found.any_met == 1, some),
        fails(None, "info", none),
    ])  # fmt: skip


@firm_rule("high_value.per_100m", _APPLIES)
def high_value_density(p: FirmColumns, say: Say) -> Branches:
    """The national aim, meant for manufacturers above scale: for any other firm no ratio is formed."""
    aim, earned, held = p.param("high_value.per_100m"), p.item("revenue"), held_counts(p.facts, "high_value_inventions")
    least, most = (over_positive(count * _UNIT, earned) for count in (held.least, held.most))
    below = earned < p.threshold(_APPLIES, "revenue") * _MINOR
    open_ = p.count(held.most - held.least)
    seen = say.observed("ratio", count=p.count(held.least), ratio=decimal_texts(least, 4), not_known=open_)
    return Branches(
        [
            not_applicable(p.has_industry & ~_meant(p), say.observed("industry", industry=p.industry)),
            not_applicable(below, say.observed("below_scale", revenue=p.count(earned))),
            unknown(np.isnan(least) | ~p.has_industry, "info", say.observed("not_known")),
            passes(least >= aim, seen),
            fails(most < aim, "info", seen),
            unknown(None, "info", seen),
        ],
        required={"aim": decimal_texts(aim)},
    )


def _meant(p: FirmColumns) -> Bools:
    """The firms of the sections that the aim is meant for."""
    found = np.zeros(len(p), dtype=bool)
    for told, on_day in p.periods(_APPLIES):
        found |= on_day & p.industry_in(tuple(told["sections"]))
    return found
