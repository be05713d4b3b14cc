"""Reasons read against the baseline that they were measured from, over applicants of a synthetic world."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

import training
from features.asof import Case, as_known
from features.encoded import Tables
from features.lake import Lake
from features.policy import shipped
from models.assess import Assessment, assess
from models.score.baselines import from_training
from models.score.bundle import Bundle
from models.score.reasons import reasons_of
from models.score.reference_sample import LEAST_PEERS
from models.score.self_test import work
from tests.contradictions import Answer, contradictions, uncompared
from tests.proofs import Proof, proof
from training.commands.model_steps import trained
from training.world.economy import World, sized
from training.world.progress import written

LOANS, APPLICANTS, MOST_UNCOMPARED = 12_000, 2_000, 0.05
TOGETHER = 200


@proof("reasons.contradictions", "No reason contradicts itself, few go without comparison, and points still sum")
def none() -> Proof:
    """Train on a world, assess its applicants, and read the answers as an officer would."""
    seen, faults = Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "world"
        written(sized(World(loans=LOANS)), lake, replace=True)
        plan = Path(training.__file__).parent / "plans" / "pledge.toml"
        bundle = trained(plan, lake, Path(folder) / "model", lake_folder=None, register=False).bundle
        for found in islice(_assessed(Lake(lake), bundle), APPLICANTS):
            answer = _read(found)
            faults += contradictions(answer)
            before = contradictions(_read(_before(found)))
            seen.update(answers=1, reasons=len(answer["reasons"]), uncompared=uncompared(answer), before=len(before))
            seen.update([answer["base"]["name"].partition(":")[0]])
            seen["answers_before"] += bool(before)
    alone = seen["uncompared"] / seen["reasons"]
    return Proof(
        figure=f"{len(faults)} contradictions in {seen['answers']:,} answers (none may), before "
        f"{seen['before']:,} of {seen['reasons']:,} reasons ({seen['before'] / seen['reasons']:.2%}) in "
        f"{seen['answers_before']:,} answers; {alone:.2%} without comparison (at most {MOST_UNCOMPARED:.0%}); "
        "every answer's points sum",
        passed=not faults and alone <= MOST_UNCOMPARED and seen["answers"] == APPLICANTS and seen["before"] > 0,
        detail=f"The checker reads nothing but the answer. Before: every list measured from the training cases, every "
        f"comparison made. Now measured from the training cases {seen['training']:,} times, from a sector "
        f"{seen['sector']:,} times. The bundle's own figure over its sample: {json.dumps(bundle.card['reasons'])}. "
        f"{'; '.join(faults[:3])}SYNTHETIC world of {LOANS:,} loans.",
    )  # fmt: skip


def _assessed(lake: Lake, bundle: Bundle) -> Iterator[Assessment]:
    for index in range(lake.partitions):
        frames = lake.read(index)
        tables = Tables.from_frames(frames)
        rows = frames["applications"].select("application", "firm", "known_on", "bank").iter_rows()
        cases = [Case(number, firm, on, number, bank) for number, firm, on, bank in rows]
        for start in range(0, len(cases), TOGETHER):
            yield from assess(
                as_known(tables, cases[start : start + TOGETHER], bundle.norms, shipped()), bundle, "proof"
            )


def _before(found: Assessment) -> Assessment:
    """The same, measured from the training cases with every comparison made."""
    bundle, least = found.bundle, int(shipped()(LEAST_PEERS).on(found.case.as_of))
    plain = from_training(bundle, work(bundle.trees, found.numbers[None]), [least])[0]
    careless = replace(plain, contradictory=np.zeros_like(plain.contradictory))
    return replace(
        found, measured=careless, reasons=reasons_of(bundle.kind, bundle.features, found.numbers, careless, least)
    )


def _read(found: Assessment) -> Answer:
    told: Answer = json.loads(json.dumps(found.answer()))
    return told
