"""Official titles: whether the certificate is held on the day, and, apart from it, what a scorecard would say.

A bank asks whether the certificate is valid; a self-estimate is another finding and is never worded as "is".
"""

import numpy as np

from features.arrays import Floats, Ints
from features.firm_figures import certificate, certificate_last_day
from features.lazy import lazy
from features.phrase import Fact, Phrase
from models.records.applicant import Applicant, Facts
from models.rules.batch_columns import at
from models.rules.certificates import held_titles
from models.rules.column_rules import Branches, Say, fails, item_rule, passes, unknown
from models.rules.common import NOT_ASKED
from models.rules.finding import Finding, Proof, SelfEstimate
from models.rules.item_columns import ItemColumns
from models.rules.registry import Maker, rule
from models.rules.scorecards import estimate

HELD = ("tech_sme", "innovative_sme", "specialised_sme", "little_giant", "high_tech")
ESTIMATED = (*HELD, "innovation_points")


class TitleColumns(ItemColumns):
    """Each case once for each title that a certificate may hold."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, HELD)

    @lazy
    def certificate(self) -> Ints:
        """The place in `titles` of the latest certificate; -1 where there is none."""
        return certificate(self.known, *self.names).ravel()

    @lazy
    def held(self) -> Floats:
        """Whether it is held on the day: 1, 0, or NaN where the authority's list was not asked lately."""
        return held_titles(self.known, *self.names).ravel()

    def of_certificate(self, place: int) -> Proof:
        """The certificate as the source of a finding."""
        return self.proof("titles", int(self.certificate[place]), "issued_on", place)


@item_rule("title", "title_validity.months")
def title_held(p: TitleColumns, say: Say) -> Branches:
    """A certificate of the title, not revoked, is valid on the day; an expired one without a new result is not held."""
    rows = p.known.titles
    issued, revoked, until = (
        at(days, p.certificate) for days in (rows.issued_on, rows.revoked_on, certificate_last_day(p.known))
    )
    none, ended = p.certificate < 0, revoked <= p.as_of
    withdrawn = say.observed("revoked", day=p.day(revoked))
    valid = say.observed("issued", day=p.day(issued), until=p.day(until))
    return Branches(
        [
            unknown(none & np.isnan(p.held), "info", NOT_ASKED, cure="ask_source"),
            fails(none, "info", say.observed("no_certificate")),
            fails(ended, "info", withdrawn, proof=p.of_certificate, cure="renew_title"),
            unknown(np.isnan(p.held), "info", valid, proof=p.of_certificate),
            passes(p.held == 1, valid, proof=p.of_certificate),
            fails(None, "info", valid, proof=p.of_certificate, cure="renew_title"),
        ],
        required={"title": p.subject},
    )


@rule("title", *(f"{title}.scorecard" for title in ESTIMATED))
def self_estimate(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """What the title's scorecard would say on the facts told, with points per item; never that the title is held."""
    a, title = subject
    found, required = estimate(a, title), make.required(title=title)
    seen = _estimated(make, found)
    if found.estimate == "fails":
        return make.fails("info", seen, required, detail=found)
    if found.estimate == "meets" and found.complete:
        return make.passes(seen, required, detail=found)
    return make.unknown("info", seen, required, detail=found)


def _estimated(make: Maker, found: SelfEstimate) -> Phrase:
    facts: dict[str, Fact] = {}
    least, most = found.points.least, found.points.most
    if found.items:
        facts["points"] = f"{least}" if least == most else f"{least}–{most}"
    failed = tuple(name for name, answer in found.gates.items() if answer is False)
    open_ = tuple(name for name, answer in found.gates.items() if answer is None)
    met = not failed and not open_ and found.estimate == "meets"
    if not met:
        facts |= {"not_met": failed, "not_known": open_}
    parts = ("scored" if found.items else "gates", "met" if met else "open", "" if found.complete else "incomplete")
    return make.observed("_".join(part for part in parts if part), **facts)
