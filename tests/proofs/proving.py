"""Replay at length: five hundred assessments, firms that a lake knows more of, and entries of an earlier version."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from features.lake import LakeWriter, Manifest, frames_of
from features.policy import shipped
from features.policy.parameters import SHIPPED
from service.ledger.verification import verify as verify_chain
from service.proofs.replay import STEPS
from tests.proofs import Proof, proof
from tests.service import older
from tests.service.banked import Bank, open_bank
from tests.service.made import DAY, applicant, make_bundle, offering, rows_of

ASSESSMENTS, FIRMS = 500, 100
LINE = "recommendation.pd_blocks"


@contextmanager
def _bank() -> Iterator[Bank]:
    """A bank in a folder of its own with a made model."""
    with tempfile.TemporaryDirectory() as folder:
        make_bundle(Path(folder) / "bundle")
        (Path(folder) / "bank").mkdir()
        bank = open_bank(Path(folder) / "bank", Path(folder) / "bundle")
        with bank.client:
            yield bank


@proof(
    "replay.identical", "Assessments by two models under two policies replay byte for byte, and their changes add up"
)
def identical() -> Proof:
    """Four quarters: each model under each policy; then all are asked again where the last of each is in service."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bundles = [place / "one", place / "two"]
        for seed, bundle in enumerate(bundles, start=1):
            make_bundle(bundle, seed=seed)
        (place / "bank").mkdir()
        same = added = asked = 0
        for quarter, (bundle, policy) in enumerate(
            (b, p) for b in bundles for p in (None, _stricter(place / "policy"))
        ):
            bank = open_bank(place / "bank", bundle, policy=policy)
            with bank.client:
                for seed in range(quarter * ASSESSMENTS // 4, (quarter + 1) * ASSESSMENTS // 4):
                    bank.ask(offering(seed, patents=6) if seed % 2 else applicant(seed, patents=6))
        with bank.client:
            for item in bank.client.get("/v1/assessments", params={"limit": ASSESSMENTS}).json()["items"]:
                told = bank.client.get(f"/v1/assessments/{item['id']}/replay").json()
                asked, same, added = asked + 1, same + told["identical"], added + _add_up(told)
    return Proof(
        figure=f"{same} of {asked} the same byte for byte; the steps of {added} add up to the whole change",
        passed=asked == same == added == ASSESSMENTS,
        detail="Points to the tenth exactly, probabilities to rounding. The rows came with the questions, so nobody "
        "knows more of them now: the step of data is not taken, and says so.",
    )


@proof("replay.lake", "Of firms looked up in a lake that knows more by now, every step is taken and all add up")
def over_a_lake() -> Proof:
    """Books restated and fees found unpaid after the answers; then another model and another policy serve."""
    same = added = 0
    moved, held_back = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "bank").mkdir()
        for seed in (1, 2):
            make_bundle(place / f"bundle-{seed}", seed=seed)
        _lake(place / "lake", later=False)
        then = open_bank(place / "bank", place / "bundle-1", lakes=(place / "lake",))
        with then.client:
            for seed in range(FIRMS):
                then.ask({"kind": "pledge", "as_of": DAY.isoformat(), "firm": f"row:{seed}", "bank": "bank-1"})
        _lake(place / "lake", later=True)
        policy = _stricter(place / "policy")
        now = open_bank(place / "bank", place / "bundle-2", lakes=(place / "lake",), policy=policy)
        with now.client:
            for item in now.client.get("/v1/assessments", params={"limit": FIRMS}).json()["items"]:
                told = now.client.get(f"/v1/assessments/{item['id']}/replay").json()
                same, added = same + told["identical"], added + _add_up(told)
                moved.update(step["step"] for step in told["steps"] if step["changed"])
                held_back.update(step["step"] for step in told["steps"] if step["not_taken"])
    changed = ", ".join(f"{step} {moved[step]}" for step in STEPS)
    return Proof(
        figure=f"{same} of {FIRMS} the same byte for byte; the steps of {added} add up; answers changed by {changed}",
        passed=same == added == moved["data"] == moved["model"] == FIRMS and not moved["code"] and not held_back,
        detail="Points to the tenth exactly, probabilities to rounding, findings as the steps turned them one by one.",
    )


@proof("replay.older", "Entries that an earlier version wrote verify and replay, and what differs is laid to the code")
def of_an_earlier_version() -> Proof:
    """All entries of `tests/service/older`, whose bundles have no reference sample, with what is kept beside it."""
    added = coded = refused = 0
    parts = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        older.unpack(place)
        make_bundle(place / "bundle")
        bank = open_bank(place, place / "bundle")
        engine = bank.app.state.pledgescore.engine
        with bank.client:
            with engine.connect() as connection:
                verdict = verify_chain(connection)
            items = bank.client.get("/v1/assessments", params={"limit": older.ENTRIES}).json()["items"]
            replays = [f"/v1/assessments/{item['id']}/replay" for item in items]
            refused = sum("ledger store" in bank.client.get(replay).text for replay in replays)
            older.store(engine, place)
            for replay in replays:
                told = bank.client.get(replay).json()
                code = told["steps"][0]
                added += _add_up(told)
                coded += code["not_taken"] is None and not code["probability"] and not code["points"]
                parts.update(code["changed"])
    return Proof(
        figure=f"{verdict.verified} of {older.ENTRIES} verify; {coded} replay to the same probability and points; the "
        f"steps of {added} add up",
        passed=verdict.bad_seq is None and verdict.verified == refused == coded == added == older.ENTRIES,
        detail=f"Before their bundles were kept, {refused} were refused, naming what was missing. The code changed: "
        + ", ".join(f"{part} of {count}" for part, count in parts.most_common())
        + ".",
    )


def _add_up(told: dict[str, Any]) -> bool:
    """Whether points, probability and findings of the steps make those of the whole."""
    steps, whole = told["steps"], told["whole"]
    points = round(10 * sum(step["points"] for step in steps)) == round(10 * whole["points"])
    chance = abs(sum(step["probability"] for step in steps) - whole["probability"]) < 1e-14
    turned: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for one in (one for step in steps for one in step["findings"]):
        before, _ = turned.get((one["rule"], one["subject"]), (one["before"], None))
        turned[one["rule"], one["subject"]] = (before, one["after"])
    left = {which: ends for which, ends in turned.items() if ends[0] != ends[1]}
    found = {(one["rule"], one["subject"]): (one["before"], one["after"]) for one in whole["findings"]}
    return points and chance and left == found


def _lake(place: Path, *, later: bool) -> None:
    """A lake of made firms, each of which offers patents; `later` with what became known of them afterwards."""
    after = DAY + timedelta(days=40)
    with LakeWriter(place, Manifest("made", "CNY", 2, synthetic=True), replace=later) as lake:
        for seed in range(FIRMS):
            rows = rows_of(seed, patents=6)
            known = {"known_on": DAY - timedelta(days=4), "source_kind": "typed", "application": "a1"}
            offered = [{"kind": "patent", "item": one["patent"], "pledgor": f"row:{seed}"} for one in rows["patents"]]
            rows["collateral"] = [known | one for one in offered[:3]]
            if later:
                books, patent = rows["statements"][0], rows["patents"][0]
                owed = {"total_liabilities": 2 * books["total_liabilities"]}
                owed["equity"] = books["total_assets"] - owed["total_liabilities"]
                rows["statements"].append(books | owed | {"known_on": after})
                rows["patents"].append(patent | {"known_on": after, "fees_paid_to": DAY - timedelta(days=300)})
            lake.add(frames_of({table: [{"firm": f"row:{seed}"} | row for row in own] for table, own in rows.items()}))


def _stricter(folder: Path) -> Path:
    """A bank's own policy folder in which hardly anybody is good enough."""
    assert (SHIPPED / "recommendation.yaml").exists()
    own = shipped()(LINE)
    entry = own.told() | {"values": {day.isoformat(): 0.00001 for day in own.values}}
    kept = ("description", "unit", "reviewed_on", "confidence", "reference", "values")
    folder.mkdir(exist_ok=True)
    text = json.dumps({name: entry[name] for name in kept}, ensure_ascii=False)
    (folder / "recommendation.yaml").write_text(f"pd_blocks: {text}", encoding="utf-8")
    return folder
