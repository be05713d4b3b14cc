"""One state: features, rules and values say the same of generated patents and firms; undone, each mend is missed."""

from tests.one_state.law import disagreements
from tests.one_state.making import example
from tests.one_state.mutants import MUTANTS
from tests.proofs import Proof, proof

EXAMPLES, TOGETHER = 20_000, 250


@proof("state.one", "Features, rules and values say the same of any patent, firm and day")
def one() -> Proof:
    """Generate firms with a patent each, and hold what the product says against what a person reads in the rows."""
    found: list[str] = []
    for start in range(0, EXAMPLES, TOGETHER):
        found += disagreements([example(seed) for seed in range(start, start + TOGETHER)])
    return Proof(
        figure=f"{len(found)} disagreements over {EXAMPLES:,} generated patents and firms (asked: 0)",
        passed=not found,
        detail="Of each 23 features, 26 outcomes, facts and counts of rules, and 6 statements of the values. SYNTHETIC "
        "rows: what is usual, what is odd, and what is announced late, in any mixture." + "".join(found[:1]),
    )


@proof("state.mends", "Undoing any one mend of the state breaks the law")
def mends() -> Proof:
    """Undo each mend at its one place, and look for an example on which the law breaks."""
    needed = {mutant.mend: mutant.killed_after() for mutant in MUTANTS}
    survived = [mend for mend, count in needed.items() if count is None]
    return Proof(
        figure=f"{len(survived)} of {len(MUTANTS)} survive (asked: 0)",
        passed=not survived,
        detail="Generated examples needed: " + "; ".join(f"{mend}: {count}" for mend, count in needed.items()) + ".",
    )
