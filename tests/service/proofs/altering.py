"""A bank with a row in every table of evidence, and somebody with its database in his hands who alters rows."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlmodel import SQLModel

from service.access.roles import Place
from service.edge.database import in_turn
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES, feedback_row_of, push_row_of
from service.ledger.append import Draft, append
from service.ledger.checkpoints import without_checkpoint
from service.ledger.entry_contents import AssessmentRef, EntryRef
from service.ledger.evidence import EVIDENCE, PARTLY
from service.ledger.signed_checkpoints import hold_against
from service.ledger.tables import CHECKPOINTS
from service.ledger.verification import verify
from service.ledger.written_kinds import FeedbackEntry, PushEntry, ReplayEntry
from service.proofs.rebuild import differences
from tests.service.access.conftest import Desks
from tests.service.banked import Bank, open_bank
from tests.service.conftest import NOON
from tests.service.lent import act, approved, drawn
from tests.service.made import offering

Work = Callable[[Connection], str | None]
DECEMBER = datetime(2026, 12, 1, 4, tzinfo=UTC)
UNUSED = "ledger_archived"
"""Has a row only where months were moved to files."""


def whole_bank(place: Path, bundle: Path, database: str, plain: int = 0) -> Bank:
    """A bank with a drawn loan, a second file, a trial, a what-if, a list, accounts, a closed month and a receipt.

    `plain`: entries besides. Its service has ended: nobody else writes into its database.
    """
    now = [NOON]
    bank = open_bank(place, bundle, database, now=lambda: now[0])
    with bank.client:
        one, two = (bank.ask(offering(seed)) for seed in (1, 2))
        bank.client.post("/v1/assessments", json=offering(3))  # in words
        file = drawn(bank.client, one["id"])
        paper = {"what": "合同", "hash": "ab" * 32, "dated_on": "2026-11-20", "person": "李明"}
        act(bank.client, file, "documents", **paper)
        approved(bank.client, two["id"])
        assert bank.client.get(one["links"]["changes"]).status_code == 200
        tried = {"rows": {"applications": [{"amount": "1万元"}]}}
        assert bank.client.post(f"/v1/assessments/{one['id']}/trials", json=tried).status_code == 201
        state = bank.app.state.pledgescore
        Desks(bank.client).account("auditor", Place("bank-1"))
        Desks(bank.client).key("auditor", Place("bank-1"))
        listed(bank, one)
        replayed = ReplayEntry(asked=0, identical=0, erased=0, differing=[], not_asked=[], code=None, by=None)
        in_turn(state.engine, lambda connection: append(connection, [Draft.of(replayed, "command")] * plain))
        now[0] = DECEMBER
        state.checkpoint_signer.close_month("2026-11")
        bank.sign()
        bank.countersign(DECEMBER)
        bank.sign()
    return bank


def listed(bank: Bank, assessment: Mapping[str, Any]) -> None:
    """A list with one firm, and what became of it; entered by hand, as no whitelist model serves."""
    ref = AssessmentRef(assessment["id"], assessment["record"]["seal"])
    pushed = PushEntry(
        of="own", edition="1", received_on="2026-11-20", firms=1, digest="0" * 64, came="screened", bank=None,
        branch=None, expires_on="2027-11-19", policy="0" * 64, assessments=[ref], left=[],
    )  # fmt: skip

    def write(connection: Connection) -> None:
        entry = append(connection, [Draft.of(pushed, "open")])[0]
        connection.execute(insert(PUSHES), push_row_of(pushed, entry, "open"))
        back = FeedbackEntry(
            push=EntryRef(entry.seq, entry.seal), outcome="granted", reason_code=None, reason="合作良好",
            reported_on="2026-11-20", assessment=ref, person=None,
        )  # fmt: skip
        told = append(connection, [Draft.of(back, "open")])[0]
        connection.execute(insert(PUSH_FEEDBACK), feedback_row_of(back, told, "open"))

    in_turn(bank.app.state.pledgescore.engine, write)


def found(connection: Connection, keys: list[str]) -> Iterator[str]:
    """What `ledger verify` names: the first bad entry, what was signed about them, or each row that does not follow."""
    chain = verify(connection)
    if chain.bad_seq is not None:
        yield f"entry {chain.bad_seq}"
        return
    signed = hold_against(connection, [], keys)
    if signed.fault is not None:
        yield f"signed {signed.bad_seq}"
        return
    lost = without_checkpoint(connection)
    if lost is not None:
        yield f"receipt {lost}"
    yield from (one.row for one in differences(connection))


def tables() -> Iterator[Table]:
    """Every table of evidence."""
    yield from (SQLModel.metadata.tables[name] for name in sorted(EVIDENCE))


def columns(table: Table) -> list[Column[Any]]:
    """Those that are evidence. Of a checkpoint's number only the order is."""
    free = PARTLY.get(table.name, frozenset()) | ({"number"} if table is CHECKPOINTS else set())
    return [column for column in table.c if column.name not in free]


def kind_of(column: Column[Any]) -> str:
    """What a column holds."""
    kinds = {Boolean: "flag", Integer: "whole", Float: "float", LargeBinary: "bytes"}
    return next((name for kind, name in kinds.items() if isinstance(column.type, kind)), "text")


def other(column: Column[Any], held: Any, chance: random.Random) -> Any:
    """Another value of a column than it holds."""
    if held is not None and column.nullable and not column.primary_key and chance.random() < 0.2:
        return None
    made: dict[str, Callable[[], Any]] = {
        "flag": lambda: not held,
        "whole": lambda: (held or 0) + chance.choice((1, 2, 1000, -1)),
        "float": lambda: (held or 0.0) + chance.choice((0.5, -0.25)),
        "bytes": lambda: _other_bytes(held or b"0", chance),
        "text": lambda: _other_text(held or "", chance),
    }
    return made[kind_of(column)]()


def _other_bytes(held: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(held))
    return held[:place] + bytes([held[place] ^ chance.randint(1, 255)]) + held[place + 1 :]


def _other_text(held: str, chance: random.Random) -> str:
    place = chance.randint(0, len(held))
    letter = chance.choice([one for one in "0189abxyz" if one != held[place : place + 1]])
    return held[:place] + letter + held[place + (chance.random() < 0.5) :]


def alter(connection: Connection, table: Table, column: Column[Any], chance: random.Random) -> str | None:
    """Change one value of one row; what was done, None where the table has no row."""
    rows = connection.execute(select(table)).mappings().all()
    if not rows:
        return None
    row = chance.choice(rows)
    value = other(column, row[column.name], chance)
    named = and_(*(one == row[one.name] for one in table.primary_key))
    connection.execute(update(table).where(named).values({column.name: value}))
    return f"{table.name}.{column.name}: {str(row[column.name])[:40]!r} became {str(value)[:40]!r}"


def remove(connection: Connection, table: Table, chance: random.Random) -> str | None:
    """Take out a row; what was done, None where there is none."""
    rows = connection.execute(select(table)).mappings().all()
    if not rows:
        return None
    row = chance.choice(rows)
    connection.execute(delete(table).where(and_(*(one == row[one.name] for one in table.primary_key))))
    return f"{table.name}: {[row[one.name] for one in table.primary_key]} removed"


def put_in(connection: Connection, table: Table, chance: random.Random) -> str:
    """Put in a row: a copy of one under another key, or one that is made up."""
    rows = connection.execute(select(table)).mappings().all()
    row = dict(chance.choice(rows)) if rows else {column.name: other(column, None, chance) for column in table.c}
    for one in table.c:
        if one.primary_key or one.unique or (table.name == "loan_drawdowns" and one.name == "loan"):
            row[one.name] = 900_000 + chance.randrange(99) if kind_of(one) == "whole" else f"{chance.random()}"
    connection.execute(insert(table), row)
    return f"{table.name}: a row put in under {[row[one.name] for one in table.primary_key]}"


def _missed(connection: Connection, keys: list[str], done: str) -> list[str]:
    with suppress(Exception):  # where the rows cannot be read, the chain before them names it
        if next(differences(connection), None) is not None:
            return []
    try:
        return [done] if next(found(connection, keys), None) is None else []
    except Exception as error:  # whatever lies in a row, it is named
        return [f"{done}: {error!r}"]


def unnoticed(
    engine: Engine, keys: list[str], times: int, most: int = 99, only: str = ""
) -> tuple[int, int, list[str]]:
    """How many alterations were made, how many the database itself refused, and those that were not named.

    Where it is once, one column of each kind that a table has (of `most` kinds), else each column so many times; and as
    often a row is taken out, and one put in. Each is taken back. `only`: of this table.
    """
    chance, made, refused, missed = random.Random(7), 0, 0, list[str]()
    for table in (one for one in tables() if only in ("", one.name)):
        chosen = columns(table) if times > 1 else [*{kind_of(one): one for one in columns(table)}.values()][:most]
        for work in works(table, chosen, chance) * times:
            with engine.connect() as connection:
                try:
                    done = work(connection)
                except IntegrityError:
                    refused += 1
                    continue
                if done is not None:
                    made += 1
                    missed += _missed(connection, keys, done)
                connection.rollback()
    return made, refused, missed


def works(table: Table, chosen: list[Column[Any]], chance: random.Random) -> list[Work]:
    """A change of each of these columns, a row taken out and a row put in."""
    changes = [partial(alter, table=table, column=one, chance=chance) for one in chosen]
    return [*changes, partial(remove, table=table, chance=chance), partial(put_in, table=table, chance=chance)]


def done_by_who_serves(serving: Engine, times: int) -> tuple[int, list[str]]:
    """How often the role that serves tried as much, and what it could do that nobody would name.

    It enters, and keeps artifacts: what is no entry, or under a digest that is not its own, is named.
    """
    chance, tried, done = random.Random(7), 0, list[str]()
    for table in tables():
        for work in works(table, columns(table), chance) * times:
            tried += 1
            with serving.connect() as connection, suppress(IntegrityError, ProgrammingError):
                told = work(connection)
                connection.commit()
                done += [] if told is None or told.startswith(MAY) else [told]
    return tried, done


MAY = ("stored_artifacts: a row put", "ledger_entries: a row put")
