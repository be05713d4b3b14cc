"""A decision as its page shows it: when who did what, before it and since, and what a newer answer says otherwise."""

from dataclasses import dataclass
from decimal import Decimal

import msgspec

from service.assessing.answer_changes import AnswerChange, Concluded, TurnedFinding
from service.desk.formats import ABSENT
from service.desk.labels import DeskLabels
from service.desk.pages import DeskPage
from service.desk.views.answer import is_patent
from service.desk.views.figures import FigureLine, points_line, share_line, signed, text_line
from service.desk.views.loan_file import StepLine, step_lines
from service.ledger.canonical import float_of
from service.proofs.decision import WholeDecision
from service.proofs.replay import Replay


class SetAsideLine(msgspec.Struct, frozen=True):
    """What was set aside: the rule, why or what makes up for it, and until when."""

    rule: str
    mitigation: str = ""
    reason: str = ""
    until: str | None = None


class DecisionTerms(msgspec.Struct, frozen=True):
    """Of a decision what stands beside amount and term; `rate` as entries write a float."""

    rate: str | float | None = None
    authority: int | None = None
    expires_on: str | None = None
    reason: str | None = None
    waives: tuple[SetAsideLine, ...] = ()
    waived: tuple[SetAsideLine, ...] = ()

    @property
    def share(self) -> float | None:
        """The yearly rate."""
        return float_of(self.rate) if isinstance(self.rate, str) else self.rate


def terms_of(told: WholeDecision) -> DecisionTerms:
    """What the entry of the decision says besides."""
    entry = next(one for one in told.acts if one.record.entry == told.decision.entry)
    return msgspec.convert(dict(entry.content), DecisionTerms)


@dataclass(frozen=True)
class ActsApart:
    """What was done until the decision, and since."""

    before: list[StepLine]
    since: list[StepLine]


def acts_apart(told: WholeDecision, page: DeskPage) -> ActsApart:
    """All that was done, in order; the decision itself ends what was done before."""
    lines = step_lines({"steps": msgspec.to_builtins(told.acts)}, page)
    until = sum(one.record.entry <= told.decision.entry for one in told.acts)
    return ActsApart(lines[:until], lines[until:])


def change_lines(then: Concluded, now: Concluded, page: DeskPage) -> list[FigureLine]:
    """Advice, probability, score and grade, then and now."""
    say = page.say
    advice = [ABSENT if one is None else say.name("advice", one) for one in (then.advice, now.advice)]
    return [
        text_line(say("col.advice"), *advice),
        share_line(say("pd"), then.probability, now.probability, say),
        points_line(say("score"), then.points, now.points),
        text_line(say("grade"), then.grade, now.grade),
    ]


def turned_lines(change: AnswerChange, page: DeskPage) -> list[FigureLine]:
    """The findings that came out otherwise."""
    say = page.say

    def outcome(one: str | None) -> str:
        return ABSENT if one is None else say.name("outcome", one)

    return [text_line(_about(one, say), outcome(one.before), outcome(one.after)) for one in change.findings]


def _about(one: TurnedFinding, say: DeskLabels) -> str:
    """A rule, with the patent that its finding is about."""
    title = say.name("rule", one.rule)
    return f"{title} {one.subject}" if is_patent(one.subject) else title


@dataclass(frozen=True)
class ReplayLine:
    """A step of a replay: what was exchanged, whether the answer changed, and by how much; or why it was not taken."""

    what: str
    changed: bool
    probability: str
    points: str
    grade: str
    advice: str
    findings: int
    why: list[str]


def replay_lines(told: Replay, page: DeskPage) -> list[ReplayLine]:
    """The steps, and the whole of them last."""
    lines = [
        _line(page.say.name("step", one.step), one, page, [fault.message or "" for fault in one.not_taken or ()])
        for one in told.steps
    ]
    return [*lines, _line(page.say.name("step", "whole"), told.whole, page, [])]


def _line(what: str, change: AnswerChange, page: DeskPage, why: list[str]) -> ReplayLine:
    advice = [ABSENT if one is None else page.say.name("advice", one) for one in change.advice]
    return ReplayLine(
        what=what,
        changed=bool(change.changed),
        probability=signed(_to(100 * change.probability, 4), f" {page.say('change.percentage_points')}") or ABSENT,
        points=signed(_to(change.points, 1)) or ABSENT,
        grade=ABSENT if change.grade[0] == change.grade[1] else " → ".join(change.grade),
        advice=ABSENT if advice[0] == advice[1] else " → ".join(advice),
        findings=len(change.findings),
        why=why,
    )


def _to(difference: float, digits: int) -> Decimal:
    return Decimal(f"{difference:.{digits}f}")


def because(told: Replay, page: DeskPage) -> str:
    """What the whole change comes from, by name: the steps in which anything changed; empty where none did."""
    steps = [page.say.name("step", one.step) for one in told.steps if one.changed]
    return page.say("joint").join(steps)
