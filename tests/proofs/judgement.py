"""The laws of advice and limit on many made-up cases; broken on purpose, each is seen to break."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain
from typing import Any
from unittest.mock import patch

import numpy as np

from features.registry import CATALOGUE
from models.collateral import security
from models.collateral.loan_figures import LoanFigures
from models.collateral.pledge import Limit, limit
from models.rules import run
from models.rules.firm_columns import FirmColumns
from models.rules.recommendation import recommend
from tests.models.underwriting.chain_laws import LAWS
from tests.proofs import Proof, proof

CASES: Mapping[str, int] = {
    "more_security": 300, "more_bad_news": 60, "asking_more": 600, "hiding": 40, "worse_conduct": 100,
}  # fmt: skip
MOST_TRIED = 150
"""Cases on which a broken law must be seen to break."""


@proof("judgement.laws", "No security lowers a limit, no bad news, larger amount or silence improves an answer")
def laws() -> Proof:
    """Try every law on made-up cases whose seeds are counted up."""
    found = {name: [*chain.from_iterable(LAWS[name](seed) for seed in range(cases))] for name, cases in CASES.items()}
    broken = {name: len(faults) for name, faults in found.items()}
    return Proof(
        figure=f"{sum(broken.values())} breaches over {sum(CASES.values()):,} made-up cases (asked: 0)",
        passed=not any(broken.values()),
        detail="; ".join(f"{name}: {broken[name]} in {cases}" for name, cases in CASES.items())
        + ". SYNTHETIC cases: the base firm of the worked cases with up to five random changes, each then with every "
        "kind of security, adverse fact or silence that the tables know." + "".join(next(iter(found.values()))[:1]),
    )


@proof("judgement.mutants", "A fault put into the judgement breaks a law")
def mutants() -> Proof:
    """Put one fault at a time into the code, and count the cases until its law breaks."""
    needed = {name: _broken_after(law, fault) for name, (law, fault) in MUTANTS.items()}
    survived = [name for name, count in needed.items() if count is None]
    return Proof(
        figure=f"{len(survived)} of {len(MUTANTS)} survive (asked: 0)",
        passed=not survived,
        detail="Cases needed: " + "; ".join(f"{name}: {count}" for name, count in needed.items()) + ".",
    )


def _broken_after(law: str, fault: Callable[[], AbstractContextManager[Any]]) -> int | None:
    with fault():
        return next((seed + 1 for seed in range(MOST_TRIED) if any(True for _ in LAWS[law](seed))), None)


def _prior_claims_are_owed() -> AbstractContextManager[Any]:
    def line(figures: LoanFigures) -> int:
        return sum(one.carries - one.prior for one in figures.other)

    return patch.object(LoanFigures, "other_line", property(line))


def _doubt_outranks_a_block() -> AbstractContextManager[Any]:
    def lenient(a: Any, findings: Sequence[Any], *rest: Any) -> Any:
        doubt = any(one.outcome == "unknown" or one.effect == "refer" for one in findings)
        return recommend(a, [one for one in findings if not (doubt and one.effect == "blocks")], *rest)

    return patch.object(run, "recommend", lenient)


def _steps_but_for_the_amount_asked() -> AbstractContextManager[Any]:
    def stepped(bounds: Mapping[str, int | None], aside: Sequence[str], step: int) -> Limit:
        found = limit(bounds, aside, 1)
        asked = found.amount is None or found.amount == bounds.get("asked")
        return found if asked else Limit(found.amount // step * step, found.binding, found.next, found.bounds, ())

    return patch.object(security, "limit", stepped)


def _what_the_report_leaves_out_is_nothing() -> AbstractContextManager[Any]:
    reported = FirmColumns.reported

    def complete(p: FirmColumns, name: str) -> Any:
        return np.where(p.report >= 0, np.nan_to_num(reported(p, name)), np.nan)

    return patch.object(FirmColumns, "reported", complete)


def _lawsuits_speak_for_a_firm() -> AbstractContextManager[Any]:
    sued = CATALOGUE["lawsuits_36m"]
    return patch.dict(CATALOGUE, lawsuits_36m=replace(sued, compute=lambda known: -sued.compute(known)))


MUTANTS: Mapping[str, tuple[str, Callable[[], AbstractContextManager[Any]]]] = {
    "prior claims are owed by us": ("more_security", _prior_claims_are_owed),
    "doubt outranks a block": ("more_bad_news", _doubt_outranks_a_block),
    "steps for all but the amount asked": ("asking_more", _steps_but_for_the_amount_asked),
    "what the report leaves out is nothing": ("hiding", _what_the_report_leaves_out_is_nothing),
    "lawsuits speak for a firm": ("worse_conduct", _lawsuits_speak_for_a_firm),
}
