"""An answer as its page shows it: the verdict, what weighs, the reasons, the patents and their values, the sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from service.assessing.selection import topics_of
from service.desk import charts
from service.desk.formats import ABSENT, percent, points, wan
from service.desk.labels import DeskLabels
from service.ledger.redaction import Part

EFFECTS = ("blocks", "drops_patent", "refer", "before_drawdown", "caution")
SHOWN_TOPICS = 10
_OPEN = ("fail", "unknown")
_FINAL = ("blocks", "drops_patent")
_MARKS = {"blocks": "✕", "drops_patent": "–", "refer": "!", "before_drawdown": "", "caution": "!"}


@dataclass(frozen=True)
class Issue:
    """One line of what weighs: what it is and what was seen; where something can be done, what, by whom, for which fee.

    `fee`: official, in fen. `final`: it blocks, and nothing can be done about it.
    """

    title: str
    seen: str
    unknown: bool
    patents: Sequence[str] = ()
    cure: str = ""
    office: str = ""
    days: int | None = None
    fee: int | None = None
    final: bool = False


@dataclass(frozen=True)
class IssueGroup:
    """The lines of one effect, the heaviest first; `mark`: the sign before each, its number where that is empty."""

    effect: str
    mark: str
    issues: Sequence[Issue]


@dataclass(frozen=True)
class ReasonRow:
    """A row of the waterfall."""

    name: str
    why: str
    points: str
    bar: Markup


@dataclass(frozen=True)
class Waterfall:
    """Base, the largest reasons, the sum of the rest, and the score: each begins where the one before ended."""

    base: str
    base_says: str
    base_mark: Markup
    rows: Sequence[ReasonRow]
    rest: ReasonRow | None
    all_rows: Sequence[ReasonRow]
    score: str
    score_mark: Markup


@dataclass(frozen=True)
class PatentRow:
    """A patent that is offered: names, life, value, what it carries, and what stands against it."""

    number: str
    title: str
    kind: str
    last_day: str
    quality: str
    value: str
    on_default: str
    carries: str
    state: str
    why: Sequence[str] = ()


@dataclass(frozen=True)
class AdviceCard:
    """The first card: the advice, how much at most, for how long, and what stands behind it."""

    advice: str
    amount: int | None
    known_least: int | None
    longest: int | None
    conditions: int
    expires: str
    because: Sequence[str] = field(default_factory=list)
    says: str = ""


def verdict(answer: Part, say: DeskLabels) -> AdviceCard:
    """The advice as the page shows it first."""
    told: Part = answer.get("recommendation") or {}
    limit: Part = answer.get("limit") or {}
    titles = {(one["rule"], one["subject"]): one for one in findings_of(answer)}
    because = [_because(one, titles, say) for one in told.get("because", ())]
    return AdviceCard(
        advice=str(told.get("advice") or "none"),
        amount=told.get("amount"),
        known_least=limit.get("known_least"),
        longest=(answer.get("term") or {}).get("months"),
        conditions=len(told.get("conditions", ())),
        expires=str(answer["expires_on"]),
        because=list(dict.fromkeys(because)),
        says=str(told.get("says", "")),
    )


def _because(one: Part, titles: Mapping[tuple[str, str], Part], say: DeskLabels) -> str:
    found = titles.get((one["rule"], one["subject"]))
    return say.name("rule", one["rule"]) if found is None or "title" not in found else str(found["title"])


def findings_of(answer: Part) -> list[Part]:
    """All open findings about firm, loan and patents."""
    of_patents = (one for row in answer.get("patents", ()) for one in row.get("findings", ()))
    return [one for one in (*answer.get("findings", ()), *of_patents) if "outcome" in one]


def issue_groups(answer: Part, say: DeskLabels) -> list[IssueGroup]:
    """What weighs, by effect; conditions as the advice lists them."""
    found: dict[str, list[Issue]] = {effect: [] for effect in EFFECTS}
    for one, dropped in _weighing(answer):
        effect = "refer" if one["effect"] == "blocks" and one["outcome"] == "unknown" else one["effect"]
        if dropped and effect != "drops_patent":
            continue
        found[effect].append(_issue(one, effect, say))
    advice = answer.get("recommendation") or {}
    if advice.get("conditions"):
        seen = {one["rule"]: one for one, _ in _weighing(answer)}
        found["before_drawdown"] = [_condition(one, seen.get(one["rule"])) for one in advice["conditions"]]
    return [IssueGroup(effect, _MARKS[effect], own) for effect, own in found.items() if own]


def _weighing(answer: Part) -> Iterator[tuple[Part, bool]]:
    for one in answer.get("findings", ()):
        if one.get("outcome") in _OPEN and one.get("effect", "info") in EFFECTS:
            yield one, False
    for row in answer.get("patents", ()):
        for one in row.get("findings", ()):
            if one.get("outcome") in _OPEN and one.get("effect", "info") in EFFECTS:
                yield one, row.get("pledgeable") is False


def _issue(one: Part, effect: str, say: DeskLabels) -> Issue:
    cure: Part = one.get("cure") or {}
    patents = [str(one["subject"])] if is_patent(one["subject"]) else []
    return Issue(
        title=str(one.get("title") or say.name("rule", one["rule"])),
        seen=str((one.get("observed") or {}).get("says", "")),
        unknown=one["outcome"] == "unknown",
        patents=patents,
        cure=str(cure.get("says", "")),
        office=str(cure.get("where") or ""),
        days=cure.get("days"),
        fee=cure.get("fee"),
        final=effect in _FINAL and not cure,
    )


def _condition(one: Part, found: Part | None) -> Issue:
    cure: Part = one.get("cure") or {}
    return Issue(
        title=str(one["title"]),
        seen=str(((found or {}).get("observed") or {}).get("says", "")),
        unknown=(found or {}).get("outcome") == "unknown",
        patents=[str(subject) for subject in one["subjects"] if is_patent(subject)],
        cure=str(cure.get("says", "")),
        office=str(cure.get("where") or ""),
        days=cure.get("days"),
        fee=cure.get("fee"),
    )


def is_patent(subject: object) -> bool:
    """Whether a finding is about a patent, by its subject."""
    return str(subject).startswith("CN")


def bounds_chart(answer: Part, say: DeskLabels) -> Markup:
    """The bounds of the limit as bars; the title says which one sets it."""
    limit: Part = answer.get("limit") or {}
    known: Mapping[str, int | None] = limit.get("bounds") or {}
    binding = limit.get("binding") if limit.get("amount") is not None else None
    rows = [charts.Bound(_short_bound(name, say), fen, name == binding, name == "asked") for name, fen in known.items()]
    rows += [charts.Bound(_short_bound(name, say), None) for name in limit.get("unknown", ())]
    amount = limit.get("amount")
    title = say("chart.bounds.unknown") if amount is None else say("chart.bounds", amount=wan(amount), bound=(
        say.name("bound", binding)))  # fmt: skip
    return charts.bounds(rows, say("not_measured"), title)


def _short_bound(name: str, say: DeskLabels) -> str:
    """The name of a bound without what explains it in brackets."""
    return say.name("bound", name).partition("（")[0].partition(" (")[0]


def waterfall(base_of: Part, reasons: Sequence[Part], score: float, say: DeskLabels) -> Waterfall:
    """From a base over reasons to a score: the sums by topic on one scale, in tenths of a point, so that they add up.

    Beside each stands what the largest reason of its topic says.
    """
    reasons = sorted(reasons, key=lambda one: -abs(one["points"]))
    topics = topics_of(reasons)
    first, rest = topics[:SHOWN_TOPICS], topics[SHOWN_TOPICS:]
    rest_points = sum(round(10 * one["points"]) for one in rest) / 10
    base = float(base_of["points"])
    found, _ = charts.steps(base, [*(one["points"] for one in first), *([rest_points] if rest else [])])
    places = [place for step in found for place in (step.since, step.until)] or [round(base * 10), round(score * 10)]
    low, high = min(places), max(places)

    def row(name: str, why: str, part: float, step: charts.Step) -> ReasonRow:
        told = points(part, signed=True)
        return ReasonRow(name, why, told, charts.waterfall_bar(step, low, high, f"{name} {told}"))

    largest = {one["code"]: one for one in reversed(reasons)}
    rows = [
        row(say.name("topic", one["code"]), _why(largest[one["code"]]), one["points"], step)
        for one, step in zip(first, found, strict=False)
    ]
    return Waterfall(
        base=points(base),
        base_says=str(base_of.get("says", "")),
        base_mark=charts.waterfall_mark(round(base * 10), low, high, f"{say('base')} {points(base)}"),
        rows=rows,
        rest=row(say("reasons.rest", count=len(rest)), "", rest_points, found[-1]) if rest else None,
        all_rows=[ReasonRow(say.name("topic", one["code"]), _why(one), points(one["points"], signed=True), Markup())
                  for one in reasons],
        score=points(score),
        score_mark=charts.waterfall_mark(round(score * 10), low, high, f"{say('score')} {points(score)}"),
    )  # fmt: skip


def _why(reason: Part) -> str:
    """What the sentence of a reason says after its topic and points, which stand in columns of their own."""
    text = str(reason.get("says", ""))
    for end in ("分。", "points. ", "point. ", ". "):
        if end in text:
            return text.partition(end)[2]
    return text


def patent_rows(answer: Part, titles: Mapping[str, str], say: DeskLabels) -> list[PatentRow]:
    """The patents that are offered, in the order of the answer."""
    return [_patent(row, titles, say) for row in answer.get("patents", ())]


def _patent(row: Part, titles: Mapping[str, str], say: DeskLabels) -> PatentRow:
    weighing = [one for one in row.get("findings", ()) if one.get("effect", "info") != "info"]
    why = [f"{one['title']}{say('colon')}{_cure_of(one)}" for one in weighing if "title" in one]
    pledgeable = row.get("pledgeable")
    state = {False: "dropped", None: "to_check", True: "curable" if weighing else "good"}[pledgeable]
    if row.get("exclusion_reason"):
        why.append(say.name("exclusion", row["exclusion_reason"]))
    quality = (row.get("quality") or {}).get("score")
    return PatentRow(
        number=str(row["patent"]),
        title=titles.get(str(row["patent"]), ""),
        kind=say.name("choice.patents.kind", row["kind"]) if row.get("kind") else ABSENT,
        last_day=str(row.get("last_day") or ABSENT),
        quality=ABSENT if quality is None else f"{quality:.0f}",
        value=wan((row.get("value") or {}).get("p50")),
        on_default=wan((row.get("value_on_default") or {}).get("p50")),
        carries=wan((row.get("carries") or {}).get("carries")),
        state=state,
        why=why,
    )


def _cure_of(one: Part) -> str:
    return str((one.get("cure") or {}).get("says") or (one.get("observed") or {}).get("says", ""))


def grade_chart(answer: Part, say: DeskLabels) -> Markup | None:
    """The grade's place among all, as a strip; none where the answer does not tell it."""
    grading = answer.get("grading")
    if not grading:
        return None
    title = say("chart.grades", grade=grading["place"], count=grading["many"])
    return charts.grade_strip([str(one + 1) for one in range(grading["many"])], str(grading["place"]), title)


def yearly_pd(answer: Part, say: DeskLabels) -> str:
    """The probability of default brought to a year and the lines of the bank that it is held against; or nothing."""
    found: Part = next((one for one in findings_of(answer) if one["rule"] == "score"), {})
    seen, lines = ((found.get(name) or {}).get("facts") or {} for name in ("observed", "required"))
    if "whole" not in seen or "blocks_pd" not in lines:
        return ""
    figures = {"pd": seen["pd"], "refer": lines["refer_pd"], "blocks": lines["blocks_pd"]}
    return say("pd.yearly", days=seen["days"], **{name: f"{float(value):.2%}" for name, value in figures.items()})


def pledge_pairs(answer: Part, say: DeskLabels) -> list[tuple[str, str]]:
    """What secures the loan, in figures: the value lent on, whose it is, and the share that the advised amount is."""
    basis: Part = (answer.get("pledge") or {}).get("basis") or {}
    found = ((answer.get("pledge") or {}).get("loan_to_value") or {}).get("advised")
    recovery = (answer.get("recoverable") or {}).get("p50")
    default: Part = answer.get("value_on_default") or {}
    by = basis.get("by") if basis.get("amount") is not None else None
    relied_on = say("pledge.confirmed")
    if by in ("appraiser", "internal", "internal_high"):
        relied_on = say("pledge.relied_on") + say("brackets", text=say(f"basis.{by}"))
    return [
        (say("pledge.patents"), say("pieces", count=len(answer.get("patents", ())))),
        (relied_on, wan(basis.get("amount") if by else basis.get("confirmed"))),
        (say("pledge.ltv"), percent(found)),
        (say("pledge.on_default"), wan((default.get("range") or {}).get("p50"))),
        (say("pledge.recovery"), percent(recovery)),
    ]


def values_chart(answer: Part, say: DeskLabels) -> Markup | None:
    """Values beside each other, never added: appraised, confirmed, our own range, what is carried, and on default."""
    pledge: Part = answer.get("pledge") or {}
    basis: Part = pledge.get("basis") or {}
    own: Part = (answer.get("value") or {}).get("range") or {}
    default: Part = (answer.get("value_on_default") or {}).get("range") or {}
    rows = [
        charts.Spread(say("value.appraised"), basis.get("appraiser")),
        charts.Spread(say("value.confirmed"), basis.get("confirmed")),
        charts.Spread(say("value.own"), own.get("p50"), own.get("p10"), own.get("p90")),
        charts.Spread(say("value.carries"), pledge.get("carries")),
        charts.Spread(
            say("value.on_default"), default.get("p50"), default.get("p10"), default.get("p90"), on_default=True
        ),
    ]
    shown = [row for row in rows if row.point is not None]
    title = say("chart.values", own=wan(own.get("p50")), default=wan(default.get("p50")))
    return charts.ranges(shown, title) if shown else None


def value_rows(answer: Part, say: DeskLabels) -> list[tuple[str, str, str, str]]:
    """The same values as a table: name, P10, P50 or the figure, P90."""
    pledge: Part = answer.get("pledge") or {}
    basis: Part = pledge.get("basis") or {}
    found = [(say("value.appraised"), {"p50": basis.get("appraiser")})]
    found.append((say("value.confirmed"), {"p50": basis.get("confirmed")}))
    found.append((say("value.own"), (answer.get("value") or {}).get("range") or {}))
    found.append((say("value.carries"), {"p50": pledge.get("carries")}))
    found.append((say("value.on_default"), (answer.get("value_on_default") or {}).get("range") or {}))
    return [(name, wan(told.get("p10")), wan(told.get("p50")), wan(told.get("p90"))) for name, told in found]


def source_rows(answer: Part, say: DeskLabels) -> list[tuple[str, int, str, str, int, int]]:
    """Where the facts come from: table, rows, kinds of source, newest day, age in days, rows typed by hand."""
    return [
        (
            say.name("table", table),
            told["rows"],
            say("joint").join(say.name(f"choice.{table}.source_kind", kind) for kind in told["kinds"]),
            told["known_on"],
            told["age_days"],
            told["typed"],
        )
        for table, told in (answer.get("sources") or {}).items()
    ]
