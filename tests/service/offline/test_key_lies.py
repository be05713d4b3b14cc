"""Keys have days: what a thief, or a bank that revokes what it wants to be rid of, can show, and what comes of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.ledger.canonical import canonical, time_text
from service.ledger.key_days import key_days, key_file
from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import KeyNotInForce, Signer, initialise, load_signer, revoke, rotate
from service.offline import verify, witness
from service.offline.verify import Days
from tests.service import corrupting
from tests.service.banked import Asked, Bank, open_bank, verified
from tests.service.conftest import NOON
from tests.service.corrupting import Members, Told
from tests.service.made import applicant

DAY = timedelta(days=1)
STOLEN_FROM = NOON + 2 * DAY


@dataclass
class Robbed:
    """A bank whose first key was stolen, exchanged and revoked, and the fund that countersigned all along.

    By name what it showed: `first` under a checkpoint from before the theft, `second` under one from behind it, both
    signed with the stolen key; `third` with the new one, which tells of the revocation. `stolen`: what the thief holds.
    """

    bank: Bank
    stolen: Signer
    packs: dict[str, Members]

    @property
    def new(self) -> Signer:
        """The bank's key in force."""
        return load_signer(self.bank.place / "keys")

    def checkpoint(self, name: str) -> Told:
        """The checkpoint of a pack."""
        found: Told = corrupting.told(self.packs[name])["checkpoint"]
        return found

    @property
    def days(self) -> dict[str, Days]:
        """What the bank told the fund by telephone."""
        return {self.stolen.key: Days(revoked=time_text(STOLEN_FROM))}

    def judged(
        self, members: Members, kept: Any = None, days: Any = None, fund: bool = True
    ) -> tuple[int, list[str], str]:
        """Exit code, codes of findings, and all that was said."""
        file, lines = corrupting.write(members, self.bank.place / "judged.zip"), list[str]()
        keys = {"bank": [self.stolen.key, self.new.key], "fund": [self.bank.fund_key] if fund else []}
        reads = verify.Reads(days=days or {})
        code, findings = verify.judged(file, keys, kept, "", lines.append, reads)
        return code, [one.code for one in findings], "\n".join([*lines, *(one.text for one in findings)])


@pytest.fixture(scope="module")
def robbed(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Robbed]:
    """Three assessments, three checkpoints, each countersigned; the key is exchanged and revoked before the third."""
    place, now = tmp_path_factory.mktemp("robbed"), [NOON]
    witness.make_private(place / "fund.pem")
    (place / "keys").mkdir(mode=0o700)
    bank = open_bank(place, bundle, now=lambda: now[0])
    state = bank.app.state.pledgescore
    initialise(state.engine, place / "keys", "admin")
    state.checkpoint_signer.signer = stolen = load_signer(place / "keys")
    packs: dict[str, Members] = {}
    with bank.client:
        first = bank.ask(applicant(1, 1))["id"]
        for name, seed, later in (("first", 2, NOON), ("second", 3, NOON + 3 * DAY), ("third", 4, NOON + 9 * DAY)):
            now[0] = later
            bank.ask(applicant(seed, 1))
            if name == "third":
                rotate(state.engine, place / "keys", "admin")
                revoke(state.engine, load_signer(place / "keys"), stolen.key, STOLEN_FROM, "stolen", "admin")
            bank.sign()
            keys = [bank.key, stolen.key]
            witness.witness(Asked(bank.client), keys, bank.private, bank.place, later + timedelta(minutes=5))
            packs[name] = corrupting.read(bank.pack(first, "fund"))
        yield Robbed(bank, stolen, packs)


def resigned(
    members: Members, signer: Signer, at: datetime, change: Callable[[Told], None] = lambda _: None
) -> Members:
    """The same signed anew with one key at a time: checkpoint and list; nobody countersigned, and no days are told."""
    pack = corrupting.told(members)
    inner = {name: told for name, told in pack["checkpoint"]["checkpoint"].items() if name not in ("key", "keys")}
    pack["checkpoint"] = signer.signed("checkpoint", inner | {"at": time_text(at)})
    pack["receipt"] = None
    pack["beside"]["keys"] = []
    change(pack)
    manifest = {"manifest.json": canonical({"manifest": {}})}
    return corrupting.relisted(corrupting.saying(members, pack) | manifest, signer, time_text(at))


def countersigned(robbed: Robbed, at: datetime) -> Callable[[Told], None]:
    """The fund countersigns, whatever it is shown."""

    def change(pack: Told) -> None:
        of = pack["checkpoint"]["checkpoint"]
        told = {name: of[name] for name in ("ledger", "size", "root")} | {"form": verify.RECEIPT, "at": time_text(at)}
        told["checkpoint"] = verify.sha(canonical(of)).hex()
        pack["receipt"] = robbed.bank.fund_signer.signed("receipt", told)

    return change


def relisting(members: Members, signer: Signer, change: Callable[[Told, Told], None]) -> Members:
    """The bank changes what pack and list say of keys, and signs both anew."""
    pack, told = corrupting.told(members), verify.parsed(members["manifest.json"])
    change(pack, told["manifest"])
    inner = {name: one for name, one in pack["checkpoint"]["checkpoint"].items() if name != "key"}
    pack["checkpoint"] = signer.signed("checkpoint", inner)
    pack["receipt"] = None
    members = members | {"manifest.json": canonical(told)}
    return corrupting.relisted(corrupting.saying(members, pack), signer, told["manifest"]["at"])


def test_what_was_countersigned_before_stays_valid(robbed: Robbed) -> None:
    """Under the old checkpoint with the old list too: complete, and the verifier says why the checkpoint stands."""
    assert robbed.judged(robbed.packs["third"], robbed.checkpoint("second"))[:2] == (0, [])
    assert "密钥 key revoked: " + robbed.stolen.key in robbed.judged(robbed.packs["third"])[2]
    code, found, said = robbed.judged(robbed.packs["first"], days=robbed.days)
    assert (code, found, "it stands" in said, verify.NOBODY in said) == (0, [], True, True)


def test_a_new_pack_may_rest_on_a_checkpoint_of_before(robbed: Robbed) -> None:
    """The list is signed with the new key and tells of the revocation; its checkpoint is older: it stands."""

    def as_first(pack: Told, listed: Told) -> None:
        listed["at"] = time_text(NOON + 9 * DAY)
        listed["keys"] = robbed.checkpoint("third")["checkpoint"]["keys"]

    members, pack = robbed.packs["first"], verify.parsed(robbed.packs["first"]["manifest.json"])
    as_first({}, pack["manifest"])
    members = corrupting.relisted(members | {"manifest.json": canonical(pack)}, robbed.new, pack["manifest"]["at"])
    code, found, said = robbed.judged(members)
    assert (code, found, "it stands" in said) == (0, [], True)


@pytest.mark.parametrize(
    ("lie", "ends", "code", "said"),
    [
        ("signs after the day", 1, "wrong", "nothing counts that its key signed from"),
        ("dates back", 3, "revoked_unwitnessed", "a thief can date back"),
        ("dates back, and the fund countersigned too late", 3, "revoked_since", "whether the bank or a thief"),
        ("lists another pack under a checkpoint that stands", 3, "ended_list", "a thief may have put it together"),
    ],
)
def test_a_thief_is_told(robbed: Robbed, lie: str, ends: int, code: str, said: str) -> None:
    """Whoever holds the stolen key signs anew, on this side of the day or that; the reader was told by telephone."""
    shown, fund = robbed.packs["first"], False
    if lie == "signs after the day":
        members = resigned(shown, robbed.stolen, NOON + 3 * DAY)
    elif lie == "dates back":
        members = resigned(shown, robbed.stolen, NOON + DAY)
    elif lie.startswith("dates back, and"):
        fund, members = True, resigned(shown, robbed.stolen, NOON + DAY, countersigned(robbed, NOON + 3 * DAY))
    else:
        fund, members = True, corrupting.relisted(shown, robbed.stolen, "2027-01-01T00:00:00.000000Z")
    untold = robbed.judged(members, fund=fund)
    assert untold[0] == 0, untold
    found = robbed.judged(members, days=robbed.days, fund=fund)
    assert found[:2] == (ends, [code])
    assert said in found[2]
    assert robbed.judged(members, robbed.checkpoint("third"), fund=fund)[0] in (1, 3), "what was kept tells it too"


def test_a_key_counts_on_its_days_alone(robbed: Robbed) -> None:
    """The old key behind its last moment, the new one before its first: each is told in a sentence."""
    first, third = robbed.packs["first"], robbed.packs["third"]
    ended = {robbed.stolen.key: Days(until=time_text(NOON + DAY))}
    code, found, said = robbed.judged(resigned(first, robbed.stolen, NOON + 2 * DAY), days=ended, fund=False)
    assert (code, found, "was exchanged for another" in said) == (1, ["wrong"], True)
    code, found, said = robbed.judged(robbed.packs["second"], days=ended)
    assert (code, found) == (3, ["outside_days", "ended_list"]), (
        "days told short do not rid a bank of a countersignature"
    )
    begun = {robbed.new.key: Days(since=time_text(NOON + 20 * DAY))}
    code, found, said = robbed.judged(resigned(third, robbed.new, NOON + 9 * DAY), days=begun, fund=False)
    assert (code, found, "before its key was in force" in said) == (1, ["wrong"], True)
    assert robbed.judged(third, days=begun)[:2] == (3, ["outside_days"])


def _hide_in_all(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"][0]["revoked_from"] = None
    pack["beside"]["keys"].pop()


def _hide_in_lists(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"][0]["revoked_from"] = None


def _hide_in_the_manifest(_: Told, listed: Told) -> None:
    listed["keys"][0]["revoked_from"] = None


def _old_key_in_force(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"] = [told["keys"][0] | {"until": None, "revoked_from": None}]


def _forget_a_key(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"] = told["keys"][1:]


def _shorter_days(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"][0]["until"] = told["keys"][1]["since"] = time_text(NOON + DAY)


def _later_day(pack: Told, listed: Told) -> None:
    for told in (pack["checkpoint"]["checkpoint"], listed):
        told["keys"][0]["revoked_from"] = time_text(NOON + 8 * DAY)


@pytest.mark.parametrize(
    ("change", "kept", "ends", "code", "said"),
    [
        (_hide_in_all, True, 1, "wrong", "a key or a revocation is hidden"),
        (_hide_in_all, False, 3, "revocation_untold", "this pack tells nothing of it"),
        (_hide_in_lists, False, 1, "wrong", "the checkpoint does not say so"),
        (_hide_in_the_manifest, False, 1, "wrong", "a key or a revocation is hidden"),
        (_old_key_in_force, False, 1, "wrong", "another key than the one that it says is in force"),
        (_forget_a_key, False, 1, "wrong", "names a signing key that the checkpoint does not list"),
        (_shorter_days, False, 1, "wrong", "since another moment than the checkpoint says"),
        (_later_day, False, 1, "wrong", "the checkpoint does not say so"),
    ],
)
def test_a_bank_that_hides_a_revocation_is_told(
    robbed: Robbed, change: Any, kept: bool, ends: int, code: str, said: str
) -> None:
    """It signs everything anew with its new key, in force; the reader kept a checkpoint, or was told by telephone."""
    members = relisting(robbed.packs["third"], robbed.new, change)
    earlier = robbed.checkpoint("third") if kept else None
    found = robbed.judged(members, earlier, robbed.days if ends == 3 else None, fund=False)
    assert found[:2] == (ends, [code])
    assert said in found[2]


@pytest.mark.parametrize("forgery", ["by a stranger", "of another key", "no signature"])
def test_a_revocation_is_signed_by_the_key_in_force(robbed: Robbed, forgery: str) -> None:
    """A bank's entry that revokes under another signature, or is changed, is not as it says."""
    stranger = Signer(FileKey(Ed25519PrivateKey.generate()))
    shown = verify.Shown(corrupting.told(robbed.packs["third"])["beside"]["keys"][-1])
    listed = verify.key_list(robbed.checkpoint("third")["checkpoint"])
    verify.check_key_entry(shown, listed)
    told = dict(shown.leaves["/revocation"]["revocation"])
    del told["key"]
    signed: Any = {
        "by a stranger": stranger.signed("revocation", told),
        "of another key": robbed.new.signed("revocation", told | {"revoked": stranger.key}),
        "no signature": {"revocation": told | {"key": robbed.new.key}, "signature": "00" * 64},
    }[forgery]
    shown.leaves["/revocation"] = signed
    with pytest.raises(verify.Wrong):
        verify.check_key_entry(shown, listed)


def test_a_revocation_rids_the_bank_of_nothing(robbed: Robbed) -> None:
    """An awkward checkpoint that the fund countersigned: another history is none, and the pack under it only waits."""
    forked = corrupting.forked(corrupting.told(robbed.packs["third"]), robbed.new, robbed.bank.fund_signer)
    forked["consistency"] = {str(robbed.checkpoint("second")["checkpoint"]["size"]): ["ab" * 32]}
    members = corrupting.relisted(
        corrupting.saying(robbed.packs["third"], forked), robbed.new, time_text(NOON + 10 * DAY)
    )
    code, found, said = robbed.judged(members, robbed.checkpoint("second"))
    assert (code, found, "takes back no history that you kept" in said) == (1, ["wrong"], True)
    code, found, said = robbed.judged(robbed.packs["second"], days=robbed.days)
    assert (code, found) == (3, ["revoked_since", "ended_list"]), said


def test_the_witness_knows_what_it_was_shown(robbed: Robbed, tmp_path: Path) -> None:
    """Once told of the new key it takes nothing more from the old one; told by telephone, never."""
    bank, now = robbed.bank, NOON + 10 * DAY
    newest = witness.newest(bank.place)
    assert newest is not None
    assert newest["keys"][0]["revoked_from"] == time_text(STOLEN_FROM)
    assert "You countersigned 1 checkpoints" in witness.revoked_since(bank.place, None)[0]
    assert witness.revoked_since(bank.place, newest) == []
    inner = {name: told for name, told in robbed.checkpoint("third")["checkpoint"].items() if name != "key"}

    class Thief(Asked):
        def checkpoint(self) -> dict[str, Any]:
            return shown

    cases = (
        ({"keys": None}, bank.place, {}, "is hidden"),
        ({"keys": inner["keys"]}, bank.place, {}, "another key than the one"),
        ({"keys": None}, tmp_path, robbed.days, "is revoked from"),
    )
    for change, keep, days, said in cases:
        told = {name: one for name, one in (inner | change).items() if one is not None}
        shown = robbed.stolen.signed("checkpoint", told)
        with pytest.raises(verify.Wrong, match=said):
            witness.witness(Thief(bank.client), [robbed.stolen.key], bank.private, keep, now, days)


def test_a_file_of_keys_is_what_the_fund_is_given(robbed: Robbed) -> None:
    """What `keys list` prints is what verifier and witness read as --bank-key; odd lines are the reader's own fault."""
    place = robbed.bank.place
    with robbed.bank.app.state.pledgescore.engine.connect() as connection:
        (place / "bank.keys").write_text("# the bank's keys\n" + key_file(key_days(connection)))
    file = corrupting.write(robbed.packs["first"], place / "first.zip")
    options = ("--fund-key", str(place / "fund.public.pem"))
    found = verified(file, "--bank-key", str(place / "bank.keys"), *options)
    assert (found.returncode, "it stands" in found.stdout) == (0, True), found.stdout
    line = f"{robbed.stolen.key} revoked from 2026-11-01T00:00+08:00"
    assert verified(file, "--bank-key", line, *options).returncode == 3
    for odd in ("revoked from yesterday", "revoked from 2026-11-20", "until", "withdrawn"):
        (place / "odd.keys").write_text(f"{robbed.stolen.key} {odd}\n")
        assert verified(file, "--bank-key", str(place / "odd.keys")).returncode == 2


def test_a_service_signs_with_the_key_in_force_alone(robbed: Robbed) -> None:
    """It read the new key by itself, and tells that it lies with the ledger; with the old one nothing is signed."""
    told = robbed.bank.client.get("/readyz").json()["keys"]
    assert told == {"signing": "file", "apart_from_ledger": False}
    signing = robbed.bank.app.state.pledgescore.checkpoint_signer
    with signing.engine.connect() as connection:
        assert signing.in_force(connection).key == robbed.new.key
    with pytest.raises(KeyNotInForce):
        revoke(signing.engine, robbed.stolen, robbed.new.key, NOON, "lost", "thief")
