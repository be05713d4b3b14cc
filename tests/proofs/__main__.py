"""Runs the proofs whose name starts with the argument (all without one), writes the page, exits 1 where one fails."""

import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from tests.proofs import Claim, Claims, Proof, _page, all_claims

DOCS = Path(__file__).parents[2] / "docs"


def chosen(claims: Claims, start: str) -> list[Claim]:
    """The claims called `start` or `start.…`; all for the empty start."""
    return [claim for name, claim in claims.items() if f"{name}.".startswith(f"{start}." if start else "")]


def judged(claim: Claim) -> Proof:
    """What the claim's run shows; one that breaks off has failed, and its traceback is printed."""
    try:
        return claim.run()
    except Exception as error:
        traceback.print_exc()
        return Proof(figure=f"broke off: {type(error).__name__}: {error}", passed=False)


def result(claim: Claim) -> _page.Result:
    """The line to keep for the claim, run now on this machine."""
    print(f"{claim.name}: {claim.title} …", flush=True)
    began = time.monotonic()
    shown = judged(claim)
    seconds = round(time.monotonic() - began, 1)
    print(f"  {'holds' if shown.passed else 'FAILS'}: {shown.figure}", flush=True)
    day = datetime.now(UTC).date().isoformat()
    return _page.Result(shown.figure, shown.passed, shown.detail, day, seconds, _page.this_machine())


def main(start: str, claims: Claims, docs: Path) -> int:
    """Run the chosen claims one after another, writing the page as soon as each result is there."""
    runs = chosen(claims, start)
    if not runs:
        print(f"No proof is called {start!r}. There are: {', '.join(claims) or 'none'}", file=sys.stderr)
        return 2
    for claim in runs:
        shown = result(claim)
        results = {name: kept for name, kept in _page.read(docs / "proof.json").items() if name in claims}
        results[claim.name] = shown  # others may have run meanwhile: what they kept stays
        _page.write(results, docs / "proof.json")
        (docs / "proof.md").write_text(_page.render(claims, results), encoding="utf-8")
    failed = sum(not results[claim.name].passed for claim in runs)
    print(f"{len(runs) - failed} hold, {failed} fail: docs/proof.md")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "", all_claims(), DOCS))
