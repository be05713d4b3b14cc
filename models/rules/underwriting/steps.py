"""Branches that many findings share: a figure over thresholds, and an unknown that weighs less in light cases."""

from collections.abc import Mapping

from features.arrays import Bools, Floats
from models.rules.column_rules import Branch, Cured, Proven, Seen, fails, unknown
from models.rules.finding import Effect
from models.rules.firm_columns import FirmColumns


def limits(p: FirmColumns, policy: str, *effects: Effect) -> dict[Effect, Floats]:
    """The threshold of each effect, the heaviest first, by a table of policy."""
    return {effect: p.threshold(policy, effect) for effect in effects}


def over(
    value: Floats, limit: Mapping[Effect, Floats], seen: Seen, *, cure: Cured = None, proof: Proven = None
) -> list[Branch]:
    """A figure strictly over the threshold of an effect."""
    return [fails(value > most, effect, seen, cure=cure, proof=proof) for effect, most in limit.items()]


def unknown_by_profile(
    p: FirmColumns, where: Bools, effects: tuple[Effect, Effect], seen: Seen, *, cure: Cured = None
) -> list[Branch]:
    """What is not known, with its effect else and in a light case."""
    effect, light = effects
    return [unknown(where & p.light, light, seen, cure=cure), unknown(where, effect, seen, cure=cure)]
