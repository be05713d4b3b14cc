"""The ledger at length, on both databases: a thousand alterations and hundreds of rewritten histories, all found."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from service.edge.database import connect_to
from service.ledger.migrations import upgrade
from service.ledger.signing_keys import make_key
from service.ledger.verification import verify
from tests.proofs import Proof, proof
from tests.service.ledger.tampering import (
    ALTERATIONS,
    REWRITINGS,
    disarm,
    fill,
    fill_signed,
    missed,
    missed_by_what_was_signed,
)
from tests.service.postgres import OWNER, ROLE, Server

ENTRIES = {"SQLite": 10_000, "PostgreSQL": 2_000}
TIMES = 120
SIGNED, EVERY, REWRITTEN = 1_000, 100, 40


@proof(
    "ledger.tampering",
    "Any byte altered, entry removed, put in or swapped, and any tail cut off is found and named, in either database",
)
def tampering() -> Proof:
    """One ledger each; every alteration is made in it, searched for from the first entry on, and taken back."""
    unnamed, verified, took = [], [], []
    for name, entries in ENTRIES.items():
        with _in_hands(name) as engine:
            fill(engine, entries)
            began = perf_counter()
            with engine.connect() as connection:
                untouched = verify(connection)
            took.append(f"{(perf_counter() - began) / entries * 1e3:.2f} ms an entry in {name}")
            verified.append(untouched.bad_seq is None and untouched.verified == entries)
            for alteration in ALTERATIONS:
                unnamed += [f"{name}: {wrong}" for wrong in missed(engine, alteration, TIMES, seed=2026)]
    made = TIMES * len(ALTERATIONS) * len(ENTRIES)
    sizes = " and ".join(f"{entries:,} in {name}" for name, entries in ENTRIES.items())
    return Proof(
        figure=f"untouched, both ledgers verify; {made - len(unnamed)} of {made} alterations named",
        passed=all(verified) and not unnamed,
        detail=f"{sizes}; {TIMES} each of: a byte of any column of any entry (in PostgreSQL's texts a letter), an "
        "entry removed (every fourth time the last), a copy put in, two swapped, a tail cut off. Each names the first "
        f"entry that is not as it was. Verifying takes {', '.join(took)}. " + "; ".join(unnamed[:5]),
    )


@proof("ledger.rewritten", "A history chained anew from the edit on verifies, and is found by what was signed before")
def rewritten() -> Proof:
    """All kinds of edits, each followed by numbering and sealing anew whatever stands behind, and taken back."""
    wrong = []
    for name in ENTRIES:
        with _in_hands(name) as engine, tempfile.TemporaryDirectory() as folder:
            signer = make_key(Path(folder) / "keys")
            shown = fill_signed(engine, SIGNED, EVERY, signer)
            for rewriting in REWRITINGS:
                missing = missed_by_what_was_signed(engine, rewriting, REWRITTEN, shown, signer)
                wrong += [f"{name}: {one}" for one in missing]
    made = REWRITTEN * len(REWRITINGS) * len(ENTRIES)
    return Proof(
        figure=f"{made - len(wrong)} of {made} rewritten histories found, in two databases",
        passed=not wrong,
        detail=f"{SIGNED:,} entries with a checkpoint after every {EVERY}; {REWRITTEN} each in SQLite and PostgreSQL "
        "of: content changed, entry removed, made-up entry inserted, two swapped, tail cut off with the head row "
        "adjusted. The chain alone finds none of them. Where the tree's tiles were left, the entry itself is named; "
        "where they were taken away, too, or behind the last full one, the first behind the last checkpoint that "
        "agrees, or the first that is gone. With the checkpoints taken away, one that lies elsewhere finds each. "
        + "; ".join(wrong[:3]),
    )


@contextmanager
def _in_hands(name: str) -> Iterator[Engine]:
    """An empty ledger, its triggers taken away."""
    with ExitStack() as closing:
        if name == "PostgreSQL":
            server = Server()
            closing.callback(server.close)
            server.execute("postgres", "CREATE DATABASE ledger")
            url = server.url("ledger", OWNER)
        else:
            url = f"sqlite:///{closing.enter_context(tempfile.TemporaryDirectory())}/ledger.db"
        engine = connect_to(url)
        closing.callback(engine.dispose)
        upgrade(engine, role=ROLE if name == "PostgreSQL" else "")
        disarm(engine)
        yield engine
