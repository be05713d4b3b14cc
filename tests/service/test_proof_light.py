"""The light on a proof: green only for what was looked at, and another one for each thing that is not as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from service.application.proofs import light_of
from service.assessing.loan_file_index import LOAN_FILES
from service.ledger.checkpoints import checkpoint
from service.ledger.signing_keys import load_signer, make_key
from service.ledger.tables import ARCHIVED, CHECKPOINTS, ENTRIES, FILE_HEADS, RECEIPTS
from service.loan_files.steps import STEPS
from service.loan_files.tables import PARTS
from service.proofs.light import LightKeys, ProofLight, proof_light
from tests.service.decided import DecidedBank, decided_bank
from tests.service.loan_files.people import done
from tests.service.made import calm_bundle

States = tuple[str, ...]


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[DecidedBank]:
    """The bank on a file that anybody may write; nothing is countersigned yet."""
    place = tmp_path_factory.mktemp("light")
    (place / "bundle").mkdir()
    calm_bundle(place / "bundle")
    copyfile(prepared, place / "ledger.db")
    with decided_bank(place, place / "bundle", f"sqlite:///{place / 'ledger.db'}") as bank:
        yield bank


def states(light: ProofLight) -> States:
    """What the looks found, in their order."""
    assert [one.on for one in light.looks] == ["sealed", "rows", "countersigned"]
    for language in ("zh", "en"):
        assert all(one.says and "{" not in one.says for one in light.in_words(language).looks)  # type: ignore[arg-type]
    return tuple(one.state for one in light.looks)


def codes(light: ProofLight) -> list[str]:
    """Why."""
    return [one.code.removeprefix("proof.") for one in light.looks]


def test_it_turns_green_as_it_is_countersigned(decided: DecidedBank) -> None:
    """First nothing is signed, then all of it; what is done behind the countersignature is told as not yet covered."""
    name = decided.answers["returned"]["id"]
    state = decided.people.state
    assert states(light_of(state, name)) == ("holds", "holds", "not_yet")
    assert codes(light_of(state, name))[2] == "countersigned.never"
    decided.countersign()
    told = light_of(state, name)
    assert states(told) == ("holds", "holds", "holds")
    assert told.looks[0].facts == {"count": len(told.entries), "covered": len(told.entries)}
    people, file = decided.people, decided.answers["returned"]["record"]["loan_file"]["id"]
    gone = {"by": "bank", "reason_code": "business_dropped", "reason": "客户转他行"}
    done(people.act(file, "withdrawal", people.lead, **gone))
    part = light_of(state, name)
    assert (states(part), codes(part)[2]) == (("holds", "holds", "not_yet"), "countersigned.part")
    assert part.looks[2].facts["covered"] == len(part.entries) - 1


def test_over_http_it_is_told_to_whoever_proves(decided: DecidedBank) -> None:
    """The same with sentences; to the fund as to the bank."""
    path = f"assessments/{decided.answers['drawn']['id']}/proof"
    told = decided.get(path, decided.auditor, words="en")
    assert told == decided.get(path, decided.manager, words="en")
    assert told["looks"][1]["says"].startswith("the rows that pages show follow from")
    assert decided.get(path, decided.stranger, 404)["type"].endswith("no-such-assessment")


def _content(connection: Connection, seq: int) -> None:
    held = connection.execute(select(ENTRIES.c.body).where(ENTRIES.c.seq == seq)).scalar_one()
    connection.execute(update(ENTRIES).where(ENTRIES.c.seq == seq), {"body": held[:-1] + bytes([held[-1] ^ 1])})


def _column(name: str, value: str) -> Callable[[Connection, int], None]:
    return lambda connection, seq: _set(connection, seq, name, value)


def _set(connection: Connection, seq: int, name: str, value: str) -> None:
    connection.execute(update(ENTRIES).where(ENTRIES.c.seq == seq), {name: value})


def _dropped(connection: Connection, seq: int) -> None:
    connection.execute(delete(ENTRIES).where(ENTRIES.c.seq == seq))
    connection.execute(delete(STEPS).where(STEPS.c.seq == seq))


def _neighbour(connection: Connection, seq: int) -> None:
    """The last entry before those of the file that is not one of its own."""
    own = select(ENTRIES.c.file).where(ENTRIES.c.seq == seq).scalar_subquery()
    other = select(func.max(ENTRIES.c.seq)).where(ENTRIES.c.seq < seq, ENTRIES.c.file != own).scalar_subquery()
    connection.execute(update(ENTRIES).where(ENTRIES.c.seq == other), {"seal": "0" * 64})


def _head(connection: Connection, seq: int) -> None:
    connection.execute(update(FILE_HEADS), {"seal": "0" * 64})


def _root(connection: Connection, seq: int) -> None:
    told = checkpoint(connection)
    assert told is not None
    newest = CHECKPOINTS.c.size == told["checkpoint"]["size"]
    held = connection.execute(select(CHECKPOINTS.c.text).where(newest)).scalars().first() or ""
    changed = held.replace(told["checkpoint"]["root"], "0" * 64)
    connection.execute(update(CHECKPOINTS).where(newest), {"text": changed})


def _step(connection: Connection, seq: int) -> None:
    held = connection.execute(select(STEPS.c.content).where(STEPS.c.seq == seq)).scalar_one()
    connection.execute(update(STEPS).where(STEPS.c.seq == seq), {"content": held.replace("200000000", "900000000")})


def _row_of_file(connection: Connection, seq: int) -> None:
    connection.execute(update(LOAN_FILES), {"amount": 900_000_000})


def _condition(connection: Connection, seq: int) -> None:
    connection.execute(delete(PARTS["conditions"]))


def _receipt(connection: Connection, seq: int) -> None:
    connection.execute(update(RECEIPTS), {"signature": "0" * 128})


@contextmanager
def altered(decided: DecidedBank, change: Callable[[Connection, int], None]) -> Iterator[Connection]:
    """The ledger with one thing changed by somebody who has the file; afterwards as it was."""
    entries = light_of(decided.people.state, decided.answers["drawn"]["id"]).entries
    with decided.people.state.engine.connect().execution_options(writes=True) as connection:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        try:
            change(connection, entries[3])  # the approval
            yield connection
        finally:
            connection.rollback()


@pytest.mark.parametrize(
    ("change", "expected", "code"),
    [
        (_content, ("fails", "unknown", "holds"), "sealed.altered"),
        (_column("at", "2026-11-20T04:00:00.000000Z"), ("fails", "fails", "holds"), "sealed.altered"),
        (_column("actor", "somebody"), ("fails", "holds", "holds"), "sealed.altered"),
        (_dropped, ("fails", "fails", "fails"), "sealed.altered"),
        (_neighbour, ("fails", "holds", "fails"), "sealed.unchained"),
        (_head, ("fails", "holds", "holds"), "sealed.not_all"),
        (_root, ("fails", "holds", "fails"), "sealed.not_in_checkpoint"),
        (_step, ("holds", "fails", "holds"), "rows.otherwise"),
        (_row_of_file, ("holds", "fails", "holds"), "rows.otherwise"),
        (_condition, ("holds", "fails", "holds"), "rows.otherwise"),
        (_receipt, ("holds", "holds", "fails"), "countersigned.forged"),
    ],
)
def test_what_was_changed_shows(
    decided: DecidedBank, change: Callable[[Connection, int], None], expected: States, code: str
) -> None:
    """Each change turns the look that it concerns, and its reason is named; no look stays green beside its fault."""
    decided.countersign()
    state = decided.people.state
    keys = LightKeys(load_signer(decided.place / "keys").key, (decided.fund.key,))
    with altered(decided, change) as connection:
        told = proof_light(connection, decided.answers["drawn"]["id"], keys)
    assert (states(told), code in codes(told)) == (expected, True), codes(told)
    assert states(light_of(state, decided.answers["drawn"]["id"])) == ("holds", "holds", "holds")


@pytest.mark.parametrize(
    ("archived", "expected", "code"),
    [
        (True, ("unknown", "unknown", "unknown"), "sealed.archived"),
        (False, ("fails", "unknown", "unknown"), "sealed.not_all"),
    ],
)
def test_entries_that_are_gone_are_never_green(
    decided: DecidedBank, archived: bool, expected: States, code: str
) -> None:
    """Moved to a file by rule, nothing can be looked at; removed past it, that is a fault."""

    def remove(connection: Connection, seq: int) -> None:
        own = select(ENTRIES.c.file).where(ENTRIES.c.seq == seq).scalar_subquery()
        connection.execute(delete(ENTRIES).where(ENTRIES.c.file == own))
        if archived:
            connection.execute(insert(ARCHIVED), {"last": seq, "seal": "0" * 64, "at": "2026-11-20T04:00:00.000000Z"})

    keys = LightKeys(load_signer(decided.place / "keys").key, (decided.fund.key,))
    with altered(decided, remove) as connection:
        told = proof_light(connection, decided.answers["drawn"]["id"], keys)
    assert (states(told), codes(told)[0]) == (expected, code)


def test_what_cannot_be_looked_at_is_not_known(decided: DecidedBank, tmp_path: Path) -> None:
    """Without the fund's key, or with another than the bank's of the checkpoint, nothing is green that rests on it."""
    decided.countersign()
    make_key(tmp_path / "other")
    bank, other = load_signer(decided.place / "keys").key, load_signer(tmp_path / "other").key
    name = decided.answers["drawn"]["id"]
    with decided.people.state.engine.connect() as connection:
        assert codes(proof_light(connection, name, LightKeys(bank, ())))[2] == "countersigned.no_key"
        assert states(proof_light(connection, name, LightKeys(bank, ()))) == ("holds", "holds", "unknown")
        assert states(proof_light(connection, name, LightKeys(None, (other,)))) == ("unknown", "holds", "fails")
        assert codes(proof_light(connection, name, LightKeys(other, (decided.fund.key,))))[0] == "sealed.other_key"
