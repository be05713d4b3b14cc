"""What secures the loan, as an underwriter reads it: appraisal, confirmed value, concentration, other items."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from features.exact import exactly
from features.phrase import Fact
from models.collateral.concentration import PartsStep
from models.collateral.pledge import Basis
from models.collateral.security import Security
from models.records.applicant import Applicant
from models.rules.common import NOT_KNOWN
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.finding import Effect, Finding
from models.rules.registry import Maker, rule


@dataclass(frozen=True)
class Secured:
    """A case and what secures its loan. `light`: whether it is a light case."""

    a: Applicant
    security: Security
    light: bool

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The patents that are offered."""
        return frozenset(self.security.pool.patents)


@dataclass(frozen=True)
class Priced:
    """A case with its probability of default over a year, the rate asked, and the share that comes back."""

    a: Applicant
    pd: Fraction | None
    rate: float | None
    recovered: float | None


@rule("pledge", "freshness_days.appraisal_from_base_date", weighs=("before_drawdown", "caution"))
def appraisal_usable(of: Secured, make: Maker) -> Finding:
    """The appraisal was made for a pledge of these patents, lately, by a filed appraiser, signed by two."""
    required, basis = make.required(), of.security.pledged.basis
    if (basis.appraiser is None and basis.confirmed is None) or not of.security.pledges_to_us:
        return make.not_applicable(make.observed("none"))
    if not basis.faults:
        return make.passes(make.observed("usable"), required)
    seen = make.observed("faults", faults=basis.faults)
    return make.fails("caution" if of.light else "before_drawdown", seen, required, cure=cure(of.a, "revalue"))


@rule("pledge", "appraisal.to_assets", weighs=("refer", "caution", "info"))
def appraised_to_assets(of: Secured, make: Maker) -> Finding:
    """Patents are not appraised at more than the firm owns in all."""
    value = of.security.pledged.basis.appraiser
    limits = of.a.value("appraisal.to_assets")
    required = make.required(share=decimal_text(limits["caution"]))
    assets = of.a.year.total_assets if of.a.year is not None else None
    if value is None:
        return make.not_applicable(make.observed("none"))
    if not assets:
        return make.unknown("info", make.observed("no_assets"), required, cure=cure(of.a, "statements"))
    seen = make.observed("ratio", value=value, ratio=decimal_text(value / assets, 4))
    if value > limits["refer"] * assets:
        return make.fails("refer", seen, required)
    return make.fails("caution", seen, required) if value > limits["caution"] * assets else make.passes(seen, required)


@rule("pledge", weighs=("caution", "info"))
def appraisal_method(of: Secured, make: Maker) -> Finding:
    """Patents are appraised by what they earn or sell for, not by what they cost alone."""
    basis, required = of.security.pledged.basis, make.required()
    if basis.appraiser is None:
        return make.not_applicable(make.observed("none"))
    if basis.method is None:
        return make.unknown("info", NOT_KNOWN, required)
    seen = make.observed("method", method=basis.method)
    return make.fails("caution", seen, required) if basis.method == "cost" else make.passes(seen, required)


@rule("pledge", "appraisal.own_range_validated", weighs=("refer",))
def confirmed_above(of: Secured, make: Maker) -> Finding:
    """The bank confirms no more than was appraised."""
    basis, required = of.security.pledged.basis, make.required()
    if basis.confirmed is None or basis.appraiser is None:
        return make.not_applicable(make.observed("none"))
    seen = make.observed("both", confirmed=basis.confirmed, appraised=basis.appraiser)
    return make.fails("refer", seen, required) if basis.confirmed > basis.appraiser else make.passes(seen, required)


@rule("pledge", "appraisal.own_range_validated", weighs=("refer", "caution", "info"))
def above_own_range(of: Secured, make: Maker) -> Finding:
    """What is confirmed, or appraised, lies within our own range of values."""
    basis, required = of.security.pledged.basis, make.required()
    high = basis.internal_high
    given = basis.confirmed if basis.confirmed is not None else basis.appraiser
    if given is None:
        return make.not_applicable(make.observed("none"))
    if high is None or of.security.value is None:
        return make.unknown("info", make.observed("no_range"), required)
    if given <= high:
        return make.passes(make.observed("both", given=given, high=high), required)
    validated = of.a.value("appraisal.own_range_validated")
    effect: Effect = "refer" if validated and basis.confirmed is not None else "caution"
    return make.fails(effect, make.observed(_above(basis, validated), **_own_range(of, given)), required)


def _above(basis: Basis, validated: bool) -> str:
    """Why a value above our own range may stand, as the basis was set."""
    if basis.confirmed is None:
        return "appraised_above"
    if validated:
        return "capped_by_range"
    return "not_relied_on" if basis.by == "internal" else "not_validated"


def _own_range(of: Secured, given: int) -> dict[str, Fact]:
    """A value above our own range, that range, how many times its middle the value is, and how many patents it has."""
    own = of.security.value.worth.going_concern if of.security.value else None
    low, middle, high = (own.p10, own.p50, own.p90) if own else (None, None, None)
    return {
        "given": given,
        "low": low,
        "middle": middle,
        "high": high,
        "times": decimal_text(Fraction(given, middle), 1) if middle else None,
        "patents": int(of.security.pool.alive.sum()),
        "basis": of.security.pledged.basis.amount,
    }


@rule("pledge", "pledge.concentration", weighs=("caution", "info"))
def pool_concentration(of: Secured, make: Maker) -> Finding:
    """The pledge rests on more than one or two patents."""
    number = of.security.limit.lines.equal_parts if of.security.limit.lines else None
    steps = of.a.param("pledge.concentration", list[PartsStep])
    required = make.required(number=decimal_text(steps[-1].below))
    if number is None:
        return make.not_applicable(make.observed("nothing_carried"))
    seen = make.observed("equal_parts", number=decimal_text(number))
    for effect, step in zip(("caution", "info"), steps, strict=True):
        if number < step.below:
            return make.fails("caution" if effect == "caution" else "info", seen, required)
    return make.passes(seen, required)


@rule("pledge", "other_security.ceilings", weighs=("before_drawdown",))
def other_security(of: Secured, make: Maker) -> Finding:
    """Other items count once they are valued lately, their owner agreed, and a ceiling is stated for their sort."""
    items, required = of.security.figures.other, make.required()
    if not items:
        return make.not_applicable(make.observed("none"))
    wanting = [one for one in items if one.reason is not None]
    facts: dict[str, Fact] = {"amount": of.security.figures.other_line, "number": len(wanting)}
    if wanting:
        return make.unknown(
            "before_drawdown", make.observed("wanting", **facts), required, cure=cure(of.a, "value_item")
        )
    return make.passes(make.observed("carries", amount=facts["amount"]), required)


@rule("pledge", "other_security.institution", weighs=("refer", "before_drawdown"))
def guarantee_institution(of: Secured, make: Maker) -> Finding:
    """An institution that stands in has signed, and bears no more than its net assets allow."""
    items, required = of.security.figures.guarantees, make.required()
    if not items:
        return make.not_applicable(make.observed("none"))
    amount = of.security.figures.guarantee_line
    if any(one.reason in ("too_much_outstanding", "too_large_for_it") for one in items):
        return make.fails(
            "refer", make.observed("too_much", amount=amount), required, cure=cure(of.a, "other_guarantor")
        )
    if any(one.reason is not None for one in items):
        seen = make.observed("not_signed", amount=amount)
        return make.unknown("before_drawdown", seen, required, cure=cure(of.a, "guarantee_letter"))
    return make.passes(make.observed("carries", amount=amount), required)


@rule("loan", "pricing.costs", "pricing.loss_to_margin", weighs=("refer", "caution", "info"))
def price(of: Priced, make: Maker) -> Finding:
    """What the loan earns beyond its costs pays for the loss that is expected of it."""
    a, required = of.a, make.required()
    rate, recovered = of.rate, of.recovered
    if rate is None or of.pd is None or recovered is None:
        return make.unknown("info", make.observed("not_known"), required)
    margin = exactly(rate) - sum(exactly(part) for part in a.value("pricing.costs").values())
    loss = of.pd * (1 - exactly(recovered))
    seen = make.observed("both", margin=decimal_text(margin, 4), loss=decimal_text(loss, 4))
    steps: dict[Effect, float] = a.value("pricing.loss_to_margin")
    for effect in ("refer", "caution"):
        if loss > exactly(steps[effect]) * margin:
            return make.fails(effect, seen, required)
    return make.passes(seen, required)


@rule("loan", "pricing.payee_most", "pricing.new_customer_pd", weighs=("before_drawdown",))
def entrusted_payment(of: Priced, make: Maker) -> Finding:
    """Large payments, and those of a new customer of ordinary standing, go from the bank straight to who is paid."""
    a, required = of.a, make.required()
    paid: dict[str | None, int] = {}
    for row in a.rows("uses"):
        if row.application == a.application:
            paid[row.payee] = paid.get(row.payee, 0) + (row.amount or 0)
    most = max(paid.values(), default=0)
    if most > a.value("pricing.payee_most"):
        seen = make.observed("large", amount=most)
        return make.fails("before_drawdown", seen, required, cure=cure(a, "pay_to_payee"))
    new = a.profile is None or a.profile.customer_since is None
    if new and of.pd is not None and of.pd > exactly(a.value("pricing.new_customer_pd")):
        seen = make.observed("new_customer", pd=decimal_text(of.pd, 4))
        return make.fails("before_drawdown", seen, required, cure=cure(a, "pay_to_payee"))
    return make.passes(make.observed("usual"), required)


_RULES = (
    appraisal_usable,
    appraised_to_assets,
    appraisal_method,
    confirmed_above,
    above_own_range,
    pool_concentration,
    other_security,
    guarantee_institution,
)


def about_security(of: Secured) -> Iterator[Finding]:
    """The findings of this module; of no application where none is named, then about the firm."""
    subject = of.a.application or of.a.firm
    return (each.of(of.a, of, subject) for each in _RULES)


def about_price(of: Priced) -> Iterator[Finding]:
    """The findings about price and payment."""
    subject = of.a.application or of.a.firm
    return (each.of(of.a, of, subject) for each in (price, entrusted_payment))
