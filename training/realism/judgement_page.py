"""The figures of the judgement as Markdown, written between two marks of a page that a person writes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import PledgeScoreError
from models.words.output import told
from training.realism.judgement import AdviceLine, CommitteeLine, JudgedOutcomes, accepted_truth, committees, mean_truth
from training.realism.sensitivity import TIMES, MovedThreshold

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
MOST = 10
"""Thresholds, and reasons, that are named."""


class NoMarks(PledgeScoreError):
    """The page has no marks between which figures are written."""


@dataclass(frozen=True)
class JudgementFacts:
    """What the figures are of: the command that made them, the sample, model and policy.

    `moved`: the cases that thresholds were moved for.
    """

    command: str
    cases: int
    moved: int
    seed: int
    all: int
    first: int
    last: int
    lake: str
    model: str
    policy: str


def page(facts: JudgementFacts, few: JudgedOutcomes, every: JudgedOutcomes, moved: Sequence[MovedThreshold]) -> str:
    """All figures as Markdown. `few`: the sample; `every`: all applications of the same years."""
    return "\n".join((*_head(facts, few, every), *_sensitivity(facts, moved))) + "\n"


def _head(facts: JudgementFacts, few: JudgedOutcomes, every: JudgedOutcomes) -> Iterator[str]:
    yield told("judgement_cases", **vars(facts))
    yield told("judgement_advice", cases=facts.cases, seen=len(every.advice))
    for own, all_ in zip(few.lines(), every.lines(), strict=True):
        yield told("judgement_advice_row", **_of_advice(own, all_))
    shares = few.shares_of_bounds()
    unknown = shares.pop("unknown")
    yield told("judgement_bounds", limits=round((1 - unknown) * facts.cases), unknown=_share(unknown))
    yield from (told("judgement_bound_row", bound=name, share=_share(share)) for name, share in shares.items())
    yield told("judgement_reasons")
    for (advice, rule), cases in Counter(_first(few)).most_common():
        if cases >= max(facts.cases // 100, 1):
            yield told("judgement_reason_row", advice=advice, rule=rule, cases=cases)
    yield from _referred(facts, few)
    yield told("judgement_committee", own=_rate(accepted_truth(every)), every=_rate(mean_truth(every)))
    yield from (told("judgement_committee_row", **_of_committee(one)) for one in committees(every, facts.seed))


def _first(of: JudgedOutcomes) -> Iterator[tuple[str, str]]:
    return ((advice, rules[0]) for advice, rules in zip(of.advice, of.reasons, strict=True) if rules)


def _referred(facts: JudgementFacts, few: JudgedOutcomes) -> Iterator[str]:
    rules = few.referring()
    alone, recommended = sum(one.alone for one in rules), few.advice.count("recommend")
    yield told(
        "judgement_referred",
        referred=few.advice.count("refer"),
        alone=alone,
        together=_share((recommended + alone) / facts.cases),
    )
    for one in rules[:MOST]:
        without = _share((recommended + one.alone) / facts.cases)
        yield told("judgement_referred_row", rule=one.rule, named=one.named, alone=one.alone, without=without)


def _of_advice(own: AdviceLine, every: AdviceLine) -> dict[str, str | int]:
    return {
        "advice": own.advice, "cases": own.cases, "share": _share(own.share), "all": every.cases, "seen": every.seen,
        "defaults": every.defaults, "rate": _rate(every.rate),
        "interval": f"{_rate(every.low)} to {_rate(every.high)}", "truth": _rate(every.truth),
    }  # fmt: skip


def _of_committee(one: CommitteeLine) -> dict[str, str]:
    return {"informed": f"{one.informed:g}", "same": _share(one.agrees), "truth": _rate(one.accepted_truth)}


def _share(share: float) -> str:
    return f"{100 * share:.1f}%"


def _rate(share: float) -> str:
    return f"{100 * share:.2f}%" if share == share else "–"  # noqa: PLR0124 (NaN is not itself)


def _sensitivity(facts: JudgementFacts, moved: Sequence[MovedThreshold]) -> Iterator[str]:
    if not moved:
        return
    by_name = {one.threshold.name: one.threshold for one in moved}
    found = {(one.threshold.name, one.times): one for one in moved}
    less, more = TIMES
    weight = {name: found[name, less].advices + found[name, more].advices for name in by_name}
    order = sorted(by_name, key=lambda name: -weight[name])
    none = sum(not heavy for heavy in weight.values())
    yield told("judgement_sensitivity", thresholds=len(by_name), none=none, cases=facts.moved)
    rows = {
        name: told(
            "judgement_threshold_row",
            name=name,
            value=f"{by_name[name].value:g}",
            less=str(found[name, less].advices),
            more=str(found[name, more].advices),
            amounts_less=str(found[name, less].amounts),
            amounts_more=str(found[name, more].amounts),
        )
        for name in order
    }
    yield f"\n{told('judgement_threshold_head')}"
    yield from (rows[name] for name in order[:MOST])
    yield f"\n<details><summary>{told('judgement_others')}</summary>\n"
    yield told("judgement_threshold_head")
    for name in order[MOST:]:
        if weight[name] or found[name, less].amounts or found[name, more].amounts:
            yield rows[name]
    yield "\n</details>\n"


def written(file: Path, figures: str) -> None:
    """Put the figures between the marks of a page. Raises `NoMarks`."""
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarks("judgement_marks", file=file, begin=BEGIN, end=END)
    file.write_text(f"{before}{BEGIN}\n{figures}{END}{after}", encoding="utf-8")
