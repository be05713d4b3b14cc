"""Prints policy for people: parameters with their history, what a folder changes, what differs between two days."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from features.chosen_words import language
from features.errors import PledgeScoreError
from features.policy import NotYetInForce, Parameter, Policy, load, shipped
from features.policy.parameters import SHIPPED
from models.rules.checks import check_policy
from models.words.output import tell
from models.words.output import told as said
from models.words.policy_names import chinese_name, policy_description
from models.words.policy_values import unit_name
from service.edge.settings import Settings


class NotAsked(PledgeScoreError):
    """The command was asked in a way that it cannot answer."""


def policy_in(folder: Path | None) -> Policy:
    """The shipped policy, overridden by a folder or by the one that PLEDGESCORE_POLICY_DIR names; checked."""
    own = folder or Settings.from_environment().policy
    policy = load(SHIPPED, own) if own else shipped()
    check_policy(policy)
    return policy


def show_policy(name: str, on: str, folder: Path | None) -> None:
    """Print a parameter, all of a file, or the list of all. Raises `NotAsked`, `NotYetInForce`."""
    policy = policy_in(folder)
    day = _day(on) if on else None
    chosen = [n for n in policy.names() if not name or n == name or n.partition(".")[0] == name]
    if not chosen:
        raise NotAsked("policy_no_such", name=name)
    own = {override.name for override in policy.overrides}
    for one in chosen:
        parameter = policy(one)
        mark = "*" if one in own else " "
        if not name:
            print(f"{mark} {said('parameter_listed', name=one, confidence=parameter.confidence)}")
        elif day:
            print(f"{mark} {said('value_on', name=one, day=day, value=_value_on(parameter, day, exact=one == name))}")
        else:
            print("\n".join(_described(parameter, mark)))


def _value_on(parameter: Parameter, day: date, exact: bool) -> str:
    try:
        return str(parameter.on(day))
    except NotYetInForce as early:
        if exact:
            raise
        return said("no_value_yet", before=early.before)


def _described(parameter: Parameter, mark: str) -> Iterator[str]:
    words = language() or "en"
    checked = {"confidence": parameter.confidence, "day": parameter.reviewed_on}
    yield f"{mark} {said('parameter_shown', name=parameter.name, **checked)}"
    if words == "zh" and (called := chinese_name(parameter.name)) is not None:
        yield f"    {called}"
    yield f"    {policy_description(parameter, words)}"
    unit = unit_name(parameter.unit, words)
    yield f"    {said('parameter_unit', unit=unit, before=parameter.before)}"
    for reference in parameter.reference:
        yield f"    {reference['title']} ({reference['document']})"
    for since, value in parameter.values.items():
        yield f"    {said('value_from', day=since, value=str(value))}"


def check_folder(folder: Path | None) -> None:
    """Print what was read and what a folder changes. Raises `PolicyError` for the first thing that is wrong."""
    policy = policy_in(folder)
    tell("parameters_counted", count=len(policy.names()), digest=policy.digest)
    for override in policy.overrides:
        print(said(f"override_{override.kind}", name=override.name, folder=override.folder))
    tell("parameters_assumed", count=sum(policy(name).confidence == "assumed" for name in policy.names()))


def diff_policy(one: str, other: str, folder: Path | None) -> None:
    """Print what differs between two days or two folders, a value a line. Raises `NotAsked`."""
    before, after = _side(one, other, folder)
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    for name in changed:
        print(f"{name}\n    - {before.get(name, '–')}\n    + {after.get(name, '–')}")
    tell("parameters_differ", count=len(changed))


def _side(one: str, other: str, folder: Path | None) -> tuple[dict[str, object], dict[str, object]]:
    if Path(one).is_dir():
        first, second = (policy_in(Path(one)), policy_in(Path(other))) if other else (shipped(), policy_in(Path(one)))
        return _values(first), _values(second)
    if not other:
        raise NotAsked("policy_no_folder_or_days", given=one)
    policy = policy_in(folder)
    return policy.in_force(_day(one)), policy.in_force(_day(other))


def _values(policy: Policy) -> dict[str, object]:
    return {name: {str(since): v for since, v in policy(name).values.items()} for name in policy.names()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAsked("no_day", text=text) from None
