"""The catalogue of features: what each is called, measured in, made from and worded as."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from features.arrays import Floats
from features.asof import Known

Family = Literal["firm", "finance", "portfolio", "behaviour", "credit", "loan", "flag", "measure"]
Direction = Literal[-1, 0, 1]
Compute = Callable[[Known], Floats]


@dataclass(frozen=True)
class Feature:
    """One number that follows from the rows known by `as_of`.

    `direction`: +1 where a larger value can only mean more risk, -1 where it can only mean less, 0 where neither is
    sure; `because` says in one line why. `gate`: a whitelist's gates restate it, so it is no input of that model.
    `security`: tells what is offered to secure the loan, so it is no input of a model of default: security says what is
    lost, not whether.
    `categories`: for a feature that is a category, the frozen list of its values (the value is the place in it).
    """

    name: str
    family: Family
    table: str
    unit: str
    reason: str
    zh: str
    en: str
    compute: Compute
    direction: Direction = 0
    because: str = ""
    gate: bool = False
    security: bool = False
    categories: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """The computing function's docstring."""
        return (self.compute.__doc__ or "").strip()


CATALOGUE: dict[str, Feature] = {}


def feature(  # noqa: PLR0913  (a declaration: all but the first four are named)
    family: Family,
    table: str,
    unit: str,
    reason: str,
    *,
    zh: str,
    en: str,
    direction: Direction = 0,
    because: str = "",
    gate: bool = False,
    security: bool = False,
    categories: tuple[str, ...] = (),
    policies: tuple[str, ...] = (),
) -> Callable[[Compute], Compute]:
    """Enter the decorated function into the catalogue under its own name."""
    if direction and not because:
        raise ValueError("a feature with a direction says in one line why")

    def enter(compute: Compute) -> Compute:
        name = compute.__name__
        if name in CATALOGUE:
            raise ValueError(f"two features are called {name}")
        CATALOGUE[name] = Feature(
            name, family, table, unit, reason, zh, en, compute, direction, because, gate, security, categories, policies
        )
        return compute

    return enter
