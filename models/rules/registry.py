"""The catalogue of rules, each entered with the policy that it applies.

A rule about a case is one small function that returns one finding; those over columns are made by `column_rules`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypedDict, TypeVar, Unpack, get_args

from features.phrase import Fact, Phrase
from features.policy import NotYetInForce
from models.records.applicant import Applicant
from models.rules.finding import Cure, Effect, Finding, Outcome, Proof, SelfEstimate
from models.words.templates import SHIPPED, phrase

About = Literal["patent", "pledge", "firm", "title", "loan", "list"]
S = TypeVar("S")
R = TypeVar("R", bound="Rule")


@dataclass(frozen=True)
class Rule:
    """One rule. `policies`: what it applies, the one that its findings cite first. `weighs`: effects that it may have.

    `facts`: names of evidence or measures that it reads beside the tables. `meaning`: the docstring of its function.
    Its title is the word template `rule.CODE`.
    """

    code: str
    about: About
    policies: tuple[str, ...]
    weighs: tuple[Effect, ...]
    facts: tuple[str, ...]
    meaning: str

    @property
    def lightest(self) -> Effect:
        """The lightest effect that it may have."""
        return self.weighs[-1]


@dataclass(frozen=True)
class CaseRule(Rule, Generic[S]):
    """A rule about one subject of a case: the firm, a title, a list, a loan."""

    check: Callable[[S, "Maker"], Finding]

    def of(self, applicant: Applicant, subject: S, name: str, policy: str | None = None) -> Finding:
        """The rule's finding about a subject; on a day before its policy, what the policy file says of that.

        `policy` is what the finding cites, where it is not the rule's first.
        """
        make = Maker(self, applicant, name, policy)
        try:
            if make.policy is not None:
                applicant.value(make.policy)
            return self.check(subject, make)
        except NotYetInForce as early:
            observed = phrase("finding.any.observed.no_provision_yet", day=applicant.as_of)
            if early.before == "not_applicable":
                return make.not_applicable(observed)
            return make.unknown(self.lightest, observed, phrase("finding.any.required.once_in_force"))


RULES: dict[str, Rule] = {}
Check = Callable[[S, "Maker"], Finding]


def rule(
    about: About, *policies: str, weighs: tuple[Effect, ...] = ("info",), facts: tuple[str, ...] = ()
) -> Callable[[Check[S]], CaseRule[S]]:
    """Enter the decorated function into the catalogue under its own name."""

    def entered(check: Check[S]) -> CaseRule[S]:
        return enter(CaseRule(check.__name__, about, policies, weighs, facts, meaning(check), check))

    return entered


def enter(rule: R) -> R:
    """Enter a rule into the catalogue. Raises `ValueError` where another has its name."""
    if rule.code in RULES:
        raise ValueError(f"two rules are called {rule.code}")
    RULES[rule.code] = rule
    return rule


def meaning(of: object) -> str:
    """A function's docstring on one line."""
    return " ".join((of.__doc__ or "").split())


class Besides(TypedDict, total=False):
    """What a finding may say besides: where a fact was read, what can be done, item by item, and by which policy."""

    proof: Proof | None
    cure: Cure | None
    detail: SelfEstimate | None
    policy: str | None


class Maker:
    """Makes the findings of one rule about one subject, citing the policy in force on the day.

    They cite the rule's first policy, or the one that `policy=` names.
    """

    __slots__ = ("applicant", "policy", "rule", "subject")

    def __init__(self, rule: Rule, applicant: Applicant, subject: str, policy: str | None = None) -> None:
        self.rule, self.applicant, self.subject = rule, applicant, subject
        self.policy = policy or (rule.policies[0] if rule.policies else None)

    def observed(self, case: str, /, **facts: Fact | date) -> Phrase:
        """What was seen: the template `finding.RULE.observed.CASE` with its facts."""
        return phrase(f"finding.{self.rule.code}.observed.{case}", **facts)

    def required(self, case: str = "", /, **facts: Fact | date) -> Phrase:
        """What is asked: the template `finding.RULE.required`, or `….required.CASE` of it, with its facts."""
        return phrase(f"finding.{self.rule.code}.required{case and '.'}{case}", **facts)

    def passes(self, observed: Phrase, required: Phrase, **more: Unpack[Besides]) -> Finding:
        """The requirement is met."""
        return self._finding("pass", "info", observed, required, **more)

    def fails(self, effect: Effect, observed: Phrase, required: Phrase, **more: Unpack[Besides]) -> Finding:
        """The requirement is not met."""
        return self._finding("fail", effect, observed, required, **more)

    def unknown(self, effect: Effect, observed: Phrase, required: Phrase, **more: Unpack[Besides]) -> Finding:
        """The fact was not asked, not known, or too old."""
        return self._finding("unknown", effect, observed, required, **more)

    def not_applicable(self, observed: Phrase, required: Phrase | None = None, **more: Unpack[Besides]) -> Finding:
        """The rule does not concern this subject."""
        return self._finding("not_applicable", "info", observed, required, **more)

    def _finding(
        self, outcome: Outcome, effect: Effect, observed: Phrase, required: Phrase | None, **more: Unpack[Besides]
    ) -> Finding:
        if outcome in ("fail", "unknown") and effect not in self.rule.weighs:
            raise ValueError(f"rule {self.rule.code} does not declare the effect {effect}")
        applied = more.get("policy") or self.policy
        since, told = self.applicant.since[applied], (self.rule.code, self.subject, outcome, effect)
        beside = (more.get("proof"), more.get("cure"), more.get("detail"))
        return Finding(*told, observed, required, applied, since, *beside)


def catalogue() -> str:
    """docs/rules.md: every rule with its policies, the effects it may have and the facts it reads."""
    lines = [
        "# Rules",
        "",
        "Generated from `models/rules/` by `python -m models.rules`; a test keeps it current. A rule returns one",
        "finding: pass, fail, unknown (not asked, not known, or too old) or not_applicable. Values stand in",
        "`features/policy/`.",
        "",
    ]
    for about in get_args(About):
        lines += [
            f"## About a {about}",
            "",
            "| rule | 中文 | what it says | weighs | policy | facts |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(r) for _, r in sorted(RULES.items()) if r.about == about]
        lines.append("")
    return "\n".join(lines)


def _line(r: Rule) -> str:
    named = [", ".join(f"`{n}`" for n in names) or "–" for names in (r.policies, r.facts)]
    title = SHIPPED.name(f"rule.{r.code}", "zh")
    return f"| `{r.code}` | {title} | {r.meaning} | {', '.join(r.weighs)} | {named[0]} | {named[1]} |"
