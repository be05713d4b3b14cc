"""High-value inventions: each criterion a finding, by the version of the definition in force on the day."""

from collections.abc import Callable

import numpy as np

from features.arrays import Bools, Floats
from features.patent_state import STATUS_NOT_KNOWN
from models.records.applicant import Applicant
from models.rules.batch_columns import FactColumn
from models.rules.column_rules import (
    Branch,
    Branches,
    PatentRule,
    Say,
    fails,
    not_applicable,
    passes,
    patent_rule,
    said,
    unknown,
)
from models.rules.common import NOT_KNOWN
from models.rules.criteria import CRITERIA, TESTS, high_value_of
from models.rules.decimals import decimal_text
from models.rules.facts import revenue
from models.rules.finding import Finding
from models.rules.held_patents import held_count
from models.rules.patent_columns import PatentColumns
from models.rules.registry import Maker, rule
from models.words.templates import phrase

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


@rule("firm", "high_value.per_100m", "high_value.per_100m_applies")
def high_value_density(a: Applicant, make: Maker) -> Finding:
    """The national aim, meant for manufacturers above scale: for any other firm no ratio is formed."""
    aim, applies = a.value("high_value.per_100m"), a.value("high_value.per_100m_applies")
    required = make.required(aim=decimal_text(aim))
    earned, industry = revenue(a), a.profile.industry if a.profile else None
    if industry is not None and not industry.startswith(tuple(applies["sections"])):
        return make.not_applicable(make.observed("industry", industry=industry), required)
    if earned is not None and earned < applies["revenue"]:
        return make.not_applicable(make.observed("below_scale", revenue=int(earned * 100)), required)
    held = held_count(a, "high_value_inventions")
    if earned is None or industry is None or held is None:
        return make.unknown("info", make.observed("not_known"), required)
    unit, open_ = earned / 100_000_000, held.most - held.least
    seen = make.observed("ratio", count=held.least, ratio=decimal_text(held.least / unit, 4), not_known=open_)
    if held.least / unit >= aim:
        return make.passes(seen, required)
    if held.most / unit < aim:
        return make.fails("info", seen, required)
    return make.unknown("info", seen, required)
