"""What the money is for, to whom it goes, and what papers bear that out."""

import numpy as np

from features.arithmetic import or_nothing
from models.rules.column_rules import Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE
from models.rules.firm_columns import FirmColumns, quotient

FORBIDDEN = (
    "dividends", "securities", "equity", "real_estate", "deposit", "lending_on", "hidden_local_debt", "banned_industry",
)  # fmt: skip
"""Uses that no loan may pay for."""


@firm_rule(weighs=("refer",))
def purpose_stated(p: FirmColumns, say: Say) -> Branches:
    """It is told what the whole amount is for."""
    told = or_nothing(p.total_of_uses())
    missing = (told < p.amount) | p.purpose_is("other")
    seen = say.observed("told", told=p.count(told), asked=p.count(p.amount))
    return Branches([unknown(missing | np.isnan(p.amount), "refer", seen, cure="state_uses"), passes(None, seen)])


@firm_rule("purpose.fixed_assets_most", weighs=("blocks",))
def purpose_allowed(p: FirmColumns, say: Say) -> Branches:
    """No part of the loan is for what a bank may not pay for."""
    forbidden = p.total_of_uses(*FORBIDDEN)
    fixed, most = p.total_of_uses("fixed_assets", "equipment"), p.param("purpose.fixed_assets_most")
    misplaced = (fixed > most) & p.product_is("working_capital")
    return Branches(
        [
            fails(
                p.has_use(*FORBIDDEN),
                "blocks",
                say.observed("forbidden", amount=p.count(forbidden)),
                cure="change_use",
            ),
            fails(misplaced, "blocks", say.observed("fixed_assets", amount=p.count(fixed)), cure="change_use"),
            passes(None, NONE),
        ],
        required={"amount": p.count(most)},
    )


@firm_rule("purpose.documents", weighs=("before_drawdown",), facts=("purpose_evidence",))
def purpose_documents(p: FirmColumns, say: Say) -> Branches:
    """Contracts or invoices were seen for most of the amount."""
    seen_for = np.where(p.evidence("purpose_evidence").says("contracts_seen"), p.amount, p.documented)
    least = np.where(p.light, p.threshold("purpose.documents", "light"), p.threshold("purpose.documents", "least"))
    share = quotient(seen_for, p.amount)
    seen = say.observed("seen", seen=p.count(seen_for), asked=p.count(p.amount))
    return Branches(
        [
            not_applicable(np.isnan(p.amount), say.observed("no_amount")),
            unknown(share < least, "before_drawdown", seen, cure="contracts"),
            passes(None, seen),
        ],
        required={"share": p.decimal(least)},
    )


@firm_rule(weighs=("refer", "info"))
def payee_related(p: FirmColumns, say: Say) -> Branches:
    """No part of the loan goes to a related party."""
    return Branches([
        fails(p.pays_related, "refer", say.observed("related"), cure="change_use"),
        unknown(~p.has_payees, "info", say.observed("no_payee"), cure="state_uses"),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule(weighs=("before_drawdown",))
def need_orders(p: FirmColumns, say: Say) -> Branches:
    """Orders that are to count are proved by their papers and by an account to which the buyer pays."""
    number = p.unproved_orders
    seen = say.observed("not_proved", number=p.count(number))
    return Branches([
        not_applicable(~p.known.orders.any(), NONE),
        unknown(number > 0, "before_drawdown", seen, cure="assign_account"),
        passes(None, NONE),
    ])  # fmt: skip


@firm_rule("purpose.project_capital", weighs=("refer",))
def project_capital(p: FirmColumns, say: Say) -> Branches:
    """The firm pays a part of an investment out of its own capital."""
    rows = p.known.projects
    own = rows.of_case("application", p.known.application) & rows.where("kind", "equipment", "building")
    total, capital = rows.total(rows.cost, own), rows.total(rows.capital, own)
    least = p.param("purpose.project_capital")
    seen = say.observed("ratio", capital=p.count(capital), total=p.count(total), ratio=p.ratio(capital, total))
    return Branches(
        [
            not_applicable(~rows.any(own), say.observed("no_project")),
            unknown(np.isnan(total) | np.isnan(capital), "refer", say.observed("not_told"), cure="project_budget"),
            fails(quotient(capital, total) < least, "refer", seen, cure="pay_in_capital"),
            passes(None, seen),
        ],
        required={"share": p.decimal(least)},
    )
