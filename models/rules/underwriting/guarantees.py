"""What the firm guarantees for others, and whether those others guarantee it back."""

import numpy as np

from models.rules.column_rules import Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE, NOT_KNOWN
from models.rules.firm_columns import FirmColumns, quotient
from models.rules.underwriting.credit_record import NO_BOOKS, NO_REPORT, QUERY, UNITS_SUSPECT
from models.rules.underwriting.steps import limits, over, unknown_by_profile


@firm_rule("guarantees.given", weighs=("blocks", "refer", "before_drawdown", "caution", "info"))
def guarantees_given(p: FirmColumns, say: Say) -> Branches:
    """Guarantees for others stand in proportion to the firm's own equity."""
    given = p.reported("guarantees_given")
    share = quotient(given, p.equity)
    seen = say.observed("ratio", given=p.count(given), equity=p.count(p.equity), ratio=p.ratio(given, p.equity))
    steps = limits(p, "guarantees.given", "blocks", "refer", "caution")
    blocks, *lighter = over(share, steps, seen, cure="release_guarantee", proof=p.of_report)
    return Branches(
        [
            blocks,
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *lighter,
            unknown(np.isnan(given) & ~p.report_usable, "info", NO_REPORT, cure=QUERY),
            unknown(np.isnan(p.equity) & ~(given == 0), "info", NO_BOOKS, cure="statements"),
            *unknown_by_profile(p, np.isnan(given), ("refer", "before_drawdown"), NOT_KNOWN, cure=QUERY),
            passes(None, seen, proof=p.of_report),
        ],
        required={"share": p.decimal(p.threshold("guarantees.given", "caution"))},
    )


@firm_rule(weighs=("blocks", "refer", "before_drawdown", "info"))
def guarantees_given_bad(p: FirmColumns, say: Say) -> Branches:
    """No debt that the firm guarantees is non-performing or in special mention."""
    given = p.reported("guarantees_given")
    bad, watched = p.reported("guarantees_non_performing"), p.reported("guarantees_special_mention")
    none = (given == 0) & ~(bad > 0) & ~(watched > 0)
    not_told = np.isnan(bad) | np.isnan(watched)
    cured = "release_guarantee"
    return Branches([
        fails(bad > 0, "blocks", say.observed("non_performing", amount=p.count(bad)), cure=cured, proof=p.of_report),
        fails(watched > 0, "refer", say.observed("watched", amount=p.count(watched)), cure=cured, proof=p.of_report),
        passes(none, NONE, proof=p.of_report),
        unknown(np.isnan(given), "info", NO_REPORT, cure=QUERY),
        *unknown_by_profile(p, not_told, ("refer", "before_drawdown"), NOT_KNOWN, cure=QUERY),
        passes(None, NONE, proof=p.of_report),
    ])  # fmt: skip


@firm_rule(weighs=("refer", "info"))
def guarantee_circle(p: FirmColumns, say: Say) -> Branches:
    """Nobody whom the firm guarantees guarantees it in turn, directly or through one other."""
    asked = p.known.asked("guarantees")
    return Branches([
        fails(p.in_circle, "refer", say.observed("found"), cure="other_guarantor"),
        unknown(~asked, "info", NOT_KNOWN, cure="ask_source"),
        passes(None, NONE),
    ])  # fmt: skip
