"""Packs and replay at length: a thousand packs for a fund, hundreds of corruptions, five hundred assessments again."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import perf_counter

from features.policy import shipped
from features.policy.parameters import SHIPPED
from features.tables import TABLES
from service.keys import load_signer
from service.offline.verify import Pack, verify
from tests.proofs import Proof, proof
from tests.service import corrupting
from tests.service.banked import Bank, open_bank, verified
from tests.service.made import applicant, make_bundle, offering

PACKS, CORRUPTIONS, ASSESSMENTS = 1000, 200, 500
LINE = "recommendation.least_points"


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
    "packs.audience",
    "Of a thousand assessments no fund's pack shows a column of the bank or of a person, and all verify",
)
def audience() -> Proof:
    """Each with persons, a credit report and typed rows; every pack is opened, walked and verified."""
    with _bank() as bank:
        for seed in range(PACKS):
            body = offering(seed, patents=4)
            told = {"known_on": "2026-11-01", "source_kind": "register", "person": f"person:{seed}"}
            body["rows"]["people"] = [told | {"role": "controller", "share": 0.5}]
            bank.ask(body)
        bank.sign()
        bank.countersign()
        items = bank.client.get("/v1/assessments", params={"limit": PACKS}).json()["items"]
        shown, hidden, wrong = 0, 0, []
        for item in items:
            file = bank.pack(item["id"], "fund")
            for _ in verify(Pack(file, [bank.key]), {"bank": [bank.key], "fund": [bank.fund_key]}, None):
                pass
            for leaf in corrupting.told(corrupting.read(file))["entries"][0]["leaves"]:
                shown, hidden = shown + (len(leaf) == 3), hidden + (len(leaf) == 1)
                if len(leaf) == 3 and leaf[0].startswith("/rows/"):
                    columns = TABLES[leaf[0].split("/")[2]].columns
                    wrong += [
                        f"{leaf[0]} {n}" for n in json.loads(leaf[2]) if columns[n].audience in ("bank", "person")
                    ]
            file.unlink()
    return Proof(
        figure=f"{len(items)} packs verify; {shown} leaves shown, {hidden} withheld, {len(wrong)} columns too many",
        passed=len(items) == PACKS and not wrong and hidden > shown / 10,
        detail="Of every table that an assessment held, by the audience that each column declares. "
        + (f"Shown wrongly: {wrong[:5]}" if wrong else ""),
    )


@proof(
    "packs.corruptions",
    "Every generated corruption of a pack is caught by verify.py, run alone in an empty environment",
)
def corruptions() -> Proof:
    """Bits, members, leaves, headers, proofs, checkpoints and receipts; most listed anew with the bank's key."""
    chance, missed, kinds = Random(2026), [], Counter[str]()
    with _bank() as bank:
        told = bank.ask(offering(1))
        bank.sign()
        bank.countersign()
        bank.ask(applicant(2))
        bank.sign()
        bank.countersign()
        earlier = str(sorted(bank.place.glob("checkpoint-*.json"))[0])
        keys = ("--bank-key", bank.key, "--fund-key", bank.fund_key, "--checkpoint", earlier)
        own, members = load_signer(bank.place / "keys"), corrupting.read(bank.pack(told["id"], "bank"))
        began = perf_counter()
        whole = verified(corrupting.write(members, bank.place / "pack.zip"), *keys)
        seconds = perf_counter() - began
        for _ in range(CORRUPTIONS):
            name, changed = corrupting.corrupted(members, chance, own)
            found = verified(corrupting.write(changed, bank.place / "pack.zip"), *keys)
            kinds[name] += 1
            if found.returncode != 1 or "NOT AS SEALED" not in found.stdout:
                missed.append(name)
    return Proof(
        figure=f"{CORRUPTIONS - len(missed)} of {CORRUPTIONS} corruptions caught; the whole took {seconds:.1f} s",
        passed=whole.returncode == 0 and not missed,
        detail=", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))
        + (f". Not caught: {missed[:5]}" if missed else ""),
    )


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
                steps, whole = told["steps"], told["whole"]
                asked, same = asked + 1, same + told["identical"]
                points = round(10 * sum(step["points"] for step in steps)) == round(10 * whole["points"])
                chance = abs(sum(step["probability"] for step in steps) - whole["probability"]) < 1e-14
                added += points and chance
    return Proof(
        figure=f"{same} of {asked} the same byte for byte; the steps of {added} add up to the whole change",
        passed=asked == same == added == ASSESSMENTS,
        detail="Points to the tenth exactly, probabilities to rounding. The rows came with the questions, so nobody "
        "knows more of them now: the step of data is not taken, and says so.",
    )


def _stricter(folder: Path) -> Path:
    """A bank's own policy folder in which hardly anybody has enough points."""
    assert (SHIPPED / "recommendation.yaml").exists()
    own = shipped()(LINE)
    entry = own.told() | {"values": {day.isoformat(): 800 for day in own.values}}
    kept = ("description", "unit", "reviewed_on", "confidence", "reference", "values")
    folder.mkdir(exist_ok=True)
    text = json.dumps({name: entry[name] for name in kept}, ensure_ascii=False)
    (folder / "recommendation.yaml").write_text(f"least_points: {text}", encoding="utf-8")
    return folder
