"""What courts and authorities have open against the firm and the persons behind it."""

import numpy as np

from features.arithmetic import or_nothing
from features.arrays import Bools
from features.credit import courts_asked, of_the_firm
from models.rules.column_rules import Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE
from models.rules.firm_columns import FirmColumns, quotient
from models.rules.underwriting.credit_record import NO_BOOKS, UNITS_SUSPECT
from models.rules.underwriting.steps import limits, over
from models.words.templates import phrase

CREDIT_NOT_ASKED = phrase("finding.any.observed.credit_not_asked")
_PERSONAL = ("dishonest_debtor", "spending_restriction", "enforcement")
"""Records of a person that count as the firm's own where the person is behind it."""


def _open(p: FirmColumns, *events: str) -> Bools:
    """Records of these kinds that are not lifted on the day."""
    rows = p.known.credit_events
    return rows.where("event", *events) & ~(rows.lifted_on <= p.as_of[rows.case])


@firm_rule("litigation.open", weighs=("blocks", "refer", "caution", "info"))
def litigation(p: FirmColumns, say: Say) -> Branches:
    """Open lawsuits against the firm stand in proportion to its equity; a lender that sues over a loan is referred."""
    rows = p.known.credit_events
    against = _open(p, "lawsuit") & of_the_firm(p.known) & ~rows.where("side", "plaintiff", "third_party")
    total, number = or_nothing(rows.total(rows.amount, against)), rows.count(against)
    share = np.where(number > 0, quotient(total, p.equity), 0.0)
    lender = rows.any(against & rows.where("cause", "loan"))
    not_told = rows.any(against & np.isnan(rows.amount))
    seen = say.observed("sued", number=p.count(number), amount=p.count(total), ratio=p.ratio(total, p.equity))
    blocks, *lighter = over(share, limits(p, "litigation.open", "blocks", "refer", "caution"), seen, cure="court_paper")
    refer, caution = lighter
    return Branches(
        [
            blocks,
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            fails(lender, "refer", say.observed("lender_sues", amount=p.count(total)), cure="court_paper"),
            refer,
            unknown(not_told, "refer", say.observed("amount_not_told", number=p.count(number)), cure="court_paper"),
            caution,
            unknown(~courts_asked(p.known), "refer", CREDIT_NOT_ASKED, cure="ask_source"),
            unknown((number > 0) & np.isnan(share), "info", NO_BOOKS, cure="statements"),
            passes(None, NONE),
        ],
        required={"share": p.decimal(p.threshold("litigation.open", "caution"))},
    )


@firm_rule("credit_exclusions.listings", weighs=("blocks", "refer"))
def person_listing(p: FirmColumns, say: Say) -> Branches:
    """Nobody behind the loan is a dishonest debtor, restricted in spending or under enforcement."""
    rows = p.known.credit_events
    listed = _open(p, *_PERSONAL)
    own = rows.any(listed & p.about(p.principals))
    others = rows.any(listed & p.about(p.guarantors))
    asked = courts_asked(p.known) & p.has_controller
    return Branches([
        fails(own, "blocks", say.observed("principal"), cure="repair_listing"),
        fails(others, "refer", say.observed("guarantor"), cure="other_guarantor"),
        unknown(~asked, "refer", say.observed("not_asked"), cure="ask_source"),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule("litigation.penalty_months", weighs=("refer", "caution", "info"))
def serious_penalty(p: FirmColumns, say: Say) -> Branches:
    """No penalty of late by any authority; a serious one is referred."""
    rows, months = p.known.credit_events, p.param("litigation.penalty_months")
    since = p.known.months_before(months)
    late = rows.where("event", "penalty", "environment", "safety") & (rows.happened_on > since[rows.case])
    late &= of_the_firm(p.known)
    number = rows.count(late)
    return Branches(
        [
            fails(
                rows.any(late & (rows.serious == 1)),
                "refer",
                say.observed("serious", number=p.count(number)),
                cure="rectify",
            ),
            fails(number > 0, "caution", say.observed("found", number=p.count(number))),
            unknown(~courts_asked(p.known), "info", CREDIT_NOT_ASKED, cure="ask_source"),
            passes(None, NONE),
        ],
        required={"months": p.count(months)},
    )
