"""The laws of the tests with all their examples, and their cases on both databases."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.amount import VARIABLE
from tests.proofs import Proof, proof


@proof("suite.whole", "Every law of the tests holds with all its examples, every case on both databases")
def whole() -> Proof:
    """Run what the tests try a part of."""
    command = [sys.executable, "-m", "pytest", "-m", "whole or sqlite_alone", "-n", "auto", "--dist", "loadfile"]
    where = Path(__file__).parents[2]
    run = subprocess.run(
        command, cwd=where, env=os.environ | {VARIABLE: "whole"}, capture_output=True, text=True, check=False
    )
    last = next((line for line in reversed(run.stdout.splitlines()) if " in " in line), run.stderr[-400:])
    counts = ", ".join(re.findall(r"\d+ (?:passed|failed|errors?|skipped)", last)) or last
    detail = (
        "Run with the same code as `make test`, which tries a part: a sixth of the examples of a law, of damaged "
        "packs and of altered ledgers; each lie of a bank once about a pack; and what answers whoever may alike, as "
        "one role."
    )
    return Proof(counts, run.returncode == 0, detail)
