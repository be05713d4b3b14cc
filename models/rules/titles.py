"""Official titles: whether the certificate is held on the day, and, apart from it, what a scorecard would say.

A bank asks whether the certificate is valid; a self-estimate is another finding and is never worded as "is".
"""

from features.phrase import Fact, Phrase
from models.records.applicant import Applicant
from models.rules.certificates import certificate, held, last_valid_day
from models.rules.common import NOT_ASKED
from models.rules.cures import cure
from models.rules.finding import Finding, Proof, SelfEstimate
from models.rules.registry import Maker, rule
from models.rules.scorecards import estimate

HELD = ("tech_sme", "innovative_sme", "specialised_sme", "little_giant", "high_tech")
ESTIMATED = (*HELD, "innovation_points")


@rule("title", "title_validity.months")
def title_held(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A certificate of the title, not revoked, is valid on the day; an expired one without a new result is not held."""
    a, title = subject
    row, answer, required = certificate(a, title), held(a, title), make.required(title=title)
    if row is None:
        if answer is None:
            return make.unknown("info", NOT_ASKED, required, cure=cure(a, "ask_source"))
        return make.fails("info", make.observed("no_certificate"), required)
    proof = Proof(row.source or row.source_kind, row.issued_on, a.age(row.issued_on))
    if row.revoked_on is not None and row.revoked_on <= a.as_of:
        seen = make.observed("revoked", day=row.revoked_on)
    else:
        seen = make.observed("issued", day=row.issued_on, until=last_valid_day(a, row))
    if answer is None:
        return make.unknown("info", seen, required, proof=proof)
    if answer:
        return make.passes(seen, required, proof=proof)
    return make.fails("info", seen, required, proof=proof, cure=cure(a, "renew_title"))


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
