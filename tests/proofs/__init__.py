"""The long proofs of what the product claims: each is one function that measures and judges itself.

A module of this folder registers its proofs by subject, and `make prove` finds it by itself:

    from tests.proofs import Proof, proof

    @proof("world.figures", "Every figure of the synthetic world lies within its tolerance of the published one")
    def figures() -> Proof:
        missed = ...
        return Proof(figure="31 of 31 figures within tolerance", passed=not missed, detail="…")

The quick half of the same claim belongs among the tests; what takes minutes belongs here.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """What one run showed.

    `figure` is what was measured, with its unit and beside it what was asked; `detail` what a reader needs to judge
    the figure (sample size, interval, what was left out).
    """

    figure: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim of the product and the run that judges it."""

    name: str
    title: str
    run: Callable[[], Proof]


Claims = dict[str, Claim]
CLAIMS: Claims = {}


def proof(name: str, title: str, claims: Claims = CLAIMS) -> Callable[[Callable[[], Proof]], Callable[[], Proof]]:
    """Register the decorated function as the run that judges the claim `title`, named by subject: `world.figures`."""

    def register(run: Callable[[], Proof]) -> Callable[[], Proof]:
        if name in claims:
            raise ValueError(f"two proofs are called {name}: rename one")
        claims[name] = Claim(name, title, run)
        return run

    return register


def all_claims() -> Claims:
    """Every claim that a module of this folder registers, in order of name."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(CLAIMS.items()))
