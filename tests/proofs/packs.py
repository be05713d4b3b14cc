"""Packs at length: a thousand for a fund, each against one of an altered case, and hundreds of corruptions."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from features.tables import TABLES
from service.edge.readers import READERS
from service.ledger.signing_keys import load_signer
from service.offline.verify import Pack, verify
from tests.proofs import Proof, proof
from tests.service import corrupting
from tests.service.banked import Bank, open_bank, verified
from tests.service.guarded import altered, guarded, guarded_bundle
from tests.service.leaking import differing, shown_in
from tests.service.made import applicant, make_bundle, offering

PACKS, CORRUPTIONS = 1000, 200
Column = tuple[str, str]


@contextmanager
def _banks(make: Callable[[Path], object], count: int) -> Iterator[list[Bank]]:
    """So many banks that know nothing of each other, with one made model."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        make(place / "bundle")
        banks = []
        for number in range(count):
            (place / str(number)).mkdir()
            banks.append(open_bank(place / str(number), place / "bundle"))
            stack.enter_context(banks[-1].client)
        yield banks


@proof(
    "packs.audience",
    "Of a thousand assessments no fund's pack shows what follows from a column of the bank or of a person; all verify",
)
def audience() -> Proof:
    """Each with persons, a credit report and typed rows; walked by column, and held against one of an altered case."""
    columns: Counter[Column] = Counter()
    items: Counter[str] = Counter()
    wrong: list[str] = []
    changed = 0
    with _banks(guarded_bundle, 2) as (one, other):
        asked = []
        for seed in range(PACKS):
            body = guarded(seed)
            columns.update(_guarded_columns(body))
            asked.append((one.ask(body)["id"], other.ask(altered(body, seed))["id"]))
        for bank in (one, other):
            bank.sign()
            bank.countersign()
        for own, altered_one in asked:
            shown, beside = shown_in(one, own), shown_in(other, altered_one)
            wrong += [f"{own} {pointer}" for pointer in (*_columns_too_many(shown), *differing(shown, beside))]
            changed += shown["/answer/log_odds"] != beside["/answer/log_odds"]
            items.update(_shown_items(shown))
            file = one.place / f"{own}-fund.zip"
            for _ in verify(Pack(file, [one.key]), {"bank": [one.key], "fund": [one.fund_key]}, None):
                pass
            file.unlink()
    declared = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns.values()
        if column.audience not in READERS["fund"]
    }
    told = ", ".join(f"{count / PACKS:.1f} {part}" for part, count in sorted(items.items()))
    return Proof(
        figure=f"{len(asked)} packs verify; on average each shows {told}; {len(wrong)} of these are other ones "
        f"when every value of bank and persons is altered, though {changed} scores are",
        passed=len(asked) == PACKS and not wrong and changed > PACKS / 2 and set(columns) == declared,
        detail=f"{len(columns)} of the {len(declared)} columns that a fund may not see were sealed, "
        f"{columns.total():,} values in all; none stands in a leaf that is shown. The altered case was asked at "
        "another bank. Left out is what follows from everything and is told all the same: probability, points, grade, "
        "baseline, advice, limit, term, what a patent carries, findings that state them, and the points of a reason."
        + (f" Shown wrongly: {wrong[:5]}" if wrong else ""),
    )


def _guarded_columns(body: Mapping[str, Any]) -> Iterator[Column]:
    """The columns that a fund may not see, of each row that states them."""
    for table, rows in body["rows"].items():
        columns = TABLES[table].columns
        yield from ((table, n) for row in rows for n in row if columns[n].audience not in READERS["fund"])


def _columns_too_many(shown: Mapping[str, Any]) -> Iterator[str]:
    for pointer, value in shown.items():
        if pointer.startswith("/rows/"):
            columns = TABLES[pointer.split("/")[2]].columns
            yield from (f"{pointer} {name}" for name in value if columns[name].audience not in READERS["fund"])


def _shown_items(shown: Mapping[str, Any]) -> dict[str, int]:
    """How many derived things a pack shows."""
    parts = {part: shown[f"/answer/{part}/fund"] for part in ("features", "reasons", "findings", "patents")}
    nested = sum(len(one[name]) for one in parts["patents"] for name in ("findings", "passed", "not_applicable"))
    return {part: len(value) for part, value in parts.items()} | {"findings of patents": nested}


@proof(
    "packs.corruptions",
    "Every generated corruption of a pack is caught by verify.py, run alone in an empty environment",
)
def corruptions() -> Proof:
    """Bits, members, leaves, headers, proofs, checkpoints and receipts; listed anew with the bank's key; and forks."""
    chance, missed, kinds = Random(2026), [], Counter[str]()
    with _banks(make_bundle, 1) as (bank,):
        told = bank.ask(offering(1))
        for body in (applicant(2), applicant(3)):
            bank.sign()
            bank.countersign()
            bank.ask(body)
        bank.sign()
        bank.countersign()
        checkpoints = sorted(bank.place.glob("checkpoint-*.json"))
        receipt = json.loads(sorted(bank.place.glob("receipt-*.json"))[0].read_bytes())
        own = load_signer(bank.place / "keys")
        forger = corrupting.Forger(own, bank.fund_signer, (json.loads(checkpoints[0].read_bytes()), receipt))
        keys = ("--bank-key", bank.key, "--fund-key", bank.fund_key, "--checkpoint")
        packs = [corrupting.read(bank.pack(told["id"], reader)) for reader in ("bank", "fund")]
        file = bank.place / "pack.zip"
        began = perf_counter()
        whole = [verified(corrupting.write(members, file), *keys, str(checkpoints[0])) for members in packs]
        seconds = (perf_counter() - began) / len(whole)
        for number in range(CORRUPTIONS):
            members, kept = packs[number % 2], checkpoints[0]
            if number % 10 < len(corrupting.FORGED):
                forge = corrupting.FORGED[number % 10]
                name, changed = forge.__name__, forge(members, forger)
                kept = checkpoints[-1] if forge is corrupting.an_older_fork else kept
            else:
                name, changed = corrupting.corrupted(members, chance, own)
            found = verified(corrupting.write(changed, file), *keys, str(kept))
            kinds[name] += 1
            if found.returncode != 1 or "NOT AS SEALED" not in found.stdout:
                missed.append(name)
    return Proof(
        figure=f"{CORRUPTIONS - len(missed)} of {CORRUPTIONS} corruptions caught; the whole took {seconds:.1f} s",
        passed=all(one.returncode == 0 for one in whole) and not missed,
        detail="Half of the bank's pack, half of the fund's: "
        + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(kinds.items()))
        + (f". Not caught: {missed[:5]}" if missed else ""),
    )
