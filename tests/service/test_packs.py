"""Packs: whoever holds one, and the keys, needs nobody else; and no reader sees what is not for them."""

import asyncio
import http.client
import json
from collections import Counter
from collections.abc import Generator, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from socket import SHUT_RDWR
from threading import Event
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.policy import shipped
from features.tables import TABLES
from service.access.accounts import Account
from service.access.proposals import Proposals
from service.application.leaving import StepByStep
from service.application.state import ACTOR, PACKS_OF_ONE, AppState
from service.assessing.audiences import is_shown
from service.edge.database import writing
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical, float_text
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import Signer, load_signer
from service.offline import verify
from service.offline.verify import Pack, Shown, Wrong, check_answer, number, signed
from tests.amount import part
from tests.service import corrupting
from tests.service.banked import VERIFIER, Bank, open_bank, verified
from tests.service.conftest import NOON, NewLedger
from tests.service.desk.browsing import served
from tests.service.lent import withdrawal
from tests.service.made import applicant, offering

CORRUPTIONS = part(200)
"""Generated on each database, other ones; `make prove ONLY=packs` makes more."""
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Iterator[Bank]:
    """A bank with two assessments, one withdrawn, each covered by a checkpoint that the fund countersigned."""
    bank = open_bank(tmp_path_factory.mktemp("bank"), bundle, new_ledger())
    with bank.client:
        body = offering(1)
        person = {"known_on": "2026-11-01", "source_kind": "register", "person": "person:7f", "role": "controller"}
        body["rows"]["people"] = [person]
        one = bank.ask(body)
        bank.sign()
        bank.countersign()
        assert withdrawal(bank.client, one["id"]).status_code == 201
        bank.ask(applicant(2))
        bank.sign()
        bank.countersign()
        yield bank


@pytest.fixture(scope="module")
def assessments(bank: Bank) -> list[str]:
    """The ids of its assessments, the first first."""
    return [item["id"] for item in reversed(bank.client.get("/v1/assessments").json()["items"])]


@pytest.fixture(scope="module")
def earlier(bank: Bank) -> Path:
    """The first checkpoint, as the fund keeps it."""
    return sorted(bank.place.glob("checkpoint-*.json"))[0]


@pytest.mark.sqlite_alone
def test_whoever_leaves_ends_the_work(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP, in the middle of a pack without end: it is closed, counted as left, and another may be taken later.

    Until then one more is refused before it is looked for; whoever took a pack to its end waits for nothing.
    """
    closed = Event()

    def endless(*_: object) -> Iterator[bytes]:
        try:
            while True:
                yield Random(1).randbytes(2**16)
        finally:
            closed.set()

    app: Any = bank.client.app
    state: AppState = app.state.pledgescore
    path = "/v1/ledger/pack?period=2026-11-20&for=bank"

    def left(so_far: int) -> None:
        closed.clear()
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        connection.request("GET", path)
        assert connection.getresponse().read(2**17)
        connection.sock.shutdown(SHUT_RDWR)
        connection.close()
        assert closed.wait(30), so_far
        while (state.metrics.registry.get_sample_value("pledgescore_packs_total", {"how": "left"}) or 0) <= so_far:
            Event().wait(0.01)

    with served(app) as origin, monkeypatch.context() as patch:
        patch.setattr("service.proofs.packs._parts", endless)
        place = urlsplit(origin)
        patch.setattr("service.application.proofs.LEAVER_WAITS", (0.0, 0.0))
        for turn in range(PACKS_OF_ONE + 1):  # one more than there may be at a time: each gives its turn back
            left(turn)
        patch.setattr("service.application.proofs.LEAVER_WAITS", (600.0, 600.0))
        for turn in range(PACKS_OF_ONE):
            left(PACKS_OF_ONE + 1 + turn)
        refused = bank.client.get("/v1/assessments/nowhere/pack?for=bank")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_packs")
    for _ in range(PACKS_OF_ONE):
        state.packs.give_back(ACTOR)
    assert {bank.client.get(path).status_code for _ in range(PACKS_OF_ONE + 1)} == {200}


def test_packs_are_made_a_step_at_a_time() -> None:
    """However many are under way, one thread makes pieces of them, and each has all of its own in order."""
    inside = 0

    def pieces(name: bytes) -> Generator[bytes]:
        nonlocal inside
        for n in range(5):
            inside += 1
            Event().wait(0.01)
            assert inside == 1
            inside -= 1
            yield b"%b%d" % (name, n)

    async def all_of_three() -> list[bytes]:
        steps = StepByStep()

        async def taken(name: bytes) -> bytes:
            return b"".join([piece async for piece in steps.pieces(pieces(name))])

        return await asyncio.gather(*map(taken, (b"a", b"b", b"c")))

    assert asyncio.run(all_of_three()) == [b"a0a1a2a3a4", b"b0b1b2b3b4", b"c0c1c2c3c4"]


def judged(bank: Bank, file: Path, earlier: Path) -> str:
    """What is not complete of a pack for a reader with both keys and an earlier checkpoint; else nothing."""
    keys = {"bank": [bank.key], "fund": [bank.fund_key]}
    code, findings = verify.judged(file, keys, _json(earlier), "", lambda _: None)
    assert bool(code) == bool(findings)
    return " ".join(one.text for one in findings)


def _json(file: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(file.read_bytes())
    return told


@pytest.mark.parametrize("reader", ["bank", "fund", "court"])
def test_a_pack_verifies_in_an_empty_environment(
    bank: Bank, assessments: list[str], earlier: Path, reader: str
) -> None:
    """With the keys of bank and fund, and an earlier checkpoint, every reader's pack is as it was sealed."""
    keys = ("--bank-key", str(bank.place / "keys" / "public.pem"), "--fund-key", bank.fund_key)
    found = verified(bank.pack(assessments[0], reader), *keys, "--checkpoint", str(earlier))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "countersigned by the fund" in found.stdout
    assert "the same history" in found.stdout
    assert ("features that are not for this reader" in found.stdout) == (reader == "fund")
    assert ("reasons withheld" in found.stdout) == (reader == "fund")
    assert "from the raw rows" in found.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_fund_is_told_why_in_words(bank: Bank, assessments: list[str], language: str) -> None:
    """The verifier prints the reasons that the pack shows and the findings that weigh, as they were sealed."""
    file = bank.pack(assessments[0], "fund")
    leaves = {leaf[0]: leaf[2] for leaf in corrupting.told(corrupting.read(file))["entries"][0]["leaves"] if leaf[1:]}
    told = verified(file, "--bank-key", bank.key, "--tell", language).stdout
    for reason in json.loads(leaves["/answer/reasons/fund"]):
        assert f"{number(reason['points']):+.1f} {reason['code']}: {reason['feature']} =" in told
    for found in json.loads(leaves["/answer/findings/fund"]):
        if "observed" in found:
            line = f"{found['subject']}: {found['rule']}: {found['observed']['code']}"
            assert (line in told) == (found.get("effect", "info") != "info")


def test_what_the_reader_brings_is_not_laid_to_the_bank(bank: Bank, assessments: list[str]) -> None:
    """A key or file of the reader's own that cannot be read is misuse; a broken pack is asked for again."""
    file, nowhere = bank.pack(assessments[0], "fund"), bank.place / "nowhere"
    for given in (("--bank-key", str(nowhere)), ("--bank-key", bank.key, "--checkpoint", str(nowhere))):
        found = verified(file, *given)
        assert (found.returncode, "NOT CHECKED" in found.stdout, "NOT AS SEALED" in found.stdout) == (2, True, False)
    assert verified(nowhere, "--bank-key", bank.key).returncode == 2
    kept = bank.place / "kept.json"
    kept.write_text("{}")
    assert "of the checkpoint that you kept" in verified(file, "--bank-key", bank.key, "--checkpoint", str(kept)).stdout
    file.write_bytes(file.read_bytes()[:5000])
    assert "ask for it again" in verified(file, "--bank-key", bank.key).stdout


def test_a_day_is_proven_in_one_pack(bank: Bank, earlier: Path) -> None:
    """All entries of a day lie in one pack without a hole; that the day goes on, and what came later, is told.

    Without a reader it is refused with the words that there are.
    """
    unread = bank.client.get("/v1/ledger/pack", params={"period": "2026-11-20"}).json()["errors"][0]
    assert (unread["pointer"], unread["facts"]["expected"]) == ("/query/for", ["bank", "fund", "court"]), unread
    answer = bank.client.get("/v1/ledger/pack", params={"period": "2026-11-20", "for": "court"})
    file = bank.place / "day.zip"
    file.write_bytes(answer.content)
    keys = {"bank": [bank.key], "fund": [bank.fund_key]}
    code, findings = verify.judged(file, keys, _json(earlier), "", lambda _: None)
    assert (code, [one.code for one in findings]) == (3, ["period_open", "later"])
    pack = corrupting.told(corrupting.read(file))
    kinds = ["opening", "assessment", "anchor", "receipt", "withdrawn", "assessment", "anchor"]
    assert [corrupting.kind_of(entry) for entry in pack["entries"]] == kinds
    assert pack["left_out"] == [8]  # the last receipt lies behind the checkpoint that it countersigns


@pytest.mark.whole
@pytest.mark.sqlite_alone
def test_every_generated_corruption_is_caught(bank: Bank, assessments: list[str], earlier: Path) -> None:
    """Whether somebody without a key changes bytes, or the bank changes what a pack says and signs it anew."""
    chance = Random(bank.app.state.pledgescore.engine.dialect.name)
    own = load_signer(bank.place / "keys")
    members = corrupting.read(bank.pack(assessments[0], "bank"))
    assert not judged(bank, corrupting.write(members, bank.place / "whole.zip"), earlier)
    missed = []
    for _ in range(CORRUPTIONS):
        name, changed = corrupting.corrupted(members, chance, own)
        if not judged(bank, corrupting.write(changed, bank.place / "corrupted.zip"), earlier):
            missed.append(name)
    assert not missed


def test_a_pack_made_anew_with_another_key_is_caught(bank: Bank, assessments: list[str], earlier: Path) -> None:
    """Everything hashed and signed again: the keys that the reader brought are not those."""
    stranger = Signer(FileKey(Ed25519PrivateKey.generate()))
    members = corrupting.read(bank.pack(assessments[0], "bank"))
    pack = corrupting.forked(corrupting.told(members), stranger, stranger)
    file = corrupting.write(corrupting.relisted(corrupting.saying(members, pack), stranger), bank.place / "forged.zip")
    assert "none of those given" in judged(bank, file, earlier)
    found = verified(file, "--bank-key", bank.key)
    assert found.returncode == 1
    assert "NOT AS SEALED" in found.stdout


def test_a_fork_that_the_bank_itself_signs_is_caught(bank: Bank, assessments: list[str], earlier: Path) -> None:
    """A second history under the bank's own key: the fund has not countersigned it, and it is not the one kept."""
    own, fund = load_signer(bank.place / "keys"), bank.fund_signer
    members = corrupting.read(bank.pack(assessments[0], "bank"))
    for helper, said in ((None, "the fund countersigned another checkpoint"), (fund, "another history")):
        pack = corrupting.forked(corrupting.told(members), own, helper)
        pack["consistency"] = {str(_json(earlier)["checkpoint"]["size"]): []}
        file = corrupting.write(corrupting.relisted(corrupting.saying(members, pack), own), bank.place / "forked.zip")
        assert said in judged(bank, file, earlier)


def test_a_history_older_than_the_one_kept_is_told(bank: Bank, assessments: list[str]) -> None:
    """Who holds a newer checkpoint than the pack's learns that, and is not told that all is well."""
    newest = sorted(bank.place.glob("checkpoint-*.json"))[-1]
    members = corrupting.read(bank.pack(assessments[0], "fund"))
    pack = corrupting.told(members)
    old = _json(sorted(bank.place.glob("checkpoint-*.json"))[0])
    pack |= {"checkpoint": old, "receipt": _json(sorted(bank.place.glob("receipt-*.json"))[0])}
    pack["about"]["size"] = old["checkpoint"]["size"]
    file = corrupting.write(
        corrupting.relisted(corrupting.saying(members, pack), load_signer(bank.place / "keys")),
        bank.place / "older.zip",
    )
    assert "newer" in judged(bank, file, newest)


def test_a_lie_about_the_model_is_caught(bank: Bank, assessments: list[str], earlier: Path) -> None:
    """An answer that was sealed, but does not follow from its features and trees, does not pass."""
    pack = Pack(bank.pack(assessments[0], "bank"), [bank.key])
    told = {"entries": list(pack.entries())}
    entry = told["entries"][0]
    leaves = {leaf[0]: leaf for leaf in entry["leaves"]}
    for name, value, said in (
        ("/answer/grade", "1", "grade"),
        ("/answer/log_odds", -7.25, "log-odds"),
        ("/answer/points", 700.0, "points"),
    ):
        kept = leaves[name][2]
        leaves[name][2] = canonical(value).decode()
        corrupting.reseal(told, entry)
        with pytest.raises(Wrong, match=said):
            _follows(pack, entry)
        leaves[name][2] = kept


def _follows(pack: Pack, entry: dict[str, Any]) -> None:
    beside = 0  # not the entry's own number: what follows from the sealed parts is asked, not the bytes beside them
    list(check_answer(pack, beside, Shown(entry).leaves, Counter()))


@pytest.mark.parametrize("reader", ["fund", "court"])
def test_no_leaf_reaches_a_reader_that_it_is_not_for(bank: Bank, assessments: list[str], reader: str) -> None:
    """Of every table's columns, those for the bank or a person stand in no leaf of a fund's pack."""
    bad = {"fund": ("bank", "person"), "court": ("person",)}[reader]
    members = corrupting.read(bank.pack(assessments[0], reader))
    hidden = 0
    for entry in corrupting.told(members)["entries"]:
        for leaf in entry["leaves"]:
            hidden += len(leaf) == 1
            if len(leaf) == 3 and leaf[0].startswith("/rows/"):
                _, _, table, *_, audience = leaf[0].split("/")
                assert audience not in bad
                columns = TABLES[table].columns
                assert not {name for name in json.loads(leaf[2]) if columns[name].audience in bad}, leaf[0]
    assert hidden
    assert not any(name.endswith("exam.json") for name in members)
    assert any(name.endswith("panel.csv") for name in members) == (reader == "court")
    assert any(name.startswith("sent/") for name in members) == (reader == "court")


def test_a_pack_can_be_read_without_the_service(bank: Bank, assessments: list[str]) -> None:
    """`catalogue.json` names, in both languages, every rule, reason and feature that the pack's leaves name by code."""
    members = corrupting.read(bank.pack(assessments[0], "bank"))
    names = json.loads(members["catalogue.json"])["names"]
    leaves = [leaf for entry in corrupting.told(members)["entries"] for leaf in entry["leaves"] if len(leaf) == 3]
    told = {leaf[0]: json.loads(leaf[2]) for leaf in leaves}
    rules = {one["rule"] for one in told["/findings"]} if "/findings" in told else set()
    for language in ("zh", "en"):
        assert rules <= names[language]["rule"].keys()
        assert {"firm_age", "staff"} <= names[language]["feature"].keys()
    assert names["zh"]["outcome"]["unknown"] == "待核实"


def test_a_court_sees_no_person_and_a_fund_no_bank() -> None:
    """The rule for rows follows the audience of the column, and what nobody stated is the bank's alone."""
    for table in TABLES.values():
        for column in table.columns.values():
            for pointer in (f"/rows/{table.name}/{column.audience}", f"/rows/{table.name}/0/{column.audience}"):
                assert is_shown(pointer, "fund") == (column.audience in ("public", "fund"))
                assert is_shown(pointer, "court") == (column.audience != "person")
                assert is_shown(pointer, "bank")
    assert not is_shown("/answer/never_heard_of", "fund")
    assert not is_shown("/contributions", "fund")
    assert not is_shown("/sent", "fund")


RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
)
"""Section 7.1: private key, public key, message, signature."""


def test_signatures_are_those_of_the_standard(bank: Bank) -> None:
    """The verifier's own Ed25519 makes and accepts those of RFC 8032 and of the library, and nothing else."""
    for seed, key, text, signature in RFC_8032:
        private = bytes.fromhex(seed)
        assert verify.public_of(private) == key
        assert verify.sign(private, bytes.fromhex(text)) == signature
        assert signed(key, bytes.fromhex(text), signature)
        Ed25519PrivateKey.from_private_bytes(private).public_key().verify(
            bytes.fromhex(verify.sign(private, b"ours")), b"ours"
        )
    _, public, _, right = RFC_8032[0]
    message = b""
    chance = Random(3)
    for _ in range(8):
        made = Ed25519PrivateKey.generate()
        random = chance.randbytes(chance.randrange(100))
        own = made.sign(random)
        of = made.public_key().public_bytes_raw().hex()
        assert signed(of, random, own.hex())
        wrong = bytearray(own)
        wrong[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not signed(of, random, wrong.hex())
        assert not signed(of, random + b"x", own.hex())
        assert not signed(bank.key, random, own.hex())
    order = 2**252 + 27742317777372353535851937790883648493
    raised = int.from_bytes(bytes.fromhex(right)[32:], "little") + order
    assert not signed(public, message, right[:64] + raised.to_bytes(32, "little").hex())


def test_the_verifier_is_the_one_that_the_readme_names(bank: Bank) -> None:
    """Its hash stands in the README and in every checkpoint, so that a reader need not trust the pack's copy."""
    own = sha256(VERIFIER.read_bytes()).hexdigest()
    assert own in README.read_text(encoding="utf-8")
    assert bank.client.get("/v1/ledger/checkpoint").json()["checkpoint"]["verifier"] == own
    assert float_text(0.0) == "0" * 16


class UserBefore(EntryContent, frozen=True, kw_only=True):
    """An entry of an account as it was before it told who asked for it and who confirmed it."""

    KIND: ClassVar[Kind] = Kind.USER

    subject: str = "user:old"
    account: str = "0" * 32
    state: str = "made"
    name: str = "old"
    shown: str = "old"
    role: str = "approver"
    scopes: None = None
    bank: None = None
    branch: None = None
    fund: None = None
    authority: int = 1
    oidc_subject: None = None
    expires_at: None = None
    by: str = "machine"


def test_an_entry_from_before_a_leaf_was_added_is_whole(bank: Bank) -> None:
    """Nothing is withheld of it, as nothing is of one that has the leaf; both stand in one day's pack."""
    engine = bank.app.state.pledgescore.engine
    Proposals(engine, shipped()).make(Account("new", "new", "data_scientist"), "machine", NOON)
    with writing(engine) as connection:
        append(connection, [Draft.of(UserBefore(), "command")])
    bank.sign()
    bank.countersign()
    file = bank.place / "users.zip"
    file.write_bytes(bank.client.get("/v1/ledger/pack", params={"period": "2026-11-20", "for": "bank"}).content)
    keys = {"bank": [bank.key], "fund": [bank.fund_key]}
    _, findings = verify.judged(file, keys, None, "", lambda _: None)
    assert {one.code for one in findings} <= {"period_open", "later"}
    kinds = Counter(corrupting.kind_of(entry) for entry in corrupting.told(corrupting.read(file))["entries"])
    assert kinds["user"] == 2
