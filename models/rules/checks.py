"""What the rules need of policy beyond its form: refused at load, by file and line, instead of on the first case."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from features.errors import Fault, fault
from features.policy import Parameter, Policy, PolicyError
from features.policy.parameters import PolicyTable, PolicyValue
from models.rules.criteria import CRITERIA, TESTS
from models.rules.finding import EFFECTS
from models.rules.listings import LISTINGS
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


def _check_each(parameter: Parameter, faults: Callable[[PolicyValue], Iterable[Fault]]) -> None:
    for day, value in parameter.values.items():
        for wrong in faults(value):
            place = f"{parameter.file}:{parameter.line}"
            raise PolicyError("policy_shape", place=place, name=parameter.name, day=day, faults=[wrong])


def _unknown(what: str, names: Iterable[str], allowed: Collection[str]) -> Iterator[Fault]:
    """`what`: the code of a template `policy_word.…`."""
    for name in names:
        if name not in allowed:
            yield fault("", "policy_word", name=str(name), what=what, allowed=tuple(sorted(map(str, allowed))))


def _faults_of_card(card: PolicyTable) -> Iterator[Fault]:
    yield from _unknown("card_part", card, _CARD)
    if not isinstance(card.get("complete"), bool):
        yield fault("", "policy_card_complete")
    for gate in (*card.get("gates", {}).values(), *card.get("shortcuts", {}).values()):
        yield from _faults_of_condition(gate)
    for item in card.get("items", {}).values():
        yield from _faults_of_item(item)
    groups = card.get("groups", {})
    for names in groups.values():
        yield from _unknown("item", names, card.get("items", {}))
    yield from _unknown("group", card.get("least_points", {}), {"total", *groups})


def _faults_of_condition(told: PolicyTable) -> Iterator[Fault]:
    if "tiers" in told:
        for tier in told["tiers"]:
            yield from _unknown("tier", tier, {"up_to", "below", "then"})
            yield from _faults_of_condition(tier["then"])
    elif "all" in told or "any" in told:
        for part in told.get("all", told.get("any")):
            yield from _faults_of_condition(part)
    else:
        yield from _unknown("comparison", set(told) - {"fact"}, _COMPARISONS)
        if "fact" not in told or len(told) != 2:
            yield fault("", "policy_condition", condition=str(dict(told)))


def _faults_of_item(item: PolicyTable) -> Iterator[Fault]:
    if "best_of" in item:
        for part in item["best_of"]:
            yield from _faults_of_item(part)
    elif set(item) - {"fact"} not in _ITEM_FORMS or "fact" not in item:
        yield fault("", "policy_item", item=str(dict(item)))
    else:
        for word, sign in (("at_least", -1), ("at_most", 1)):
            limits = [sign * limit for limit, _ in item.get(word, ())]
            if limits != sorted(limits):
                yield fault("", "policy_bands", fact=str(item["fact"]))


def _faults_of_cure(told: PolicyTable) -> Iterator[Fault]:
    yield from _unknown("cure_part", told, _CURE)
    if told.get("office") not in OFFICES:
        yield fault("", "policy_office", offices=tuple(OFFICES))


def _faults_of_listings(told: PolicyTable) -> Iterator[Fault]:
    yield from _unknown("record", told, LISTINGS)
    yield from _faults_of_effects(told)


def _faults_of_effects(told: PolicyTable) -> Iterator[Fault]:
    yield from _unknown("effect", told.values(), EFFECTS)


def _faults_of_tariff(told: Mapping[str, Sequence[Sequence[int]]]) -> Iterator[Fault]:
    for kind, bands in told.items():
        for before, after in pairwise(bands):
            if after[0] != before[1] + 1:
                yield fault("", "policy_years", kind=kind, year=after[0], before=before[1])
