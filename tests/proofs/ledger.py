"""The ledger at length: ten thousand entries, and six hundred alterations of which none may pass."""

import tempfile
from pathlib import Path
from time import perf_counter

from service.ledger.verify import verify
from tests.proofs import Proof, proof
from tests.service.ledger.tampering import ALTERATIONS, disarm, ledger, missed

ENTRIES, TIMES = 10_000, 200


@proof("ledger.tampering", "Any byte altered, any entry removed and any two swapped in the ledger are found and named")
def tampering() -> Proof:
    """One ledger; every alteration is made in it, searched for from the first entry on, and taken back."""
    with tempfile.TemporaryDirectory() as folder:
        engine = ledger(Path(folder) / "ledger.db", ENTRIES)
        disarm(engine)
        began = perf_counter()
        with engine.connect() as connection:
            untouched = verify(connection)
        seconds = perf_counter() - began
        unnamed = [wrong for alteration in ALTERATIONS for wrong in missed(engine, alteration, TIMES, seed=2026)]
        engine.dispose()
    made = TIMES * len(ALTERATIONS)
    return Proof(
        figure=f"{untouched.verified} of {ENTRIES} entries verify; {made - len(unnamed)} of {made} alterations named",
        passed=untouched.verified == ENTRIES and untouched.bad_seq is None and not unnamed,
        detail=f"{TIMES} each: a byte of any column of any entry, an entry removed (every fourth time the last), two "
        f"swapped; verifying takes {seconds / ENTRIES * 1e3:.2f} ms an entry. "
        + (f"Not named: {'; '.join(unnamed[:5])}" if unnamed else ""),
    )
