"""Whitelists as data: a policy file `list_NAME.yaml` says who may stand on a list; each gate is a finding.

Within a list, the effect `blocks` keeps a firm off it and `caution` does not. Being on a list is an invitation to
apply, never an approval, and its findings say nothing about a loan.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from features.errors import PledgeScoreError
from features.policy import Policy, PolicyError
from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.rules.certificates import held
from models.rules.credit import NOT_ASKED, WORDS, latest_tax_grade, listings
from models.rules.cures import cure
from models.rules.facts import value
from models.rules.finding import Effect, Finding, Outcome, Says
from models.rules.labels import label
from models.rules.registry import Maker, Rule, rule
from models.rules.three_valued import some

KINDS = ("push_list", "coordination_recommendation", "own", "park")
PREFIX = "list_"
OFF: tuple[Effect, ...] = ("blocks", "caution")


class UnknownList(PledgeScoreError):
    """A list is asked for that no policy file states."""


@dataclass(frozen=True)
class Gate:
    """One requirement of a list, put to one applicant."""

    a: Applicant
    list: str
    wanted: Any
    admission: float | None = None


def _gate(zh: str, en: str, part: str = "gates") -> Callable[[Callable[[Gate, Maker], Finding]], Rule[Gate]]:
    return rule("list", f"{PREFIX}NAME.{part}", zh=zh, en=en, weighs=OFF)


def _judged(make: Maker, answer: bool | None, observed: Says, required: Says, **more: Any) -> Finding:
    if answer is None:
        return make.unknown("blocks", observed, required, **more)
    return make.passes(observed, required, **more) if answer else make.fails("blocks", observed, required, **more)


UNKNOWN = Says("未知", "not known")


def _told(found: Any) -> Says:
    return UNKNOWN if found is None else Says(str(found), str(found))


def _any_of(words: Any) -> Says:
    return Says("、".join(map(str, words)), ", ".join(map(str, words)))


@_gate("所在地区", "region")
def list_region(g: Gate, make: Maker) -> Finding:
    """The firm's present seat lies in one of the list's regions; no region named means everywhere."""
    region = g.a.profile.region if g.a.profile else None
    if not g.wanted:
        return make.not_applicable(Says("不限地区", "no region is named"))
    answer = None if region is None else region.startswith(tuple(g.wanted))
    return _judged(make, answer, _told(region), _any_of(g.wanted))


@_gate("行业门类", "sector")
def list_section(g: Gate, make: Maker) -> Finding:
    """The firm's industry lies in one of the list's sectors; none named means every sector."""
    industry = g.a.profile.industry if g.a.profile else None
    if not g.wanted:
        return make.not_applicable(Says("不限行业", "no sector is named"))
    answer = None if industry is None else industry.startswith(tuple(g.wanted))
    return _judged(make, answer, _told(industry), _any_of(g.wanted))


@_gate("企业规模", "size class")
def list_size(g: Gate, make: Maker) -> Finding:
    """The firm is of one of the list's size classes."""
    return _judged(make, None if g.a.size is None else g.a.size in g.wanted, _told(g.a.size), _any_of(g.wanted))


@_gate("成立年限", "years since foundation")
def list_age(g: Gate, make: Maker) -> Finding:
    """The firm has existed for so many whole years."""
    years = g.a.lived_years
    required = Says(f"至少 {g.wanted} 年", f"at least {g.wanted} years")
    return _judged(make, None if years is None else years >= g.wanted, _told(years), required)


@_gate("信用负面记录", "credit exclusions")
def list_exclusions(g: Gate, make: Maker) -> Finding:
    """No open record of the kinds that exclude; one removed of late is a caution, not clean."""
    names = [WORDS[kind] for kind in g.wanted]
    required = Says("无：" + "、".join(n.zh for n in names), "none of: " + ", ".join(n.en for n in names))
    found = {kind: listings(g.a, kind) for kind in g.wanted}
    still = [WORDS[kind] for kind, (open_, _) in found.items() if open_ is not None]
    removed = [WORDS[kind] for kind, (_, gone) in found.items() if gone is not None]
    if still:
        said = Says("、".join(n.zh for n in still), ", ".join(n.en for n in still))
        return make.fails("blocks", said, required, cure=cure(g.a, "repair_listing"))
    if not g.a.asked("credit_events"):
        return make.unknown("blocks", NOT_ASKED, required)
    if removed:
        said = Says("已移出：" + "、".join(n.zh for n in removed), "removed: " + ", ".join(n.en for n in removed))
        return make.fails("caution", said, required)
    return make.passes(Says("无", "none"), required)


@_gate("纳税信用级别", "tax-credit grade")
def list_tax_grade(g: Gate, make: Maker) -> Finding:
    """The latest tax-credit grade is one of those named."""
    grade = latest_tax_grade(g.a)
    return _judged(make, None if grade is None else grade in g.wanted, _told(grade), _any_of(g.wanted))


@_gate("非正常专利申请", "abnormal patent filings")
def list_abnormal_filings(g: Gate, make: Maker) -> Finding:
    """No abnormal patent filing in so many months, lifted or not."""
    return _none_since(g, make, lambda e: e.event == "abnormal_filing")


@_gate("重大处罚", "serious penalties")
def list_penalties(g: Gate, make: Maker) -> Finding:
    """No serious penalty, safety or environmental record in so many months."""
    return _none_since(g, make, lambda e: bool(e.event in ("penalty", "safety", "environment") and e.serious))


def _none_since(g: Gate, make: Maker, counts: Callable[[Any], bool]) -> Finding:
    since = add_months(g.a.as_of, -g.wanted)
    required = Says(f"近 {g.wanted} 个月无", f"none in {g.wanted} months")
    found = [e for e in g.a.rows("credit_events") if counts(e) and e.happened_on > since]
    if found:
        return make.fails("blocks", Says(f"{len(found)} 次", f"{len(found)} found"), required)
    if not g.a.asked("credit_events"):
        return make.unknown("blocks", NOT_ASKED, required)
    return make.passes(Says("无", "none"), required)


@_gate("称号", "official titles")
def list_titles(g: Gate, make: Maker) -> Finding:
    """A certificate of one of the titles is held on the day."""
    answers = {title: held(g.a, title) for title in g.wanted}
    names = [title for title, answer in answers.items() if answer]
    answer = some(answers.values())
    said = UNKNOWN if answer is None else _any_of(names) if names else Says("无", "none")
    return _judged(make, answer, said, _any_of(g.wanted))


@_gate("知识产权", "intellectual property", part="property")
def list_property(g: Gate, make: Maker) -> Finding:
    """The firm holds so many patents in force of each kind that the list counts."""
    found = {name: value(g.a, name) for name in g.wanted}
    answers = [None if (n := found[name]) is None else Fraction(n) >= least for name, least in g.wanted.items()]
    answer = False if False in answers else None if None in answers else True
    said = [(label(name), "–" if n is None else n) for name, n in found.items()]
    required = [(label(name), f"≥ {least}") for name, least in g.wanted.items()]
    return _judged(make, answer, _counts(said), _counts(required))


def _counts(parts: list[tuple[Says, Any]]) -> Says:
    return Says("；".join(f"{n.zh} {c}" for n, c in parts), "; ".join(f"{n.en} {c}" for n, c in parts))


@_gate("模型得分", "model", part="admission")
def list_admission(g: Gate, make: Maker) -> Finding:
    """The whitelist model's probability reaches the list's threshold."""
    required = Says(f"不低于 {g.wanted}", f"at least {g.wanted}")
    if g.admission is None:
        return make.unknown("blocks", Says("未评分", "not scored"), required)
    said = f"{g.admission:.3f}"
    return _judged(make, g.admission >= g.wanted, Says(said, said), required)


@rule("list", f"{PREFIX}NAME.about", zh="名单状态", en="entry on the list", weighs=("caution", "info"))
def list_entry(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """The firm stands on the list on the day; falling off by expiry is no failure, removal for cause is a caution."""
    a, name = subject
    required = Says("名单有效", "a valid entry")
    rows = [r for r in a.rows("whitelist_entries") if r.list == name and r.admitted]
    if not rows:
        if not a.asked("whitelist_entries"):
            return make.unknown("info", Says("未查询", "not asked"), required)
        return make.fails("info", Says("未入选", "never admitted"), required)
    row = rows[-1]
    until = row.until or add_months(row.decided_on, a.value(f"{PREFIX}{name}.about")["valid_months"])
    if row.removed_on is not None and row.removed_on <= a.as_of:
        said = Says(
            f"{row.removed_on} 移出（{row.removed_for or '–'}）",
            f"removed on {row.removed_on} ({row.removed_for or '–'})",
        )
        return make.fails("caution" if row.removed_for == "cause" else "info", said, required)
    if until < a.as_of:
        return make.fails("info", Says(f"{until} 到期，非失败", f"expired on {until}, which is no failure"), required)
    return make.passes(Says(f"有效至 {until}", f"valid until {until}"), required)


GATES: Mapping[str, Rule[Gate]] = {
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
    kind: str
    name: Says
    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def why_not(self) -> tuple[Finding, ...]:
        """The gates that keep the firm off the list, or that could not be answered."""
        return tuple(f for f in self.findings if f.open and f.effect == "blocks")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "list": self.list,
            "kind": self.kind,
            "name": self.name.to_json(),
            "outcome": self.outcome,
            "findings": [f.to_json() for f in self.findings],
        }


def lists(policy: Policy) -> list[str]:
    """The names of the lists that policy states, in order."""
    names = (n.removeprefix(PREFIX).partition(".") for n in policy.names() if n.startswith(PREFIX))
    return [name for name, _, part in names if part == "about"]


def screen(a: Applicant, name: str, admission: float | None = None) -> Listed:
    """What the list says of an applicant; `admission` is the whitelist model's probability, if it was asked.

    Raises `UnknownList`.
    """
    if name not in lists_of(a):
        raise UnknownList(f"there is no list {name!r}: there are {', '.join(lists_of(a)) or 'none'}")
    about = a.policy(f"{PREFIX}{name}.about")
    told = next(iter(about.values.values()))
    if next(iter(about.values)) > a.as_of:
        return Listed(name, told["kind"], Says(told["zh"], told["en"]), "not_applicable", ())
    found = tuple(_findings(a, name, admission))
    told = a.value(f"{PREFIX}{name}.about")
    return Listed(name, told["kind"], Says(told["zh"], told["en"]), _whole(found), found)


def lists_of(a: Applicant) -> list[str]:
    """The names of the lists in the applicant's policy."""
    return a.facts.once(lambda facts: lists(facts.known.policy), "lists")  # type: ignore[no-any-return]


def _findings(a: Applicant, name: str, admission: float | None) -> list[Finding]:
    put = [(GATES[key], wanted, "gates") for key, wanted in a.value(f"{PREFIX}{name}.gates").items()]
    put.append((list_property, a.value(f"{PREFIX}{name}.property"), "property"))
    put.append((list_admission, a.value(f"{PREFIX}{name}.admission"), "admission"))
    return [gate.of(a, Gate(a, name, wanted, admission), name, f"{PREFIX}{name}.{part}") for gate, wanted, part in put]


def _whole(findings: tuple[Finding, ...]) -> Outcome:
    weighing = [f.outcome for f in findings if f.open and f.effect == "blocks"]
    return "fail" if "fail" in weighing else "unknown" if weighing else "pass"


def check_lists(policy: Policy) -> None:
    """Refuse a list whose parts are missing or misspelt, naming file and line. Raises `PolicyError`."""
    for name in lists(policy):
        for part in ("about", "gates", "property", "admission"):
            if f"{PREFIX}{name}.{part}" not in policy.parameters:
                about = policy(f"{PREFIX}{name}.about")
                raise PolicyError(f"{about.file}:{about.line}: the list {name} has no {part}: add it")
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
            what = f"has an unknown name {strange[0]!r}" if strange else f"lacks {missing[0]!r}"
            raise PolicyError(f"{stated.file}:{stated.line}: {parameter} {what}: use {', '.join(sorted(allowed))}")


def _check_kind(policy: Policy, name: str) -> None:
    stated = policy(f"{PREFIX}{name}.about")
    for told in stated.values.values():
        if told["kind"] not in KINDS:
            raise PolicyError(
                f"{stated.file}:{stated.line}: {told['kind']!r} is no kind of list: use {', '.join(KINDS)}"
            )
