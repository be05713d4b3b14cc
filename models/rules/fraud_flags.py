"""Signs that a portfolio was put together for the loan: filed lately, inventors gone, far from the trade; and together.

Each is weighed by what it bears on: at least half of what the patents carry.
"""

from collections.abc import Collection, Iterator, Sequence
from math import isnan

import numpy as np

from features.days import plus_months
from features.flags import distance_of_patents
from features.loan import applied_on
from models.records.applicant import Applicant
from models.rules.cures import cure
from models.rules.finding import Effect, Finding
from models.rules.pledge_value import Secured
from models.rules.registry import Maker, rule

_HALF = 0.5
_TOGETHER = (
    "recently_bought",
    "recently_filed",
    "inventors_gone",
    "technology_far",
    "appraised_to_assets",
    "above_own_range",
)
"""The findings that together point to a false pledge."""


def _share(of: Secured, patents: Collection[str]) -> float:
    """The share of what is carried that these patents carry."""
    whole = sum(one.carries or 0 for one in of.security.carried)
    return sum(one.carries or 0 for one in of.security.carried if one.patent in patents) / whole if whole else 0.0


def _by_share(of: Secured, make: Maker, patents: Sequence[str], cured: str | None) -> Finding:
    """Referred where half of what is carried is concerned, else cautioned."""
    heavy = _share(of, patents) >= _HALF
    seen = make.observed("patents", number=len(patents))
    effect: Effect = "refer" if heavy else "caution"
    return make.fails(effect, seen, make.required(), cure=cure(of.a, cured) if cured else None)


@rule("pledge", "red_flags.filed_months", weighs=("refer", "caution"))
def recently_filed(of: Secured, make: Maker) -> Finding:
    """The patents that carry were not filed shortly before the application."""
    a = of.a
    asked = applied_on(a.facts.known)[a.i]
    since = plus_months(np.array([asked]), -float(a.value("red_flags.filed_months")))[0]
    filed = zip(a.column("patents", "patent"), a.column("patents", "filed_on"), strict=True)
    late = [patent for patent, filed_on in filed if patent in of.numbers and filed_on.toordinal() >= since]
    if not late:
        return make.passes(make.observed("none"), make.required())
    return _by_share(of, make, late, None)


@rule("pledge", "red_flags.filed_months", weighs=("refer", "caution", "info"))
def inventors_gone(of: Secured, make: Maker) -> Finding:
    """Somebody who made each patent still works for the firm."""
    a = of.a
    employed: dict[str, list[bool | None]] = {}
    for row in a.rows("people"):
        if row.role == "inventor" and row.patent in of.numbers:
            employed.setdefault(row.patent, []).append(row.employed)
    gone = [patent for patent, told in employed.items() if all(one is False for one in told)]
    if gone:
        return _by_share(of, make, gone, "keep_know_how")
    if any(True not in employed.get(patent, ()) for patent in of.numbers):
        return make.unknown("info" if of.light else "caution", make.observed("not_told"), make.required())
    return make.passes(make.observed("none"), make.required())


@rule("pledge", "red_flags.far", weighs=("refer", "caution", "info"))
def technology_far(of: Secured, make: Maker) -> Finding:
    """The patents belong to the firm's trade, or are worked in a product."""
    a = of.a
    limit, known = float(a.value("red_flags.far")), a.facts.known
    distance = distance_of_patents(known)[a.places("patents")].tolist()
    told = zip(a.column("patents", "patent"), a.column("patents", "in_use"), distance, strict=True)
    carrying = [(patent, used, away) for patent, used, away in told if patent in of.numbers]
    far = [patent for patent, used, away in carrying if away > limit and not used]
    if far:
        return _by_share(of, make, far, "show_use")
    if any(isnan(away) for _, _, away in carrying):
        return make.unknown("info", make.observed("not_told"), make.required())
    return make.passes(make.observed("none"), make.required())


@rule("pledge", "red_flags.together", weighs=("refer",))
def fraud_flags_together(of: tuple[Applicant, Sequence[Finding]], make: Maker) -> Finding:
    """Fewer than so many of these signs stand together; only here do cautions add up."""
    a, found = of
    raised = {f.rule for f in found if f.rule in _TOGETHER and f.outcome == "fail" and f.effect != "info"}
    most = int(a.value("red_flags.together"))
    required, seen = make.required(number=most), make.observed("raised", number=len(raised))
    return make.fails("refer", seen, required) if len(raised) >= most else make.passes(seen, required)


def about_flags(of: Secured) -> Iterator[Finding]:
    """The findings about single signs."""
    subject = of.a.application or of.a.firm
    return (each.of(of.a, of, subject) for each in (recently_filed, inventors_gone, technology_far))
