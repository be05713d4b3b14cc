"""A loan file as its pages show it: where it stands, what was done, what is asked next."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from features.errors import refusal_phrase
from models.words.templates import SHIPPED
from service.desk.formats import wan
from service.desk.labels import DeskLabels
from service.desk.pages import DeskPage
from service.desk.reading import RIGHT_AMOUNTS
from service.ledger.redaction import Part

_WAY = ("draft", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw", "drawn", "closed")
_ENDED = ("declined", "withdrawn")


@dataclass(frozen=True)
class Stage:
    """A stage of the way: done, now, ahead, or where it ended."""

    name: str
    now: Literal["done", "now", "ahead", "ended"]


def stages(file: Part, say: DeskLabels) -> list[Stage]:
    """The way of a file; the committee only where it sat or is to sit; where it ended, what came before and the end."""
    state = str(file["state"])
    sits = file["committee"] or "to_committee" in (state, file["back_to"]) or file["votes"] or file["cap"] is not None
    way = [one for one in _WAY if one != "to_committee" or sits]
    if state in _ENDED:
        reached = 2 if file["turn"] else 1
        done = [Stage(say.name("loan_state", one), "done") for one in way[:reached]]
        return [*done, Stage(say.name("loan_state", state), "ended")]
    at = 0 if state == "returned" else way.index(state)
    found = [
        Stage(say.name("loan_state", one), "done" if place < at else "now" if place == at else "ahead")
        for place, one in enumerate(way)
    ]
    if state == "returned":
        found[0] = Stage(say.name("loan_state", state), "now")
    return found


@dataclass(frozen=True)
class StepLine:
    """Something that was done in a file: what, by whom, when, with which outcome and words."""

    what: str
    by: str
    at: str
    outcome: str
    words: str
    details: tuple[str, ...] = ()


def step_lines(file: Part, page: DeskPage) -> list[StepLine]:
    """What was done, the first first."""
    return [_line(step, page) for step in file["steps"]]


def way(file: Part, page: DeskPage) -> list[StepLine]:
    """What was done and what was assessed, the first first."""
    done = zip((step["record"]["entry"] for step in file["steps"]), step_lines(file, page), strict=True)
    asked = ((one["entry"], _assessed(one, page)) for one in file["assessments"])
    return [line for _, line in sorted([*done, *asked], key=itemgetter(0))]


def _assessed(one: Part, page: DeskPage) -> StepLine:
    say, advised = page.say, one["advised"]
    outcome = say.name("advice", one["advice"]) if one["advice"] else ""
    details = () if advised is None else (f"{say('col.advised')} {say('wan', amount=wan(advised))}",)
    return StepLine(say("assessment"), page.who(one["by"]), page.moment(one["at"]), outcome, "", details)


def worse_lines(file: Part, say: DeskLabels) -> list[str]:
    """What the newest assessment finds worse than what was approved."""
    return [_worse(rule, say) for rule in file["worse"]]


def _worse(rule: str, say: DeskLabels) -> str:
    return say.name("rule", rule) if rule not in ("limit", "advice", "pledge") else say(f"worse.{rule}")


def _line(step: Part, page: DeskPage) -> StepLine:
    content: Part = step["content"]
    say = page.say
    words = next(
        (str(content[name]) for name in ("opinion", "reason", "note", "proof", "found") if content.get(name)), ""
    )
    by = page.all(filter(None, (step["by"], content.get("second"))))
    outcome = ""
    held = content.get("state") if step["kind"] == "hold" else ""
    if told := content.get("outcome") or content.get("vote") or held:
        outcome = say(f"outcome.{told}")
    return StepLine(
        what=say(f"step.{step['kind']}"),
        by=by,
        at=page.moment(step["record"]["at"]),
        outcome=outcome,
        words=words,
        details=(*_passed_on(content, page), *_details(content, say)),
    )


def _passed_on(content: Part, page: DeskPage) -> Iterator[str]:
    """From whom to whom a file was handed over."""
    if content.get("from") and content.get("to") and "reason" in content:
        yield f"{page.who(content['from'])} → {page.who(content['to'])}"


_RIGHT = {
    "amount": "amount", "loan": "loan_no", "drawn_on": "drawn_on", "due_on": "repay_on", "closed_on": "field.closed_on",
    "loss": "field.loss", "recovered": "field.recovered",
}  # fmt: skip
"""The labels of what a correction says is right."""


def _put_right(content: Part, say: DeskLabels) -> Iterator[str]:
    """The values that are right, of what was reversed."""
    right: Part = content.get("right") or {}
    told = [
        f"{say(_RIGHT[name]) if name in _RIGHT else name} "
        f"{say('wan', amount=wan(value)) if name in RIGHT_AMOUNTS and isinstance(value, int) else value}"
        for name, value in right.items()
    ]
    if told:
        yield say("correction.told", values=say("joint").join(told))


def _marks(content: Part, say: DeskLabels) -> Iterator[str]:
    """What was tried and why it was refused; how late something was told; until when content is held."""
    if "act" in content and "code" in content:
        yield say(f"step.{content['act']}")
    if "act" in content and "facts" in content:
        told = {name: fact for name, fact in content["facts"].items() if name != "codes"}  # those of its faults
        facts = {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in told.items()}
        yield SHIPPED.say(refusal_phrase(str(content["code"]), **facts), say.language)
    if content.get("days_late"):
        yield say("step.days_late", days=content["days_late"])
    if content.get("until"):
        yield say("step.until", day=content["until"])


def _details(content: Part, say: DeskLabels) -> Iterator[str]:
    yield from _marks(content, say)
    yield from _put_right(content, say)
    if content.get("amount"):
        term = content.get("term_months")
        yield say("wan", amount=wan(content["amount"])) + (say("months.slash", months=term) if term else "")
    if content.get("stands"):
        yield say.name("standing", content["stands"])
    yield from (str(one["text"]) for one in content.get("conditions", ()) if isinstance(one, dict) and "text" in one)
    yield from (str(one) for one in content.get("wanted", ()))
    for one in content.get("answers", ()):
        yield f"{say.name('rule', one['rule'])}{say('colon')}{one['answer']}"
    for one in content.get("waives", ()):
        yield f"{say('waived')} {say.name('rule', one['rule'])}{say('colon')}{one['mitigation']}"
    for rule in content.get("worse", content.get("open", ())) or ():
        yield _worse(rule, say)
