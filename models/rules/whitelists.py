"""Whitelists as data: a policy file `list_NAME.yaml` says who may stand on a list; each gate is a finding.

Within a list, the effect `blocks` keeps a firm off it and `caution` does not. Being on a list is an invitation to
apply, never an approval, and its findings say nothing about a loan.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

import msgspec

from features.errors import PledgeScoreError
from features.phrase import Fact, Phrase
from features.policy import Policy, PolicyError
from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.records.columns import Record
from models.records.in_force import InForce
from models.rules.certificates import held
from models.rules.common import NONE, NOT_ASKED, NOT_KNOWN
from models.rules.credit import CREDIT_NOT_ASKED, TAX_GRADES
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.finding import Effect, Finding, Outcome
from models.rules.held_patents import held_count
from models.rules.listings import LISTINGS, latest_tax_grade, listings
from models.rules.registry import CaseRule, Maker, rule
from models.rules.three_valued import every, some

PREFIX = "list_"
OFF: tuple[Effect, ...] = ("blocks", "caution")


Kind = Literal["push_list", "coordination_recommendation", "own", "park"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class AboutList(msgspec.Struct, frozen=True):
    """What a list is called in Chinese and English, of which kind it is, and for how long an entry is valid."""

    zh: str
    en: str
    kind: Kind
    valid_months: int


class UnknownList(PledgeScoreError):
    """A list is asked for that no policy file states."""


@dataclass(frozen=True)
class Gate:
    """One requirement of a list, put to one applicant: words of which one is wanted, or a number.

    `counts`: least numbers by what is counted; `threshold`: the least `admission`, the model's probability.
    """

    a: Applicant
    words: tuple[str, ...] = ()
    number: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    threshold: float = 0.0
    admission: float | None = None


def _gate(part: str = "gates") -> Callable[[Callable[[Gate, Maker], Finding]], CaseRule[Gate]]:
    return rule("list", f"{PREFIX}NAME.{part}", weighs=OFF)


def _judged(make: Maker, answer: bool | None, observed: Phrase, required: Phrase) -> Finding:
    if answer is None:
        return make.unknown("blocks", observed, required)
    return make.passes(observed, required) if answer else make.fails("blocks", observed, required)


def _one_of(make: Maker, answer: bool | None, seen: str | None, wanted: tuple[str, ...]) -> Finding:
    """A word that must be one of some."""
    observed = NOT_KNOWN if seen is None else make.observed("seen", seen=seen)
    return _judged(make, answer, observed, make.required(wanted=wanted))


@_gate()
def list_region(g: Gate, make: Maker) -> Finding:
    """The firm's present seat lies in one of the list's regions; no region named means everywhere."""
    region = g.a.profile.region if g.a.profile else None
    if not g.words:
        return make.not_applicable(make.observed("any"))
    return _one_of(make, None if region is None else region.startswith(g.words), region, g.words)


@_gate()
def list_section(g: Gate, make: Maker) -> Finding:
    """The firm's industry lies in one of the list's sectors; none named means every sector."""
    industry = g.a.profile.industry if g.a.profile else None
    if not g.words:
        return make.not_applicable(make.observed("any"))
    return _one_of(make, None if industry is None else industry.startswith(g.words), industry, g.words)


@_gate()
def list_size(g: Gate, make: Maker) -> Finding:
    """The firm is of one of the list's size classes."""
    return _one_of(make, None if g.a.size is None else g.a.size in g.words, g.a.size, g.words)


@_gate()
def list_age(g: Gate, make: Maker) -> Finding:
    """The firm has existed for so many whole years."""
    years = g.a.lived_years
    seen = NOT_KNOWN if years is None else make.observed("seen", years=years)
    return _judged(make, None if years is None else years >= g.number, seen, make.required(years=g.number))


@_gate()
def list_exclusions(g: Gate, make: Maker) -> Finding:
    """No open record of the kinds that exclude; one removed of late is a caution, not clean."""
    required = make.required(listings=g.words)
    of, kinds = listings(g.a.facts.known), [(kind, LISTINGS.index(kind)) for kind in g.words]
    still = tuple(kind for kind, place in kinds if of.open[g.a.i, place] >= 0)
    removed = tuple(kind for kind, place in kinds if of.removed[g.a.i, place] >= 0)
    if still:
        seen = make.observed("listed", listings=still)
        return make.fails("blocks", seen, required, cure=cure(g.a, "repair_listing"))
    if not g.a.asked("credit_events"):
        return make.unknown("blocks", CREDIT_NOT_ASKED, required)
    if removed:
        return make.fails("caution", make.observed("removed", listings=removed), required)
    return make.passes(NONE, required)


@_gate()
def list_tax_grade(g: Gate, make: Maker) -> Finding:
    """The latest tax-credit grade is one of those named."""
    place = int(latest_tax_grade(g.a.facts.known)[g.a.i])
    grade = TAX_GRADES[place] if place >= 0 else None
    return _one_of(make, None if grade is None else grade in g.words, grade, g.words)


@_gate()
def list_abnormal_filings(g: Gate, make: Maker) -> Finding:
    """No abnormal patent filing in so many months, lifted or not."""
    return _none_since(g, make, lambda e: bool(e.event == "abnormal_filing"))


@_gate()
def list_penalties(g: Gate, make: Maker) -> Finding:
    """No serious penalty, safety or environmental record in so many months."""
    return _none_since(g, make, lambda e: bool(e.event in ("penalty", "safety", "environment") and e.serious))


def _none_since(g: Gate, make: Maker, counts: Callable[[Record], bool]) -> Finding:
    since, required = add_months(g.a.as_of, -g.number), make.required(months=g.number)
    found = [e for e in g.a.rows("credit_events") if counts(e) and e.happened_on > since]
    if found:
        return make.fails("blocks", make.observed("found", count=len(found)), required)
    if not g.a.asked("credit_events"):
        return make.unknown("blocks", CREDIT_NOT_ASKED, required)
    return make.passes(NONE, required)


@_gate()
def list_titles(g: Gate, make: Maker) -> Finding:
    """A certificate of one of the titles is held on the day."""
    answers = {title: held(g.a, title) for title in g.words}
    names = tuple(title for title, answer in answers.items() if answer)
    answer = some(answers.values())
    seen = NOT_KNOWN if answer is None else make.observed("held", titles=names) if names else NONE
    return _judged(make, answer, seen, make.required(titles=g.words))


@_gate(part="property")
def list_property(g: Gate, make: Maker) -> Finding:
    """The firm holds so many patents in force of each kind that the list counts."""
    found = {name: held_count(g.a, name) for name in g.counts}
    answer = every(None if n is None else n.at_least(g.counts[name]) for name, n in found.items())
    case = next(iter(g.counts)) if len(g.counts) == 1 else "both"
    seen: dict[str, Fact] = {name: None if n is None else n.told for name, n in found.items()}
    return _judged(make, answer, make.observed(case, **seen), make.required(case, **g.counts))


@_gate(part="admission")
def list_admission(g: Gate, make: Maker) -> Finding:
    """The whitelist model's probability reaches the list's threshold."""
    required = make.required(share=decimal_text(g.threshold))
    if g.admission is None:
        return make.unknown("blocks", make.observed("not_scored"), required)
    seen = make.observed("scored", share=decimal_text(g.admission, 4))
    return _judged(make, g.admission >= g.threshold, seen, required)


@rule("list", f"{PREFIX}NAME.about", weighs=("caution", "info"))
def list_entry(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """The firm stands on the list on the day; falling off by expiry is no failure, removal for cause is a caution."""
    a, name = subject
    required = make.required()
    rows = [r for r in a.rows("whitelist_entries") if r.list == name and r.admitted]
    if not rows:
        if not a.asked("whitelist_entries"):
            return make.unknown("info", NOT_ASKED, required)
        return make.fails("info", make.observed("never_admitted"), required)
    row = rows[-1]
    until = row.until or add_months(row.decided_on, a.param(f"{PREFIX}{name}.about", AboutList).valid_months)
    if row.removed_on is not None and row.removed_on <= a.as_of:
        seen = make.observed("removed", day=row.removed_on, reason=row.removed_for)
        return make.fails("caution" if row.removed_for == "cause" else "info", seen, required)
    if until < a.as_of:
        return make.fails("info", make.observed("expired", day=until), required)
    return make.passes(make.observed("valid", day=until), required)


GATES: Mapping[str, CaseRule[Gate]] = {
    "regions": list_region,
    "sections": list_section,
    "sizes": list_size,
    "least_age_years": list_age,
    "not_listed": list_exclusions,
    "tax_grades": list_tax_grade,
    "abnormal_filings_months": list_abnormal_filings,
    "serious_penalties_months": list_penalties,
    "titles_any": list_titles,
}


@dataclass(frozen=True)
class Listed:
    """What a list says of a firm. `outcome`: pass only where no gate fails or is unknown, cautions apart."""

    list: str
    kind: Kind
    name: Mapping[str, str]
    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def why_not(self) -> tuple[Finding, ...]:
        """The gates that keep the firm off the list, or that could not be answered."""
        return tuple(f for f in self.findings if f.open and f.effect == "blocks")


def lists(policy: Policy) -> list[str]:
    """The names of the lists that policy states, in order."""
    names = (n.removeprefix(PREFIX).partition(".") for n in policy.names() if n.startswith(PREFIX))
    return [name for name, _, part in names if part == "about"]


def screen(a: Applicant, name: str, admission: float | None = None) -> Listed:
    """What the list says of an applicant; `admission` is the whitelist model's probability, if it was asked.

    Raises `UnknownList`.
    """
    if name not in lists_of(a):
        raise UnknownList("no_list", name=name, lists=tuple(lists_of(a)))
    about = about_list(a.policy, name, a.as_of)
    called = {"zh": about.zh, "en": about.en}
    if next(iter(a.policy(f"{PREFIX}{name}.about").values)) > a.as_of:
        return Listed(name, about.kind, called, "not_applicable", ())
    found = tuple(_findings(a, name, admission))
    return Listed(name, about.kind, called, _whole(found), found)


def about_list(policy: Policy, name: str, day: date) -> AboutList:
    """Name, kind and validity of a list on the day; before its first value, what that will be."""
    stated = policy(f"{PREFIX}{name}.about")
    return InForce(policy, max(day, next(iter(stated.values))))(stated.name, AboutList)


def lists_of(a: Applicant) -> list[str]:
    """The names of the lists in the applicant's policy."""
    return a.of_the_day(_lists_of_policy)


def _lists_of_policy(policy: Policy, _day: date) -> list[str]:
    return lists(policy)


def _findings(a: Applicant, name: str, admission: float | None) -> list[Finding]:
    gates = a.param(f"{PREFIX}{name}.gates", dict[str, int | list[str]])
    put = [(GATES[key], _gate_of(a, wanted), "gates") for key, wanted in gates.items()]
    counts = a.param(f"{PREFIX}{name}.property", dict[str, int])
    put.append((list_property, Gate(a, counts=counts), "property"))
    threshold = a.param(f"{PREFIX}{name}.admission", float)
    put.append((list_admission, Gate(a, threshold=threshold, admission=admission), "admission"))
    return [rule_.of(a, gate, name, f"{PREFIX}{name}.{part}") for rule_, gate, part in put]


def _gate_of(a: Applicant, wanted: int | list[str]) -> Gate:
    return Gate(a, number=wanted) if isinstance(wanted, int) else Gate(a, words=tuple(wanted))


def _whole(findings: tuple[Finding, ...]) -> Outcome:
    weighing = [f.outcome for f in findings if f.open and f.effect == "blocks"]
    return "fail" if "fail" in weighing else "unknown" if weighing else "pass"


def check_lists(policy: Policy) -> None:
    """Refuse a list whose parts are missing or misspelt, naming file and line. Raises `PolicyError`."""
    for name in lists(policy):
        for part in ("about", "gates", "property", "admission"):
            if f"{PREFIX}{name}.{part}" not in policy.parameters:
                about = policy(f"{PREFIX}{name}.about")
                raise PolicyError("policy_list_part", place=f"{about.file}:{about.line}", name=name, part=part)
        _check_names(policy, f"{PREFIX}{name}.about", {"zh", "en", "kind", "valid_months"}, exact=True)
        _check_names(policy, f"{PREFIX}{name}.gates", set(GATES))
        _check_names(policy, f"{PREFIX}{name}.property", {"inventions_in_force", "patents_in_force"})
        _check_kind(policy, name)


def _check_names(policy: Policy, parameter: str, allowed: set[str], exact: bool = False) -> None:
    stated = policy(parameter)
    for told in stated.values.values():
        strange = sorted(set(told) - allowed)
        missing = sorted(allowed - set(told)) if exact else []
        if strange or missing:
            place, names = f"{stated.file}:{stated.line}", tuple(sorted(allowed))
            if strange:
                raise PolicyError("policy_list_strange", place=place, name=parameter, strange=strange[0], allowed=names)
            raise PolicyError("policy_list_missing", place=place, name=parameter, missing=missing[0], allowed=names)


def _check_kind(policy: Policy, name: str) -> None:
    stated = policy(f"{PREFIX}{name}.about")
    for told in stated.values.values():
        if told["kind"] not in KINDS:
            place = f"{stated.file}:{stated.line}"
            raise PolicyError("policy_list_kind", place=place, kind=str(told["kind"]), allowed=tuple(KINDS))
