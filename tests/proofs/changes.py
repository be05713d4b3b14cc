"""What would change it, on a synthetic world: every offer flips when assessed anew, and none means none."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

import training
from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.lake import Lake
from features.matrix import matrix
from features.policy import shipped
from features.registry import CATALOGUE
from models.collateral.bank_assumptions import BankAssumptions
from models.counterfactuals.enacting import enacted
from models.counterfactuals.forest import Forest
from models.counterfactuals.levers import FORMULAS, features_of
from models.counterfactuals.search import MOST, Offer, ProposedChange
from models.counterfactuals.what_if import WhatIf, what_would_change
from models.lending import lending
from models.records.applicant import Facts
from models.rules.recommendation import Scored, score_lines
from models.score.bundle import Bundle
from models.score.self_test import RawRows
from tests.models.boosters import lightgbm_of
from tests.proofs import Proof, proof
from training.commands.model_steps import trained
from training.world.economy import World, sized
from training.world.progress import written

LOANS, BELOW, NONE = 20_000, 200, 20
ASKED = {"smaller_amount": "amount", "other_term": "term_months", "other_repayment": "repayment"}
"""Levers that a raw row states, so that their offers can be assessed anew from the rows themselves."""
_POSITIONS = 20_001
_ROWS = 200_000


@dataclass(frozen=True)
class Asked:
    """One applicant below the line and the answer."""

    case: Case
    rows: RawRows
    known: Known
    row: Floats
    now: Mapping[str, float]
    answer: WhatIf
    milliseconds: float


@proof("changes.exact", "Every change offered flips the outcome, none touches a fixed fact, and none means none")
def exact() -> Proof:
    """Train on a world, ask for applicants below the line, assess every offer anew, and search exhaustively."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "world"
        written(sized(World(loans=LOANS)), lake, replace=True)
        plan = Path(training.__file__).parent / "plans" / "pledge.toml"
        bundle = trained(plan, lake, Path(folder) / "model", lake_folder=None, register=False).bundle
        every = _enough(_asked(Lake(lake), bundle))
        asked = every[:BELOW]
        offered = [one for one in asked if one.answer.found.offers]
        wrong = sum(not _flips(bundle, one, offer) for one in offered for offer in one.answer.found.offers)
        fixed = sum(_touches_fixed(offer) for one in offered for offer in one.answer.found.offers)
        restated, kept = _from_rows(Lake(lake), bundle, offered)
        nothing = [one for one in every if _for_the_score(one)][:NONE]
        missed = sum(_exhaustive(bundle, one) for one in nothing)
        times = np.array([one.milliseconds for one in asked])
        sizes = np.bincount([len(one.answer.found.offers[0].changes) for one in offered], minlength=MOST + 1)
    offers = sum(len(one.answer.found.offers) for one in offered)
    return Proof(
        figure=f"{len(offered)} of {len(asked)} offered a change (at least half); {offers - wrong} of {offers} offers "
        f"flip; {missed} of {len(nothing)} told none were wrong; median {np.median(times):.0f} ms (at most 300), "
        f"p95 {np.quantile(times, 0.95):.0f} ms",
        passed=len(asked) == BELOW
        and 2 * len(offered) >= len(asked)
        and not wrong and not fixed and not missed and kept == restated
        and len(nothing) == NONE
        and float(np.median(times)) <= 300,
        detail=f"Sets of one, two and three changes: {sizes[1]}, {sizes[2]}, {sizes[3]}. Offers that touch a fixed "
        f"feature: {fixed}. Offers made of amount, term and repayment alone, entered into the raw rows and assessed "
        f"from there: {kept} of {restated} flip. Exhaustive search: every interval between all split points of the "
        f"levers' features, three levers at a time, for {len(nothing)} applicants told none among {len(every)}. "
        f"SYNTHETIC world of {LOANS:,} loans; the line is the next of the recommendation's.",
    )  # fmt: skip


def _enough(asked: Iterator[Asked]) -> list[Asked]:
    """Applicants until there are enough of them, and enough that were told none."""
    found: list[Asked] = []
    for one in asked:
        found.append(one)
        if len(found) >= BELOW and sum(map(_for_the_score, found)) >= NONE:
            break
    return found


def _for_the_score(one: Asked) -> bool:
    """Whether it was told none for want of points alone, and not because rules demand what nothing cures."""
    told = one.answer
    return told.found.state == "none" and not told.incurable and not told.cures


def _asked(lake: Lake, bundle: Bundle) -> Iterator[Asked]:
    """Applicants of the last years below the upper line, with their answers."""
    forest, policy = Forest(bundle.booster), shipped()
    for index in range(lake.partitions):
        frames = lake.read(index)
        cases = _cases(frames["applications"])
        known = as_known(Tables.from_frames(frames), cases, bundle.norms, policy)
        numbers = matrix(known, bundle.features)
        points = bundle.scale.points(bundle.calibration.log_odds(_margin(bundle, numbers)))
        facts = Facts(known)
        for place, score in enumerate(points.tolist()):
            if score >= score_lines(Scored(facts.of(place), score, bundle.scale))[-1]:
                continue
            rows = _of_firm(frames, cases[place].firm)
            one = as_known(Tables.from_rows(rows), [cases[place]], bundle.norms, policy)
            began = perf_counter()
            answer = what_would_change(cases[place], rows, bundle, forest, policy, BankAssumptions())
            taken = (perf_counter() - began) * 1e3
            names = features_of(policy("changes.levers").on(cases[place].as_of))
            now = dict(zip(names, matrix(one, names)[0].tolist(), strict=True))
            yield Asked(cases[place], rows, one, np.ascontiguousarray(numbers[place]), now, answer, taken)


def _of_firm(frames: Mapping[str, pl.DataFrame], firm: str) -> RawRows:
    return {name: frame.filter(pl.col("firm") == firm).to_dicts() for name, frame in frames.items()}


def _cases(applications: pl.DataFrame) -> list[Case]:
    late = applications.filter(pl.col("applied_on").dt.year() >= 2022).sort("application")
    return [
        Case(r["application"], r["firm"], max(r["applied_on"], r["known_on"]), r["application"], r["bank"], r["branch"])
        for r in late.iter_rows(named=True)
    ]


def _margin(bundle: Bundle, rows: Floats) -> Floats:
    return np.asarray(lightgbm_of(bundle.booster).predict(rows, raw_score=True, num_threads=2), dtype=np.float64)


def _reaches(bundle: Bundle, rows: Floats, line: float) -> bool:
    return bool((bundle.calibration.log_odds(_margin(bundle, rows)) <= line).any())


def _flips(bundle: Bundle, one: Asked, offer: Offer) -> bool:
    """Whether the changed features reach the line, and the changed rows bring no ground against that was not there."""
    return _crosses(bundle, one, offer) and not _refused(bundle, one, offer)


def _refused(bundle: Bundle, one: Asked, offer: Offer) -> set[tuple[str, str]]:
    """What blocks on the rows as they would stand, as failed or as not known, beside what the answer itself told.

    Told are the cures and what stays open. A limit that no rule forbids but that the working capital does not call for
    is such a ground: with it nobody recommends, a person decides.
    """
    policy = shipped()
    rows = enacted(one.rows, one.case, offer.changes)
    known = as_known(Tables.from_rows(rows), [one.case], bundle.norms, policy)
    judged = lending(known, 0, 1e9).judged
    told = {(f.rule, f.subject, f.outcome) for f in (*one.answer.cures, *one.answer.open)}
    against = [f for f in judged.every if f.outcome in {"fail", "unknown"} and f.effect == "blocks"]
    return {(f.rule, f.subject) for f in against if (f.rule, f.subject, f.outcome) not in told}


def _crosses(bundle: Bundle, one: Asked, offer: Offer) -> bool:
    row = one.row.copy()
    for change in offer.changes:
        for name, (_, to) in change.moved.items():
            if name in bundle.features:
                row[bundle.features.index(name)] = to
    return _reaches(bundle, row[None], one.answer.found.line)


def _touches_fixed(offer: Offer) -> bool:
    """Whether an offer moves a feature that no lever of the policy names."""
    levers = next(iter(shipped()("changes.levers").values.values()))
    return any(set(c.moved) - set(features_of({c.lever: levers[c.lever]})) for c in offer.changes)


def _from_rows(lake: Lake, bundle: Bundle, offered: list[Asked]) -> tuple[int, int]:
    """Offers that raw rows can state: how many, and how many cross the line when assessed from the changed rows."""
    tried = kept = 0
    for one in offered:
        for offer in one.answer.found.offers:
            if all(change.lever in ASKED for change in offer.changes):
                frames = {name: pl.DataFrame(frame) for name, frame in lake.read_firm(one.case.firm).items()}
                frames["applications"] = _entered(frames["applications"], one.case, offer)
                known = as_known(Tables.from_frames(frames), [one.case], bundle.norms, shipped())
                tried += 1
                kept += _reaches(bundle, matrix(known, bundle.features), one.answer.found.line)
    return tried, kept


def _entered(applications: pl.DataFrame, case: Case, offer: Offer) -> pl.DataFrame:
    for change in offer.changes:
        column = ASKED[change.lever]
        value: Any = change.to
        if column == "repayment":
            value = CATALOGUE["repayment"].categories[int(change.moved["repayment"][1])]
        new = pl.lit(value).cast(applications[column].dtype)
        own = pl.col("application") == case.case
        applications = applications.with_columns(pl.when(own).then(new).otherwise(pl.col(column)).alias(column))
    return applications


def _exhaustive(bundle: Bundle, one: Asked) -> bool:
    """Whether any three levers reach the line and nothing else then stands against the loan, trying every interval."""
    place = {name: i for i, name in enumerate(bundle.features)}
    told = dict(shipped()("changes.levers").on(one.case.as_of))
    if one.answer.longest_term is not None:
        told["other_term"] = told["other_term"] | {"most": min(told["other_term"]["most"], one.answer.longest_term)}
    moves = {name: list(_moves(lever, one, bundle)) for name, lever in told.items()}
    for size in range(1, MOST + 1):
        for of in combinations([name for name, found in moves.items() if found], size):
            moved = [{f for move in moves[name] for f in move} for name in of]
            if any(a & b for a, b in combinations(moved, 2)):
                continue
            for parts, rows in _rows(one, place, [moves[n] for n in of]):
                crossing = np.flatnonzero(bundle.calibration.log_odds(_margin(bundle, rows)) <= one.answer.found.line)
                if any(not _refused(bundle, one, _offer(one, of, parts[i])) for i in crossing.tolist()):
                    return True
    return False


def _offer(one: Asked, levers: Sequence[str], parts: tuple[dict[str, float], ...]) -> Offer:
    """The combination as an offer that can be entered into the raw rows."""
    changes = (
        ProposedChange(name, {}, "", "", None, None, {feature: (one.now[feature], to) for feature, to in part.items()})
        for name, part in zip(levers, parts, strict=True)
    )
    return Offer(tuple(changes), float("nan"))


def _rows(
    one: Asked, place: Mapping[str, int], moves: list[list[dict[str, float]]]
) -> Iterator[tuple[list[tuple[dict[str, float], ...]], Floats]]:
    """Every combination with its feature row, a bounded number at a time."""
    waiting: list[Floats] = []
    tried: list[tuple[dict[str, float], ...]] = []
    for parts in product(*moves):
        row = one.row.copy()
        for part in parts:
            for name, value in part.items():
                if name in place:
                    row[place[name]] = value
        waiting.append(row)
        tried.append(parts)
        if len(waiting) == _ROWS:
            yield tried, np.array(waiting)
            waiting, tried = [], []
    if waiting:
        yield tried, np.array(waiting)


def _moves(told: Mapping[str, Any], one: Asked, bundle: Bundle) -> Iterator[dict[str, float]]:
    """What a lever can do, written apart from the product's own reading of the policy."""
    now = one.now
    if "options" in told:
        for option in told["options"].values():
            allowed = all(now[n] == v for n, v in option.get("only_if", {}).items())
            if allowed and all(now[n] > v for n, v in option.get("only_above", {}).items()):
                moved = {n: _code(n, v) for n, v in option.get("set", {}).items()}
                moved |= {n: now[n] + v for n, v in option.get("add", {}).items()}
                moved |= {n: now[n] + now[v] for n, v in option.get("add_now", {}).items()}
                yield {n: v for n, v in moved.items() if not np.isnan(now[n])}
        return
    found = _positions(told, now)
    if found is None:
        return
    _, values = found
    asked = Forest(bundle.booster).thresholds
    cuts = {name: asked.get(place) for place, name in enumerate(bundle.features)}
    cells = [np.searchsorted(cuts[n], v) for n, v in values.items() if cuts.get(n) is not None]
    if not cells:
        return
    _, first = np.unique(np.stack(cells), axis=1, return_index=True)
    for i in first.tolist():
        yield {name: float(value[i]) for name, value in values.items()}


def _code(name: str, value: Any) -> float:
    return float(CATALOGUE[name].categories.index(value)) if isinstance(value, str) else float(value)


def _positions(told: Mapping[str, Any], now: Mapping[str, float]) -> tuple[Floats, dict[str, Floats]] | None:
    if "formula" in told:
        positions = np.linspace(told["least"], told["most"], _POSITIONS)
        moves = FORMULAS[told["formula"]](now)
        return (positions, {name: move(positions) for name, move in moves.items()}) if moves else None
    start = now[told["anchor"]]
    if np.isnan(start):
        return None
    least, most = (told[f"{end}_of_now"] * start if f"{end}_of_now" in told else told[end] for end in ("least", "most"))
    positions = np.linspace(least, most, _POSITIONS)
    if told["anchor"] != "guarantees_given_to_assets":
        positions = np.unique(np.round(positions))  # months, queries and fen are whole
    values = {told["anchor"]: positions}
    if start:
        values |= {n: now[n] / start * positions for n in told.get("scale", ()) if not np.isnan(now[n])}
    shifts = told.get("shift", {}).items()
    values |= {n: now[n] + by * (positions - start) for n, by in shifts if not np.isnan(now[n])}
    return positions, values
