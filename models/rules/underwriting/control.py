"""Who is behind the firm, what they sign, and how the firms tied to it fare."""

import numpy as np

from features.lookups import asked_lately
from models.rules.column_rules import Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE, NOT_ASKED
from models.rules.firm_columns import FirmColumns, quotient
from models.rules.underwriting.credit_record import NO_BOOKS, UNITS_SUSPECT
from models.rules.underwriting.steps import limits, over


@firm_rule(weighs=("refer", "before_drawdown"))
def controller_known(p: FirmColumns, say: Say) -> Branches:
    """It is known who controls the firm, and who benefits from it in the end."""
    return Branches([
        unknown(~p.has_controller, "refer", say.observed("no_controller"), cure="name_controller"),
        unknown(
            ~p.has_role("beneficial_owner"), "before_drawdown", say.observed("no_owner"), cure="name_beneficial_owner"
        ),
        passes(None, say.observed("both")),
    ])  # fmt: skip


@firm_rule(weighs=("refer", "before_drawdown"), facts=("controller_guarantee",))
def controller_guarantee(p: FirmColumns, say: Say) -> Branches:
    """Whoever controls a private firm stands in with a joint guarantee, and the spouse with them."""
    paper, cured = p.evidence("controller_guarantee"), "controller_and_spouse_guarantee"
    signed = (paper.says("signed") | p.controller_signed) & p.has_controller
    return Branches([
        not_applicable(p.not_private, say.observed("not_private")),
        fails(paper.says("refused"), "refer", say.observed("refused")),
        passes(signed, say.observed("signed")),
        unknown(paper.says("promised"), "before_drawdown", say.observed("promised"), cure=cured),
        unknown(None, "before_drawdown", say.observed("not_signed"), cure=cured),
    ])  # fmt: skip


@firm_rule(weighs=("refer", "before_drawdown"), facts=("bank_related",))
def bank_related(p: FirmColumns, say: Say) -> Branches:
    """The firm is no related party of the bank, by the bank's own list."""
    paper = p.evidence("bank_related")
    return Branches([
        fails(paper.says("related"), "refer", say.observed("related")),
        unknown(~paper.answered, "before_drawdown", NOT_ASKED, cure="look_up_related"),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule(weighs=("refer", "caution"))
def related_non_performing(p: FirmColumns, say: Say) -> Branches:
    """No firm tied to this one has a non-performing debt at any bank."""
    rows = p.known.related
    current = ~(rows.until < p.as_of[rows.case])
    bad = current & (rows.non_performing == 1)
    close = rows.any(bad & rows.where("role", "parent", "subsidiary", "same_controller"))
    far = rows.any(bad)
    not_told = rows.any(current & np.isnan(rows.non_performing)) | ~asked_lately(p.known, "related")
    return Branches([
        fails(close, "refer", say.observed("close"), cure="settle_and_query"),
        fails(far, "caution", say.observed("associate")),
        unknown(not_told, "caution", NOT_ASKED, cure="ask_source"),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule("related.funds", weighs=("refer", "caution", "info"))
def related_funds(p: FirmColumns, say: Say) -> Branches:
    """Related parties do not hold much of the firm's assets."""
    held, assets = p.item("related_receivables"), p.item("total_assets")
    share = quotient(held, assets)
    seen = say.observed("ratio", amount=p.count(held), ratio=p.ratio(held, assets))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(share, limits(p, "related.funds", "refer", "caution"), seen, cure="collect_related"),
            unknown(~p.has_books, "info", NO_BOOKS, cure="statements"),
            unknown(np.isnan(share), "caution", NOT_ASKED, cure="statements"),
            passes(None, seen),
        ],
        required={"share": p.decimal(p.threshold("related.funds", "caution"))},
    )
