"""The policy values of one day, each read as the type that its reader states."""

from datetime import date
from typing import TypeVar, cast

import msgspec

from features.policy import Policy, PolicyError

T = TypeVar("T")


class InForce:
    """Policy values of a day by name. `in_force("pledge.product_term", int)` is read and converted once.

    Raises `NotYetInForce` before the first value, and `PolicyError` where a value has another shape than is read.
    """

    def __init__(self, policy: Policy, day: date) -> None:
        self._policy, self._day = policy, day
        self._held: dict[tuple[str, object], object] = {}

    def __call__(self, name: str, kind: type[T]) -> T:
        """The value of a policy, as a number, text, mapping or struct."""
        held = self._held.get((name, kind))
        if held is None:
            held = self._held[name, kind] = self._converted(name, kind)
        return cast("T", held)

    def _converted(self, name: str, kind: type[T]) -> T:
        stated = self._policy(name)
        try:
            return msgspec.convert(stated.on(self._day), kind)
        except msgspec.ValidationError as error:
            raise PolicyError(
                "policy_unreadable", place=f"{stated.file}:{stated.line}", name=name, why=str(error)
            ) from error
