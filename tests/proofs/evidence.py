"""Alters rows of every table of evidence at length, on both databases: whatever is altered is named."""

import tempfile
from pathlib import Path

from tests.proofs import Proof, proof
from tests.service.ledger.tampering import disarm
from tests.service.made import make_bundle
from tests.service.postgres import Server, as_owner
from tests.service.proofs.altering import done_by_who_serves, tables, unnoticed, whole_bank

WAYS, PLAIN = 20, 230
"""How often each column is altered, and each table has a row taken out and put in; entries that fill a tile."""


@proof("evidence.altered", "Whatever is altered in a table of evidence, on a file or by the owner, is named")
def altered() -> Proof:
    """Each column of each table twenty times another value, twenty rows out and in, each alteration taken back."""
    told = []
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            make_bundle(place / "bundle", trees=5)
            for name, url in (("SQLite", f"sqlite:///{place / 'ledger.db'}"), ("PostgreSQL", server.ledger("altered"))):
                told.append((name, *_altered(place / name, place / "bundle", url)))
            tiled = f"sqlite:///{place / 'tiled.db'}"
            told.append(("SQLite, tiles", *_altered(place / "tiled", place / "bundle", tiled, PLAIN, "ledger_tiles")))
            tried, done = _served(place / "served", place / "bundle", server.ledger("served"))
    finally:
        server.close()
    figures = [f"{name}: {made - len(missed):,} of {made:,} named" for name, made, _, missed in told]
    return Proof(
        figure="; ".join([*figures, f"the role that serves: {len(done)} of {tried:,} done"]),
        passed=not done and not any(missed for *_, missed in told) and all(made > 2_000 for _, made, _, _ in told[:2]),
        detail=f"{len(list(tables()))} tables. The database itself refused "
        + ", ".join(f"{refused:,} more ({name})" for name, _, refused, _ in told)
        + ", by its keys and constraints. Triggers were taken away. Columns that are no evidence are left out. The role"
        + " that serves may enter, and keep an artifact, which is named where it is no entry and no artifact."
        + "".join(f" Missed: {missed[:3]}" for *_, missed in told if missed)
        + (f" Done: {done[:3]}" if done else ""),
    )


def _altered(place: Path, bundle: Path, url: str, plain: int = 0, only: str = "") -> tuple[int, int, list[str]]:
    """How many alterations were made of a bank of its own, refused, and missed."""
    place.mkdir()
    bank = whole_bank(place, bundle, url, plain)
    with as_owner(bank.app.state.pledgescore.engine) as owner:
        disarm(owner)
        found = unnoticed(owner, [bank.key], WAYS, only=only)
    bank.app.state.pledgescore.engine.dispose()
    return found


def _served(place: Path, bundle: Path, url: str) -> tuple[int, list[str]]:
    """How many of as many alterations the role that serves a PostgreSQL tried, and those that it could do."""
    place.mkdir()
    bank = whole_bank(place, bundle, url)
    found = done_by_who_serves(bank.app.state.pledgescore.engine, WAYS)
    bank.app.state.pledgescore.engine.dispose()
    return found
