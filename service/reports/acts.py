"""What people did about an assessment, as a report shows it: opinions with names, and what they wrote about findings.

Votes of a committee are not shown: the minutes tell what was resolved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo

from sqlalchemy import Connection

from service.access.account_names import account_names
from service.access.people import PeopleShown
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.months import minute_of
from service.ledger.redaction import Part
from service.loan_files.steps import EnteredAct, steps_of
from service.reports.material import Mitigation

_SHOWN = (
    Kind.SUBMITTED, Kind.REVIEWED, Kind.SENT_BACK, Kind.MINUTES, Kind.APPROVAL, Kind.DECISION, Kind.DRAWDOWN_CHECK,
    Kind.DRAWDOWN,
)  # fmt: skip
_WORDS = ("opinion", "reason", "note")


def shown_steps(connection: Connection, assessment: str, people: PeopleShown) -> tuple[list[Part], list[Mitigation]]:
    """The steps with the names of whoever took them, and what was written about findings."""
    steps = [one for one in steps_of(connection, assessment) if one.kind in [kind.value for kind in _SHOWN]]
    names, zone = _names(connection, steps, people), settings_of(connection).zone
    return [_step(one, names, zone) for one in steps], list(_written(steps, names))


def _names(connection: Connection, steps: Sequence[EnteredAct], people: PeopleShown) -> Mapping[str, str]:
    """How people are shown, and by name those whom the steps name besides: another bank's people, and keys."""
    ids = {str(name) for one in steps for name in (one.actor, one.content.get("second")) if name}
    named = {one: name.partition(":")[2] for one, name in account_names(connection, ids).items()}
    return {**named, **people.known}


def _step(one: EnteredAct, names: Mapping[str, str], zone: tzinfo) -> Part:
    content = one.content
    second = content.get("second")
    return {
        "kind": one.kind,
        "by": _by(one, names),
        "second": names.get(str(second), str(second)) if second else None,
        "at": minute_of(one.record.at, zone),
        "outcome": content.get("outcome"),
        "amount": content.get("amount"),
        "reason": next((content[name] for name in _WORDS if content.get(name)), None),
    }


def _by(one: EnteredAct, names: Mapping[str, str]) -> str | None:
    for name in ("person", "decider", "by"):
        if isinstance(told := one.content.get(name), str):
            return names.get(told, told)
    return names.get(one.actor, one.actor) if one.actor else None


def _written(steps: Sequence[EnteredAct], names: Mapping[str, str]) -> Iterator[Mitigation]:
    """Answers of reviewers to findings, and what makes up for what was set aside; the last word on a rule counts."""
    for one in steps:
        by = _by(one, names) or ""
        for member, text in (("answers", "answer"), ("waives", "mitigation")):
            for told in _items(one.content.get(member)):
                if told.get(text):
                    yield Mitigation(str(told["rule"]), str(told[text]), by)


def _items(value: object) -> Iterable[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
