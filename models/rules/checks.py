"""What the rules need of policy beyond its form: refused at load, by file and line, instead of on the first case."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from features.policy import Parameter, Policy, PolicyError
from models.rules.credit import LISTINGS
from models.rules.criteria import CRITERIA, TESTS
from models.rules.finding import EFFECTS
from models.rules.titles import ESTIMATED
from models.rules.whitelists import check_lists
from models.words.templates import SHIPPED

_COMPARISONS = frozenset({"at_least", "above", "at_most", "is"})
_ITEM_FORMS = ({"at_least"}, {"at_most"}, {"points"}, {"given_up_to"}, {"one_per", "at_most_points"})
_CARD = frozenset({"complete", "gates", "items", "groups", "least_points", "shortcuts"})
OFFICES = tuple(SHIPPED.family("office", "zh"))
_CURE = frozenset({"office", "days", "fee"})


def check_policy(policy: Policy) -> None:
    """Raise `PolicyError`, naming file, line and what to do, where a value has not the shape that the rules read."""
    check_lists(policy)
    for title in ESTIMATED:
        _check_each(policy(f"{title}.scorecard"), _faults_of_card)
    for name in policy.names():
        if name.startswith("cures."):
            _check_each(policy(name), _faults_of_cure)
    _check_each(policy("credit_exclusions.listings"), _faults_of_listings)
    for name in ("tax_grades", "register_status"):
        _check_each(policy(f"credit_exclusions.{name}"), _faults_of_effects)
    _check_each(policy(CRITERIA), lambda names: _unknown("criterion", names, TESTS))
    _check_each(policy("annual_fees.tariff"), _faults_of_tariff)


def _check_each(parameter: Parameter, faults: Any) -> None:
    for day, value in parameter.values.items():
        for fault in faults(value):
            raise PolicyError(f"{parameter.file}:{parameter.line}: {parameter.name} of {day}: {fault}")


def _unknown(what: str, names: Any, allowed: Any) -> Iterator[str]:
    for name in names:
        if name not in allowed:
            yield f"{name!r} is no {what}: use {', '.join(sorted(map(str, allowed)))}"


def _faults_of_card(card: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("part of a scorecard", card, _CARD)
    if not isinstance(card.get("complete"), bool):
        yield "does not say whether it is complete: add complete: true or false"
    for gate in (*card.get("gates", {}).values(), *card.get("shortcuts", {}).values()):
        yield from _faults_of_condition(gate)
    for item in card.get("items", {}).values():
        yield from _faults_of_item(item)
    groups = card.get("groups", {})
    for names in groups.values():
        yield from _unknown("item of the scorecard", names, card.get("items", {}))
    yield from _unknown("group of items", card.get("least_points", {}), {"total", *groups})


def _faults_of_condition(told: Mapping[str, Any]) -> Iterator[str]:
    if "tiers" in told:
        for tier in told["tiers"]:
            yield from _unknown("entry of a tier", tier, {"up_to", "below", "then"})
            yield from _faults_of_condition(tier["then"])
    elif "all" in told or "any" in told:
        for part in told.get("all", told.get("any")):
            yield from _faults_of_condition(part)
    else:
        yield from _unknown("comparison", set(told) - {"fact"}, _COMPARISONS)
        if "fact" not in told or len(told) != 2:
            yield f"the condition {dict(told)} must name one fact and one comparison"


def _faults_of_item(item: Mapping[str, Any]) -> Iterator[str]:
    if "best_of" in item:
        for part in item["best_of"]:
            yield from _faults_of_item(part)
    elif set(item) - {"fact"} not in _ITEM_FORMS or "fact" not in item:
        yield f"the item {dict(item)} must name a fact and one of at_least, at_most, points, given_up_to, one_per"
    else:
        for word, sign in (("at_least", -1), ("at_most", 1)):
            limits = [sign * limit for limit, _ in item.get(word, ())]
            if limits != sorted(limits):
                yield f"the bands of {item['fact']} are out of order: put the one that earns most first"


def _faults_of_cure(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("part of a cure", told, _CURE)
    if told.get("office") not in OFFICES:
        yield f"names no office that has words: set office to one of {', '.join(OFFICES)}"


def _faults_of_listings(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("kind of record", told, LISTINGS)
    yield from _faults_of_effects(told)


def _faults_of_effects(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("effect", told.values(), EFFECTS)


def _faults_of_tariff(told: Mapping[str, Sequence[Sequence[int]]]) -> Iterator[str]:
    for kind, bands in told.items():
        for before, after in pairwise(bands):
            if after[0] != before[1] + 1:
                yield f"{kind}: year {after[0]} does not follow year {before[1]}: correct the years"
