"""What is the same in every answer and so stands in none: names of codes, features and units, policy's documents.

An answer names rules, features, cures and policies by code. Whoever shows it to people looks the codes up here,
once for each digest.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from features.phrase import Language
from features.policy import Policy
from features.policy.parameters import Confidence
from features.registry import CATALOGUE, Direction, Family
from models.rules.finding import Effect
from models.rules.registry import RULES, About
from models.words.templates import SHIPPED

NAMES = (
    "kind", "meaning", "baseline", "direction", "family", "feature", "topic", "value", "unit", "table", "warning",
    "outcome", "effect", "rule", "cure", "office", "advice", "bound", "label", "title", "listing", "size", "risk_class",
    "confidence",
)  # fmt: skip
"""The families of codes whose names are told."""


class FeatureEntry(msgspec.Struct, frozen=True):
    """A feature: `reason` is the topic of its reasons, `table` where it is read from.

    `direction`: +1 where more can only mean more risk, -1 where it can only mean less, 0 where neither is sure.
    """

    family: Family
    table: str
    unit: str
    reason: str
    direction: Direction
    categories: tuple[str, ...]


class RuleEntry(msgspec.Struct, frozen=True):
    """A rule: whom its findings are about, the policies that it applies, and what its findings may weigh.

    `list_NAME.gates` and the like are read from the policy of each list.
    """

    about: About
    policies: tuple[str, ...]
    weighs: tuple[Effect, ...]


class CataloguedPolicy(msgspec.Struct, frozen=True):
    """Where a parameter of policy is laid down, how far that was verified, and the first day of each of its values."""

    documents: tuple[Mapping[str, str], ...]
    confidence: Confidence
    since: tuple[date, ...]


class Catalogue(msgspec.Struct, frozen=True):
    """The names of codes by language and family, and what does not differ from answer to answer.

    `templates` and `policy_digest`: of the word templates and of the policy that it was made from.
    """

    templates: str
    policy_digest: str
    names: Mapping[Language, Mapping[str, Mapping[str, str]]]
    features: Mapping[str, FeatureEntry]
    rules: Mapping[str, RuleEntry]
    policy: Mapping[str, CataloguedPolicy]


def catalogue(policy: Policy, languages: Sequence[Language]) -> Catalogue:
    """The catalogue of a policy, with names in these languages."""
    return Catalogue(
        templates=SHIPPED.digest,
        policy_digest=policy.digest,
        names={language: {family: SHIPPED.family(family, language) for family in NAMES} for language in languages},
        features={
            one.name: FeatureEntry(one.family, one.table, one.unit, one.reason, one.direction, one.categories)
            for one in CATALOGUE.values()
        },
        rules={code: RuleEntry(rule.about, rule.policies, rule.weighs) for code, rule in RULES.items()},
        policy={name: _stated(policy, name) for name in policy.names()},
    )


def _stated(policy: Policy, name: str) -> CataloguedPolicy:
    stated = policy(name)
    return CataloguedPolicy(tuple(dict(one) for one in stated.reference), stated.confidence, tuple(stated.values))
