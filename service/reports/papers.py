"""The papers of an application (资料清单): which are there, which are too old, which are missing, and who brings them.

Which papers are asked, and how old they may be, is policy (`papers.yaml`); that one is there follows from the rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from features.asof import Case, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.phrase import Language
from models.records.in_force import InForce
from models.rules import figures_of
from models.rules.finding import EFFECTS, Effect
from service.ledger.redaction import Part
from service.reports.document import Block, GridBlock
from service.reports.material import Material

Profile = Literal["light", "standard", "institution", "renewal"]
Asked = Literal["needed", "later", "caution", "changes", "not_asked"]
PaperState = Literal["there", "too_old", "missing"]


JUDGED: Mapping[str, tuple[str, ...]] = {
    "application": ("purpose_stated", "need_known", "within_limit"),
    "register": ("register_status", "operating_years"),
    "identity": ("controller_known",),
    "beneficial_owner": ("controller_known",),
    "bureau_report": ("bureau_report",),
    "personal_report": ("controller_credit",),
    "courts": ("credit_listing", "person_listing", "litigation"),
    "bank_related": ("bank_related",),
    "yearly_books": ("statements_fresh",),
    "interim_books": ("interim_fresh",),
    "sales": ("sales_cross_check",),
    "contracts": ("purpose_documents", "need_orders"),
    "register_extract": ("register_extract",),
    "inventors_and_use": ("inventors_gone", "technology_far"),
    "appraisal": ("appraisal_fresh", "appraisal_usable"),
    "controller_guarantee": ("controller_guarantee",),
    "institution_letter": ("guarantee_institution",),
    "our_record": ("risk_class", "eligible_renewal"),
}
"""By paper the rules that judge what it shows: whether one that is missing or too old weighs, their findings say."""


class LightProfile(msgspec.Struct, frozen=True):
    """What policy says of light cases."""

    in_force: bool


class PaperRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What policy says of a paper.

    `by`: who brings it. `days`: how old it may be; None: its own. `tables`: any row of one of them shows it, of those
    that agree with `where`. `dated`: the column that it is dated by.
    `each`: the column by which there is one for each, such as a patent. `look_up`: that nothing was found shows it too.
    `asked`: by profile.
    """

    by: tuple[str, ...]
    tables: tuple[str, ...]
    asked: Mapping[Profile, Asked]
    days: int | None = None
    dated: str = "known_on"
    each: str = ""
    where: Mapping[str, tuple[str | int, ...]] = {}
    look_up: bool = False


class ListedPaper(msgspec.Struct, frozen=True, omit_defaults=True):
    """A paper that is asked of an application. `asked`: needed, or later before drawdown, or a caution alone.

    Of one that is missing or too old: `weighs`, the heaviest effect of the open findings of its `rules`, absent where
    none is open, and `says`, what follows for the answer.
    """

    paper: str
    name: str
    by: tuple[str, ...]
    asked: Asked
    state: PaperState
    dated: str | None = None
    age: int | None = None
    days: int | None = None
    rules: tuple[str, ...] = ()
    weighs: Effect | None = None
    says: str = ""


class PaperList(msgspec.Struct, frozen=True):
    """The papers of an application under its profile; `missing`: how many are not there, or too old."""

    profile: Profile
    language: Language
    missing: int
    items: tuple[ListedPaper, ...]


def profile_of(of: Material) -> Profile:
    """Which papers are asked: of a renewal of ours, of a loan with an institution, of a light case, or of any other."""
    if of.application.get("renews"):
        return "renewal"
    if "guarantee_institution" in {row["kind"] for row in of.current("guarantees")}:
        return "institution"
    return "light" if _is_light(of) else "standard"


def _is_light(of: Material) -> bool:
    """Whether the findings, too, were those of a light case."""
    if not InForce(of.policy, of.as_of)("profiles.light", LightProfile).in_force:
        return False
    asked = of.answer["case"]
    names = ("case", "firm", "application", "bank", "branch")
    case = Case(as_of=of.as_of, **{name: asked[name] for name in names})
    return figures_of(as_known(Tables.from_rows(of.rows), [case], NO_NORMS, of.policy), 0).light


def papers(of: Material) -> PaperList:
    """The papers that are asked on the day of the question, those that are needed first."""
    profile, found = profile_of(of), list(_papers(of))
    order: tuple[Asked, ...] = ("needed", "later", "changes", "caution")
    found.sort(key=lambda one: (one.state == "there", order.index(one.asked)))
    return PaperList(profile, of.language, sum(one.state != "there" for one in found), tuple(found))


def _papers(of: Material) -> Iterator[ListedPaper]:
    profile, in_force = profile_of(of), InForce(of.policy, of.as_of)
    for name in of.policy.names():
        if not name.startswith("papers."):
            continue
        rule, paper = in_force(name, PaperRule), name.partition(".")[2]
        if (asked := rule.asked[profile]) != "not_asked":
            yield _paper(of, paper, rule, asked)


def _paper(of: Material, paper: str, rule: PaperRule, asked: Asked) -> ListedPaper:
    latest = _dated(of, paper, rule)
    by = tuple(of.say(f"brings.{one}") for one in rule.by)
    name = of.say(f"paper.{paper}")
    if latest is None:
        return _weighed(of, ListedPaper(paper, name, by, asked, "missing", days=rule.days))
    age = (of.as_of - latest).days
    if rule.days is None or age <= rule.days:
        return ListedPaper(paper, name, by, asked, "there", latest.isoformat(), age, rule.days)
    return _weighed(of, ListedPaper(paper, name, by, asked, "too_old", latest.isoformat(), age, rule.days))


def _weighed(of: Material, paper: ListedPaper) -> ListedPaper:
    """A paper that is missing or too old, with what follows from it for the answer: as the findings say, or nothing."""
    judged = JUDGED.get(paper.paper, ())
    opened = [one for one in of.weighing(*_WEIGHTS) if one["rule"] in judged]
    if opened:
        weighs = min(map(_effect, opened), key=_WEIGHTS.index)
        rules = tuple(dict.fromkeys(one["rule"] for one in opened))
        named = of.listed(of.name("rule", one) for one in rules)
        says = of.say("paper_weighs", effect=of.name("effect", weighs), rules=named)
        return msgspec.structs.replace(paper, rules=rules, weighs=weighs, says=says)
    told = tuple(one for one in judged if any(found["rule"] == one for found in of.findings))
    named = of.listed(of.name("rule", one) for one in told)
    return msgspec.structs.replace(
        paper, rules=told, says=of.say("paper_judged", rules=named) if told else of.say("paper_unjudged")
    )


_WEIGHTS: tuple[Effect, ...] = tuple(one for one in EFFECTS if one != "info")


def _effect(found: Part) -> Effect:
    """What an open finding weighs: what would block and is not known is for a person to weigh."""
    effect: Effect = found["effect"]
    return "refer" if effect == "blocks" and found["outcome"] == "unknown" else effect


_DATED_BY: Mapping[str, str] = {
    "bureau_report": "bureau_report",
    "personal_report": "controller_credit",
    "yearly_books": "statements_fresh",
    "interim_books": "interim_fresh",
    "appraisal": "appraisal_fresh",
}
"""By paper the rule whose finding tells the day of the paper that it used, so that list and finding tell one age."""


def _dated(of: Material, paper: str, rule: PaperRule) -> date | None:
    """The day of the paper that findings rest on; of one that is brought for each patent, that of the oldest."""
    seen = (of.found(_DATED_BY.get(paper, "")) or {}).get("observed") or {}
    if isinstance(told := (seen.get("facts") or {}).get("day"), str):
        return date.fromisoformat(told)
    newest: dict[object, date] = {}
    for subject, day in _days(of, rule):
        newest[subject] = max(day, newest.get(subject, day))
    return min(newest.values(), default=None)


def _days(of: Material, rule: PaperRule) -> Iterator[tuple[object, date]]:
    """The days of what shows the paper, each with what it is about where one is brought for each.

    A look-up is dated by the day on which the source was asked.
    """
    for table in rule.tables:
        for row in of.current(table):
            if all(row.get(name) in values for name, values in rule.where.items()):
                yield row.get(rule.each), row.get(rule.dated) or row["known_on"]
        for row in of.rows.get("coverage", ()) if rule.look_up else ():
            if row.get("about") == table and row.get("complete") is not False and row.get("asked_on") is not None:
                yield None, row["asked_on"]


def paper_grid(of: Material, found: Sequence[ListedPaper]) -> Block:
    """The papers as the reports show them."""
    heading = tuple(of.say(f"papers.{code}") for code in ("name", "by", "asked", "state", "dated", "weighs"))
    rows = tuple(
        (
            one.name,
            of.listed(one.by),
            of.say(f"asked.{one.asked}"),
            of.say(f"state.{one.state}"),
            of.say("day_and_age", day=one.dated, age=one.age) if one.dated else "–",
            one.says or "–",
        )
        for one in found
    )
    return GridBlock(heading, rows, of.say("papers"))
