"""What the bank asked has lent to a firm and its group, and what of it a loan repays."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.asof import Case, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.policy import Policy
from features.schema import Row
from models.records.applicant import Applicant, Facts
from models.rules.underwriting.figures import lent_by_firm, repaid_loans


@dataclass(frozen=True)
class Exposed:
    """By firm what the bank has lent to it, in fen, and what of it the loan asked for renews."""

    by_firm: Mapping[str, int]
    renewed: int


def exposed(rows: Mapping[str, list[Row]], case: Case, policy: Policy) -> Exposed:
    """The exposure that the rows of a case tell."""
    known = as_known(Tables.from_rows({name: list(own) for name, own in rows.items()}), [case], NO_NORMS, policy)
    a: Applicant = Facts(known).of(0)
    return Exposed(lent_by_firm(a), sum(one.balance or 0 for one in repaid_loans(a) if one.ours))
