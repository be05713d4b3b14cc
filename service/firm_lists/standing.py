"""How a firm stands to the lists of policy: read from its sealed answer, with sentences where they are wanted."""

from datetime import date

import msgspec
import orjson
from sqlalchemy import Connection

from features.phrase import Language, Phrase
from features.policy import Policy
from models.rules.finding import Cure
from models.rules.whitelists import AboutList
from models.words.templates import say
from service.assessing.records import answer_of


class ListFindingShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gate of a list as it was sealed."""

    rule: str
    outcome: str
    effect: str | None = None
    observed: Phrase | None = None
    required: Phrase | None = None
    cure: Cure | None = None


class ListStandingShown(msgspec.Struct, frozen=True):
    """What a list says of a firm, as it was sealed."""

    list: str
    kind: str
    outcome: str
    findings: tuple[ListFindingShown, ...]
    why_not: tuple[str, ...]


class FirmStanding(msgspec.Struct, frozen=True):
    """A sealed answer to a question of kind whitelist, as far as lists go."""

    id: str
    as_of: str
    expires_on: str
    legal_name: str | None = None
    lists: tuple[ListStandingShown, ...] = ()

    def on(self, name: str) -> ListStandingShown | None:
        """What one list says; None where it was none of policy on the day."""
        return next((one for one in self.lists if one.list == name), None)


class GateLine(msgspec.Struct, frozen=True):
    """A gate in words: what was seen, what is asked and what cures it, where that is known."""

    rule: str
    outcome: str
    observed: str | None
    required: str | None
    cure: str | None


def sealed_standing(connection: Connection, assessment: str) -> FirmStanding:
    """Raises `NoSuchAssessment` or `Erased`."""
    return msgspec.convert(orjson.loads(answer_of(connection, assessment)), FirmStanding)


def gate_lines(found: ListStandingShown, language: Language, *, short: bool) -> tuple[GateLine, ...]:
    """The gates that keep the firm off the list (`short`), or those that it meets."""
    wanted = [one for one in found.findings if (one.rule in found.why_not) is short]
    return tuple(
        GateLine(
            one.rule,
            one.outcome,
            None if one.observed is None else say(one.observed, language),
            None if one.required is None else say(one.required, language),
            None if one.cure is None else _cure(one.cure, language),
        )
        for one in wanted
        if short or one.outcome == "pass"
    )


def titled_list(policy: Policy, name: str) -> tuple[str, str, str]:
    """A list by its code and by what policy calls it at last, in Chinese and in English."""
    about = about_list(policy, name, date.max)
    return (name, name, name) if about is None else (name, about.zh, about.en)


def about_list(policy: Policy, name: str, day: date) -> AboutList | None:
    """What policy says of a list on a day; None where it was none yet."""
    values = policy.in_force(day)
    told = values.get(f"list_{name}.about")
    return None if told is None else msgspec.convert(policy(f"list_{name}.about").on(day), AboutList)


def _cure(cure: Cure, language: Language) -> str:
    return say(Phrase(f"cure.{cure.code}", cure.facts), language)
