"""The long proof that no feature rots: the demonstration's size, every year from 2014 to 2026."""

from datetime import date

import polars as pl

import features.catalogue  # noqa: F401  (enters every feature)
from features.policy import shipped
from features.registry import CATALOGUE
from tests.proofs import Proof, proof
from training.realism.stationary import MOST_OF_SPREAD, MOST_UNKNOWN, MOVED_BY_LAW, FeatureMove, moves
from training.world.economy import World, sized
from training.world.write import partitions

LOANS, AROUND, YEARS = 12_000, date(2020, 6, 30), range(2014, 2027)


@proof("features.stationary", "In a stationary world of 2014 to 2026 no feature moves but where a law moved it")
def stationary() -> Proof:
    """A year's applicants with all their days moved by whole years, and norms made over all these years."""
    parts = list(partitions(sized(World(loans=LOANS))))
    frames = {name: pl.concat([part.tables[name] for part in parts]) for name in parts[0].tables}
    names = [feature.name for feature in CATALOGUE.values() if not feature.categories]
    found = {move.name: move for move in moves(frames, AROUND, YEARS, names, shipped())}
    strays = [move for move in found.values() if not move.stays and move.name not in MOVED_BY_LAW]
    law = "; ".join(f"{name}: {why}" for name, why in MOVED_BY_LAW.items())
    return Proof(
        figure=f"{len(found) - len(strays)} of {len(found)} features within {MOST_OF_SPREAD} interquartile ranges and "
        f"{MOST_UNKNOWN:.0%} of the cases unknown",
        passed=not strays,
        detail=f"SYNTHETIC. {_told(found['citations_to_expected'])} Moved by law: {law}. "
        + " ".join(_told(move) for move in strays),
    )


def _told(move: FeatureMove) -> str:
    medians = ", ".join(f"{year} {median:.3g}" for year, median in move.medians.items())
    return f"{move.name}: median {medians}; share unknown moves by {move.of_unknown:.3f}."
