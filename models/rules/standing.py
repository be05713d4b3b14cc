"""What stands before every drawdown, whatever the findings: it is printed with each answer, and nobody waives it."""

from collections.abc import Iterator

from features.phrase import Phrase
from models.collateral.loan_figures import LoanFigures
from models.records.applicant import Applicant
from models.words.templates import phrase


def standing_conditions(a: Applicant, pledged: bool, figures: LoanFigures | None) -> tuple[Phrase, ...]:
    """The fixed conditions of a loan. `pledged`: whether some patent is to be pledged to us.

    `figures`: what secures the loan besides; None where it is not known. Only what counts is asked for.
    """
    return tuple(_conditions(a, pledged, figures))


def _conditions(a: Applicant, pledged: bool, figures: LoanFigures | None) -> Iterator[Phrase]:
    if pledged:  # the right arises by registration
        yield phrase("standing.pledge_contract")
        yield phrase("standing.pledge_registered")
    if figures is not None:
        if items := sum(one.carries > 0 for one in figures.other):
            yield phrase("standing.items_registered", number=items)
        if guarantees := sum(one.carries > 0 for one in figures.guarantees):
            yield phrase("standing.guarantees_signed", number=guarantees)
    yield phrase("standing.facts_fresh", days=int(a.value("freshness_days.at_drawdown")))
