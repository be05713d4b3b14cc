"""Patents that came to the firm only lately, be it that they were bought or filed for the loan."""

from features.days import plus_months
from features.loan import applied_on
from models.rules.column_rules import Branches, Say, fails, not_applicable, passes, patent_rule, unknown
from models.rules.common import NONE
from models.rules.patent_columns import PatentColumns

BOUGHT = "red_flags.bought_months"


@patent_rule(BOUGHT, weighs=("drops_patent", "refer", "caution"), facts=("purchase_proved",))
def recently_bought(p: PatentColumns, say: Say) -> Branches:
    """A patent bought shortly before the application secures nothing until contract, price and use are proved."""
    asked, proved = applied_on(p.known), p.evidence("purchase_proved").says("proved")
    within = {key: p.holders.bought_since(plus_months(asked, -months)) for key, months in p.case_table(BOUGHT).items()}
    seen = say.observed("bought", day=p.day(p.holders.bought_on))
    not_told = p.holders.held & ~p.holders.origin_told
    return Branches([
        not_applicable(~p.holders.held, say.observed("not_held")),
        fails(within["drops"] & proved, "caution", seen, cure="purchase_papers"),
        fails(within["drops"], "drops_patent", seen, cure="purchase_papers"),
        fails(within["refer"], "refer", seen, cure="purchase_papers"),
        fails(within["caution"], "caution", seen),
        unknown(not_told, "caution", say.observed("origin_not_told"), cure="register_extract"),
        passes(None, NONE),
    ])  # fmt: skip
